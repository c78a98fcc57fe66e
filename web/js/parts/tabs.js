// Parts of a page of which one is shown: arrows move between them (WAI-ARIA, tabs).

import { el, setAttribute } from "../../widget/dom.js";
import { moved } from "./menu.js";

/** @typedef {{name: string, label: string, panel: HTMLElement}} Tab */

/** @type {Record<string, string>} */
const KEYS = { ArrowRight: "ArrowDown", ArrowLeft: "ArrowUp", Home: "Home", End: "End" };

let made = 0;

/**
 * @param {string} label what they are parts of
 * @param {Tab[]} tabs
 * @param {(name: string) => void} onChoose is told what somebody chose
 * @returns {{element: HTMLElement, choose: (name: string) => void}} the row of tabs; panels stay where they are
 */
export function tabs(label, tabs, onChoose) {
  const prefix = `tab-${++made}`;
  const buttons = tabs.map(({ name, label: own, panel }) => {
    const button = el("button", { type: "button", role: "tab", class: "tab", id: `${prefix}-${name}`, "aria-controls": `${prefix}-${name}-panel` }, own);
    panel.id = `${prefix}-${name}-panel`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    button.onclick = () => (choose(name), onChoose(name));
    return button;
  });
  const element = el("div", { class: "tabs", role: "tablist", "aria-label": label }, ...buttons);
  element.addEventListener("keydown", (event) => {
    const next = moved(KEYS[event.key] ?? "", buttons.findIndex((each) => each === document.activeElement), buttons.length);
    if (next === null) return;
    event.preventDefault();
    buttons[next]?.focus();
    buttons[next]?.click();
  });

  /** @param {string} chosen */
  function choose(chosen) {
    tabs.forEach(({ name, panel }, i) => {
      const button = /** @type {HTMLElement} */ (buttons[i]);
      button.setAttribute("aria-selected", String(name === chosen));
      setAttribute(button, "tabindex", name === chosen ? null : -1);
      panel.hidden = name !== chosen;
    });
  }
  choose(tabs[0]?.name ?? "");
  return { element, choose };
}
