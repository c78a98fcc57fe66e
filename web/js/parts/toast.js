// A word at the edge of the screen on what was just done, with a way to undo it.

import { el, icon } from "../../widget/dom.js";
import { ICONS } from "../icons.js";

/** @import {Words} from "../strings.js" */

const SHOWN_MS = 8000;

/**
 * @typedef {object} Toast
 * @property {string} text
 * @property {"good" | "bad"} [tone]
 * @property {() => void | Promise<void>} [undo]
 */

export class Toasts {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.element = el("div", { class: "toasts", role: "status" });
  }

  /**
   * Shows one in place of the one before: what cannot be undone any more should not be offered.
   * @param {Toast} toast
   * @returns {() => void} takes it away
   */
  show({ text, tone = "good", undo }) {
    const close = el("button", { type: "button", class: "tool", "aria-label": this.words.t("close"), title: this.words.t("close") }, icon(ICONS.close));
    const again = undo && el("button", { type: "button", class: "undo" }, this.words.t("undo"));
    const toast = el("div", { class: "toast", "data-tone": tone }, el("p", { dir: "auto" }, text), again, close);
    let timer = setTimeout(away, SHOWN_MS);
    /** Where whoever came here with the keyboard was before. @type {Element | null} */
    let before = null;
    function away() {
      clearTimeout(timer);
      const held = toast.contains(document.activeElement);
      toast.remove();
      if (held && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      else if (held) document.querySelector("main")?.focus({ preventScroll: true });
    }
    toast.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget instanceof Element && !toast.contains(relatedTarget)) before = relatedTarget;
    });
    // It stays as long as somebody is at it.
    const stay = () => clearTimeout(timer);
    const go = () => {
      clearTimeout(timer);
      timer = setTimeout(away, SHOWN_MS);
    };
    for (const begin of ["pointerenter", "focusin"]) toast.addEventListener(begin, stay);
    for (const end of ["pointerleave", "focusout"]) toast.addEventListener(end, go);
    close.onclick = away;
    if (again) again.onclick = () => (away(), void undo());
    this.element.replaceChildren(toast);
    return away;
  }
}
