// The list: its views with their counts, search, filters, and a row for each conversation.

import { el, icon, put, setAttribute } from "../../widget/dom.js";
import { timeOf } from "../../widget/ulid.js";
import { ICONS } from "../icons.js";
import { empty, failed, loading } from "../parts/states.js";
import { sentence } from "../problems.js";
import { age, initials } from "../utils.js";
import { isSnoozed } from "../waiting.js";
import { Filters } from "./filters.js";
import { keepingFocus, sameControl } from "./focus.js";
import { marked, onOneLine } from "./found.js";
import { Keyed } from "./keyed.js";
import { assignedText, memberName, nameOf } from "./names.js";
import { writeView } from "../view.js";
import { belongs, isUnread, VIEWS, waitsForPerson } from "./views.js";

/** @import {Pieces} from "./found.js" */
/** @import {Inbox} from "./inbox.js" */
/** @import {Entry} from "./types.d.ts" */

/** A subject that is longer has been cut. */
const CUT = 100;

/**
 * What was found in a message. `named`: it is what the conversation is named after.
 * @typedef {{pieces: Pieces, role: string, named: boolean}} Hit
 */
/** Row and, where it is one of a search, what was found. @typedef {{entry: Entry, hit: Hit | null}} Row */
/** What a search for `text` has found so far, each conversation once. @typedef {{text: string, rows: Row[], cursor: string | null, partial: boolean}} Found */

/** After so many pages in which nothing was found, nobody goes on by themselves. */
const BARREN = 3;

export class ListPane {
  /** @type {Map<string, {link: HTMLAnchorElement, count: HTMLElement}>} */
  #views = new Map();
  /** Conversations that are picked, to do something with all of them. @type {Set<string>} */
  picked = new Set();
  /** Null when there is no search. @type {Found | null} */
  found = null;

