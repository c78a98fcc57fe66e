// Watching the widget arrive on the organisation's own site.

import { el, put } from "../../widget/dom.js";
import { sleep } from "../utils.js";
import { siteName } from "./health.js";

/** @import {Step} from "./first-run.js" */

const LOOK_MS = 3000;

/** @param {Step} step */
export function seenStep({ desk, learn }) {
  const { api, words, formats, signal } = desk;
  const state = el("p", { class: "seen", role: "status" });
  const element = el("div", {}, state);
  void watch().catch((error) => signal.aborted || desk.complain(error));
  return element;

  async function watch() {
    put(state, words.t("first.seen.waiting"));
    for (;;) {
      // Only while somebody looks.
      if (!document.hidden && !element.closest("[hidden]")) {
        const organization = await api.get("/organization");
        if (organization.seen_at) {
          put(state, words.t("first.seen.on", { site: siteName(organization.seen_origin), ago: formats.ago(organization.seen_at) }));
          state.dataset["seen"] = "";
          return learn({ organization });
        }
      }
      await sleep(LOOK_MS, signal);
    }
  }
}
