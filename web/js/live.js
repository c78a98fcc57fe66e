// What happens in the organisation, as it happens: one socket for all tabs of a browser. The tab that
// holds the lock has it and tells the others; when that tab is closed, another gets the lock.

import { fromJson } from "../widget/json.js";
import { sleep } from "./utils.js";

/**
 * @typedef {Record<string, any> & {type: string}} Frame what the server says, as docs/PROTOCOL.md has it
 * @typedef {"connecting" | "up" | "down"} State
 * @typedef {{frame: Frame} | {state: State} | {send: Frame | Record<string, unknown>} | {asked: true} | {back: true}} News
 */

const NAME = "frontdesk:live";
const PING_MS = 60_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A socket that held for so long was a good one: the next try need not wait. */
const STEADY_MS = 10_000;

/**
 * How long to wait before the next try to connect.
 * @param {number} failures in a row, at least 1
 * @param {number} chance 0 to 1
 * @returns {number} milliseconds
 */
export function reconnectPause(failures, chance) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.5 + chance / 2);
}

export class Live extends EventTarget {
  /** @type {State} */
  state = "connecting";
  #news = new BroadcastChannel(NAME);
  #ended = new AbortController();
  /** @type {WebSocket | null} */
  #socket = null;
  #leading = false;
  /** Whether something may have happened that nobody heard of, as until the first connection. */
  #missed = true;
  /** The conversation on the screen of the tab that was looked at last. */
  #watched = "";

  /**
   * Fires `frame` with each frame (in `detail`), `state` when `state` changes, and `back` when what
   * happened meanwhile has to be asked for.
   * @param {() => Promise<{url: string, token: string}>} connect asks for a token
   */
  constructor(connect) {
    super();
    this.connect = connect;
    this.#news.onmessage = (/** @type {MessageEvent<News>} */ { data }) => this.#hear(data);
    navigator.locks
      .request(NAME, { signal: this.#ended.signal }, () => this.#lead())
      .catch((error) => {
        if (!this.#ended.signal.aborted) throw error;
      });
    this.#news.postMessage({ asked: true });
  }

  /** Leaves the socket to another tab. */
  end() {
    this.#ended.abort();
    this.#socket?.close();
    this.#news.close();
  }

  /** @param {string} conversationId what is on the screen; empty for none */
  watch(conversationId) {
    this.send(conversationId ? { action: "watch", conversation_id: conversationId } : { action: "unwatch" });
  }

  /** Says something to the server, if it can hear. @param {Record<string, unknown>} frame */
  send(frame) {
    if (this.#leading) this.#pass(frame);
    else this.#news.postMessage({ send: frame });
  }

  /** @param {Record<string, unknown>} frame */
  #pass(frame) {
    if (frame["action"] === "watch" || frame["action"] === "unwatch") this.#watched = String(frame["conversation_id"] ?? "");
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {News} news */
  #hear(news) {
    if ("frame" in news) this.dispatchEvent(new CustomEvent("frame", { detail: news.frame }));
    else if ("state" in news) this.#become(news.state);
    else if ("back" in news) this.dispatchEvent(new Event("back"));
    else if (!this.#leading) return;
    else if ("send" in news) this.#pass(news.send);
    else this.#news.postMessage({ state: this.state });
  }

  /** @param {State} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    if (this.#leading) this.#news.postMessage({ state });
    this.dispatchEvent(new Event("state"));
  }

  async #lead() {
    this.#leading = true;
    const { signal } = this.#ended;
    for (let failures = 0; !signal.aborted; ) {
      const begun = Date.now();
      const held = await this.#hold();
      if (signal.aborted) return;
      failures = held && Date.now() - begun > STEADY_MS ? 1 : failures + 1;
      this.#missed = true;
      this.#become("down");
      await this.#rest(reconnectPause(failures, Math.random()));
    }
  }

  /** @returns {Promise<boolean>} whether there was a connection, now that there is none any more */
  async #hold() {
    let address;
    try {
      const { url, token } = await this.connect();
      address = `${url}?token=${encodeURIComponent(token)}`;
    } catch (error) {
      console.warn("no connection", error);
      return false;
    }
    if (this.#ended.signal.aborted) return false;
    const socket = new WebSocket(address);
    this.#socket = socket;
    let opened = false;
    let ping = 0;
    return new Promise((over) => {
      socket.onopen = () => {
        opened = true;
        ping = setInterval(() => socket.send('{"action":"ping"}'), PING_MS);
        if (this.#watched) this.watch(this.#watched);
        this.#become("up");
        if (!this.#missed) return;
        this.#missed = false;
        this.#news.postMessage({ back: true });
        this.dispatchEvent(new Event("back"));
      };
      socket.onmessage = ({ data }) => {
        const frame = fromJson(String(data));
        if (typeof frame?.type !== "string" || frame.type === "pong") return;
        this.#news.postMessage({ frame });
        this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
      };
      socket.onclose = () => {
        clearInterval(ping);
        over(opened);
      };
    });
  }

  /** Waits, but not longer than until the network is there again. @param {number} milliseconds */
  async #rest(milliseconds) {
    const online = new AbortController();
    const stop = () => online.abort();
    addEventListener("online", stop, { once: true });
    this.#ended.signal.addEventListener("abort", stop, { once: true });
    await sleep(milliseconds, online.signal).catch(() => {});
    removeEventListener("online", stop);
  }
}
