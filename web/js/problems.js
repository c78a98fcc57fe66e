// What to tell somebody when a request did not succeed: what it means, and what they can do.

import { Problem } from "../widget/http.js";

/** @import {Words} from "./strings.js" */

/**
 * A sentence or two. Errors that are no Problem are faults of ours, and thrown again.
 * @param {unknown} error
 * @param {Words} words
 * @param {boolean} [online]
 * @returns {string}
 */
export function sentence(error, words, online = navigator.onLine) {
  if (!(error instanceof Problem)) throw error;
  const { status, message, retryAfter } = error;
  if (status === 0) return words.t(online ? "problem.unreached" : "problem.offline");
  if (status === 429) return retryAfter === null ? words.t("problem.often") : words.n("problem.wait", retryAfter);
  if (status >= 500) return words.t("problem.ours");
  const key = `problem.${status}`;
  // What the API says of these names the field, the plan or the limit: no table could.
  return words.has(key) ? words.t(key, { detail: message }) : message;
}

/**
 * Whether the same request may succeed in a moment.
 * @param {unknown} error
 */
export function isPassing(error) {
  return error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 502);
}
