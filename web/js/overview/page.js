// The overview: what needs a person now, how today goes, what the documents lack, and what is wrong;
// before all that, for a new organisation, what is left to set up.

import { el } from "../../widget/dom.js";
import { FirstRun } from "./first-run.js";
import { showGaps } from "./gaps.js";
import { showHealth } from "./health.js";
import { showToday } from "./today.js";
import { showWaiting } from "./waiting-list.js";

/** @import {Desk} from "../shell.js" */

/**
 * @param {Desk} desk
 * @param {HTMLElement} main
 */
export function start(desk, main) {
  const { words, can } = desk;
  const date = new Date().toLocaleDateString(words.locale, { weekday: "long", day: "numeric", month: "long" });
  const place = (/** @type {string} */ name) => {
    const body = el("div", { class: "panel-body" });
    const head = el("div", { class: "panel-head" }, el("h2", { id: `${name}-title` }, words.t(`overview.${name}`)));
    return { element: el("section", { class: `panel ${name}`, "aria-labelledby": `${name}-title` }, head, body), head, body };
  };
  const [now, today, gaps, health] = /** @type {const} */ (["now", "today", "gaps", "health"]).map(place);
  const first = el("div", { class: "first-place" });
  const urgent = el("div", { class: "urgent-place" });
  const left = el("div", {}, now?.element, gaps?.element);
  main.replaceChildren(
    el("div", { class: "heading" }, el("h1", {}, words.t("page.overview")), el("p", {}, date)),
    urgent,
    first,
    el("div", { class: "panels" }, left, el("div", {}, today?.element, health?.element)),
  );
  if (can("organization:write")) new FirstRun(desk, first).open();
  if (now) {
    showWaiting(desk, now.body);
    // Whoever waits comes before what is left to set up.
    const arrange = () => {
      const place = first.hasChildNodes() && desk.waiting.all.length ? urgent : left;
      if (now.element.parentElement !== place) place.prepend(now.element);
    };
    new MutationObserver(arrange).observe(first, { childList: true });
    desk.waiting.addEventListener("change", arrange, { signal: desk.signal });
  }
  if (today) showToday(desk, today);
  if (gaps) showGaps(desk, gaps.body);
  if (health) showHealth(desk, health.body);
}
