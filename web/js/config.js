// The file beside the pages that says where the API is. It is written when the site is published.

import { request } from "../widget/http.js";

/** @typedef {{api: string, key: string, about: string, questions: string[], name: string}} Config */

/**
 * @returns {Promise<Config>}
 * @throws {Error} when config.json is missing or says nothing useful
 */
export async function loadConfig() {
  const found = await request(new URL("config.json", document.baseURI).href);
  if (typeof found?.api !== "string") throw new Error("config.json names no API");
  return {
    api: new URL(found.api, document.baseURI).href.replace(/\/$/, ""),
    key: typeof found.key === "string" ? found.key : "",
    about: isText(found.about) ? found.about : "",
    questions: Array.isArray(found.questions) ? found.questions.filter(isText) : [],
    name: isText(found.name) ? found.name : "",
  };
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}
