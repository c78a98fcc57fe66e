// What has to be asked before something can be done: labels, and a moment.

import { el } from "../../widget/dom.js";
import { field } from "../parts/fields.js";

/** @import {Words} from "../strings.js" */

const LONGEST_LABEL = 40;
const MOST_LABELS = 20;

/**
 * @param {Words} words
 * @param {string[]} chosen
 * @param {string[]} known
 * @param {Promise<string[]>} more that are on their way
 * @returns {Promise<string[] | null>} null: leave them as they are
 */
export async function askLabels(words, chosen, known, more) {
  const boxes = el("div", { class: "label-choices" });
  const add = (/** @type {string} */ label, /** @type {boolean} */ on) => {
    const box = el("input", { type: "checkbox", value: label });
    box.checked = on;
    boxes.append(el("label", { class: "label-choice" }, box, el("span", { dir: "auto" }, label)));
  };
  for (const label of [...new Set([...chosen, ...known])]) add(label, chosen.includes(label));
  const input = el("input", { type: "text", maxlength: LONGEST_LABEL, autocomplete: "off" });
  const has = (/** @type {string} */ label) => [...boxes.querySelectorAll("input")].some((box) => box.value === label);
  void more.then((labels) => labels.forEach((label) => has(label) || add(label, false)));
  const marked = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (boxes.querySelectorAll("input:checked"))].map((box) => box.value);
  const take = () => {
    const label = input.value.trim().toLowerCase();
    if (!label) return false;
    input.value = "";
    const box = [...boxes.querySelectorAll("input")].find((each) => each.value === label);
    if (box) box.checked = true;
    else add(label, true);
    return true;
  };
  input.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && take() && event.preventDefault());
  const yes = await askWith(words, words.t("labels.title"), [field(words.t("labels.new"), input, words.t("labels.hint")), boxes], words.t("save"));
  if (yes) take();
  return yes ? marked().slice(0, MOST_LABELS) : null;
}

/**
 * @param {Words} words
 * @returns {Promise<string | null>}
 */
export async function askMoment(words) {
  const input = el("input", { type: "datetime-local", required: true, min: local(Date.now()) });
  input.value = local(Date.now() + 24 * 3_600_000);
  const yes = await askWith(words, words.t("snooze.date.title"), [field(words.t("snooze.date.label"), input)], words.t("snooze.date.save"));
  return yes && input.value ? new Date(input.value).toISOString() : null;
}

/** @param {number} at in the reader's time zone, as an input has it */
function local(at) {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * @param {Words} words
 * @param {string} title
 * @param {Node[]} content
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
async function askWith(words, title, content, yes) {
  const cancel = el("button", { type: "button", class: "button quiet" }, words.t("cancel"));
  const form = el("form", { method: "dialog" }, el("h2", { id: "asked-with" }, title), el("div", { class: "dialog-content" }, ...content), el("div", { class: "choices" }, cancel, el("button", { class: "button primary", value: "yes" }, yes)));
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "asked-with" }, form);
  cancel.onclick = () => dialog.close("no");
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  dialog.remove();
  return dialog.returnValue === "yes";
}
