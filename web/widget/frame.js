// The panel's fixed parts, built once and empty.

import { el, icon } from "./dom.js";
import { ICONS } from "./icons.js";

/** @import {Strings} from "./protocol.d.ts" */
/** @typedef {ReturnType<typeof buildFrame>} Frame */

/**
 * @param {Strings} strings
 * @param {{composer: HTMLElement, sheet: HTMLElement, forms: HTMLElement[]}} parts
 */
export function buildFrame(strings, { composer, sheet, forms }) {
  const avatar = el("span", { class: "avatar", "aria-hidden": "true" });
  const title = el("h1", { dir: "auto" });
  const subtitle = el("p", { class: "subtitle", dir: "auto" });
  const close = el("button", { type: "button", class: "plain-button", "aria-label": strings.close }, icon(ICONS.close));
  const notice = el("div", { class: "notice", hidden: true });
  const greeting = el("p", { class: "greeting", dir: "auto" });
  const messages = el("div", { class: "messages" });
  const typing = el("div", { class: "typing", hidden: true }, el("i"), el("i"), el("i"));
  const rated = el("p", { class: "aside", hidden: true }, strings.rated);
  const actions = el("div", { class: "actions", role: "group", "aria-label": strings.suggestions });
  // Read out whole by the status line below, not piece by piece as it is written.
  const scroller = el(
    "div",
    { class: "scroller", role: "log", "aria-live": "off", "aria-label": strings.log, tabindex: 0 },
    greeting,
    messages,
    typing,
    actions,
    ...forms,
    rated,
  );
  const newer = el("button", { type: "button", class: "newer", "aria-label": strings.latest, hidden: true }, icon(ICONS.newer));
  const stopLabel = el("span", {}, strings.stop);
  const stop = el("button", { type: "button", class: "stop", hidden: true }, icon(ICONS.stop), stopLabel);
  const status = el("div", { class: "sr", role: "status", "aria-live": "polite" });
  const head = el("header", { class: "head" }, avatar, el("div", { class: "titles" }, title, subtitle), close);
  const disclaimer = el("p", { class: "disclaimer" }, strings.disclaimer);
  const main = el("div", { class: "main" }, head, notice, scroller, el("div", { class: "float" }, stop, newer), composer, disclaimer);
  const dialog = el("dialog", { class: "panel" }, main, sheet, status);
  return { actions, avatar, close, dialog, disclaimer, rated, greeting, main, messages, newer, notice, scroller, status, stop, stopLabel, subtitle, title, typing };
}
