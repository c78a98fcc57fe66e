// One document's line in the list. Built once and then changed in place, so that focus stays.

import { el, icon, setAttribute } from "../../widget/dom.js";
import { typeName } from "./files.js";
import { stateOf } from "./words.js";

/** @import {Document, Upload} from "./types.d.ts" */
/** @import {Words} from "../strings.js" */
/** @import {Formats} from "../utils.js" */

/** @typedef {"passages" | "replace" | "reindex" | "delete" | "retry" | "cancel"} Action */

/** @type {Record<Action, string>} */
const ACTIONS = {
  passages: "M5 5h14M5 10h14M5 15h9M5 20h6",
  retry: "M19 12a7 7 0 1 1-2.1-5M17 3v4h-4",
  replace: "M12 15V4M7.5 8.5 12 4l4.5 4.5M5 15v5h14v-5",
  reindex: "M19 12a7 7 0 1 1-2.1-5M17 3v4h-4",
  cancel: "M6 6l12 12M18 6 6 18",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
};

export class Row {
  /**
   * @param {(action: Action) => void} onAction
   * @param {object} options
   * @param {boolean} options.mayWrite whether more can be done than to look
   * @param {Words} options.words
   * @param {Formats} options.formats
   */
  constructor(onAction, { mayWrite, words, formats }) {
    this.mayWrite = mayWrite;
    this.words = words;
    this.formats = formats;
    this.title = el("p", { class: "title", dir: "auto" });
    this.file = el("p", { class: "file", dir: "auto" });
    this.reason = el("p", { class: "reason" });
    this.label = el("span", { class: "label" });
    this.bar = el("progress", { max: 100 });
    this.pages = el("p", { class: "figure", "data-name": words.t("documents.column.pages") });
    this.passages = el("p", { class: "figure", "data-name": words.t("documents.column.passages") });
    this.updated = el("time", { class: "updated" });
    this.buttons = Object.entries(ACTIONS).map(([name, path]) => {
      const button = el("button", { type: "button", class: "tool", "data-action": name, title: words.t(`documents.act.${name}`) }, icon(path));
      button.onclick = () => onAction(/** @type {Action} */ (name));
      return button;
    });
    this.element = el(
      "li",
      { class: "document" },
      el("div", { class: "what" }, this.title, this.file, this.reason),
      el("div", { class: "status" }, this.label, this.bar),
      this.pages,
      this.passages,
      this.updated,
      el("div", { class: "tools" }, ...this.buttons),
    );
  }

  /**
   * @param {Document} document
   * @param {Upload | null} upload
   */
  update(document, upload) {
    const { words, formats } = this;
    const state = stateOf(document, upload, words, formats);
    setAttribute(this.element, "data-id", document.id);
    setAttribute(this.element, "data-status", document.status);
    setAttribute(this.element, "data-tone", state.tone);
    write(this.title, document.title);
    write(this.file, `${typeName(document.filename, words)} · ${document.filename}`);
    write(this.reason, state.reason ?? "");
    this.reason.hidden = !state.reason;
    write(this.label, state.label);
    this.bar.hidden = state.tone !== "busy";
    if (state.share === null) this.bar.removeAttribute("value");
    else this.bar.value = Math.round(state.share * 100);
    this.bar.setAttribute("aria-label", `${state.label}: ${document.title}`);
    write(this.pages, document.pages === null ? "–" : formats.number(document.pages));
    write(this.passages, document.passages === null ? "–" : formats.number(document.passages));
    setAttribute(this.pages, "data-none", document.pages === null);
    setAttribute(this.passages, "data-none", document.passages === null);
    this.updated.dateTime = document.updated_at;
    write(this.updated, formats.ago(document.updated_at));
    const possible = possibleActions(document, upload);
    for (const button of this.buttons) {
      const action = /** @type {Action} */ (button.dataset.action);
      button.hidden = !possible.has(action) || !(this.mayWrite || action === "passages");
      setAttribute(button, "aria-label", words.t("documents.act.of", { act: words.t(`documents.act.${action}`), title: document.title }));
    }
  }
}

/**
 * @param {Document} document
 * @param {Upload | null} upload
 * @returns {Set<Action>}
 */
function possibleActions({ status, answering, passages }, upload) {
  if (status === "deleting") return new Set();
  if (upload?.state === "sending" || upload?.state === "waiting") return new Set(["cancel"]);
  if (upload?.state === "failed") return new Set(["retry", "cancel"]);
  /** @type {Set<Action>} */
  const possible = new Set(["replace", "delete"]);
  if (answering || (status === "ready" && passages)) possible.add("passages");
  if (status === "ready" || status === "failed") possible.add("reindex");
  return possible;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
