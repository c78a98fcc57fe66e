// One customer's chat without its looks: conversation, connection and what is kept, held together.

import { Problem, request } from "./http.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { askIdentity, stated, subjectOf } from "./identity.js";
import { fromJson } from "./json.js";
import { Store } from "./store.js";
import { now, ulid } from "./ulid.js";

/** @import {Attachment, BootOptions, ErrorFrame, LinkState, Look, Message, Passage, ServerFrame, Session} from "./protocol.d.ts" */

const SILENCE_MS = 20_000;
const LONGEST_SILENCE_MS = 5 * 60_000;
/** So often an answer that does not come is asked for, until somebody says to try again. */
const MOST_WAKES = 5;
const TRY_AGAIN_MS = 3_000;
const LONGEST_TRY_AGAIN_MS = 60_000;
/** So often messages that the server cannot take at the moment are sent again. */
const MOST_REFUSALS = 8;
const TYPING_MS = 3_000;
/** So often it is looked whether the customer has gone to another page without loading it. */
const PAGE_MS = 3_000;
/** Longer than between two notices, so that it does not flicker. */
const TYPIST_MS = 5_000;

function thisPage() {
  const [url = ""] = location.href.split("#");
  return { url, title: document.title };
}

/**
 * @typedef {object} Hooks
 * @property {() => void} onChange something to show has changed
 * @property {(look: Look) => void} onLook
 * @property {(message: Message) => void} onMessage a reply is finished
 * @property {() => void} onStranger somebody else is here: nothing of this client may be shown any more
 * @property {() => void} onForgotten another tab has forgotten the visitor
 * @property {() => boolean} watched whether anyone is looking
 */

export class Client {
  conversation = new Conversation();
  /** @type {Look | null} */
  look = null;
  /**
   * Messages are held back until then (ms since the epoch), with the error code that says why.
   * @type {{until: number, code: string} | null}
   */
  held = null;
  stopping = false;
  /** A session has been had: what was lost since is being got back. */
  known = false;
  /** Judgements the server has not noted yet. @type {Map<string, boolean>} */
  judged = new Map();
  /** Points the customer gave when it was over. @type {number | null} */
  rating = null;
  /** An answer was asked for often enough, and has not come. */
  stalled = false;
  /** Whose the session at hand is, and so what is shown. @type {{visitor: string, conversation: string | null} | null} */
  #session = null;
  /** Whom the page vouches for, as it last said. @type {string | null} */
  #identity = null;
  /** Their id; undefined before the page was asked. @type {string | null | undefined} */
  #subject;
  /** The last reply seen; later ones are unread. Null before the first session. @type {string | null} */
  #seen;
  /** The last message of a person that the server knows to be seen. */
  #shown = "";
  #ended = false;
  #wakes = 0;
  #refusals = 0;
  #typed = 0;
  /** The page that the server knows of. */
  #told = "";
  #pageTimer = 0;
  #typistTimer = 0;
  #silence = SILENCE_MS;
  #silenceTimer = 0;
  #heldTimer = 0;

