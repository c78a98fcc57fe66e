// Whom the page vouches for: a JWT of the organisation's site, or a function that gets a fresh one.

import { Problem } from "./http.js";
import { fromJson } from "./json.js";

/**
 * @param {import("./protocol.d.ts").Identity} source
 * @returns {Promise<string | null>} the JWT, or null when nobody is logged in
 * @throws {Problem} when the page does not say
 */
export async function askIdentity(source) {
  try {
    return stated(typeof source === "function" ? await source() : source);
  } catch (error) {
    console.error("Frontdesk:", error);
    throw new Problem(0, "No identity came.");
  }
}

/**
 * @param {unknown} identity
 * @returns {string | null} the JWT, or null when it is empty or not there
 */
export function stated(identity) {
  if (identity && typeof identity !== "string") throw new Error("an identity is a string");
  return String(identity ?? "").trim() || null;
}

/**
 * @param {string | null} identity
 * @returns {string | null} the site's own id of the customer, only to tell two apart; null for nobody
 */
export function subjectOf(identity) {
  if (identity === null) return null;
  const [, payload = ""] = identity.split(".");
  let text = null;
  try {
    text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    // No JWT: the server will say so.
  }
  return String(fromJson(text)?.sub ?? "");
}
