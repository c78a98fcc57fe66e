// The inbox: puts list, thread and customer beside each other, and has all three follow the address,
// the API and the socket.

import { el, put, setAttribute } from "../../widget/dom.js";
import { Problem } from "../../widget/http.js";
import { followView } from "../view.js";
import { Actions } from "./actions.js";
import { Caller } from "./caller.js";
import { CustomerPane } from "./customer-pane.js";
import { Drafts } from "./drafts.js";
import { actOf } from "./keys.js";
import { foundIn, onOneLine } from "./found.js";
import { ListPane, repeats } from "./list-pane.js";
import { nameOf } from "./names.js";
import { Palette } from "./palette.js";
import { Presence } from "./presence.js";
import { Store } from "./store.js";
import { ThreadPane } from "./thread-pane.js";
import { NOTHING_ASKED } from "./views.js";
import { eachMinute } from "../overview/part.js";

/** @import {Desk} from "../shell.js" */
/** @import {Frame} from "../live.js" */
/** @import {View} from "../view.js" */
/** @import {Row} from "./list-pane.js" */
/** @import {Asked, Entry, Member, ThreadMessage} from "./types.d.ts" */
/** @import {Act} from "./keys.js" */

/** `side`: the customer is shown where there is no room beside the thread. */
const INITIAL = { ...NOTHING_ASKED, open: "", q: "", side: "" };
const COUNT_MS = 800;
const WARM_MS = 120;

export class Inbox {
  initial = INITIAL;
  /** How many each view has; null while nobody knows. @type {Record<string, {count: number, more: boolean}> | null} */
  counts = null;
  /** @type {Member[]} */
  members = [];
  /** Labels in use. @type {string[]} */
  labels = [];
  /** Those who were asked for because nobody here knew them. @type {Set<string>} */
  #met = new Set();
  #counting = 0;
  #drawing = 0;
  #warming = 0;

  /**
   * @param {Desk} desk
   * @param {HTMLElement} main
   */
  constructor(desk, main) {
    const { me } = desk;
    this.desk = desk;
    this.main = main;
    this.me = me;
    this.words = desk.words;
    this.formats = desk.formats;
    this.signal = desk.signal;
    this.writes = desk.can("conversations:write");
    this.store = new Store(desk.api, me.user.id);
    this.presence = new Presence(me.user.id);
    this.drafts = new Drafts(localStorage, `${me.organization.id}:${me.user.id}`);
    this.actions = new Actions(this);
    this.caller = new Caller(desk, ({ customer }) => nameOf(customer, desk.words), (id) => this.view.change({ view: "all", open: id, q: "", side: "" }));
    adoptMailLink();
    /** @type {ReturnType<typeof followView>} */
    this.view = { now: { ...INITIAL }, change() {} };
    this.list = new ListPane(this);
    this.thread = new ThreadPane(this);
    this.customer = new CustomerPane(this);
    this.palette = new Palette(this);
    this.spoken = el("p", { class: "sr", "aria-live": "polite" });
    put(main, el("h1", { class: "sr" }, desk.words.t("page.conversations")), this.list.element, this.thread.element, this.customer.element, this.spoken);
  }

