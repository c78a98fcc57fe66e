// The sheet that opens a citation: its document, its place in it, and the whole passage with the
// cited part marked.

import { el, icon, put } from "./dom.js";
import { ICONS } from "./icons.js";
import { fill } from "./strings.js";

/** @import {Citation, Passage, Strings} from "./protocol.d.ts" */

export class Sheet {
  /** @type {HTMLElement | null} */
  #from = null;
  #turn = 0;

  /**
   * @param {Strings} strings
   * @param {(open: boolean) => void} onToggle
   */
  constructor(strings, onToggle) {
    this.strings = strings;
    this.onToggle = onToggle;
    this.back = el("button", { type: "button", class: "plain-button", "aria-label": strings.back }, icon(ICONS.back));
    this.title = el("h2", { id: "sheet-title", dir: "auto" });
    this.place = el("p", { class: "place", dir: "auto" });
    this.body = el("div", { class: "passage", tabindex: 0, dir: "auto", role: "region", "aria-labelledby": "sheet-title" });
    this.element = el(
      "section",
      { class: "sheet", role: "dialog", "aria-labelledby": "sheet-title", hidden: true },
      el("header", {}, this.back, el("div", { class: "titles" }, this.title, this.place)),
      this.body,
    );
    this.back.onclick = () => this.close();
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /**
   * @param {Citation} citation
   * @param {Promise<Passage>} loading
   * @param {HTMLElement} from gets the focus back
   */
  async open(citation, loading, from) {
    const turn = ++this.#turn;
    this.#from = from;
    this.#head(citation);
    this.body.setAttribute("aria-busy", "true");
    const bones = [1, 2, 3, 4].map(() => el("span", { class: "bone" }));
    put(this.body, el("p", { class: "sr" }, this.strings.loading), ...bones);
    this.element.hidden = false;
    this.onToggle(true);
    this.back.focus();
    try {
      const passage = await loading;
      if (turn !== this.#turn) return;
      this.#head(passage);
      put(this.body, el("p", {}, ...highlight(passage.text, passage.quote)));
    } catch {
      if (turn !== this.#turn) return;
      const cited = el("p", {}, el("mark", {}, citation.quote));
      put(this.body, el("p", { class: "aside" }, this.strings.passageFailed), cited);
    }
    this.body.removeAttribute("aria-busy");
    const mark = this.body.querySelector("mark");
    if (mark) this.body.scrollTop = mark.offsetTop - this.body.clientHeight / 3;
  }

  close() {
    if (!this.isOpen) return;
    this.#turn++;
    this.element.hidden = true;
    this.onToggle(false);
    if (this.#from?.isConnected) this.#from.focus();
  }

  /** @param {Citation | Passage} source */
  #head({ title, headings, page, last_page: last }) {
    this.title.textContent = title;
    const { pageLong, pagesLong } = this.strings;
    const pages = page ? fill(last && last !== page ? pagesLong : pageLong, { page, last: last ?? page }) : null;
    const path = headings.length ? el("span", { class: "path" }, headings.join(" › ")) : null;
    put(this.place, path, pages && el("span", { class: "page" }, pages));
  }
}

/**
 * `text` with the parts of `quote` in <mark>. A quote may differ in its white space, and "…" may
 * stand for what was left out.
 * @param {string} text
 * @param {string} quote
 * @returns {(string | HTMLElement)[]}
 */
export function highlight(text, quote) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let at = 0;
  for (const piece of quote.split("…")) {
    const words = piece.trim().split(/\s+/).filter(Boolean);
    if (!words.length) continue;
    const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+"), "i");
    const found = pattern.exec(text.slice(at));
    if (!found) continue;
    parts.push(text.slice(at, at + found.index), el("mark", {}, found[0]));
    at += found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts.filter((part) => part !== "");
}