  /**
   * @param {BootOptions & {api: string}} setting
   * @param {Hooks} hooks
   */
  constructor(setting, hooks) {
    this.setting = setting;
    this.hooks = hooks;
    this.store = new Store(setting.key);
    this.look = this.store.look;
    if (typeof setting.identity !== "function") this.#meet(stated(setting.identity));
    this.#seen = this.store.awaiting;
    if (this.awaiting) this.conversation.status = "waiting";
    this.connection = new Connection({
      openSession: () => this.#openSession(),
      onOpen: () => this.#opened(),
      onFrame: (frame) => this.#received(frame),
      onState: () => this.hooks.onChange(),
      wanted: () => !this.#ended && (hooks.watched() || this.#expecting),
    });
    addEventListener("online", this.#online);
    addEventListener("offline", this.#offline);
    addEventListener("storage", this.#stored);
    document.addEventListener("visibilitychange", this.#looked);
    this.#pageTimer = setInterval(() => this.#tellPage(), PAGE_MS);
  }

  /** @returns {LinkState} */
  get link() {
    return this.connection.state;
  }

  /** A person is called in, or there: what they write is waited for, on whatever page. */
  get awaiting() {
    return this.store.awaiting !== null;
  }

  get #expecting() {
    const { answering } = this.conversation;
    return (answering && !this.stalled) || this.awaiting || this.conversation.unacknowledged().length > 0;
  }

  /** Replies that came while nobody looked. */
  get unread() {
    const seen = this.#seen;
    if (seen === null) return 0;
    let unread = 0;
    for (const { id, role } of this.conversation.messages.values()) {
      if ((role === "agent" || role === "assistant") && id > seen) unread++;
    }
    return unread;
  }

  /** Connects if need be. */
  start() {
    if (this.#ended) return;
    this.connection.start();
    this.#remember();
  }

  /** Asks once more for an answer that did not come. */
  wake() {
    this.#progress();
    if (!this.connection.send({ action: "resume", after: this.conversation.lastId() }, { reply: true })) this.connection.start();
    this.#listen();
    this.hooks.onChange();
  }

  /** The page says anew who is here. Until they are known to be the same, nothing is shown of them. */
  identify() {
    const { identity } = this.setting;
    if (typeof identity === "function" || subjectOf(stated(identity)) !== this.#subject) this.#leave();
    else this.#identity = stated(identity);
  }

  /** Ends everything this client runs. What is still under way changes nothing any more. */
  end() {
    this.#ended = true;
    this.store.close();
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#offline);
    removeEventListener("storage", this.#stored);
    document.removeEventListener("visibilitychange", this.#looked);
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#heldTimer);
    clearTimeout(this.#typistTimer);
    clearInterval(this.#pageTimer);
    this.connection.end();
  }

  /**
   * @param {string} text at most 4,000 characters; none only with files
   * @param {{person?: boolean, attachments?: Attachment[]}} [more] whether it asks for a person; its files
   */
  say(text, more) {
    if (this.#ended) return;
    this.#progress();
    const said = this.conversation.say(text, more);
    this.#keepUnsent();
    this.#sendMessage(said);
    this.connection.start();
    this.hooks.onChange();
  }

  /** @param {string} clientId of a message that could not be sent */
  retry(clientId) {
    const said = this.conversation.retry(clientId);
    if (said) this.#sendMessage(said);
    this.#keepUnsent();
    this.connection.start();
    this.hooks.onChange();
  }

  /** Asks the server to stop the answer being written. */
  stop() {
    this.stopping = this.connection.send({ action: "stop" });
    this.hooks.onChange();
  }

  /**
   * @param {string} messageId
   * @param {boolean} helpful
   */
  judge(messageId, helpful) {
    this.judged.set(messageId, helpful);
    this.connection.send({ action: "feedback", message_id: messageId, helpful }, { reply: true });
    this.connection.start();
    this.hooks.onChange();
  }

  /** The customer is typing. The server is told now and then, while somebody can see it. */
  type() {
    const time = now();
    if (this.conversation.status !== "human" || time - this.#typed < TYPING_MS) return;
    this.#typed = time;
    this.connection.send({ action: "typing" });
  }

  /**
   * Where the customer can be answered by mail.
   * @param {string} email
   * @param {string} name may be empty
   */
  async leaveAddress(email, name) {
    const body = name ? { email, name } : { email };
    await this.#request("/widget/contact", { method: "PUT", body });
  }

  /**
   * How it went, once it is over.
   * @param {number} score 1 to 5
   * @param {string} comment may be empty
   */
  async rate(score, comment) {
    const body = comment ? { score, comment } : { score };
    await this.#request("/widget/rating", { method: "POST", body });
    this.rating = score;
    this.hooks.onChange();
  }

  /**
   * The whole passage behind a citation.
   * @param {string} messageId
   * @param {number} number
   * @returns {Promise<Passage>}
   */
  passage(messageId, number) {
    return this.#request(`/widget/messages/${encodeURIComponent(messageId)}/citations/${number}`);
  }

  /** Whether the customer may send files now. */
  get takesFiles() {
    const { status } = this.conversation;
    const { files } = this.look ?? {};
    return files === "always" || (files === "with_people" && (status === "waiting" || status === "human"));
  }

  /**
   * Brings a file to the store, from where it can go with a message.
   * @param {File} file
   * @returns {Promise<Attachment>}
   */
  async upload(file) {
    const id = ulid();
    const { name, type, size } = file;
    const { upload } = await this.#request("/widget/files", { method: "POST", body: { id, name, type, size } });
    const form = new FormData();
    for (const field of Object.keys(upload.fields)) form.append(field, upload.fields[field]);
    // The store reads no field that comes after the file.
    form.append("file", file);
    const { ok, status } = await fetch(upload.url, { method: "POST", body: form });
    if (!ok) throw new Problem(status, "");
    return this.#request(`/widget/files/${id}/complete`, { method: "POST" });
  }

  /**
   * Where a file can be downloaded, for a minute.
   * @param {string} id
   * @returns {Promise<{url: string}>}
   */
  fileLink(id) {
    return this.#request(`/widget/files/${encodeURIComponent(id)}`);
  }

  /**
   * A call about the conversation at hand.
   * @param {string} path
   * @param {{method?: string, body?: unknown}} [options]
   */
  #request(path, options = {}) {
    return this.#vouched(() => {
      /** @type {Record<string, string>} */
      const headers = { Authorization: `Bearer ${this.#session?.visitor ?? ""}`, "X-Frontdesk-Key": this.setting.key };
      if (this.#identity) headers["X-Frontdesk-Identity"] = this.#identity;
      return request(this.setting.api + path, { ...options, headers });
    });
  }

  /**
   * What `call` gives; once more with a fresh identity if the server does not take this one.
   * @template T
   * @param {() => Promise<T>} call
   * @returns {Promise<T>}
   */
  async #vouched(call) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || typeof this.setting.identity !== "function") throw error;
      await this.#ask();
      return call();
    }
  }

  /** Asks the page who is here. */
  async #ask() {
    const identity = await askIdentity(this.setting.identity);
    if (!this.#ended) this.#meet(identity);
    // Somebody else is none of this client's business.
    if (this.#ended) throw new Problem(0, "");
  }

  /** @param {string | null} identity */
  #meet(identity) {
    const subject = subjectOf(identity);
    if (this.#subject === undefined) {
      this.#subject = subject;
      // What was said before somebody logged in may have been somebody else's too.
      const { customer, visitor } = this.store;
      if (customer !== subject && (customer ?? visitor) !== null) this.store.forget();
      for (const { text, ...more } of this.store.unsent) this.conversation.say(text, more);
    } else if (this.#subject !== subject) {
      this.#leave();
      return;
    }
    this.#identity = identity;
  }

  /** Makes room for whoever is here now. What is kept is theirs to have only if they are the same. */
  #leave() {
    this.end();
    this.hooks.onStranger();
  }

  /** @returns {Promise<Session>} */
  async #openSession() {
    await this.#ask();
    /** @type {Session} */
    let session;
    try {
      session = await this.#vouched(() => this.#requestSession());
    } catch (error) {
      // A visitor token that is no token any more: begin anew instead of failing for ever.
      if (!this.store.visitor || !(error instanceof Problem) || error.status !== 422) throw error;
      this.store.forget();
      session = await this.#requestSession();
    }
    if (this.#ended) throw new Problem(0, "");
    this.#began(session);
    return session;
  }

  /** @returns {Promise<Session>} */
  #requestSession() {
    const { key, api, categories = "", attributes } = this.setting;
    const names = categories.split(",").map((name) => name.trim()).filter(Boolean);
    const { visitor } = this.store;
    const identity = this.#identity;
    const page = thisPage();
    this.#told = page.url;
    const body = {
      key,
      page,
      language: navigator.language,
      // As data-attributes it is JSON.
      attributes: typeof attributes === "string" ? fromJson(attributes) : attributes,
      ...(visitor && { visitor }),
      ...(identity && { identity }),
      ...(names.length && { categories: names }),
    };
    return request(`${api}/widget/session`, { method: "POST", body });
  }

  #tellPage() {
    const page = thisPage();
    if (page.url !== this.#told && this.connection.send({ action: "page", ...page })) this.#told = page.url;
  }

  /** @param {Session} session */
  #began({ visitor, widget, conversation }) {
    const before = this.#session;
    this.#session = { visitor, conversation: conversation?.id ?? null };
    this.store.know(visitor, this.#subject ?? null);
    this.store.look = this.look = widget;
    this.known = true;
    this.hooks.onLook(widget);
    if (conversation) {
      const { id, messages, answering, status, rating } = conversation;
      if (before && before.visitor !== visitor && before.conversation !== id) {
        this.conversation.clear();
        this.judged.clear();
        this.#seen = null;
        this.#shown = "";
      }
      this.conversation.restore(messages, answering, status);
      this.rating = rating ?? null;
      if (!answering) this.#progress();
      this.#keepUnsent();
    }
    this.#remember();
    this.hooks.onChange();
  }

  /** Keeps in mind what has been seen, and on the next page too while a person is awaited. */
  #remember() {
    if (!this.known) return;
    // Another tab may have seen more.
    const kept = this.store.awaiting;
    if (this.#seen === null || this.hooks.watched()) this.#seen = this.conversation.lastId() ?? "";
    else if (kept !== null && kept > this.#seen) this.#seen = kept;
    this.#tellSeen();
    const { status } = this.conversation;
    this.store.awaiting = status === "waiting" || status === "human" ? this.#seen : null;
  }

  /** The team sees how far the customer has read what people wrote: once for each new message. */
  #tellSeen() {
    if (document.hidden || !this.hooks.watched()) return;
    let last = "";
    for (const { id, role } of this.conversation.messages.values()) if (role === "agent" && id > last) last = id;
    if (last > this.#shown && this.connection.send({ action: "seen", message_id: last })) this.#shown = last;
  }

  #opened() {
    this.stopping = false;
    const { messages, drafts } = this.conversation;
    // A first visit has nothing to catch up with.
    if (messages.size || drafts.size) this.#resume();
    this.#sendUnsent();
    for (const [id, helpful] of this.judged) this.connection.send({ action: "feedback", message_id: id, helpful });
    this.#tellSeen();
    this.#listen();
  }

  /** @param {ServerFrame} frame */
  #received(frame) {
    if (frame.type === "pong") return;
    if (frame.type === "error") this.#complain(frame);
    this.conversation.apply(frame);
    if (frame.type === "typing") this.#showTypist();
    if (this.conversation.status !== "resolved") this.rating = null;
    if (frame.type === "done" || !this.conversation.answering) this.stopping = false;
    if (frame.type === "ack") this.#refusals = 0;
    if (["ack", "done", "posted"].includes(frame.type) || !this.conversation.answering) this.#progress();
    // What the customer says in another window is no reply.
    if ((frame.type === "done" || frame.type === "posted") && frame.message.role !== "customer") this.hooks.onMessage(frame.message);
    if (frame.type === "noted") this.judged.delete(frame.message_id);
    if (frame.type === "ack" || frame.type === "resumed") this.#keepUnsent();
    if (frame.type !== "resumed") this.#silence = SILENCE_MS;
    this.#remember();
    this.#listen();
    this.hooks.onChange();
  }

  /** @param {ErrorFrame} error */
  #complain(error) {
    const about = error.id ?? null;
    if (["invalid", "too_large", "refused"].includes(error.code)) {
      if (about) this.conversation.fail(about, error.message);
      this.#keepUnsent();
    } else if (error.code === "not_found") {
      this.judged.clear();
    } else {
      // rate_limited, busy, unavailable: nothing is wrong with what was sent, only with the moment.
      const own = Math.min(TRY_AGAIN_MS * 2 ** this.#refusals, LONGEST_TRY_AGAIN_MS);
      if (++this.#refusals > MOST_REFUSALS) this.#giveUp(error.message);
      else this.#holdBack(error.code, (error.retry_after ?? 0) * 1000 || own);
    }
  }

  /**
   * What could not be sent for long enough waits for the customer to try again.
   * @param {string} reason
   */
  #giveUp(reason) {
    this.#refusals = 0;
    for (const { id } of this.conversation.unacknowledged()) this.conversation.fail(id, reason);
    this.#keepUnsent();
  }

  /** Asks for what is new, and wakes an answer that is owed; that again and again only so often. */
  #resume() {
    if (this.conversation.answering && ++this.#wakes > MOST_WAKES) this.stalled = true;
    if (!this.stalled) this.connection.send({ action: "resume", after: this.conversation.lastId() }, { reply: true });
  }

  /** Things move: what was given up is worth another try. */
  #progress() {
    this.stalled = false;
    this.#wakes = 0;
    this.#silence = SILENCE_MS;
  }

  /** @param {import("./store.js").Unsent} said */
  #sendMessage({ id, text, person, attachments: files }) {
    this.#tellPage();
    const attachments = files.map((file) => file.id);
    if (!this.held) this.connection.send({ action: "message", id, text, ...(person && { person }), ...(files.length && { attachments }) }, { reply: true });
  }

  #showTypist() {
    clearTimeout(this.#typistTimer);
    this.#typistTimer = setTimeout(() => {
      this.conversation.typist = null;
      this.hooks.onChange();
    }, TYPIST_MS);
  }

