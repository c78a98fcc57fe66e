// What has been said: a pure state machine over the frames of docs/PROTOCOL.md. No DOM, no network.

import { timeOf, ulid } from "./ulid.js";

/** @import {Attachment, Citation, Delta, Item, Message, ServerFrame, Status} from "./protocol.d.ts" */

/**
 * An answer being written. `n` is the last piece held; `ahead` are pieces that came too early.
 * @typedef {{id: string, text: string, n: number, ahead: Map<number, Delta>, citations: Citation[]}} Draft
 */

/**
 * A message of this customer that is not yet in `messages`. `messageId` is set by the acknowledgement.
 * `person`: it asks for a person, in whatever language.
 * @typedef {{id: string, text: string, person: boolean, attachments: Attachment[], messageId: string | null, failed: string | null}} Outgoing
 */

export class Conversation {
  /** Stored messages by id. @type {Map<string, Message>} */
  messages = new Map();
  /** @type {Map<string, Draft>} */
  drafts = new Map();
  /** In the order they were said. @type {Outgoing[]} */
  outbox = [];
  /** The server is expected to be writing, or about to. */
  answering = false;
  /** @type {Status} */
  status = "open";
  /** Who of the team is typing. @type {string | null} */
  typist = null;
  /** Answers that were taken back, so that late pieces do not bring them back. @type {Set<string>} */
  #withdrawn = new Set();

  /**
   * @param {string} text
   * @param {{id?: string, person?: boolean, attachments?: Attachment[]}} [more] the id of a message said before the page was loaded again
   * @returns {Outgoing}
   */
  say(text, { id = ulid(), person = false, attachments = [] } = {}) {
    const said = { id, text, person, attachments, messageId: null, failed: null };
    this.outbox.push(said);
    return said;
  }

  /** Messages to send again after a new connection. */
  unacknowledged() {
    return this.outbox.filter((said) => !said.messageId && !said.failed);
  }

  /**
   * Id to resume after. The newest finished reply, not the newest message: an answer has a smaller
   * id than what the customer said while it was being written, and must not be skipped.
   */
  lastId() {
    let last = null;
    for (const { id, role } of this.messages.values()) {
      if (role !== "customer" && (last === null || id > last)) last = id;
    }
    return last;
  }

  /** Another conversation begins. What was said goes; what is not sent yet stays. */
  clear() {
    this.messages.clear();
    this.drafts.clear();
    this.#withdrawn.clear();
    this.outbox = this.outbox.filter(({ messageId }) => !messageId);
  }

  /**
   * Messages of a session's history.
   * @param {Message[]} messages
   * @param {boolean} answering
   * @param {Status} status
   */
  restore(messages, answering, status) {
    for (const message of messages) this.#store(message);
    this.answering = answering;
    if (!answering) this.drafts.clear();
    this.#stand(status);
  }

  /**
   * Takes a frame in. Frames that say nothing about the conversation (pong, error) change nothing.
   * @param {ServerFrame} frame
   */
  apply(frame) {
    if (frame.type === "ack") this.#acknowledge(frame.id, frame.message_id);
    else if (frame.type === "delta") this.#piece(frame);
    else if (frame.type === "citations") this.#cite(frame.message_id, frame.citations);
    else if (frame.type === "done") this.#finish(frame.message, frame.withdrawn_id ?? null);
    else if (frame.type === "resumed") this.restore(frame.messages, frame.answering, frame.status);
    else if (frame.type === "posted") this.#post(frame.message, frame.status);
    else if (frame.type === "withdrawn") this.#withdraw(frame.message_id);
    else if (frame.type === "state") this.restore([], false, frame.status);
    else if (frame.type === "typing") this.typist = frame.author;
    else if (frame.type === "noted") this.#note(frame.message_id, frame.helpful);
  }

  /**
   * The server refused a message for good.
   * @param {string} clientId
   * @param {string} reason in plain words
   */
  fail(clientId, reason) {
    const said = this.outbox.find(({ id }) => id === clientId);
    if (said) said.failed = reason;
  }

  /** @param {string} clientId */
  retry(clientId) {
    const said = this.outbox.find(({ id }) => id === clientId);
    if (said) said.failed = null;
    return said ?? null;
  }

  /**
   * Everything to show, in order: by message id, and what has none yet at the end.
   * @returns {Item[]}
   */
  items() {
    /** @type {[string, Item][]} */
    const placed = [];
    for (const message of this.messages.values()) placed.push([message.id, fromMessage(message)]);
    for (const draft of this.drafts.values()) if (draft.text) placed.push([draft.id, fromDraft(draft)]);
    const waiting = [];
    for (const said of this.outbox) {
      // One that failed stays where it was said.
      const place = said.messageId ?? (said.failed && said.id);
      if (place) placed.push([place, fromOutgoing(said)]);
      else waiting.push(fromOutgoing(said));
    }
    placed.sort(([a], [b]) => (a < b ? -1 : 1));
    return [...placed.map(([, item]) => item), ...waiting];
  }

