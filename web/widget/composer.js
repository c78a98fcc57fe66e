// Where the customer writes: Enter sends, Shift+Enter begins a new line.

import { el, icon, isComposing } from "./dom.js";
import { ICONS } from "./icons.js";
import { fill } from "./strings.js";

/** @import {Strings} from "./protocol.d.ts" */

/** The protocol's limit, in code points. */
export const LONGEST = 4000;
const WARN_FROM = 3800;

export class Composer {
  /**
   * @param {Strings} strings
   * @param {(text: string) => void} onSend
   * @param {() => void} onType
   */
  constructor(strings, onSend, onType) {
    this.strings = strings;
    this.onSend = onSend;
    this.input = el("textarea", {
      rows: 1,
      dir: "auto",
      placeholder: strings.placeholder,
      "aria-label": strings.composer,
      "aria-describedby": "count",
      autocomplete: "off",
      enterkeyhint: "send",
    });
    this.button = el("button", { type: "submit", class: "send", "aria-label": strings.send, disabled: true }, icon(ICONS.send));
    this.count = el("p", { class: "count", id: "count", hidden: true });
    this.element = el("form", { class: "composer" }, el("div", { class: "field" }, this.input, this.button), this.count);
    this.input.addEventListener("input", () => {
      this.#measure();
      if (this.input.value.trim()) onType();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  focus() {
    this.input.focus();
  }

  #send() {
    const text = this.input.value.trim();
    if (!text || [...text].length > LONGEST) return;
    this.input.value = "";
    this.#measure();
    this.onSend(text);
  }

  #measure() {
    const length = [...this.input.value.trim()].length;
    this.button.disabled = length === 0 || length > LONGEST;
    this.count.hidden = length < WARN_FROM;
    this.count.toggleAttribute("data-over", length > LONGEST);
    this.count.textContent =
      length > LONGEST
        ? fill(this.strings.tooLong, { over: length - LONGEST })
        : fill(this.strings.left, { left: LONGEST - length });
    // As tall as its text; the stylesheet sets the limit.
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }
}
