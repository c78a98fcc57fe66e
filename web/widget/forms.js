// What the customer fills in beside messages: an address to answer to, and how it went.

import { el, icon, put } from "./dom.js";
import { ICONS } from "./icons.js";
import { fill } from "./strings.js";

/** @import {Strings} from "./protocol.d.ts" */

const SCORES = [1, 2, 3, 4, 5];
const LONGEST_COMMENT = 1000;

/** Asks where to answer, and says so once it is known. */
export class AddressForm {
  /**
   * @param {Strings} strings
   * @param {(email: string, name: string) => Promise<void>} onLeave
   */
  constructor(strings, onLeave) {
    this.strings = strings;
    this.email = el("input", { type: "email", name: "email", autocomplete: "email", required: true, maxlength: 254, id: "address" });
    this.name = el("input", { type: "text", name: "name", autocomplete: "name", maxlength: 100, id: "customer-name" });
    this.send = el("button", { type: "submit", class: "submit" }, strings.leave);
    this.failure = el("p", { class: "failure", role: "alert", hidden: true });
    this.element = el(
      "form",
      { class: "card", "aria-label": strings.addressTitle, hidden: true },
      el("label", { for: "address" }, strings.address),
      this.email,
      el("label", { for: "customer-name" }, strings.name),
      this.name,
      this.failure,
      this.send,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#leave(onLeave);
    });
  }

  open() {
    this.element.hidden = false;
    this.email.focus();
  }

  /** @param {(email: string, name: string) => Promise<void>} onLeave */
  async #leave(onLeave) {
    this.send.disabled = true;
    this.failure.hidden = true;
    const address = this.email.value.trim();
    try {
      await onLeave(address, this.name.value.trim());
      put(this.element, el("p", { role: "status" }, fill(this.strings.addressKnown, { address })));
    } catch {
      this.failure.hidden = false;
      this.failure.textContent = this.strings.notLeft;
      this.send.disabled = false;
    }
  }
}

/** Asks how it went, once it is over. */
export class RatingForm {
  #score = 0;

  /**
   * @param {Strings} strings
   * @param {(score: number, comment: string) => Promise<void>} onRate
   */
  constructor(strings, onRate) {
    this.strings = strings;
    this.stars = SCORES.map((score) => this.#star(score));
    this.comment = el("textarea", { rows: 2, maxlength: LONGEST_COMMENT, placeholder: strings.comment, "aria-label": strings.comment, dir: "auto" });
    this.send = el("button", { type: "submit", class: "submit" }, strings.rate);
    this.failure = el("p", { class: "failure", role: "alert", hidden: true });
    this.more = el("div", { class: "more", hidden: true }, this.comment, this.failure, this.send);
    this.element = el(
      "form",
      { class: "card rating", hidden: true },
      el("fieldset", {}, el("legend", {}, strings.rating), el("div", { class: "stars" }, ...this.stars.map(({ label }) => label))),
      this.more,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#rate(onRate);
    });
  }

  /** @param {boolean} wanted */
  toggle(wanted) {
    if (this.element.hidden !== wanted) return;
    this.element.hidden = !wanted;
    if (wanted) this.#reset();
  }

  #reset() {
    this.#score = 0;
    this.more.hidden = true;
    this.failure.hidden = true;
    this.send.disabled = false;
    this.comment.value = "";
    for (const { input, label } of this.stars) {
      input.checked = false;
      label.toggleAttribute("data-on", false);
    }
  }

  /** @param {number} score */
  #star(score) {
    const input = el("input", { type: "radio", name: "score", value: score, class: "sr", "aria-label": fill(this.strings.points, { score }) });
    const label = el("label", { class: "star" }, input, icon(ICONS.star));
    input.addEventListener("change", () => {
      this.#score = score;
      this.more.hidden = false;
      this.stars.forEach((star, place) => star.label.toggleAttribute("data-on", place < score));
    });
    return { input, label };
  }

  /** @param {(score: number, comment: string) => Promise<void>} onRate */
  async #rate(onRate) {
    if (!this.#score) return;
    this.send.disabled = true;
    try {
      await onRate(this.#score, this.comment.value.trim());
    } catch {
      this.failure.hidden = false;
      this.failure.textContent = this.strings.notLeft;
      this.send.disabled = false;
    }
  }
}
