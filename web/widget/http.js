// One way to call the API: JSON in, JSON out, and every failure a Problem.

import { fromJson, toJson } from "./json.js";

const TIMEOUT_MS = 15_000;

/** A request that did not succeed. `status` is 0 when no answer came at all. */
export class Problem extends Error {
  /**
   * @param {number} status HTTP status, or 0
   * @param {string} detail for people
   * @param {number | null} [retryAfter] seconds
   */
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {string} url
 * @param {{method?: string, headers?: Record<string, string>, body?: unknown, keepalive?: boolean, timeout?: number}} [options]
 * `body` is sent as JSON; with `keepalive` the request outlives the page; `timeout` in milliseconds
 * @returns {Promise<any>} the parsed answer, or null when it has no body
 * @throws {Problem}
 */
export async function request(url, { method = "GET", headers = {}, body, keepalive = false, timeout = TIMEOUT_MS } = {}) {
  /** @type {RequestInit} */
  const init = { method, headers: { ...headers }, signal: AbortSignal.timeout(timeout), cache: "no-store", keepalive };
  if (body !== undefined) {
    init.headers = { ...headers, "Content-Type": "application/json" };
    init.body = toJson(body);
  }
  let response;
  let text;
  try {
    response = await fetch(url, init);
    text = await response.text();
  } catch {
    throw new Problem(0, "No answer from the server.");
  }
  const answer = fromJson(text);
  if (response.ok) return answer;
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const detail = typeof answer?.detail === "string" ? answer.detail : `The server answered ${response.status}.`;
  throw new Problem(response.status, detail, Number.isNaN(wait) ? null : wait);
}
