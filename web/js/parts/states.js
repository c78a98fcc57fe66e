// What stands where content would be: nothing yet, not there yet, not reached, not allowed.

import { el, icon } from "../../widget/dom.js";
import { ICONS } from "../icons.js";

/** @import {Words} from "../strings.js" */

/**
 * Nothing to show, why that is, and what one might do.
 * @param {{title: string, text?: string, action?: Node | null, symbol?: keyof typeof ICONS}} what
 */
export function empty({ title, text = "", action = null, symbol = "tray" }) {
  return el("div", { class: "state" }, icon(ICONS[symbol]), el("p", { class: "state-title" }, title), text && el("p", {}, text), action);
}

/**
 * Grey lines in the place of what is on its way. Only `words` are read out.
 * @param {Words} words
 * @param {number} [lines]
 */
export function loading(words, lines = 3) {
  const bars = Array.from({ length: lines }, () => el("span", { class: "bone", "aria-hidden": "true" }));
  return el("div", { class: "bones" }, el("span", { class: "sr", role: "status" }, words.t("loading")), ...bars);
}

/**
 * What went wrong and a way to try again.
 * @param {Words} words
 * @param {string} text
 * @param {() => void} retry
 */
export function failed(words, text, retry) {
  const again = el("button", { type: "button", class: "button quiet" }, words.t("again"));
  again.onclick = retry;
  return el("div", { class: "trouble", role: "alert" }, el("p", {}, text), again);
}

/**
 * That the member's role does not include this.
 * @param {Words} words
 */
export function forbidden(words) {
  return empty({ title: words.t("forbidden.title"), text: words.t("forbidden.text"), symbol: "lock" });
}