  /**
   * @param {string} clientId
   * @param {string} messageId
   */
  #acknowledge(clientId, messageId) {
    const said = this.outbox.find(({ id }) => id === clientId);
    if (!said || said.messageId) return;
    said.messageId = messageId;
    said.failed = null;
    if (this.status === "resolved") this.status = "open";
    // What a person answers comes when they have written it.
    this.answering = this.status !== "human";
  }

  /**
   * @param {Message} message
   * @param {Status} status
   */
  #post(message, status) {
    if (message.role === "agent") this.typist = null;
    if (message.role === "customer") return this.#said(message, status);
    this.restore([message], false, status);
  }

  /**
   * The customer said something in another window, or it is our own that comes back.
   * @param {Message} message
   * @param {Status} status
   */
  #said(message, status) {
    const known = this.messages.has(message.id);
    const { client_id: said } = message;
    this.#store(message);
    this.#stand(status);
    const answered = [...this.messages.values()].some(({ reply_to: to }) => said && to?.includes(said));
    if (!known && !answered) this.answering = status !== "human";
  }

  /** @param {string} id of an answer that will not come */
  #withdraw(id) {
    this.#withdrawn.add(id);
    this.drafts.delete(id);
    this.answering = false;
  }

  /** @param {Status} status */
  #stand(status) {
    this.status = status;
    if (status !== "human") this.typist = null;
    // Whatever the assistant was saying, a person is speaking now.
    else for (const id of this.drafts.keys()) this.#withdraw(id);
  }

  /** @param {Delta} delta */
  #piece(delta) {
    const id = delta.message_id;
    if (this.messages.has(id) || this.#withdrawn.has(id)) return;
    const draft = this.#draft(id);
    this.answering = true;
    // A catch-up may come after newer pieces; what is held already then starts with it.
    const stale = delta.n <= draft.n && draft.text.startsWith(delta.text);
    if (delta.from === 1 && !stale) {
      draft.text = delta.text;
      draft.n = delta.n;
    } else if (delta.from > draft.n) {
      draft.ahead.set(delta.from, delta);
    }
    for (let next = draft.ahead.get(draft.n + 1); next; next = draft.ahead.get(draft.n + 1)) {
      draft.ahead.delete(next.from);
      draft.text += next.text;
      draft.n = next.n;
    }
  }

  /**
   * @param {string} id
   * @param {Citation[]} citations
   */
  #cite(id, citations) {
    if (!this.messages.has(id) && !this.#withdrawn.has(id)) this.#draft(id).citations = citations;
  }

  /**
   * @param {Message} message
   * @param {string | null} withdrawnId
   */
  #finish(message, withdrawnId) {
    if (withdrawnId) {
      this.#withdrawn.add(withdrawnId);
      this.drafts.delete(withdrawnId);
      this.messages.delete(withdrawnId);
    }
    this.#store(message);
    // One answer is written at a time: an older one still open was given up.
    for (const id of this.drafts.keys()) if (id < message.id) this.drafts.delete(id);
    // A message said after this answer was begun gets one of its own.
    const later = (/** @type {string} */ id) => id > message.id;
    this.answering =
      this.drafts.size > 0 ||
      this.outbox.some(({ messageId }) => messageId !== null && later(messageId)) ||
      [...this.messages.values()].some(({ id, role }) => role === "customer" && later(id));
  }

  /** @param {Message} message */
  #store(message) {
    this.drafts.delete(message.id);
    this.messages.set(message.id, message);
    this.outbox = this.outbox.filter(({ id, messageId }) => id !== message.client_id && messageId !== message.id);
  }

  /**
   * @param {string} id
   * @param {boolean} helpful
   */
  #note(id, helpful) {
    const message = this.messages.get(id);
    if (message) this.messages.set(id, { ...message, helpful });
  }

  /**
   * @param {string} id
   * @returns {Draft}
   */
  #draft(id) {
    let draft = this.drafts.get(id);
    if (!draft) {
      draft = { id, text: "", n: 0, ahead: new Map(), citations: [] };
      this.drafts.set(id, draft);
    }
    return draft;
  }
}

/**
 * @param {Message} message
 * @returns {Item}
 */
function fromMessage(message) {
  return {
    key: message.client_id ?? message.id,
    role: message.role,
    text: message.text,
    at: Date.parse(message.at),
    streaming: false,
    pending: false,
    failed: null,
    citations: message.citations ?? [],
    attachments: message.attachments ?? [],
    message,
  };
}

/**
 * @param {Draft} draft
 * @returns {Item}
 */
function fromDraft(draft) {
  return {
    key: draft.id,
    role: "assistant",
    text: draft.text,
    at: timeOf(draft.id),
    streaming: true,
    pending: false,
    failed: null,
    citations: draft.citations,
    attachments: [],
    message: null,
  };
}

/**
 * @param {Outgoing} said
 * @returns {Item}
 */
function fromOutgoing(said) {
  return {
    key: said.id,
    role: "customer",
    text: said.text,
    at: timeOf(said.id),
    streaming: false,
    pending: !said.messageId && !said.failed,
    failed: said.failed,
    citations: [],
    attachments: said.attachments,
    message: null,
  };
}
