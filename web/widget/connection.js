// The line to the server: a new session for every connection, backoff between tries, pings, and a
// watch for sockets that died without saying so.

import { Problem } from "./http.js";
import { toJson } from "./json.js";
import { now } from "./ulid.js";

/** @import {ClientFrame, LinkState, ServerFrame, Session} from "./protocol.d.ts" */

const CONNECT_MS = 10_000;
/** For the page's identity and the server's answer, each asked for twice. */
const SESSION_MS = 60_000;
const REPLY_MS = 10_000;
const PING_MS = 5 * 60_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A connection that lasted so long was a good one: the next wait is a short one again. */
const STEADY_MS = 10_000;

/**
 * How long to wait before try number `attempt` (from 0): exponential with full jitter over the
 * upper half, so that a crowd that was cut off does not come back at once.
 * @param {number} attempt
 * @param {number} [chance] 0 to 1
 * @returns {number} milliseconds
 */
export function backoff(attempt, chance = Math.random()) {
  const ceiling = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return Math.round(ceiling * (0.5 + chance / 2));
}

/**
 * @typedef {object} Hooks
 * @property {() => Promise<Session>} openSession called before every connection: tokens work once
 * @property {() => void} onOpen
 * @property {(frame: ServerFrame) => void} onFrame
 * @property {(state: LinkState) => void} onState
 * @property {() => boolean} wanted whether a lost connection is worth another try now
 */

export class Connection {
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #ended = false;
  /** Counts tries, so that what a given-up one still reports is ignored. */
  #turn = 0;
  /** @type {Map<string, number>} */
  #timers = new Map();
  /** @type {LinkState} */
  state = { name: "idle", until: null, detail: null };

  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.hooks = hooks;
  }

  /** Connects unless connected or about to be; cuts a wait short. */
  start() {
    if (!this.#ended && ["idle", "waiting", "offline"].includes(this.state.name)) void this.#connect();
  }

  /** Ends the connection and every timer, for good. */
  end() {
    this.#ended = true;
    this.#drop();
    this.#set("idle");
  }

  /** Gives the present connection up and makes another: it does not answer. */
  restart() {
    this.#drop();
    this.#retry();
  }

  /**
   * @param {ClientFrame} frame
   * @param {{reply?: boolean}} [options] reply: the server owes a frame; none in 10 s means a dead line
   * @returns {boolean} false when there is no connection
   */
  send(frame, { reply = false } = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(toJson(frame));
    if (reply && !this.#timers.has("reply")) this.#after("reply", REPLY_MS, () => this.restart());
    return true;
  }

  async #connect() {
    const turn = ++this.#turn;
    this.#clear();
    if (navigator.onLine === false) return this.#set("offline");
    this.#set("connecting");
    // The page may have to say who is here, and may never do so.
    this.#after("connect", SESSION_MS, () => this.restart());
    let session;
    try {
      session = await this.hooks.openSession();
    } catch (error) {
      if (turn === this.#turn) this.#refused(error);
      return;
    }
    if (turn !== this.#turn) return;
    const { url, token } = session.connect;
    const socket = new WebSocket(`${url}?token=${encodeURIComponent(token)}`);
    this.#socket = socket;
    this.#after("connect", CONNECT_MS, () => this.restart());
    socket.onopen = () => {
      this.#clear();
      this.#set("open");
      this.#after("steady", STEADY_MS, () => {
        this.#attempt = 0;
      });
      this.#keepAlive();
      this.hooks.onOpen();
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => {
      if (turn === this.#turn) this.restart();
    };
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#cancel("reply");
    let frame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return;
    }
    // API Gateway reports its own 29 s limit as a frame without a type; the answer still comes.
    if (typeof frame?.type === "string") this.hooks.onFrame(frame);
  }

  #keepAlive() {
    this.#after("ping", PING_MS, () => {
      this.send({ action: "ping" }, { reply: true });
      this.#keepAlive();
    });
  }

  /** @param {unknown} error */
  #refused(error) {
    const status = error instanceof Problem ? error.status : 0;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      return this.#set("refused", { detail: String(/** @type {Error} */ (error).message) });
    }
    const asked = error instanceof Problem ? error.retryAfter : null;
    this.#retry(asked === null ? null : asked * 1000);
  }

  /** @param {number | null} [asked] milliseconds the server asked us to wait */
  #retry(asked = null) {
    if (navigator.onLine === false) return this.#set("offline");
    if (!this.hooks.wanted()) return this.#set("idle");
    const wait = Math.max(asked ?? 0, backoff(this.#attempt++));
    this.#set("waiting", { until: now() + wait, detail: asked === null ? null : "asked" });
    this.#after("retry", wait, () => void this.#connect());
  }

  #drop() {
    this.#turn++;
    this.#clear();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /**
   * @param {LinkState["name"]} name
   * @param {Partial<LinkState>} [more]
   */
  #set(name, more = {}) {
    this.state = { name, until: null, detail: null, ...more };
    this.hooks.onState(this.state);
  }

  /**
   * @param {string} name
   * @param {number} milliseconds
   * @param {() => void} act
   */
  #after(name, milliseconds, act) {
    this.#cancel(name);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      act();
    }, milliseconds);
    this.#timers.set(name, timer);
  }

  /** @param {string} name */
  #cancel(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #clear() {
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
  }
}
