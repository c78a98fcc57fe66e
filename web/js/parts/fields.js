// A labelled field, and a form that says beside it what went wrong.

import { add, el } from "../../widget/dom.js";
import { sentence } from "../problems.js";

/** @import {Words} from "../strings.js" */

let made = 0;

/**
 * @template {HTMLElement} T
 * @param {string} label
 * @param {T} input
 * @param {string} [hint]
 * @returns {HTMLElement}
 */
export function field(label, input, hint = "") {
  input.id = `field-${++made}`;
  const more = hint && el("p", { class: "hint", id: `${input.id}-hint` }, hint);
  if (more) input.setAttribute("aria-describedby", more.id);
  const named = el("label", {}, label);
  named.htmlFor = input.id;
  return el("div", { class: "field" }, named, input, more);
}

/**
 * A form whose button does nothing while `send` is at work, and which shows what `send` throws. What
 * was typed stays.
 * @param {Words} words
 * @param {Node[]} content with a button that submits
 * @param {(complain: (text: string) => void) => Promise<void>} send
 */
export function form(words, content, send) {
  const error = el("p", { class: "error", role: "alert" });
  const element = add(el("form", { class: "small-form", novalidate: true }), ...content, error);
  const complain = (/** @type {string} */ text) => (error.textContent = text);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (element.getAttribute("aria-busy") === "true") return;
    element.setAttribute("aria-busy", "true");
    complain("");
    try {
      await send(complain);
    } catch (problem) {
      // The page was left: nobody is there to be told.
      if (problem instanceof DOMException && problem.name === "AbortError") return;
      complain(sentence(problem, words));
    } finally {
      element.setAttribute("aria-busy", "false");
    }
  });
  return element;
}

/** @param {string} label */
export function submit(label) {
  return el("button", { type: "submit", class: "button primary" }, label);
}
