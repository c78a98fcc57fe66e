// Asking the assistant as a customer would, and seeing where the answer is written.

import { el, put } from "../../widget/dom.js";
import { field, form, submit } from "../parts/fields.js";

/** @import {Step} from "./first-run.js" */

/** @typedef {{number: number, title: string, page: number | null, quote: string}} Citation */

/** @param {Step} step */
export function askStep({ desk, did }) {
  const { api, words } = desk;
  const question = el("input", { type: "text", required: true, maxlength: 4000, autocomplete: "off" });
  const answer = el("div", { class: "answer", "aria-live": "polite" });
  const asked = form(words, [el("div", { class: "beside" }, field(words.t("first.ask.question"), question), submit(words.t("first.ask.send")))], async () => {
    const text = question.value.trim();
    if (!text) return question.focus();
    put(answer, el("p", { class: "hint" }, words.t("first.ask.thinking")));
    try {
      const found = await api.send("POST", "/playground/ask", { question: text });
      put(answer, el("p", { class: "said", dir: "auto" }, found.text), sources(found.citations));
      if (found.citations.length) did("ask");
      else answer.append(el("p", { class: "hint" }, words.t("first.ask.unknown")));
    } catch (error) {
      put(answer);
      throw error;
    }
  });

  /** @param {Citation[]} citations */
  function sources(citations) {
    if (!citations.length) return null;
    const items = citations.map(({ number, title, page, quote }) =>
      el("li", {}, el("p", { class: "place", dir: "auto" }, `${number}. ${title}${page ? ` · ${words.t("first.ask.page", { page })}` : ""}`), el("blockquote", { dir: "auto" }, quote)),
    );
    return el("div", { class: "sources" }, el("h4", {}, words.t("first.ask.sources")), el("ol", {}, ...items));
  }
  return el("div", {}, asked, answer);
}
