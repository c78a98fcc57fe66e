// What customers asked and the documents could not answer, most asked first.

import { el, put } from "../../widget/dom.js";
import { empty } from "../parts/states.js";
import { part } from "./part.js";

/** @import {Desk} from "../shell.js" */

/** @typedef {{id: string, text: string | null, unanswered: number, last_at: string}} Gap */

/**
 * @param {Desk} desk
 * @param {HTMLElement} body
 */
export function showGaps(desk, body) {
  const { api, words, formats } = desk;
  void part(desk, body, () =>
    api.show("/gaps?limit=5", (/** @type {{gaps: Gap[]}} */ { gaps }) => {
      if (!gaps.length) return put(body, empty({ title: words.t("overview.gaps.none"), text: words.t("overview.gaps.calm"), symbol: "check" }));
      const rows = gaps.map(({ text, unanswered, last_at }) =>
        el("li", { class: "gap" }, el("p", { dir: "auto" }, text ?? words.t("overview.gaps.erased")), el("p", { class: "hint" }, `${words.n("overview.gaps.times", unanswered)} · ${formats.ago(last_at)}`)),
      );
      put(body, el("ol", { class: "gaps" }, ...rows));
    }),
  );
}
