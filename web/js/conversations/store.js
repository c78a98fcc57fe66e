// What is known of conversations: a list, and those that were opened. What the API says, what the
// socket tells and what somebody here has just changed are put together here. No DOM.

import { belongs, comparing, isUnread, listPath, NOTHING_ASKED, sortOf } from "./views.js";

/** @import {Api} from "../api.js" */
/** @import {Frame} from "../live.js" */
/** @import {Asked, Detail, Entry, ThreadMessage} from "./types.d.ts" */
/** @typedef {{conversations: Entry[], watchers: Record<string, any>, cursor: string | null}} Page */

/** What a member sees of a conversation alone: the socket says nothing of it. */
const OWN = /** @type {const} */ (["unread_messages", "read_until"]);
/** Asked for anew, a list is read again as far as it was, but not for ever. */
const MOST_PAGES = 20;
/** An answer that was kept is older than all that the socket ever told. */
const KEPT = -1;

export class Store extends EventTarget {
  /** As the API and the socket have it; an entry that has changed is another object. @type {Map<string, Entry>} */
  #known = new Map();
  /** What was changed here and is not confirmed: the last counts. @type {Map<string, Partial<Entry>[]>} */
  #changes = new Map();
  /** Ids that came with a page of the list. @type {Set<string>} */
  #listed = new Set();
  /** Ids that the socket told of since the list was asked for. @type {Set<string>} */
  #told = new Set();
  /** How often the socket has told of a conversation, and when it last told of each. */
  #frames = 0;
  /** @type {Map<string, number>} */
  #toldAt = new Map();
  /** Where the last page ends: the list is known up to there. @type {Entry | null} */
  #edge = null;
  /** How many pages of the list have been read. */
  #pages = 0;
  /** @type {Map<string, Detail>} */
  #details = new Map();
  /** @type {Asked} */
  asked = NOTHING_ASKED;
  /** Leads to more of the list. @type {string | null} */
  cursor = null;
  /** Whether the list has come. */
  loaded = false;
  /** Stays in the list, whatever happens to it, as long as it is open. */
  open = "";
  #turn = 0;
  /** Ids of which is being asked what is unread. @type {Set<string>} */
  #learning = new Set();
  /** What began after this is new to whoever looks. */
  #begun = new Date().toISOString();

  /**
   * Fires `list` when the list, and `thread` (with the id in `detail`) when a conversation may look
   * another way than before.
   * @param {Pick<Api, "get" | "show">} api
   * @param {string} me id of the member
   */
  constructor(api, me) {
    super();
    this.api = api;
    this.me = me;
  }

