// A form of fields with labels: checked before it is sent, each error beside its field.

import { setAttribute } from "../widget/dom.js";
import { find } from "./find.js";
import { Problem } from "../widget/http.js";

/** @import {Words} from "./strings.js" */

/**
 * Has `send` called with the fields' values once they are good. What it throws is shown.
 * @param {HTMLFormElement} form whose fields name in `data-missing` what to say when they are empty
 * @param {Words} words
 * @param {(values: Record<string, string>) => Promise<void>} send
 * @param {(problem: Problem) => string} say what to tell of a request that failed
 */
export function onSubmit(form, words, send, say) {
  const error = find(":scope > .error", form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    error.textContent = "";
    const wrong = inputs(form).filter((input) => !complain(input, mistake(input, words)));
    if (wrong[0]) return wrong[0].focus();
    void post();
  });
  form.addEventListener("input", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.getAttribute("aria-invalid") === "true") complain(input, mistake(input, words));
  });
  for (const button of form.querySelectorAll("button.reveal")) {
    const input = /** @type {HTMLInputElement} */ (find("input", /** @type {HTMLElement} */ (button.parentElement)));
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      setAttribute(button, "aria-pressed", String(shown));
    });
  }

  async function post() {
    form.setAttribute("aria-busy", "true");
    try {
      await send(Object.fromEntries(inputs(form).map(({ name, type, value }) => [name, type === "email" ? value.trim() : value])));
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      error.textContent = say(failure);
    } finally {
      form.setAttribute("aria-busy", "false");
    }
  }
}

/** @param {HTMLFormElement} form */
function inputs(form) {
  return [...form.querySelectorAll("input")];
}

/**
 * @param {HTMLInputElement} input
 * @param {Words} words
 */
function mistake(input, words) {
  if (!input.value.trim()) return words.t(input.dataset["missing"] ?? "");
  if (input.validity.typeMismatch) return words.t("auth.email.wrong");
  // `tooShort` is only true of what was typed, not of what a password manager filled in.
  if (input.value.length < input.minLength) return words.t("auth.short", { count: input.minLength });
  return "";
}

/**
 * @param {HTMLInputElement} input
 * @param {string} text empty when nothing is wrong
 * @returns {boolean} whether it is good
 */
function complain(input, text) {
  find(".error", /** @type {HTMLElement} */ (input.closest(".field"))).textContent = text;
  setAttribute(input, "aria-invalid", text ? "true" : null);
  return text === "";
}
