// One customer's chat without its looks: conversation, connection and what is kept, held together.

import { Problem, request } from "./http.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { Store } from "./store.js";

/** @import {ErrorFrame, LinkState, Look, Message, Passage, ServerFrame, Session} from "./protocol.d.ts" */

const SILENCE_MS = 20_000;
const LONGEST_SILENCE_MS = 5 * 60_000;
const TRY_AGAIN_MS = 3_000;
const TYPING_MS = 3_000;
/** Longer than between two notices, so that it does not flicker. */
const TYPIST_MS = 5_000;

/**
 * @typedef {object} Hooks
 * @property {() => void} onChange something to show has changed
 * @property {(look: Look) => void} onLook
 * @property {(message: Message) => void} onMessage a reply is finished
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
  #typed = 0;
  #typistTimer = 0;
  #silence = SILENCE_MS;
  #silenceTimer = 0;
  #heldTimer = 0;

  /**
   * @param {{api: string, key: string, categories: string[]}} setting
   * @param {Hooks} hooks
   */
  constructor(setting, hooks) {
    this.setting = setting;
    this.hooks = hooks;
    this.store = new Store(setting.key);
    this.look = this.store.look;
    for (const { id, text, person } of this.store.unsent) this.conversation.say(text, { id, person });
    this.connection = new Connection({
      openSession: () => this.#openSession(),
      onOpen: () => this.#opened(),
      onFrame: (frame) => this.#received(frame),
      onState: () => this.hooks.onChange(),
      wanted: () => hooks.watched() || this.conversation.answering || this.conversation.unacknowledged().length > 0,
    });
    addEventListener("online", this.#online);
    addEventListener("offline", this.#offline);
    document.addEventListener("visibilitychange", this.#looked);
  }

  /** @returns {LinkState} */
  get link() {
    return this.connection.state;
  }

  /** Connects if need be. */
  start() {
    this.connection.start();
  }

  /** Ends everything this client runs. */
  end() {
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#offline);
    document.removeEventListener("visibilitychange", this.#looked);
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#heldTimer);
    clearTimeout(this.#typistTimer);
    this.connection.end();
  }

  /**
   * @param {string} text 1 to 4,000 characters
   * @param {{person?: boolean}} [more] whether it asks for a person
   */
  say(text, { person = false } = {}) {
    const said = this.conversation.say(text, { person });
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
    const now = Date.now();
    if (this.conversation.status !== "human" || now - this.#typed < TYPING_MS) return;
    this.#typed = now;
    this.connection.send({ action: "typing" });
  }

  /**
   * Where the customer can be answered by mail.
   * @param {string} email
   * @param {string} name may be empty
   */
  async leaveAddress(email, name) {
    const body = name ? { email, name } : { email };
    await request(`${this.setting.api}/widget/contact`, { method: "PUT", headers: this.#credentials(), body });
  }

  /**
   * How it went, once it is over.
   * @param {number} score 1 to 5
   * @param {string} comment may be empty
   */
  async rate(score, comment) {
    const body = comment ? { score, comment } : { score };
    await request(`${this.setting.api}/widget/rating`, { method: "POST", headers: this.#credentials(), body });
    this.rating = score;
    this.hooks.onChange();
  }

  #credentials() {
    return { Authorization: `Bearer ${this.store.visitor ?? ""}`, "X-Frontdesk-Key": this.setting.key };
  }

  /**
   * The whole passage behind a citation.
   * @param {string} messageId
   * @param {number} number
   * @returns {Promise<Passage>}
   */
  passage(messageId, number) {
    const path = `/widget/messages/${encodeURIComponent(messageId)}/citations/${number}`;
    return request(this.setting.api + path, { headers: this.#credentials() });
  }

  /** @returns {Promise<Session>} */
  async #openSession() {
    const { key, api, categories } = this.setting;
    const { visitor } = this.store;
    /** @type {Session} */
    let session;
    try {
      const body = { key, ...(visitor && { visitor }), ...(categories.length && { categories }) };
      session = await request(`${api}/widget/session`, { method: "POST", body });
    } catch (error) {
      // A visitor token that is no token any more: begin anew instead of failing for ever.
      if (!visitor || !(error instanceof Problem) || error.status !== 422) throw error;
      this.store.visitor = null;
      return this.#openSession();
    }
    this.store.visitor = session.visitor;
    this.store.look = session.widget;
    this.known = true;
    this.look = session.widget;
    this.hooks.onLook(session.widget);
    if (session.conversation) {
      const { messages, answering, status, rating } = session.conversation;
      this.conversation.restore(messages, answering, status);
      this.rating = rating ?? null;
      this.#keepUnsent();
    }
    this.hooks.onChange();
    return session;
  }

  #opened() {
    this.stopping = false;
    const { messages, drafts } = this.conversation;
    // A first visit has nothing to catch up with.
    if (messages.size || drafts.size) this.#resume(this.conversation.lastId());
    this.#sendUnsent();
    for (const [id, helpful] of this.judged) this.connection.send({ action: "feedback", message_id: id, helpful });
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
    if (frame.type === "done" || frame.type === "posted") this.hooks.onMessage(frame.message);
    if (frame.type === "noted") this.judged.delete(frame.message_id);
    if (frame.type === "ack" || frame.type === "resumed") this.#keepUnsent();
    if (frame.type !== "resumed") this.#silence = SILENCE_MS;
    this.#listen();
    this.hooks.onChange();
  }

  /** @param {ErrorFrame} error */
  #complain(error) {
    const about = error.id ?? null;
    if (["invalid", "too_large"].includes(error.code)) {
      if (about) this.conversation.fail(about, error.message);
      this.#keepUnsent();
    } else if (error.code === "not_found") {
      this.judged.clear();
    } else {
      // rate_limited, busy, unavailable: nothing is wrong with what was sent, only with the moment.
      this.#holdBack(error.code, (error.retry_after ?? 0) * 1000 || TRY_AGAIN_MS);
    }
  }

  /** @param {string | null} after */
  #resume(after) {
    this.connection.send({ action: "resume", after }, { reply: true });
  }

  /** @param {{id: string, text: string, person: boolean}} said */
  #sendMessage({ id, text, person }) {
    if (!this.held) this.connection.send({ action: "message", id, text, ...(person && { person }) }, { reply: true });
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
    this.held = { until: Date.now() + milliseconds, code };
    this.#heldTimer = setTimeout(() => {
      this.held = null;
      this.#sendUnsent();
      this.hooks.onChange();
    }, milliseconds);
  }

  /** Wakes an answer that is owed and of which nothing has been heard for a while. */
  #listen() {
    clearTimeout(this.#silenceTimer);
    if (!this.conversation.answering) return;
    this.#silenceTimer = setTimeout(() => {
      this.#silence = Math.min(this.#silence * 2, LONGEST_SILENCE_MS);
      this.#resume(this.conversation.lastId());
      this.#listen();
    }, this.#silence);
  }

  #keepUnsent() {
    this.store.unsent = this.conversation.unacknowledged();
  }

  #online = () => this.connection.start();

  #offline = () => this.connection.restart();

  /** Back on this tab: the line may have died while the machine slept. */
  #looked = () => {
    if (document.hidden || !this.hooks.watched()) return;
    if (this.link.name === "open") this.#resume(this.conversation.lastId());
    else this.connection.start();
  };
}