  /** @returns {Entry[]} the list, in its order */
  get list() {
    /** @type {Entry[]} */
    const found = [];
    for (const id of new Set([...this.#listed, ...this.#told])) {
      const entry = this.entry(id);
      if (!entry || (id !== this.open && !belongs(entry, this.asked, this.me))) continue;
      // What stands further down comes with its page, or shows when that has been read.
      if (this.#listed.has(id) || (this.loaded && this.#reaches(entry))) found.push(entry);
    }
    return found.sort(comparing(sortOf(this.asked)));
  }

  /**
   * @param {string} id
   * @returns {Entry | null} as it is, or is about to be; the same object as long as nothing changes
   */
  entry(id) {
    const known = this.#known.get(id) ?? null;
    const changes = this.#changes.get(id);
    return known && changes ? Object.assign({}, known, ...changes) : known;
  }

  /**
   * @param {string} id
   * @returns {Detail | null} with its messages, the oldest first
   */
  detail(id) {
    const detail = this.#details.get(id);
    return detail ? { ...detail, ...this.entry(id) } : null;
  }

  /**
   * Another list, or the same anew, as far as it had been read.
   * @param {Asked} asked
   * @throws {import("../../widget/http.js").Problem}
   */
  async load(asked) {
    const turn = ++this.#turn;
    if (JSON.stringify(asked) !== JSON.stringify(this.asked)) {
      this.#listed.clear();
      this.#edge = this.cursor = null;
      this.#pages = 0;
      this.loaded = false;
    } else {
      for (const { id } of this.list) this.#listed.add(id);
    }
    this.#told.clear();
    this.asked = asked;
    this.dispatchEvent(new Event("list"));
    const since = this.#frames;
    const take = (/** @type {Page} */ page, pages = 1, as = since) => {
      if (turn !== this.#turn) return;
      this.#listed.clear();
      this.#pages = pages - 1;
      this.#take(page, as);
    };
    if (this.#pages > 1) return void take(...(await this.#pagesAgain()));
    await this.api.show(listPath(asked), (page, fresh) => take(page, 1, fresh ? since : KEPT));
    if (turn === this.#turn && !this.loaded) this.#take({ conversations: [], watchers: {}, cursor: null }, since);
  }

  /**
   * What was read of the list, as it is now: nobody is thrown back to its first page.
   * @returns {Promise<[Page, number]>} all as one page, and how many it were
   */
  async #pagesAgain() {
    const wanted = Math.min(this.#pages, MOST_PAGES);
    const path = listPath(this.asked);
    /** @type {Page[]} */
    const pages = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      const page = await this.api.get(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
      pages.push(page);
      cursor = page.cursor;
    } while (cursor && pages.length < wanted);
    const conversations = pages.flatMap((page) => page.conversations);
    const watchers = Object.assign({}, ...pages.map((page) => page.watchers));
    return [{ conversations, watchers, cursor }, pages.length];
  }

  /** The next entries of the list. @throws {import("../../widget/http.js").Problem} */
  async more() {
    const { cursor } = this;
    if (!cursor) return;
    const turn = this.#turn;
    const since = this.#frames;
    const page = await this.api.get(`${listPath(this.asked)}&cursor=${encodeURIComponent(cursor)}`);
    if (turn === this.#turn && cursor === this.cursor) this.#take(page, since);
  }

  /**
   * One conversation with its newest messages.
   * @param {string} id
   * @throws {import("../../widget/http.js").Problem}
   */
  async read(id) {
    const since = this.#frames;
    await this.api.show(threadPath(id), (/** @type {Detail} */ detail, fresh) => {
      const before = this.#details.get(id);
      const messages = merged(before?.messages ?? [], detail.messages);
      // Older ones that were asked for already stay, with the cursor to those before them.
      const cursor = before && messages[0]?.id === before.messages[0]?.id ? before.cursor : detail.cursor;
      this.#details.set(id, { ...detail, messages, cursor });
      this.#learnAnswer(detail, fresh ? since : KEPT);
      this.#changed(id);
    });
  }

  /**
   * Learns what the member has not read of one that only the socket told of, if that may be theirs
   * to read.
   * @param {string} id
   * @throws {import("../../widget/http.js").Problem}
   */
  async learnUnread(id) {
    const entry = this.#known.get(id);
    if (!entry || entry.unread_messages !== undefined || this.#learning.has(id)) return;
    if (!isUnread({ ...entry, unread_messages: entry.customer_messages }, this.me)) return;
    const since = this.#frames;
    this.#learning.add(id);
    try {
      this.#learnAnswer(await this.api.get(`/conversations/${encodeURIComponent(id)}?limit=1`), since);
    } finally {
      this.#learning.delete(id);
    }
    this.#changed(id);
  }

  /** @param {string} id @throws {import("../../widget/http.js").Problem} */
  async older(id) {
    const detail = this.#details.get(id);
    if (!detail?.cursor) return;
    const { messages, cursor } = await this.api.get(`${threadPath(id)}&cursor=${encodeURIComponent(detail.cursor)}`);
    const now = this.#details.get(id) ?? detail;
    this.#details.set(id, { ...now, messages: merged(messages, now.messages), cursor });
    this.#changed(id);
  }

  /** @param {Frame} frame of the socket */
  hear(frame) {
    if (frame.type === "conversation" || frame.type === "handed_off") this.put(frame["conversation"]);
    else if (frame.type === "message") this.addMessage(frame["conversation_id"], frame["message"]);
    else if (frame.type === "read") this.markRead(frame["conversation_id"], frame["unread_messages"], frame["read_until"]);
  }

  /**
   * A conversation as it is now.
   * @param {Entry} entry
   */
  put(entry) {
    const before = this.#known.get(entry.id);
    this.#learn(entry);
    if (!before && !("unread_messages" in entry) && (entry.started_at ?? "") > this.#begun) {
      const now = /** @type {Entry} */ (this.#known.get(entry.id));
      this.#known.set(entry.id, { ...now, unread_messages: entry.customer_messages, read_until: null });
    }
    this.#told.add(entry.id);
    this.#toldAt.set(entry.id, ++this.#frames);
    this.#changed(entry.id);
  }

  /**
   * @param {string} id
   * @param {ThreadMessage} message
   */
  addMessage(id, message) {
    const detail = this.#details.get(id);
    if (!detail) return;
    this.#details.set(id, { ...detail, messages: merged(detail.messages, [message]) });
    this.#changed(id);
  }

  /**
   * @param {string} id
   * @param {number} unread_messages
   * @param {string | null} read_until
   */
  markRead(id, unread_messages, read_until) {
    const known = this.#known.get(id);
    if (!known) return;
    this.#known.set(id, { ...known, unread_messages, read_until });
    this.#changed(id);
  }

  /**
   * Shows `changes` at once, carries them out, and takes them back when that fails.
   * @param {string} id
   * @param {Partial<Entry>} changes
   * @param {() => Promise<Entry | null>} carryOut answers with the conversation as it is then
   * @throws {import("../../widget/http.js").Problem}
   */
  async change(id, changes, carryOut) {
    this.#changes.set(id, [...(this.#changes.get(id) ?? []), changes]);
    this.#changed(id);
    try {
      const now = await carryOut();
      if (now) this.#learn(now);
    } finally {
      const left = (this.#changes.get(id) ?? []).filter((each) => each !== changes);
      if (left.length) this.#changes.set(id, left);
      else this.#changes.delete(id);
      this.#changed(id);
    }
  }

  /** Forgets one that was erased. @param {string} id */
  drop(id) {
    this.#known.delete(id);
    this.#listed.delete(id);
    this.#told.delete(id);
    this.#details.delete(id);
    this.#changed(id);
  }

  /**
   * @param {Page} page
   * @param {number} since how many frames had come when it was asked for
   */
  #take({ conversations, watchers, cursor }, since) {
    this.#pages += 1;
    for (const entry of conversations) {
      this.#learnAnswer(entry, since);
      this.#listed.add(entry.id);
    }
    this.cursor = cursor;
    this.#edge = conversations.at(-1) ?? this.#edge;
    this.loaded = true;
    this.dispatchEvent(new CustomEvent("watchers", { detail: watchers }));
    this.dispatchEvent(new Event("list"));
  }

  /**
   * What the API answered, unless the socket has told of that conversation since it was asked.
   * @param {Entry} entry
   * @param {number} since how many frames had come then
   */
  #learnAnswer(entry, since) {
    const known = this.#known.get(entry.id);
    if (!known || (this.#toldAt.get(entry.id) ?? 0) <= since) return this.#learn(entry);
    const { unread_messages, read_until } = withOwn(entry, known);
    this.#learn(unread_messages === undefined ? known : { ...known, unread_messages, read_until: read_until ?? null });
  }

  /** @param {Entry} entry what it does not say stays as it was */
  #learn(entry) {
    const before = this.#known.get(entry.id);
    // An answer of the API may come after what the socket told later.
    if (before && entry.last_id < before.last_id) entry = { ...entry, last_id: before.last_id, preview: before.preview, last_role: before.last_role };
    // What a customer has seen stays seen.
    if ((before?.customer_read ?? "") > (entry.customer_read ?? "")) entry = { ...entry, customer_read: before?.customer_read ?? null };
    // `unread` of the API is what isUnread() says of the rest, and would be behind it.
    const { messages: _, unread: _unread, ...said } = /** @type {Entry & {messages?: unknown, unread?: unknown}} */ (entry);
    const now = before ? withOwn(said, before) : said;
    if (JSON.stringify(now) !== JSON.stringify(before)) this.#known.set(entry.id, now);
  }

  /** @param {Entry} entry whether it has its place among those that are loaded */
  #reaches(entry) {
    return !this.cursor || (this.#edge !== null && comparing(sortOf(this.asked))(entry, this.#edge) <= 0);
  }

  /** @param {string} id */
  #changed(id) {
    this.dispatchEvent(new Event("list"));
    this.dispatchEvent(new CustomEvent("thread", { detail: id }));
  }
}

/**
 * What is said of a conversation, with what the member has not read of it: as the newer of the two
 * marks has it, and with the messages that only one of the two knows of.
 * @param {Entry} said
 * @param {Entry} before
 * @returns {Entry}
 */
function withOwn(said, before) {
  const isBehind = said.unread_messages === undefined || (said.read_until ?? "") < (before.read_until ?? "");
  const [from, other] = isBehind ? [before, said] : [said, before];
  const more = Math.max(0, other.customer_messages - from.customer_messages);
  const { unread_messages, read_until } = from;
  const own = {
    // Who has no mark there has read nothing of it.
    unread_messages: unread_messages === undefined ? undefined : more && read_until === null ? other.customer_messages : unread_messages + more,
    read_until,
  };
  const { unread_messages: _count, read_until: _until, ...rest } = said;
  const known = Object.fromEntries(OWN.filter((name) => own[name] !== undefined).map((name) => [name, own[name]]));
  return { ...rest, customer_messages: Math.max(said.customer_messages, before.customer_messages), ...known };
}

/** @param {string} id */
export function threadPath(id) {
  return `/conversations/${encodeURIComponent(id)}?limit=50`;
}

/**
 * Each message once, in the order of ids; the later one of two counts.
 * @param {ThreadMessage[]} before
 * @param {ThreadMessage[]} after
 */
export function merged(before, after) {
  const byId = new Map([...before, ...after].map((each) => [each.id, each]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
