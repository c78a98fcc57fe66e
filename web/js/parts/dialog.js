// What stands before everything else: a question that has to be answered, or something to look at.

import { el } from "../../widget/dom.js";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text what follows from a yes
 * @property {string} yes
 * @property {string} no
 * @property {boolean} [danger] nobody can undo it
 */

/**
 * @param {Question} question
 * @returns {Promise<boolean>} Escape is a no
 */
export async function ask({ title, text, yes, no, danger = false }) {
  const dialog = el(
    "dialog",
    { class: "dialog", "aria-labelledby": "asked", "aria-describedby": "asked-more" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "asked" }, title),
      el("p", { id: "asked-more" }, text),
      el("div", { class: "choices" }, el("button", { class: "button quiet", value: "no" }, no), el("button", { class: `button ${danger ? "danger" : "primary"}`, value: "yes" }, yes)),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  dialog.remove();
  return dialog.returnValue === "yes";
}

/**
 * Shows a dialog that its button, Escape and a click beside it close, and that goes with the page.
 * @param {HTMLDialogElement} dialog
 * @param {HTMLButtonElement} close
 * @param {AbortSignal} signal of the page
 */
export function show(dialog, close, signal) {
  close.onclick = () => dialog.close();
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove(), { once: true });
  signal.addEventListener("abort", () => dialog.close(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
}
