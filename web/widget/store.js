// What the browser keeps for one widget key: the visitor's token, unsent messages, the last look.
// Storage may be forbidden (private windows, sandboxed frames): then it lasts as long as the page.

import { timeOf } from "./ulid.js";

/** @import {Look} from "./protocol.d.ts" */

const UNSENT_LASTS_MS = 60 * 60_000;

export class Store {
  /** @type {Map<string, string>} */
  #memory = new Map();

  /** @param {string} key the publishable widget key */
  constructor(key) {
    this.prefix = `frontdesk:${key}:`;
  }

  get visitor() {
    return this.#read("visitor");
  }

  /** @param {string | null} token */
  set visitor(token) {
    this.#write("visitor", token);
  }

  /** @returns {{id: string, text: string, person: boolean}[]} messages said in the last hour and not acknowledged */
  get unsent() {
    const kept = JSON.parse(this.#read("unsent") ?? "[]");
    return kept.filter((/** @type {{id: string}} */ { id }) => Date.now() - timeOf(id) < UNSENT_LASTS_MS);
  }

  /** @param {{id: string, text: string, person: boolean}[]} messages */
  set unsent(messages) {
    this.#write("unsent", messages.length ? JSON.stringify(messages.map(({ id, text, person }) => ({ id, text, person }))) : null);
  }

  /** @returns {Look | null} as the last session had it */
  get look() {
    return JSON.parse(this.#read("look") ?? "null");
  }

  /** @param {Look | null} look */
  set look(look) {
    this.#write("look", JSON.stringify(look));
  }

  forget() {
    for (const name of ["visitor", "unsent", "look"]) this.#write(name, null);
  }

  /** @param {string} name */
  #read(name) {
    try {
      return localStorage.getItem(this.prefix + name);
    } catch {
      return this.#memory.get(name) ?? null;
    }
  }

  /**
   * @param {string} name
   * @param {string | null} value
   */
  #write(name, value) {
    try {
      if (value === null) localStorage.removeItem(this.prefix + name);
      else localStorage.setItem(this.prefix + name, value);
    } catch {
      if (value === null) this.#memory.delete(name);
      else this.#memory.set(name, value);
    }
  }
}