  /** Tells when the end of the list comes near. @type {IntersectionObserver} */
  #end;
  /** Where the list went on when that was looked at last. @type {string | null} */
  #cursor = null;
  /** How many pages in a row brought nothing. */
  #barren = 0;
  /** Conversations with a draft. @type {Set<string>} */
  #written = new Set();
  /** What the links of all rows have in common. */
  #around = "";
  /** All that rows depend on beside their entries. */
  #state = "";
  /** @type {WeakMap<Entry, {around: string, hit: Hit | null, look: unknown[]}>} */
  #looks = new WeakMap();

  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    const { words } = inbox;
    this.title = el("h2", { tabindex: -1 }, words.t("page.conversations"));
    this.search = el("input", { type: "search", class: "search", placeholder: words.t("inbox.search"), "aria-label": words.t("inbox.search"), maxlength: 100, enterkeyhint: "search", autocomplete: "off" });
    this.filters = new Filters(inbox);
    this.bell = el("button", { type: "button", class: "tool small", "aria-label": words.t("call.label"), title: words.t("call.label") }, icon(ICONS.bell));
    this.bell.onclick = () => void this.#toggleCalls();
    const views = el("nav", { class: "views", "aria-label": words.t("inbox.views") }, ...VIEWS.map((name) => this.#view(name)));
    this.state = el("div", { class: "list-state" });
    this.list = el("ul", { class: "rows", "aria-label": words.t("inbox.list") });
    this.foot = el("div", { class: "list-foot" });
    this.bar = el("div", { class: "picked-bar", role: "toolbar", "aria-label": words.t("inbox.picked.acts"), hidden: true });
    this.scroller = el("div", { class: "list-scroll" }, this.state, this.list, this.foot);
    const searching = el("div", { class: "search-line" }, el("span", { class: "search-box" }, icon(ICONS.search), this.search), this.filters.element, this.bell);
    this.element = el("section", { class: "list-pane", "aria-label": words.t("inbox.list") }, el("header", { class: "list-head" }, this.title, searching, this.filters.chips, views), this.bar, this.scroller);
    /** @type {Keyed<Row>} */
    this.rows = new Keyed(this.list, {
      key: ({ entry }) => entry.id,
      look: (row) => this.#look(row),
      make: ({ entry }) => this.#make(entry.id),
      draw: (node, row) => this.#draw(node, row),
    });
    let timer = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => inbox.view.change({ q: this.search.value.trim() }, { quietly: true }), 250);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.search.value = "";
      inbox.view.change({ q: "" }, { quietly: true });
      this.search.blur();
    });
    this.further = el("button", { type: "button", class: "button quiet further", hidden: true }, words.t("inbox.further"));
    this.further.onclick = () => void this.#more();
    this.foot.append(this.further);
    this.#end = new IntersectionObserver((marks) => marks.some((each) => each.isIntersecting) && this.#barren < BARREN && void this.#more(), { root: this.scroller, rootMargin: "600px" });
    inbox.signal.addEventListener("abort", () => this.#end.disconnect());
  }

  /** @returns {string[]} the conversations in the list, in its order */
  get ids() {
    return this.#current().map(({ entry }) => entry.id);
  }

  /** Shows how things stand now. */
  show() {
    keepingFocus(this.element, () => this.#show(), (held) => this.#near(held));
  }

  /** What gets the focus in place of `held`. @param {HTMLElement} held @returns {() => HTMLElement | null} */
  #near(held) {
    const line = held.closest(".row-line");
    const beside = [line?.nextElementSibling, line?.previousElementSibling];
    const place = [this.bar, this.filters.chips, this.state].find((each) => each.contains(held));
    const control = place && sameControl(place, held);
    return () => control?.() ?? beside.find((each) => each?.isConnected)?.querySelector("a") ?? this.openRow ?? this.title;
  }

  /** The row of the open conversation, or the first. @returns {HTMLElement | null} */
  get openRow() {
    return this.list.querySelector('[aria-current="true"]') ?? this.list.querySelector("a");
  }

  #show() {
    const { inbox } = this;
    const { view, store, words } = inbox;
    if (document.activeElement !== this.search) this.search.value = view.now.q ?? "";
    for (const [name, { link, count }] of this.#views) {
      setAttribute(link, "aria-current", name === view.now.view && !this.found ? "true" : null);
      link.href = location.pathname + writeView({ ...view.now, view: name, open: "", q: "", side: "" }, inbox.initial);
      const known = inbox.counts?.[name];
      count.textContent = known ? `${known.count}${known.more ? "+" : ""}` : "";
      setAttribute(link, "data-hot", name === "waiting" && Boolean(known?.count));
    }
    this.filters.show();
    setAttribute(this.bell, "aria-pressed", String(inbox.caller.on));
    const rows = this.#current();
    const shown = new Set(rows.map(({ entry }) => entry.id));
    for (const id of this.picked) if (!shown.has(id)) this.picked.delete(id);
    this.#written = inbox.drafts.written;
    const around = writeView({ ...view.now, open: "", side: "" }, inbox.initial);
    if (around !== this.#around) this.#beginAnew();
    this.#around = around;
    this.#state = JSON.stringify([around, view.now["open"], [...this.picked], [...this.#written], inbox.presence.changes, inbox.members, Math.floor(Date.now() / 60_000)]);
    this.rows.show(rows);
    this.list.hidden = !rows.length;
    const cursor = this.found ? this.found.cursor : store.cursor;
    const loaded = (this.found || store.loaded) && (!cursor || this.#barren >= BARREN);
    if (this.trouble) put(this.state, failed(words, this.trouble, () => inbox.reload()));
    else if (!loaded && !rows.length) put(this.state, loading(words, 6));
    else if (!rows.length) put(this.state, this.#empty());
    else put(this.state, this.found?.partial && el("p", { class: "hint found-hint" }, words.t("inbox.search.partial")));
    this.#showEnd(cursor);
    this.#showPicked();
  }

  /** @param {unknown} error of loading; null for none */
  fail(error) {
    this.trouble = error === null ? "" : sentence(error, this.inbox.words);
    this.show();
  }

  /** @param {Found | null} found from now on in place of what was there */
  find(found) {
    if (found?.text !== this.found?.text) {
      this.#beginAnew();
      this.scroller.scrollTop = 0;
    }
    this.found = found;
    this.show();
  }

  /** The row of the open conversation comes into view. */
  reveal() {
    const row = this.rows.node(this.inbox.view.now["open"] ?? "") ?? this.list.querySelector('[aria-current="true"]');
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} id picked, or not any more */
  pick(id) {
    if (!this.picked.delete(id)) this.picked.add(id);
    this.show();
  }

  trouble = "";

  async #toggleCalls() {
    const { caller, desk, words } = this.inbox;
    const allowed = await caller.toggle();
    this.show();
    desk.toasts.show({ text: words.t(!caller.on ? "call.off" : allowed ? "call.on" : "call.sound") });
  }

  /** @returns {Row[]} */
  #current() {
    const { asked, me, store } = this.inbox;
    if (!this.found) return store.list.map((entry) => ({ entry, hit: null }));
    // A search is for all that was said, in whatever view; what is filtered stays filtered.
    const wanted = { ...asked, view: "all" };
    const rows = this.found.rows.map((row) => ({ ...row, entry: store.entry(row.entry.id) ?? row.entry }));
    return rows.filter(({ entry }) => belongs(entry, wanted, me.user.id));
  }

  /** Another list: whether its end is in sight is looked at again. */
  #beginAnew() {
    this.#barren = 0;
    this.#cursor = null;
    this.#end.unobserve(this.foot);
  }

  /**
   * A page may be short and not the last, so the end may still be in sight when it has come. Where
   * pages bring nothing, somebody has to say that they want more of them.
   * @param {string | null} cursor
   */
  #showEnd(cursor) {
    this.further.hidden = !cursor || this.#barren < BARREN;
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#end.unobserve(this.foot);
    if (cursor) this.#end.observe(this.foot);
  }

  async #more() {
    if (this.loading) return;
    this.loading = true;
    const text = this.found?.text;
    const before = this.#current().length;
    try {
      await (this.found ? this.inbox.findMore() : this.inbox.store.more());
      this.#barren = this.#current().length > before ? 0 : this.#barren + 1;
    } catch (error) {
      this.inbox.desk.complain(error);
      this.#barren = BARREN;
    }
    this.loading = false;
    // What is shown now was not asked for more while this went on.
    if (text !== this.found?.text) this.#beginAnew();
    if (this.#barren || text !== this.found?.text) this.show();
  }

  loading = false;

  /** @param {string} name */
  #view(name) {
    const { inbox } = this;
    const count = el("span", { class: "view-count" });
    const link = el("a", { class: "view" }, inbox.words.t(`view.${name}`), count);
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      inbox.view.change({ view: name, open: "", q: "", side: "" });
    });
    this.#views.set(name, { link, count });
    return link;
  }

  #empty() {
    const { words, view } = this.inbox;
    if (this.found && !(this.filters.active && this.found.rows.length)) return empty({ title: words.t("inbox.search.none", { text: view.now["q"] ?? "" }), text: words.t("inbox.search.calm"), symbol: "search" });
    if (this.filters.active) {
      const clear = el("button", { type: "button", class: "button quiet" }, words.t("filter.clear"));
      clear.onclick = () => this.filters.clear();
      return empty({ title: words.t("inbox.none.fit"), action: clear });
    }
    const now = view.now["view"] ?? "";
    return empty({ title: words.t(`inbox.none.${now}`), text: now === "waiting" ? words.t("overview.now.calm") : "", symbol: now === "waiting" ? "check" : "tray" });
  }

  /** @param {string} id */
  #make(id) {
    const { inbox } = this;
    const pick = el("input", { type: "checkbox", class: "pick", tabindex: -1 });
    pick.addEventListener("click", () => this.pick(id));
    const link = el("a", { class: "row" });
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      inbox.openConversation(id);
    });
    link.addEventListener("pointerenter", () => inbox.warm(id));
    return el("li", { class: "row-line" }, pick, link);
  }

  /**
   * It is asked of each of thousands of rows, whenever one has changed.
   * @param {Row} row
   * @returns {unknown[]}
   */
  #look(row) {
    const { entry, hit } = row;
    const known = this.#looks.get(entry);
    if (known?.around === this.#state && known.hit === hit) return known.look;
    const look = this.#looked(row);
    this.#looks.set(entry, { around: this.#state, hit, look });
    return look;
  }

  /** @param {Row} row */
  #looked({ entry, hit }) {
    const { inbox } = this;
    const { id } = entry;
    const present = inbox.presence.of(id);
    const who = present.length ? JSON.stringify(present) : "";
    const times = [age(lastTime(entry)), waitsForPerson(entry) && age(entry.waiting_since ?? ""), isSnoozed(entry)];
    return [entry, hit, id === inbox.view.now["open"], this.picked.has(id), who, inbox.members, this.#written.has(id), ...times, this.#around];
  }

  /**
   * @param {HTMLElement} node
   * @param {Row} row
   */
  #draw(node, { entry, hit }) {
    const { inbox } = this;
    const { words, formats } = inbox;
    const [pick, link] = /** @type {[HTMLInputElement, HTMLAnchorElement]} */ ([...node.children]);
    const name = nameOf(entry.customer, words);
    pick.checked = this.picked.has(entry.id);
    setAttribute(pick, "aria-label", words.t("inbox.pick", { name }));
    setAttribute(node, "data-picked", pick.checked);
    link.href = location.pathname + writeView({ ...inbox.view.now, open: entry.id, side: "" }, inbox.initial);
    setAttribute(link, "aria-current", entry.id === inbox.view.now["open"] ? "true" : null);
    const unread = isUnread(entry, inbox.me.user.id);
    setAttribute(link, "data-unread", unread);
    const waits = waitsForPerson(entry) && !isSnoozed(entry);
    const since = waits ? entry.waiting_since ?? "" : lastTime(entry);
    const time = el("time", { class: "row-time", "data-waits": waits && entry.status === "waiting", datetime: String(since) }, waits && icon(ICONS.clock), waits && el("span", { class: "sr" }, words.t("inbox.waits")), formats.since(since));
    const found = hit && marked(hit.pieces);
    const beneath = hit && !hit.named ? hit : null;
    const role = beneath ? beneath.role : entry.last_role;
    const lead = role === "customer" || !role ? "" : `${words.t(`from.${role}`)} `;
    const said = beneath ? found : repeats(entry) ? null : [onOneLine(entry.preview, entry.last_role)];
    put(
      link,
      el("span", { class: "row-top" }, el("span", { class: "row-who", dir: "auto" }, name), unread && el("span", { class: "row-new" }, String(entry.unread_messages), el("span", { class: "sr" }, words.t("inbox.new"))), time),
      el("span", { class: "row-subject", dir: "auto" }, ...(hit?.named && found ? found : [entry.subject || words.t("inbox.no.text")])),
      said?.some(Boolean) && el("span", { class: "row-preview", dir: "auto" }, lead && el("span", { class: "row-lead" }, lead), ...said),
      this.#meta(entry),
    );
  }

  /** @param {Entry} entry */
  #meta(entry) {
    const { words, presence, members, me, formats } = this.inbox;
    const parts = [];
    const present = presence.of(entry.id);
    const replying = present.find((each) => each.replying);
    if (entry.priority === "urgent" || entry.priority === "high") parts.push(el("span", { class: "mark", "data-priority": entry.priority }, icon(ICONS.flag), words.t(`mark.${entry.priority}`)));
    if (entry.mood?.label === "NEGATIVE") parts.push(el("span", { class: "mark", "data-mood": "negative" }, icon(ICONS.sad), words.t("mood.negative")));
    if (entry.mood?.label === "POSITIVE") parts.push(el("span", { class: "mark", "data-mood": "positive" }, icon(ICONS.glad), el("span", { class: "sr" }, words.t("mood.positive"))));
    if (entry.status === "open") parts.push(el("span", { class: "mark" }, icon(ICONS.spark), words.t("status.open.short")));
    if (entry.status === "resolved") parts.push(el("span", { class: "mark", "data-status": "resolved" }, icon(ICONS.check), words.t("status.resolved")));
    if (isSnoozed(entry)) parts.push(el("span", { class: "mark" }, icon(ICONS.clock), snoozedText(entry.snoozed_until ?? "", words, formats)));
    if (entry.rating) parts.push(el("span", { class: "mark", "data-mood": entry.rating.score < 3 ? "negative" : null }, words.t("inbox.rated", { score: entry.rating.score })));
    for (const label of entry.labels.slice(0, 2)) parts.push(el("span", { class: "tag", dir: "auto" }, label));
    if (entry.labels.length > 2) parts.push(el("span", { class: "tag" }, `+${entry.labels.length - 2}`));
    if (this.#written.has(entry.id)) parts.push(el("span", { class: "mark", "data-draft": true }, words.t("inbox.draft")));
    const [first] = present;
    if (replying) parts.push(el("span", { class: "mark", "data-live": true }, words.t("inbox.replying", { name: replying.name })));
    else if (first) parts.push(el("span", { class: "mark", "data-live": true }, words.t("inbox.looking", { name: first.name })));
    const owner = entry.assignee ? memberName(entry.assignee, members, me.user.id, words) : "";
    const whole = entry.assignee === me.user.id ? me.user.name : owner;
    const face = entry.assignee && el("span", { class: "face", title: owner, "data-me": entry.assignee === me.user.id }, el("span", { "aria-hidden": "true" }, initials(whole)), el("span", { class: "sr" }, assignedText(entry.assignee, members, me.user.id, words)));
    // Alone it needs no line of its own.
    return parts.length ? el("span", { class: "row-meta" }, ...parts, face) : face;
  }

  #showPicked() {
    const { inbox, bar, picked } = this;
    const { words } = inbox;
    const look = [...picked].join();
    setAttribute(this.element, "data-picking", picked.size > 0);
    if (bar.dataset["look"] === look) return;
    bar.dataset["look"] = look;
    bar.hidden = !picked.size;
    if (!picked.size) return put(bar);
    const all = el("button", { type: "button", class: "chip" }, words.t("inbox.picked.all"));
    all.onclick = () => (this.ids.forEach((id) => picked.add(id)), this.show());
    const none = el("button", { type: "button", class: "tool small", "aria-label": words.t("inbox.picked.none"), title: words.t("inbox.picked.none") }, icon(ICONS.close));
    none.onclick = () => (picked.clear(), this.show());
    put(bar, el("span", { class: "picked-count", role: "status" }, words.n("inbox.picked", picked.size)), all, ...inbox.actions.tools(() => [...picked]), none);
  }
}

/**
 * Whether what was said last is what the conversation is named after, or as far as that goes.
 * @param {Pick<Entry, "preview" | "subject">} entry
 */
export function repeats({ preview, subject }) {
  return preview === subject || (subject.length > CUT && preview.startsWith(subject));
}

/** @param {Entry} entry when something was said last */
export function lastTime(entry) {
  return timeOf(entry.last_id) || Date.parse(entry.started_at ?? "") || Date.now();
}

/**
 * @param {string} until
 * @param {import("../strings.js").Words} words
 * @param {import("../utils.js").Formats} formats
 */
export function snoozeText(until, words, formats) {
  if (until > "2900") return words.t("snooze.until.reply");
  return words.t("snooze.until", { time: `${formats.dayTime(until)}` });
}

/**
 * @param {string} until
 * @param {import("../strings.js").Words} words
 * @param {import("../utils.js").Formats} formats
 */
export function snoozedText(until, words, formats) {
  return words.t("snooze.snoozed", { until: snoozeText(until, words, formats) });
}
