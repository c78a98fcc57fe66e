// The first step: something to answer from, as files or from a page of the web.

import { el, put } from "../../widget/dom.js";
import { field, form } from "../parts/fields.js";
import { sleep } from "../utils.js";

/** @import {Document} from "../documents/types.d.ts" */
/** @import {Step} from "./first-run.js" */

const LOOK_MS = 1500;

/** @param {Step} step */
export function documentsStep({ desk, learn }) {
  const { api, words, signal } = desk;
  const files = el("a", { class: "button primary" }, words.t("first.documents.upload"));
  files.href = "documents.html";
  const address = el("input", { type: "url", inputmode: "url", placeholder: "https://", required: true, maxlength: 2000, spellcheck: "false" });
  const state = el("p", { class: "hint", role: "status" });
  const button = el("button", { type: "submit", class: "button quiet" }, words.t("first.documents.fetch"));
  const fetched = form(words, [el("div", { class: "beside" }, field(words.t("first.documents.address"), address), button)], async () => {
    const wanted = address.value.trim();
    /** @type {Document} */
    let document = await api.send("POST", "/documents/import", { url: /^https?:/.test(wanted) ? wanted : `https://${wanted}` });
    address.value = "";
    while (!["ready", "failed"].includes(document.status)) {
      put(state, words.t("first.documents.reading", { title: document.title }));
      await sleep(LOOK_MS, signal);
      document = await api.get(`/documents/${document.id}`);
    }
    put(state, document.status === "failed" ? words.t("first.documents.failed", { title: document.title, reason: document.error ?? "" }) : "");
    const { documents } = await api.get("/documents?limit=100");
    learn({ documents });
  });
  return el("div", {}, el("div", { class: "either" }, files), fetched, state);
}
