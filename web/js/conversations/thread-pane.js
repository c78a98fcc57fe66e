// The open conversation: what was said, why a person is wanted, and what can be done.

import { el, icon, put, setAttribute } from "../../widget/dom.js";
import { Problem } from "../../widget/http.js";
import { ask } from "../parts/dialog.js";
import { ICONS } from "../icons.js";
import { menu } from "../parts/menu.js";
import { empty, failed, loading } from "../parts/states.js";
import { sentence } from "../problems.js";
import { isSnoozed } from "../waiting.js";
import { Composer } from "./composer.js";
import { keepingFocus } from "./focus.js";
import { Keyed } from "./keyed.js";
import { countBelow, linesOf } from "./lines.js";
import { snoozedText } from "./list-pane.js";
import { drawLine } from "./message.js";
import { assignedText, moodText, nameOf, statusText } from "./names.js";
import { threadPath } from "./store.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {Line} from "./lines.js" */
/** @import {Detail, ThreadMessage} from "./types.d.ts" */
/** @import {Item} from "../parts/menu.js" */

/** Nearer to the end than this, somebody reads the end. */
const NEAR = 60;

export class ThreadPane {
  /** Newest message that was on the screen. */
  #seen = "";
  /** Up to which message the API has been told. @type {Map<string, string>} */
  #read = new Map();
  #id = "";
  /** Whether the end stays in view as messages come. */
  #follows = true;
  #loadingOlder = false;
  trouble = "";

  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    const { words } = inbox;
    const back = el("button", { type: "button", class: "tool small back", "aria-label": words.t("inbox.back"), title: words.t("inbox.back") }, icon(ICONS.back));
    back.onclick = () => inbox.openConversation("");
    this.who = el("h2", { class: "thread-who", dir: "auto", tabindex: -1 });
    this.standing = el("p", { class: "standing" });
    this.primary = el("span", { class: "primary-acts" });
    const more = el("button", { type: "button", class: "tool small", "aria-label": words.t("inbox.more"), title: words.t("inbox.more") }, icon(ICONS.dots));
    const person = el("button", { type: "button", class: "tool small to-customer", "aria-label": words.t("customer.open"), title: words.t("customer.open") }, icon(ICONS.card));
    person.onclick = () => inbox.act("customer");
    this.tools = el("div", { class: "thread-tools", role: "toolbar", "aria-label": words.t("inbox.acts") }, ...(inbox.writes ? inbox.actions.tools(() => [this.#id]).slice(1) : []), person, el("span", { class: "menu-place" }, more, menu(more, () => this.#moreItems())));
    this.head = el("header", { class: "thread-head" }, back, el("div", { class: "thread-title" }, this.who, this.standing), this.tools, this.primary);
    this.handoff = el("div", { class: "handoff", hidden: true });
    this.older = el("button", { type: "button", class: "button quiet older", hidden: true }, words.t("thread.older"));
    this.older.onclick = () => void this.#loadOlder();
    this.lines = el("div", { class: "lines", role: "log", "aria-live": "off", "aria-label": words.t("thread.label") });
    this.typing = el("p", { class: "typing", hidden: true });
    this.scroller = el("div", { class: "thread-scroll", tabindex: 0, role: "region", "aria-label": words.t("thread.label") }, this.handoff, this.older, this.lines, this.typing);
    this.below = el("button", { type: "button", class: "below", hidden: true });
    this.below.onclick = () => this.toEnd();
    this.composer = new Composer(inbox);
    this.state = el("div", { class: "thread-state" });
    this.body = el("div", { class: "thread-body", hidden: true }, this.head, el("div", { class: "thread-middle" }, this.scroller, this.below), this.composer.element, el("p", { class: "drop-here", "aria-hidden": "true" }, icon(ICONS.clip), words.t("files.drop")));
    this.element = el("section", { class: "thread-pane", tabindex: -1, "aria-label": words.t("thread.pane") }, this.state, this.body);
    /** @type {Keyed<Line>} */
    this.keyed = new Keyed(this.lines, {
      key: ({ key }) => key,
      look: (line) => [JSON.stringify(line), inbox.members],
      make: () => el("div", {}),
      draw: (node, line) => drawLine(inbox, node, line, (said) => void this.composer.send(this.#id, said), (said) => this.composer.takeBack(this.#id, said)),
    });
    // What is written below takes room: the end stays in view then too.
    new ResizeObserver(() => this.#follows && this.toEnd()).observe(this.scroller);
    this.#takeDrops();
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** @param {string} id empty for none */
  open(id) {
    this.#id = id;
    this.#seen = "";
    this.#follows = true;
    this.trouble = "";
    this.composer.open(id);
  }

  /** @param {unknown} error of opening it */
  fail(error) {
    const { words } = this.inbox;
    const gone = error instanceof Problem && error.status === 404;
    this.trouble = gone ? words.t("thread.gone") : sentence(error, words);
    this.show();
  }

  /** @param {ThreadMessage} message that has come by the socket */
  heard(message) {
    const { inbox } = this;
    if (message.role === "customer") inbox.say(inbox.words.t("thread.said", { name: this.#name() }));
  }

  show() {
    keepingFocus(this.element, () => this.#show(), () => () => (this.body.hidden ? this.element : this.scroller));
  }

  #show() {
    const { inbox } = this;
    const { words, store } = inbox;
    const detail = this.#id ? store.detail(this.#id) : null;
    this.body.hidden = !detail;
    this.state.hidden = Boolean(detail);
    if (!this.#id) return put(this.state, empty({ title: words.t("thread.none"), text: words.t("thread.none.keys"), symbol: "conversations" }));
    if (!detail) return put(this.state, this.trouble ? failed(words, this.trouble, () => void inbox.reload()) : loading(words, 5));
    this.#showHead(detail);
    this.#showHandoff(detail);
    this.#showLines(detail);
    this.composer.show(detail);
  }

  /** Shows the newest message. */
  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#follows = true;
    this.#scrolled();
  }

  /** Tells the API what has been read, if somebody is looking. */
  noteRead() {
    const { inbox } = this;
    const detail = inbox.store.detail(this.#id);
    const last = detail?.messages.filter(({ role }) => role !== "system").at(-1);
    if (!detail || !last || document.hidden || !this.#follows) return;
    if (!detail.unread_messages && this.#read.has(detail.id)) return;
    if ((this.#read.get(detail.id) ?? detail.read_until ?? "") >= last.id) return;
    this.#read.set(detail.id, last.id);
    inbox.store.markRead(detail.id, 0, last.id);
    // One that fails is made up for by the next: a mark goes up to a message.
    inbox.desk.api.send("POST", `/conversations/${detail.id}/read`, { message_id: last.id }).catch((error) => console.warn(error));
  }

  /** What the palette offers beside the keys. */
  commands() {
    return this.#moreItems().map(({ label, act }) => ({ label, key: "", act: () => act?.() }));
  }

  /** Files that are dropped anywhere on the thread go to the reply. */
  #takeDrops() {
    const { body, inbox } = this;
    if (!inbox.writes) return;
    let depth = 0;
    const brings = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (/** @type {number} */ now) => setAttribute(body, "data-over", (depth = Math.max(0, now)) > 0);
    body.addEventListener("dragenter", (event) => brings(event) && over(depth + 1));
    body.addEventListener("dragleave", (event) => brings(event) && over(depth - 1));
    body.addEventListener("dragover", (event) => brings(event) && event.preventDefault());
    body.addEventListener("drop", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      over(0);
      this.composer.attach([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #name() {
    const entry = this.inbox.store.entry(this.#id);
    return entry ? nameOf(entry.customer, this.inbox.words) : "";
  }

  /** @param {Detail} detail */
  #showHead(detail) {
    const { inbox } = this;
    const { words, members, me, formats } = inbox;
    const snoozed = isSnoozed(detail);
    const look = JSON.stringify([detail.customer, detail.status, detail.assignee, detail.priority, detail.snoozed_until, snoozed, members.length]);
    if (this.head.dataset["look"] === look) return;
    this.head.dataset["look"] = look;
    this.who.textContent = nameOf(detail.customer, words);
    setAttribute(this.standing, "data-status", detail.status);
    put(
      this.standing,
      snoozed && el("span", { class: "mark snoozed" }, icon(ICONS.clock), snoozedText(detail.snoozed_until ?? "", words, formats)),
      el("span", { class: "status" }, statusText(detail, members, me.user.id, words)),
      detail.assignee && detail.status !== "human" && el("span", {}, assignedText(detail.assignee, members, me.user.id, words)),
      (detail.priority === "urgent" || detail.priority === "high") && el("span", { class: "mark", "data-priority": detail.priority }, icon(ICONS.flag), el("span", { class: "mark-text" }, words.t(`mark.${detail.priority}`))),
    );
    const button = (/** @type {string} */ name, /** @type {string} */ look, /** @type {() => void} */ act) => {
      const whole = words.t(`act.${name}`);
      const short = words.has(`act.${name}.short`) && words.t(`act.${name}.short`);
      const text = short ? [el("span", { class: "whole" }, whole), el("span", { class: "short", "aria-hidden": "true" }, short)] : [whole];
      const made = el("button", { type: "button", class: `button small ${look}`, "data-act": name, ...(short && { "aria-label": whole, title: whole }) }, ...text);
      made.onclick = act;
      return made;
    };
    const ids = [detail.id];
    const mine = detail.status === "human" && detail.assignee === me.user.id;
    const focused = this.primary.contains(document.activeElement);
    put(
      this.primary,
      inbox.writes && detail.status === "resolved" && button("reopen", "quiet", () => void inbox.actions.reopen(ids)),
      inbox.writes && detail.status !== "resolved" && !mine && button("take", "quiet", () => void inbox.actions.takeOver(ids)),
      inbox.writes && mine && button("hand-back", "quiet", () => void inbox.actions.handBack(ids)),
      inbox.writes && detail.status !== "resolved" && button("resolve", "primary", () => void inbox.actions.resolve(ids, { next: true })),
    );
    if (focused) this.primary.querySelector("button")?.focus();
  }

  /** @param {Detail} detail */
  #showHandoff({ handoff: called, ticket, status }) {
    const { words, formats } = this.inbox;
    const { handoff } = this;
    const summary = ticket?.summary;
    const shown = Boolean(called) && status !== "resolved";
    const look = shown ? JSON.stringify([called, summary, words.language]) : "";
    handoff.hidden = !shown;
    if (handoff.dataset["look"] === look) return;
    handoff.dataset["look"] = look;
    if (!called || !shown) return put(handoff);
    const why = words.has(`reason.${called.reason}`) ? words.t(`reason.${called.reason}`) : called.reason;
    put(
      handoff,
      el("p", { class: "handoff-why" }, icon(ICONS.person), el("strong", {}, why), el("span", {}, formats.ago(called.at))),
      summary &&
        el(
          "dl",
          { class: "summary" },
          el("dt", {}, words.t("summary.wants")),
          el("dd", { dir: "auto" }, summary.wants),
          summary.tried.length > 0 && el("dt", {}, words.t("summary.tried")),
          summary.tried.length > 0 && el("dd", {}, el("ul", {}, ...summary.tried.map((each) => el("li", { dir: "auto" }, each)))),
          el("dt", {}, words.t("summary.mood")),
          el("dd", { dir: "auto", title: summary.mood }, moodText(summary.mood)),
        ),
    );
  }

  /** @param {Detail} detail */
  #showLines(detail) {
    const { inbox, scroller } = this;
    const { words, presence, drafts } = inbox;
    this.older.hidden = !detail.cursor;
    const first = this.#seen === "";
    // What one reads stays where it is, whatever comes above it.
    const anchor = first ? null : this.#anchor();
    this.keyed.show(linesOf(detail.messages, drafts.of(detail.id).said, detail.customer_read));
    const types = presence.customerTypes(detail.id);
    this.typing.hidden = !types;
    this.typing.textContent = types ? words.t("thread.types", { name: this.#name() }) : "";
    if (first || this.#follows) scroller.scrollTop = scroller.scrollHeight;
    else if (anchor) scroller.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    this.#scrolled();
  }

  /** The line at the top of what is on the screen. */
  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const node of this.lines.children) {
      const place = node.getBoundingClientRect();
      if (place.bottom > top) return { node, top: place.top };
    }
    return null;
  }

  #scrolled() {
    const { scroller, inbox, below } = this;
    const detail = inbox.store.detail(this.#id);
    if (!detail || scroller.clientHeight === 0) return;
    this.#follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    const last = detail.messages.at(-1)?.id ?? "0";
    if (this.#follows) this.#seen = last;
    const count = this.#follows ? 0 : countBelow(detail.messages, this.#seen);
    const look = this.#follows ? "" : count ? inbox.words.n("thread.below", count) : inbox.words.t("thread.end");
    below.hidden = this.#follows;
    if (below.dataset["look"] !== look) {
      below.dataset["look"] = look;
      setAttribute(below, "data-new", count > 0);
      put(below, look, icon(ICONS.more));
    }
    this.noteRead();
  }

  async #loadOlder() {
    if (this.#loadingOlder) return;
    this.#loadingOlder = true;
    try {
      await this.inbox.store.older(this.#id);
    } catch (error) {
      this.inbox.desk.complain(error);
    } finally {
      this.#loadingOlder = false;
    }
  }

  /** @returns {Item[]} */
  #moreItems() {
    const { inbox } = this;
    const { words, desk } = inbox;
    const id = this.#id;
    const entry = inbox.store.entry(id);
    if (!entry) return [];
    const copy = async () => {
      await navigator.clipboard.writeText(new URL(`conversations.html?view=all&open=${id}`, document.baseURI).href);
      desk.toasts.show({ text: words.t("done.copied") });
    };
    const items = [{ label: words.t("act.copy.link"), act: () => void copy() }];
    if (inbox.writes && entry.customer.email) items.push({ label: words.t("act.transcript"), act: () => void this.#transcript(id) });
    if (desk.can("privacy:write")) items.push({ label: words.t("act.export"), act: () => void this.#export(id) }, { label: words.t("act.erase"), act: () => void this.#erase(id) });
    return items;
  }

  /** @param {string} id */
  async #transcript(id) {
    const { desk, words } = this.inbox;
    try {
      await desk.api.send("POST", `/conversations/${id}/transcript`);
      desk.toasts.show({ text: words.t("done.transcript", { customer: this.#name() }) });
    } catch (error) {
      desk.complain(error);
    }
  }

  /** @param {string} id */
  async #export(id) {
    const { desk } = this.inbox;
    try {
      const found = await desk.api.send("POST", "/privacy/export", { conversation_id: id });
      const link = el("a", { download: `conversation-${id}.json` });
      link.href = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      desk.complain(error);
    }
  }

  /** @param {string} id */
  async #erase(id) {
    const { inbox } = this;
    const { desk, words, store } = inbox;
    const yes = await ask({ title: words.t("erase.title"), text: words.t("erase.text", { name: this.#name() }), yes: words.t("erase.yes"), no: words.t("cancel"), danger: true });
    if (!yes) return;
    const customer = this.#name();
    try {
      await desk.api.send("POST", "/privacy/erase", { conversation_id: id });
      inbox.openConversation("");
      store.drop(id);
      inbox.drafts.forget(id);
      desk.api.cache.drop(threadPath(id));
      void inbox.reload();
      desk.toasts.show({ text: words.t("done.erased", { customer }) });
    } catch (error) {
      desk.complain(error);
    }
  }
}
