// The passage behind a citation, with the part that was cited marked.

import { el, icon, put } from "../../widget/dom.js";
import { ICONS } from "../icons.js";
import { show } from "../parts/dialog.js";
import { loading } from "../parts/states.js";
import { sentence } from "../problems.js";

/** @import {Citation} from "../../widget/protocol.d.ts" */
/** @import {Inbox} from "./inbox.js" */

/**
 * @param {Inbox} inbox
 * @param {Citation} citation
 */
export async function openPassage(inbox, citation) {
  const { words, desk } = inbox;
  const close = el("button", { type: "button", class: "tool", "aria-label": words.t("close"), title: words.t("close") }, icon(ICONS.close));
  const text = el("div", { class: "passage" }, loading(words));
  const where = [citation.headings.join(" › "), citation.page !== null && words.t("first.ask.page", { page: citation.page })].filter(Boolean).join(" · ");
  const dialog = el("dialog", { class: "dialog drawer", "aria-labelledby": "passage-title" }, el("header", {}, el("div", {}, el("h2", { id: "passage-title", dir: "auto" }, citation.title), where && el("p", { class: "hint", dir: "auto" }, where)), close), text);
  show(dialog, close, desk.signal);
  try {
    const found = await passageOf(inbox, citation);
    put(text, ...marked(found, citation.quote));
  } catch (error) {
    // The document may have changed since: what was cited is there all the same.
    put(text, el("blockquote", { dir: "auto" }, citation.quote), el("p", { class: "hint" }, sentence(error, words)));
  }
}

/**
 * @param {Inbox} inbox
 * @param {Citation} citation
 * @returns {Promise<string>} the quote alone when the document has no such passage any more
 */
async function passageOf({ desk }, { document_id, quote }) {
  const { passages } = await desk.api.get(`/documents/${encodeURIComponent(document_id)}/passages`);
  const found = quote && passages.find((/** @type {{text: string}} */ { text }) => text.includes(quote));
  return found ? found.text : quote;
}

/**
 * @param {string} text
 * @param {string} quote
 */
function marked(text, quote) {
  const at = quote ? text.indexOf(quote) : -1;
  if (at < 0) return [el("p", { dir: "auto" }, text)];
  return [el("p", { dir: "auto" }, text.slice(0, at), el("mark", {}, quote), text.slice(at + quote.length))];
}