  begin() {
    const { desk, store, presence, signal } = this;
    const { live } = desk;
    const options = { signal };
    live.addEventListener("frame", (event) => this.#hear(/** @type {CustomEvent<Frame>} */ (event).detail), options);
    live.addEventListener("back", () => void this.reload(), options);
    store.addEventListener("list", () => this.#draw());
    store.addEventListener("watchers", (event) => {
      for (const [id, agents] of Object.entries(/** @type {CustomEvent} */ (event).detail)) presence.put(id, agents);
    });
    store.addEventListener("thread", (event) => {
      const { detail: id } = /** @type {CustomEvent<string>} */ (event);
      this.#meet(store.entry(id)?.assignee);
      if (id === store.open) this.#draw();
    });
    presence.addEventListener("change", () => this.#draw());
    addEventListener("hashchange", () => adoptMailLink() && this.view.change({ open: openIn(location.search), view: "all" }, { quietly: true }), options);
    addEventListener("keydown", (event) => this.#press(event), options);
    document.addEventListener("visibilitychange", () => this.thread.noteRead(), options);
    signal.addEventListener("abort", () => live.watch(""));
    eachMinute(signal, () => this.#draw());
    let first = true;
    this.view = followView(
      INITIAL,
      (view, before) => {
        const anew = first;
        first = false;
        // followView() has not returned yet when it shows the first view.
        if (anew) queueMicrotask(() => this.#follow(view, before, true));
        else this.#follow(view, before, false);
      },
      signal,
    );
    desk.waiting.leaveTo(signal);
  }

  /** Asks who somebody is that joined after the page was opened. @param {string | null | undefined} id */
  #meet(id) {
    if (!id || this.#met.has(id) || !this.members.length || this.members.some((each) => each.id === id)) return;
    this.#met.add(id);
    void this.#learnTeam();
  }

  /** @returns {Asked} */
  get asked() {
    const { now } = this.view;
    const names = /** @type {(keyof Asked)[]} */ (Object.keys(NOTHING_ASKED));
    return names.reduce((asked, name) => ({ ...asked, [name]: now[name] ?? "" }), NOTHING_ASKED);
  }

  /** Asks again for all that is shown. */
  async reload() {
    const { now } = this.view;
    const failed = Boolean(this.list.trouble);
    await Promise.all([this.#load(), this.#count(), this.#read(now["open"] ?? ""), failed && now["q"] && this.#find(now["q"])]);
  }

  /** @param {string} id empty to go back to the list */
  openConversation(id) {
    this.view.change({ open: id, side: "" });
  }

  /** Has a conversation at hand that somebody may open next. @param {string} id */
  warm(id) {
    clearTimeout(this.#warming);
    if (!this.store.detail(id)) this.#warming = setTimeout(() => void this.store.read(id).catch(() => {}), WARM_MS);
  }

  /**
   * Opens the one below or above in the list.
   * @param {1 | -1} step
   * @returns {boolean} whether there is one
   */
  move(step) {
    const { ids } = this.list;
    const at = ids.indexOf(this.view.now["open"] ?? "");
    const next = ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : at + step];
    if (next) this.openConversation(next);
    return Boolean(next);
  }

  /** @returns {Promise<string[]>} the labels in use; those known so far when that can't be asked */
  async learnLabels() {
    try {
      const { labels } = await this.desk.api.get("/conversations/labels");
      this.labels = labels.map((/** @type {{label: string}} */ each) => each.label);
    } catch (error) {
      this.desk.complain(error);
    }
    return this.labels;
  }

  /** More of what a search has found. */
  async findMore() {
    const { found } = this.list;
    if (!found?.cursor) return;
    const page = await this.desk.api.get(`${searchPath(found.text)}&cursor=${encodeURIComponent(found.cursor)}`);
    if (this.list.found !== found) return;
    this.list.find({ ...found, rows: rowsOf(page, found.text, found.rows), cursor: page.cursor, partial: page.partial });
  }

  /** @param {string} text read out, once */
  say(text) {
    this.spoken.textContent = text;
  }

  /**
   * @param {View} view
   * @param {View} before
   * @param {boolean} first
   */
  #follow(view, before, first) {
    const open = view["open"] ?? "";
    setAttribute(this.main, "data-pane", open ? (view["side"] ? "customer" : "thread") : "list");
    if (first || Object.keys(NOTHING_ASKED).some((name) => view[name] !== before[name])) {
      this.list.scroller.scrollTop = 0;
      void this.#load();
    }
    // The names of colleagues come after what one looks at first.
    if (first) void this.#count().finally(() => this.#learnTeam());
    if (first ? view["q"] : view["q"] !== before["q"]) void this.#find(view["q"] ?? "");
    if (first || open !== before["open"]) {
      this.store.open = open;
      this.desk.live.watch(open);
      this.thread.open(open);
      this.customer.open(open);
      void this.#read(open);
      if (open) queueMicrotask(() => this.list.reveal());
      else if (!first) queueMicrotask(() => this.#focusList(before["open"] ?? ""));
    }
    this.#show();
    // Where there is room for one pane only, the focus goes along.
    if (document.activeElement?.checkVisibility() === false) (view["side"] ? this.customer : this.thread).element.focus({ preventScroll: true });
  }

  /** @param {string} id of the row that was open */
  #focusList(id) {
    const node = this.list.rows.node(id)?.querySelector("a") ?? this.list.openRow ?? this.list.title;
    node.focus({ preventScroll: true });
  }

  async #load() {
    try {
      this.list.trouble = "";
      await this.store.load(this.asked);
    } catch (error) {
      if (!this.signal.aborted) this.list.fail(error);
    }
  }

  /** @param {string} id */
  async #read(id) {
    if (!id) return;
    try {
      await this.store.read(id);
    } catch (error) {
      if (!this.signal.aborted && this.view.now["open"] === id) this.thread.fail(error);
    }
  }

  /** @param {string} text */
  async #find(text) {
    const { trouble } = this.list;
    this.list.trouble = "";
    if (!text) {
      this.list.find(null);
      if (trouble) void this.#load();
      return;
    }
    try {
      await this.desk.api.show(searchPath(text), (page) => {
        if (this.view.now["q"] !== text) return;
        for (const { conversation } of page.messages) this.store.put(conversation);
        this.list.find({ text, rows: rowsOf(page, text), cursor: page.cursor, partial: page.partial });
        this.say(this.words.n("inbox.found", this.list.ids.length));
      });
    } catch (error) {
      if (this.signal.aborted || this.view.now["q"] !== text) return;
      this.list.find({ text, rows: [], cursor: null, partial: false });
      this.list.fail(error);
    }
  }

  async #learnTeam() {
    const { desk } = this;
    await desk.api.show("/team", ({ members }) => ((this.members = members), this.#draw())).catch((error) => desk.complain(error));
  }

  async #count() {
    const { api, signal, waiting } = this.desk;
    try {
      await api.show("/conversations/counts", (counts) => {
        this.counts = counts;
        if (!signal.aborted) waiting.tell(counts.waiting);
        this.#draw();
      });
    } catch (error) {
      // The list says what is wrong; the last counts stay.
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** @param {Frame} frame */
  #hear(frame) {
    this.store.hear(frame);
    this.presence.hear(frame);
    if (frame.type === "conversation" || frame.type === "handed_off" || frame.type === "read") {
      clearTimeout(this.#counting);
      this.#counting = setTimeout(() => void this.#count(), COUNT_MS);
    }
    // One that goes wrong is made up for by the next frame, and by the list.
    if (frame.type === "conversation" || frame.type === "handed_off") this.store.learnUnread(frame["conversation"].id).catch((error) => console.warn(error));
    if (frame.type === "message" && frame["conversation_id"] === this.store.open) this.thread.heard(frame["message"]);
  }

  /** Draws before the next picture, once for all that changes until then. */
  #draw() {
    if (this.#drawing || this.signal.aborted) return;
    // No picture comes while the page is hidden.
    const draw = () => ((this.#drawing = 0), this.signal.aborted || this.#show());
    this.#drawing = document.hidden ? setTimeout(draw, 100) : requestAnimationFrame(draw);
  }

  #show() {
    this.list.show();
    this.thread.show();
    this.customer.show();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { target } = event;
    const typing = target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu] *");
    const act = actOf(event, typing);
    if (!act || event.defaultPrevented || (document.querySelector("dialog[open]") && act !== "palette")) return;
    if (document.querySelector("[popover]:popover-open")) return;
    if (this.act(act)) event.preventDefault();
  }

  /**
   * @param {Act} act
   * @returns {boolean} whether there was something to do
   */
  act(act) {
    const open = this.view.now["open"] ?? "";
    const { list, thread, actions } = this;
    // Nobody acts on what they picked in a list that gave way to the conversation.
    const some = list.bar.checkVisibility() ? [...list.picked] : open ? [open] : [];
    if (act === "next" || act === "previous") return this.move(act === "next" ? 1 : -1);
    if (act === "search") return (list.search.focus(), list.search.select(), true);
    if (act === "palette" || act === "help") return (this.palette.open(act === "help"), true);
    if (act === "undo") return actions.undo();
    if (act === "select") return open ? (list.pick(open), true) : false;
    if (act === "customer") return open ? (this.view.change({ side: this.view.now["side"] ? "" : "1" }), true) : false;
    if (act === "close") return this.#close();
    if (!some.length || !this.writes) return false;
    if (act === "reply" || act === "note") return open ? (thread.composer.write(act), true) : false;
    return actions.start(act, some);
  }

  #close() {
    const { list, view } = this;
    if (list.picked.size) return (list.picked.clear(), list.show(), true);
    if (view.now["side"]) return (view.change({ side: "" }), true);
    if (view.now["open"]) return (this.openConversation(""), true);
    return false;
  }
}

/**
 * The mail of a hand-off leads to conversations.html#id: that is what is open.
 * @returns {boolean} whether the address was such a one
 */
function adoptMailLink() {
  const id = location.hash.slice(1);
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(id)) return false;
  history.replaceState(null, "", `${location.pathname}?view=all&open=${id}`);
  return true;
}

/** @param {string} search */
function openIn(search) {
  return new URLSearchParams(search).get("open") ?? "";
}

/** @param {string} text */
function searchPath(text) {
  return `/conversations/search?limit=20&text=${encodeURIComponent(text)}`;
}

/**
 * @param {{messages: {conversation: Entry, message: ThreadMessage}[]}} page the newest message first
 * @param {string} text that was looked for
 * @param {Row[]} before
 * @returns {Row[]} `before` and one for each further conversation, with its newest message that was found
 */
function rowsOf({ messages }, text, before = []) {
  const rows = new Map(before.map((row) => [row.entry.id, row]));
  for (const { conversation: entry, message } of messages) {
    if (rows.has(entry.id)) continue;
    const line = onOneLine(message.text, message.role);
    const named = Boolean(entry.subject) && repeats({ preview: message.text, subject: entry.subject });
    rows.set(entry.id, { entry, hit: { pieces: foundIn(line, text), role: message.role, named } });
  }
  return [...rows.values()];
}
