// The conversations that wait for a person, the longest waiting first, as they are now.

/** @import {Api} from "./api.js" */
/** @import {Frame, Live} from "./live.js" */

/**
 * @typedef {object} Conversation as `GET /conversations` lists it
 * @property {string} id
 * @property {"open" | "waiting" | "human" | "resolved"} status
 * @property {"low" | "medium" | "high" | "urgent"} priority
 * @property {string} subject
 * @property {string} preview
 * @property {{id: string | null, name: string | null, email: string | null}} customer
 * @property {{reason: string, at: string} | null} handoff
 * @property {string | null} snoozed_until
 * @property {string | null} started_at
 */

const PATH = "/conversations?status=waiting&snoozed=false&limit=100";

export class Waiting extends EventTarget {
  /** @type {Map<string, Conversation>} */
  #known = new Map();
  /** What the socket told while the list was asked for: the answer may be older. @type {Map<string, Conversation>} */
  #told = new Map();
  #loading = 0;
  /** Whether there are more than are listed. */
  more = false;
  /** Whether the list has been read. */
  loaded = false;
  /** What the page has counted, where it counts them anyway. @type {{count: number, more: boolean} | null} */
  #counted = null;
  #pageCounts = false;
  #asked = false;

  /**
   * Fires `change`.
   * @param {Api} api
   * @param {Live} live
   */
  constructor(api, live) {
    super();
    this.api = api;
    live.addEventListener("frame", (event) => this.#hear(/** @type {CustomEvent<Frame>} */ (event).detail));
    live.addEventListener("back", () => ((this.#asked = false), this.begin()));
  }

  /** Reads the list, if that has not been done and the page does not count without it. */
  begin() {
    if (!this.#asked && !this.#pageCounts) void this.load().catch((error) => console.warn(error));
  }

  /**
   * A page counts, and tells; nobody needs the list before that page is left.
   * @param {AbortSignal} signal
   */
  leaveTo(signal) {
    this.#pageCounts = true;
    signal.addEventListener("abort", () => {
      this.#pageCounts = this.#asked = false;
      this.#counted = null;
    });
  }

  /** @param {{count: number, more: boolean}} counted by the page that counts */
  tell(counted) {
    this.#counted = counted;
    this.#changed();
  }

  /** @returns {Promise<void>} */
  async load() {
    this.#asked = true;
    if (!this.#loading) this.#told.clear();
    this.#loading += 1;
    try {
      await this.api.show(PATH, ({ conversations, cursor }) => {
        this.#known = new Map(conversations.map((/** @type {Conversation} */ each) => [each.id, each]));
        for (const each of this.#told.values()) this.#put(each);
        this.more = cursor !== null;
        this.loaded = true;
        this.#changed();
      });
    } finally {
      this.#loading -= 1;
    }
  }

  /** @returns {Conversation[]} the longest waiting first */
  get all() {
    return oldestFirst([...this.#known.values()]);
  }

  /** @returns {string} how many; empty for none */
  get label() {
    const { count, more } = this.#counted ?? { count: this.#known.size, more: this.more };
    return count ? `${count}${more ? "+" : ""}` : "";
  }

  /** @param {Frame} frame */
  #hear({ type, conversation }) {
    if (type !== "conversation" && type !== "handed_off") return;
    if (this.#loading) this.#told.set(conversation.id, conversation);
    if (this.#put(conversation)) this.#changed();
  }

  /**
   * @param {Conversation} conversation
   * @returns {boolean} whether that changes anything
   */
  #put(conversation) {
    if (conversation.status !== "waiting" || isSnoozed(conversation)) return this.#known.delete(conversation.id);
    this.#known.set(conversation.id, conversation);
    return true;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Conversation} conversation */
export function waitsSince({ handoff, started_at, id }) {
  return handoff?.at ?? started_at ?? id;
}

/** @param {Conversation[]} conversations */
export function oldestFirst(conversations) {
  return conversations.sort((a, b) => Date.parse(waitsSince(a)) - Date.parse(waitsSince(b)) || (a.id < b.id ? -1 : 1));
}

/**
 * @param {Conversation} conversation
 * @param {number} [now]
 */
export function isSnoozed({ snoozed_until }, now = Date.now()) {
  return snoozed_until !== null && Date.parse(snoozed_until) > now;
}
