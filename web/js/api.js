// The HTTP API as a page uses it. Reading is tried again when it fails for a moment, creating too,
// because what is created has its id from here; anything else is sent once.

import { Problem } from "../widget/http.js";
import { ulid } from "../widget/ulid.js";
import { isPassing } from "./problems.js";
import { sleep } from "./utils.js";

/** @import {Cache} from "./cache.js" */
/** @import {Session} from "./auth.js" */

/** How long an answer may take: API Gateway gives up after 30 seconds, and a cold start needs some. */
const DEADLINE_MS = 31_000;
const TRIES = 3;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;

/**
 * @typedef {object} Clock
 * @property {(milliseconds: number, signal?: AbortSignal) => Promise<void>} sleep
 * @property {() => number} random 0 to 1
 */

export class Api {
  /** Answers on their way, so that two parts of a page ask once. @type {Map<string, Promise<any>>} */
  #asked = new Map();

  /**
   * @param {Pick<Session, "call" | "api">} session
   * @param {Cache} cache
   * @param {Clock} [clock]
   */
  constructor(session, cache, clock = { sleep, random: Math.random }) {
    this.session = session;
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * @param {string} path below /api, with its query
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  get(path) {
    const asked = this.#asked.get(path) ?? this.#again("GET", path).finally(() => this.#asked.delete(path));
    this.#asked.set(path, asked);
    return asked;
  }

  /**
   * Shows what is known of `path` at once, and then what the API says, if that is something else.
   * @param {string} path
   * @param {(answer: any, fresh: boolean) => void} show
   * @returns {Promise<any>} what the API says
   * @throws {Problem}
   */
  async show(path, show) {
    const known = this.cache.get(path);
    if (known !== undefined) show(known, false);
    const found = await this.get(path);
    this.cache.put(path, found);
    // Beside what this call has shown: another may have put the answer into the cache meanwhile.
    if (known === undefined || JSON.stringify(found) !== JSON.stringify(known)) show(found, true);
    return found;
  }

  /**
   * Every entry of a list, page after page. Entries that come twice, because the list changed
   * meanwhile, come once.
   * @param {string} path
   * @param {string} name of the list in each answer
   * @param {number} [most]
   */
  async *entries(path, name, most = Infinity) {
    const seen = new Set();
    let cursor = null;
    do {
      const query = cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : "";
      /** @type {any} */
      const page = await this.get(path + query);
      for (const entry of page[name]) {
        if (seen.has(entry.id)) continue;
        seen.add(entry.id);
        yield entry;
        if (seen.size >= most) return;
      }
      cursor = page.cursor;
    } while (cursor);
  }

  /**
   * Creates something, once, however often the connection breaks: the id says which one it is.
   * @param {string} path of a route that takes an `id`
   * @param {Record<string, unknown> & {id?: string}} body
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  create(path, body) {
    return this.#again("POST", path, { ...body, id: body.id ?? ulid() });
  }

  /**
   * Puts something in place: the same again changes nothing, so it may be tried again.
   * @param {string} path
   * @param {unknown} body
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  put(path, body) {
    return this.#again("PUT", path, body);
  }

  /**
   * Sends what changes nothing when it comes again, so it may be tried again.
   * @param {string} path
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  repeat(path) {
    return this.#again("POST", path);
  }

  /**
   * Sends something once.
   * @param {"POST" | "PATCH" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  send(method, path, body) {
    return this.session.call(method, path, body, { timeout: DEADLINE_MS });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async #again(method, path, body) {
    for (let tries = 1; ; tries++) {
      try {
        return await this.session.call(method, path, body, { timeout: DEADLINE_MS });
      } catch (error) {
        const wait = pause(error, tries, this.clock.random());
        if (wait === null) throw error;
        await this.clock.sleep(wait);
      }
    }
  }
}

/**
 * How long to wait before a request is tried again.
 * @param {unknown} error
 * @param {number} tries so far
 * @param {number} chance 0 to 1: many browsers should not come back at the same moment
 * @returns {number | null} milliseconds; null when it is of no use
 */
export function pause(error, tries, chance) {
  if (tries >= TRIES || !isPassing(error)) return null;
  const asked = error instanceof Problem && error.retryAfter !== null ? error.retryAfter * 1000 : 0;
  if (asked > LONGEST_WAIT_MS) return null;
  return Math.max(asked, FIRST_WAIT_MS * 3 ** (tries - 1)) * (1 + chance / 2);
}
