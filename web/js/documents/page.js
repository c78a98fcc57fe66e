// The documents page: what the assistant answers from.

import { Problem } from "../../widget/http.js";
import { noticeElement, notices } from "../billing/notices.js";
import { planWords } from "../billing/words.js";
import { find } from "../find.js";
import { forbidden } from "../parts/states.js";
import { sentence } from "../problems.js";
import { DocumentsApi } from "./api.js";
import { Desk as DocumentsDesk } from "./desk.js";
import { Uploads } from "./uploads.js";

/** @import {Desk} from "../shell.js" */

/** Uploads go on while another page of the desk is looked at. @type {Uploads | null} */
let uploads = null;

addEventListener("beforeunload", (event) => {
  if (uploads?.busy) event.preventDefault();
});

/**
 * @param {Desk} desk
 * @param {HTMLElement} main
 */
export async function start({ api, can, words, formats, signal }, main) {
  if (!can("documents:read")) return main.replaceChildren(forbidden(words));
  const documents = new DocumentsApi(api);
  const say = (/** @type {unknown} */ error) => sentence(error, words);
  uploads ??= new Uploads(documents, words, say);
  await new DocumentsDesk(documents, uploads, { mayWrite: can("documents:write"), words, formats, say, signal }).load();
  find("#desk").hidden = false;
  if (!can("billing:read")) return;
  try {
    const state = await api.get("/payments/subscription");
    const title = (/** @type {string} */ name) => (name === state.plan.name ? state.plan.title : words.t("documents.plan"));
    if (!signal.aborted) find("#notices").replaceChildren(...notices(planWords(words), state, title).map(noticeElement));
  } catch (error) {
    // The plan is a word beside the documents: they are there without it.
    if (!(error instanceof Problem)) throw error;
    console.warn(error);
  }
}
