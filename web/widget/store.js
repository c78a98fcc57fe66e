// What the browser keeps for one widget key, and what it cannot keep, for as long as the page lasts.
// Storage may be forbidden, full, damaged, of another version, or emptied by somebody else.

import { fromJson, toJson } from "./json.js";
import { now, timeOf } from "./ulid.js";

/** @import {Attachment, Look} from "./protocol.d.ts" */
/** @typedef {{id: string, text: string, person: boolean, attachments: Attachment[]}} Unsent */

const UNSENT_LASTS_MS = 60 * 60_000;
const NAMES = ["visitor", "customer", "unsent", "awaiting"];

export class Store {
  /** What could not be kept. @type {Map<string, string | null>} */
  #memory = new Map();
  #closed = false;

  /** @param {string} key the publishable widget key */
  constructor(key) {
    this.prefix = `frontdesk:${key}:`;
  }

  /** @returns {string | null} the visitor's token */
  get visitor() {
    const token = this.#read("visitor");
    return token && /^vt_[\w-]+$/.test(token) ? token : null;
  }

  /** @returns {string | null} whom the page vouched for when the visitor was last here: its own id of them */
  get customer() {
    return this.#read("customer");
  }

  /**
   * @param {string} token the visitor's
   * @param {string | null} customer
   */
  know(token, customer) {
    this.#write("customer", customer);
    this.#write("visitor", token);
  }

  /** @returns {string | null} while a person is called in or there: the last reply seen, "" if there was none */
  get awaiting() {
    const id = this.#read("awaiting");
    return id && Number.isNaN(timeOf(id)) ? null : id;
  }

  /** @param {string | null} id */
  set awaiting(id) {
    if (id !== this.awaiting) this.#write("awaiting", id);
  }

  /** @returns {Unsent[]} messages said in the last hour and not acknowledged */
  get unsent() {
    const kept = fromJson(this.#read("unsent"));
    /** @type {Unsent[]} */
    const found = [];
    if (!Array.isArray(kept)) return found;
    for (const each of kept) {
      const { id, text, person, attachments } = each ?? {};
      const files = Array.isArray(attachments) ? attachments.filter((file) => typeof file?.id === "string") : [];
      if (typeof id !== "string" || typeof text !== "string" || !(text.trim() || files.length)) continue;
      if (now() - timeOf(id) < UNSENT_LASTS_MS) found.push({ id, text, person: person === true, attachments: files });
    }
    return found;
  }

  /** @param {Unsent[]} messages */
  set unsent(messages) {
    const kept = messages.map(({ id, text, person, attachments }) => ({ id, text, person, attachments }));
    this.#write("unsent", kept.length ? toJson(kept) : null);
  }

  /** @returns {Look | null} as the last session had it */
  get look() {
    const kept = fromJson(this.#read("look"));
    if (typeof kept !== "object" || kept === null) return null;
    const word = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
    const { name, assistant, greeting, color } = kept;
    return { name: word(name), assistant: word(assistant), greeting: word(greeting), color: word(color) };
  }

  /** @param {Look | null} look */
  set look(look) {
    this.#write("look", toJson(look));
  }

  /** Removes all that is about the visitor. */
  forget() {
    for (const name of NAMES) this.#write(name, null);
  }

  /** From now on nothing is written: what is still under way must not come back after `forget`. */
  close() {
    this.#closed = true;
  }

  /**
   * @param {StorageEvent} event
   * @returns {boolean} whether another tab has forgotten the visitor
   */
  isForgotten({ key, newValue }) {
    return key === null || (key === `${this.prefix}visitor` && newValue === null);
  }

  /**
   * @param {string} name
   * @returns {string | null}
   */
  #read(name) {
    const held = this.#memory.get(name);
    if (held !== undefined) return held;
    try {
      return localStorage.getItem(this.prefix + name);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {string | null} value
   */
  #write(name, value) {
    if (this.#closed) return;
    const key = this.prefix + name;
    this.#memory.set(name, value);
    try {
      if (value === null) localStorage.removeItem(key);
      else if (localStorage.getItem(key) !== value) localStorage.setItem(key, value);
      if (localStorage.getItem(key) === value) this.#memory.delete(name);
    } catch {
      this.#drop(key);
    }
  }

  /**
   * Where there is no room for a new value, the next page must not find the old one.
   * @param {string} key
   */
  #drop(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // It cannot be reached at all.
    }
  }
}