  #sendUnsent() {
    for (const said of this.conversation.unacknowledged()) this.#sendMessage(said);
  }

  /**
   * @param {string} code
   * @param {number} milliseconds
   */
  #holdBack(code, milliseconds) {
    clearTimeout(this.#heldTimer);
    this.held = { until: now() + milliseconds, code };
    this.#heldTimer = setTimeout(() => {
      this.held = null;
      this.#sendUnsent();
      this.hooks.onChange();
    }, milliseconds);
  }

  /** Wakes an answer that is owed and of which nothing has been heard for a while. */
  #listen() {
    clearTimeout(this.#silenceTimer);
    if (!this.conversation.answering || this.stalled) return;
    this.#silenceTimer = setTimeout(() => {
      this.#silence = Math.min(this.#silence * 2, LONGEST_SILENCE_MS);
      this.#resume();
      this.#listen();
      this.hooks.onChange();
    }, this.#silence);
  }

  #keepUnsent() {
    const unsent = this.conversation.unacknowledged();
    // Until it is known who is here, what an earlier page kept stays kept.
    const earlier = this.#subject === undefined ? this.store.unsent : [];
    const said = unsent.map(({ id }) => id);
    this.store.unsent = [...earlier.filter(({ id }) => !said.includes(id)), ...unsent];
  }

  /** @param {StorageEvent} event */
  #stored = (event) => {
    if (event.storageArea !== localStorage) return;
    if (this.store.isForgotten(event)) return this.hooks.onForgotten();
    this.#remember();
    this.hooks.onChange();
  };

  #online = () => this.connection.start();

  #offline = () => this.connection.restart();

  /** Back on this tab: the line may have died while the machine slept. */
  #looked = () => {
    if (document.hidden || !this.hooks.watched()) return;
    this.#tellSeen();
    if (this.link.name === "open") this.#resume();
    else this.connection.start();
  };
}
