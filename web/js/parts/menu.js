// A button that opens a list of things to do or choose from. The browser's popover closes it on Escape
// and on a click beside it; arrows, Home and End move within.

import { el, icon } from "../../widget/dom.js";
import { ICONS } from "../icons.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {() => void} [act]
 * @property {string} [href] leads there, instead
 * @property {boolean} [chosen] of items to choose one from
 * @property {string} [group] the heading above it, when it is another one than of the item before
 */

let made = 0;

/**
 * @param {HTMLButtonElement} button
 * @param {() => Item[]} items asked for each time it opens
 * @returns {HTMLElement} the menu, which belongs right after the button
 */
export function menu(button, items) {
  const id = `menu-${++made}`;
  const list = el("div", { id, class: "menu", role: "menu", popover: "auto" });
  button.setAttribute("popovertarget", id);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  list.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") list.replaceChildren(...entries(items(), list));
  });
  list.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    const first = list.querySelector('[aria-checked="true"]') ?? list.querySelector("[role^=menuitem]");
    if (open) /** @type {HTMLElement | null} */ (first)?.focus();
  });
  list.addEventListener("keydown", (event) => {
    const all = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[role^=menuitem]"))];
    const at = all.findIndex((each) => each === document.activeElement);
    const next = moved(event.key, at, all.length);
    if (event.key === "Tab") list.hidePopover();
    if (next === null) return;
    event.preventDefault();
    all[next]?.focus();
  });
  return list;
}

/**
 * Where a key leads to in a list of so many.
 * @param {string} key
 * @param {number} at
 * @param {number} length
 * @returns {number | null} null when it is not such a key
 */
export function moved(key, at, length) {
  if (key === "ArrowDown") return (at + 1) % length;
  if (key === "ArrowUp") return (at - 1 + length) % length;
  if (key === "Home") return 0;
  return key === "End" ? length - 1 : null;
}

/**
 * @param {Item[]} items
 * @param {HTMLElement} list
 */
function* entries(items, list) {
  let group = "";
  for (const { label, act, href, chosen, group: its = "" } of items) {
    if (its !== group && its) yield el("p", { class: "menu-group", role: "presentation" }, its);
    group = its;
    const role = chosen === undefined ? "menuitem" : "menuitemradio";
    const attributes = { role, tabindex: -1, class: "menu-item", "aria-checked": chosen === undefined ? null : String(chosen) };
    const entry = href ? el("a", attributes, label) : el("button", { ...attributes, type: "button" }, label);
    if (entry instanceof HTMLAnchorElement) entry.href = href ?? "";
    if (chosen) entry.append(icon(ICONS.check));
    entry.addEventListener("click", () => (list.hidePopover(), act?.()));
    yield entry;
  }
}
