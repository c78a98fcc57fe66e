// What somebody has written and not sent, for each conversation, over reloads. It belongs to one
// member, and what is written longest ago makes room.

import { fromJson } from "../../widget/json.js";

/** @import {Draft, DraftFile, Said} from "./types.d.ts" */

const PREFIX = "frontdesk:draft:";
const MOST = 100;

export class Drafts {
  /**
   * @param {Storage} storage
   * @param {string} owner
   * @param {number} [most] conversations
   */
  constructor(storage, owner, most = MOST) {
    this.storage = storage;
    this.prefix = `${PREFIX}${owner}:`;
    this.most = most;
  }

  /**
   * @param {string} id of the conversation
   * @returns {Draft}
   */
  of(id) {
    const found = fromJson(this.storage.getItem(this.prefix + id));
    const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
    const said = Array.isArray(found?.said) ? found.said : [];
    return { kind: found?.kind === "note" ? "note" : "reply", reply: text(found?.reply), note: text(found?.note), files: filesOf(found), said: said.filter(isSaid).map((/** @type {Said} */ each) => ({ ...each, files: filesOf(each) })) };
  }

  /**
   * @param {string} id
   * @param {Partial<Draft>} changes
   */
  change(id, changes) {
    const draft = { ...this.of(id), ...changes };
    const key = this.prefix + id;
    if (!draft.reply && !draft.note && !draft.files.length && !draft.said.length) return this.storage.removeItem(key);
    const text = JSON.stringify({ ...draft, at: Date.now() });
    for (;;) {
      try {
        this.storage.setItem(key, text);
        break;
      } catch (error) {
        // The browser's room is used up.
        if (!this.#dropOldest(key)) throw error;
      }
    }
    while (this.#keys().length > this.most && this.#dropOldest(key));
  }

  /**
   * Something is on its way: it stays here until the server has it.
   * @param {string} id
   * @param {Said} said
   */
  say(id, said) {
    const draft = this.of(id);
    const mine = new Set(said.files.map((each) => each.id));
    this.change(id, { [said.kind]: "", files: draft.files.filter((each) => !mine.has(each.id)), said: [...draft.said.filter((each) => each.id !== said.id), said] });
  }

  /**
   * @param {string} id
   * @param {string} saidId
   */
  settle(id, saidId) {
    this.change(id, { said: this.of(id).said.filter((each) => each.id !== saidId) });
  }

  /** @param {string} id of one that is gone */
  forget(id) {
    this.storage.removeItem(this.prefix + id);
  }

  /** @param {string} id whether something is written there */
  has(id) {
    const { reply, note, files, said } = this.of(id);
    return Boolean(reply.trim() || note.trim() || files.length || said.length);
  }

  /** @returns {Set<string>} the conversations in which something is written */
  get written() {
    return new Set(this.#keys().map((key) => key.slice(this.prefix.length)).filter((id) => this.has(id)));
  }

  #keys() {
    const keys = [];
    for (let i = 0; i < this.storage.length; i++) keys.push(this.storage.key(i) ?? "");
    return keys.filter((key) => key.startsWith(this.prefix));
  }

  /** @param {string} but @returns {boolean} whether there was one */
  #dropOldest(but) {
    const written = (/** @type {string} */ key) => fromJson(this.storage.getItem(key))?.at ?? 0;
    const [oldest] = this.#keys()
      .filter((key) => key !== but)
      .sort((a, b) => written(a) - written(b));
    if (oldest) this.storage.removeItem(oldest);
    return oldest !== undefined;
  }
}

/** @param {any} holder @returns {DraftFile[]} */
function filesOf(holder) {
  const found = Array.isArray(holder?.files) ? holder.files : [];
  return found.filter((/** @type {any} */ { id, name, type, size } = {}) => [id, name, type].every((each) => typeof each === "string") && typeof size === "number");
}

/** @param {any} value @returns {value is Said} */
function isSaid(value) {
  return typeof value?.id === "string" && typeof value.text === "string" && (value.kind === "reply" || value.kind === "note");
}

/**
 * Whether a sentence of what was drafted still stands in the text.
 * @param {string} text
 * @param {string} drafted empty for nothing
 */
export function keepsSome(text, drafted) {
  const sentences = drafted.split(/(?<=[.!?])\s|\n/).map((each) => each.trim());
  return sentences.some((each) => each && text.includes(each));
}
