// What somebody of the team does with conversations: shown at once, carried out once, and undone on
// request.

import { el, icon } from "../../widget/dom.js";
import { Problem } from "../../widget/http.js";
import { ICONS } from "../icons.js";
import { menu } from "../parts/menu.js";
import { askLabels, askMoment } from "./dialogs.js";
import { memberName, nameOf } from "./names.js";
import { snoozeText } from "./list-pane.js";
import { snoozes, UNTIL_REPLY } from "./snoozes.js";
import { PRIORITIES } from "./views.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {Act} from "./keys.js" */
/** @import {Item} from "../parts/menu.js" */
/** @import {Entry, Priority} from "./types.d.ts" */

/**
 * @typedef {object} Deed
 * @property {Partial<Entry>} changes how it looks once it is done
 * @property {() => Promise<any>} send
 * @property {() => Promise<any>} [undo]
 */

/**
 * @typedef {object} Telling
 * @property {Record<string, string>} [said] what the words for it are filled with
 * @property {string} [one] what is said when it was one conversation, if not the same
 * @property {string} [leads] conversation that is opened again when it is undone
 */

/** So many conversations are changed at once when many are picked. */
const AT_ONCE = 4;

export class Actions {
  /** Takes the last deed back. @type {(() => Promise<void>) | null} */
  #last = null;
  #away = () => {};

  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
  }

  /** @returns {boolean} whether there was something to undo */
  undo() {
    const back = this.#last;
    if (!back) return false;
    this.#last = null;
    this.#away();
    void back();
    return true;
  }

  /**
   * What a key asks for.
   * @param {Act} act
   * @param {string[]} ids
   * @returns {boolean}
   */
  start(act, ids) {
    if (act === "resolve") return (void this.resolve(ids, { next: true }), true);
    if (act === "take") return (void this.takeOver(ids), true);
    if (act === "label") return (void this.label(ids), true);
    // The menus of the thread, or of those that are picked, are where the choices are.
    const place = this.inbox.list.bar.checkVisibility() ? this.inbox.list.bar : this.inbox.thread.tools;
    /** @type {HTMLButtonElement | null} */
    const button = place.querySelector(`[data-act="${act}"]`);
    button?.click();
    return Boolean(button);
  }

  /**
   * Buttons to act on conversations with.
   * @param {() => string[]} ids
   * @returns {HTMLElement[]}
   */
  tools(ids) {
    const { words } = this.inbox;
    const button = (/** @type {string} */ name, /** @type {string} */ symbol, /** @type {() => void} */ act) => {
      const made = el("button", { type: "button", class: "tool small", "data-act": name, "aria-label": words.t(`act.${name}`), title: words.t(`act.${name}`) }, icon(symbol));
      made.onclick = act;
      return made;
    };
    const chooser = (/** @type {string} */ name, /** @type {string} */ symbol, /** @type {() => Item[]} */ items) => {
      const opener = button(name, symbol, () => {});
      opener.onclick = null;
      return el("span", { class: "menu-place" }, opener, menu(opener, items));
    };
    return [
      button("resolve", ICONS.check, () => void this.resolve(ids(), { next: true })),
      chooser("snooze", ICONS.clock, () => this.#snoozeItems(ids())),
      chooser("assign", ICONS.person, () => this.#assignItems(ids())),
      button("label", ICONS.tag, () => void this.label(ids())),
      chooser("priority", ICONS.flag, () => this.#priorityItems(ids())),
    ];
  }

  /**
   * @param {string[]} ids
   * @param {{next?: boolean}} [how] next: the one below opens
   */
  async resolve(ids, { next = false } = {}) {
    const { inbox } = this;
    const { desk } = inbox;
    const open = inbox.view.now["open"] ?? "";
    const done = ids.filter((id) => inbox.store.entry(id)?.status !== "resolved");
    if (!done.length) return;
    if (next && done.includes(open)) this.#goOn(open, done);
    const deeds = new Map(
      done.map((id) => [
        id,
        {
          changes: /** @type {Partial<Entry>} */ ({ status: "resolved", resolution: { by: "agent", at: new Date().toISOString() }, waiting_since: null }),
          send: () => desk.api.send("POST", `/conversations/${id}/resolve`),
          undo: () => desk.api.repeat(`/conversations/${id}/reopen`),
        },
      ]),
    );
    await this.#do("resolved", deeds, { leads: next && done.includes(open) ? open : "" });
  }

  /**
   * Has conversations stand as they did before they were resolved.
   * @param {string[]} ids
   */
  async reopen(ids) {
    const { desk, store } = this.inbox;
    const deeds = ids
      .filter((id) => store.entry(id)?.status === "resolved")
      .map((id) => {
        // How it stood the API knows; until it says so, this is likely.
        const status = store.entry(id)?.assignee ? "human" : "open";
        return /** @type {[string, Deed]} */ ([
          id,
          {
            changes: { status, resolution: null },
            send: () => desk.api.repeat(`/conversations/${id}/reopen`),
            undo: () => desk.api.send("POST", `/conversations/${id}/resolve`),
          },
        ]);
      });
    await this.#do("reopened", new Map(deeds));
  }

  /** @param {string[]} ids */
  async takeOver(ids) {
    const { desk, me, store } = this.inbox;
    const deeds = ids
      .filter((id) => store.entry(id)?.status !== "human" || store.entry(id)?.assignee !== me.user.id)
      .map((id) => {
        const before = store.entry(id);
        const back = before?.status === "human" ? () => desk.api.put(`/conversations/${id}/assignee`, { assignee: before.assignee }) : () => desk.api.send("POST", `/conversations/${id}/hand-back`);
        return /** @type {[string, Deed]} */ ([
          id,
          {
            changes: { status: "human", assignee: me.user.id, resolution: null },
            send: () => desk.api.send("POST", `/conversations/${id}/take-over`),
            ...(before?.status === "resolved" ? {} : { undo: back }),
          },
        ]);
      });
    await this.#do("taken", new Map(deeds));
  }

  /** @param {string[]} ids */
  async handBack(ids) {
    const { desk } = this.inbox;
    const deed = (/** @type {string} */ id) => ({
      changes: /** @type {Partial<Entry>} */ ({ status: "open", assignee: null, handoff: null, waiting_since: null }),
      send: () => desk.api.send("POST", `/conversations/${id}/hand-back`),
      undo: () => desk.api.send("POST", `/conversations/${id}/take-over`),
    });
    await this.#do("handed.back", new Map(ids.map((id) => [id, deed(id)])));
  }

  /**
   * @param {string[]} ids
   * @param {string | null} assignee
   */
  async assign(ids, assignee) {
    const { words, members, me } = this.inbox;
    const name = memberName(assignee, members, me.user.id, words);
    const one = assignee === me.user.id ? "assigned.me" : assignee ? "assigned" : "unassigned";
    await this.#set("assigned", ids, "assignee", assignee, "assignee", (value) => ({ assignee: value }), { said: { name }, one });
  }

  /**
   * @param {string[]} ids
   * @param {string | null} until
   */
  async snooze(ids, until) {
    const { words, formats } = this.inbox;
    const done = until ? "snoozed" : "woken";
    await this.#set(done, ids, "snoozed_until", until, "snooze", (value) => ({ until: value }), { said: { until: until ? snoozeText(until, words, formats) : "" } });
  }

  /**
   * @param {string[]} ids
   * @param {Priority} priority
   */
  async prioritize(ids, priority) {
    const { words, desk, store } = this.inbox;
    const send = (/** @type {string} */ id, /** @type {Priority} */ value) => desk.api.send("PATCH", `/conversations/${id}`, { priority: value });
    const deeds = ids.map((id) => {
      const before = store.entry(id)?.priority ?? "medium";
      return /** @type {[string, Deed]} */ ([id, { changes: { priority }, send: () => send(id, priority), undo: () => send(id, before) }]);
    });
    await this.#do("prioritized", new Map(deeds), { said: { priority: words.t(`priority.${priority}`) } });
  }

  /** @param {string[]} ids */
  async label(ids) {
    const { inbox } = this;
    const { store } = inbox;
    const of = (/** @type {string} */ id) => store.entry(id)?.labels ?? [];
    const [first = [], ...others] = ids.map(of);
    const common = first.filter((label) => others.every((labels) => labels.includes(label)));
    const wanted = await askLabels(inbox.words, common, [...new Set([...inbox.labels, ...first])], inbox.learnLabels());
    if (!wanted) return;
    const gone = common.filter((label) => !wanted.includes(label));
    const after = (/** @type {string} */ id) => [...new Set([...of(id).filter((label) => !gone.includes(label)), ...wanted])];
    const send = (/** @type {string} */ id, /** @type {string[]} */ labels) => inbox.desk.api.put(`/conversations/${id}/labels`, { labels });
    const deeds = ids
      .filter((id) => after(id).join("\n") !== of(id).join("\n"))
      .map((id) => {
        const [before, labels] = [of(id), after(id)];
        return /** @type {[string, Deed]} */ ([id, { changes: { labels }, send: () => send(id, labels), undo: () => send(id, before) }]);
      });
    await this.#do("labelled", new Map(deeds));
  }

  /**
   * One field of several conversations, by a route that sets it.
   * @param {string} done
   * @param {string[]} ids
   * @param {"assignee" | "snoozed_until"} name
   * @param {string | null} value
   * @param {string} route
   * @param {(value: string | null) => unknown} body
   * @param {Telling} telling
   */
  async #set(done, ids, name, value, route, body, telling) {
    const { desk, store } = this.inbox;
    const send = (/** @type {string} */ id, /** @type {string | null} */ to) => desk.api.put(`/conversations/${id}/${route}`, body(to));
    const deeds = ids.map((id) => {
      const before = store.entry(id)?.[name] ?? null;
      return /** @type {[string, Deed]} */ ([id, { changes: { [name]: value }, send: () => send(id, value), undo: () => send(id, before) }]);
    });
    await this.#do(done, new Map(deeds), telling);
  }

  /**
   * @param {string} done what is said of it
   * @param {Map<string, Deed>} deeds by conversation
   * @param {Telling} [telling]
   */
  async #do(done, deeds, { said = {}, one = done, leads = "" } = {}) {
    const { inbox } = this;
    const { words, desk, store } = inbox;
    if (!deeds.size) return;
    inbox.list.picked.clear();
    /** @type {Set<string>} */
    const failed = new Set();
    const undoable = [...deeds.values()].every(({ undo }) => undo);
    const carriedOut = this.#each(deeds, (id, deed) => this.#carryOut(id, deed.changes, deed.send, failed));
    const back = async () => {
      this.#last = null;
      if (leads) inbox.openConversation(leads);
      await carriedOut;
      await this.#each(deeds, (id, { undo }) => (failed.has(id) || !undo ? Promise.resolve() : this.#carryOut(id, {}, undo, failed)));
      for (const id of deeds.keys()) if (id === store.open) void store.read(id).catch(() => {});
    };
    this.#last = undoable ? back : null;
    const [first = ""] = deeds.keys();
    const customer = nameOf(store.entry(first)?.customer ?? { id: null, name: null, email: null }, words);
    const text = deeds.size === 1 ? words.t(`done.${one}`, { ...said, customer }) : words.n(`done.${done}.many`, deeds.size, said);
    this.#away = desk.toasts.show({ text, ...(undoable ? { undo: back } : {}) });
    await carriedOut;
  }

  /**
   * @param {string} id
   * @param {Partial<Entry>} changes
   * @param {() => Promise<any>} send
   * @param {Set<string>} failed
   */
  async #carryOut(id, changes, send, failed) {
    const { desk, store, signal } = this.inbox;
    try {
      await store.change(id, changes, send);
      // The record of it comes by the socket; without one it is asked for.
      if (id === store.open && desk.live.state !== "up") await store.read(id);
    } catch (error) {
      failed.add(id);
      if (signal.aborted) return;
      desk.complain(error);
      // Somebody else may have been first: show what is so now.
      if (error instanceof Problem && [404, 409].includes(error.status)) await store.read(id).catch(() => {});
    }
  }

  /**
   * @param {Map<string, Deed>} deeds
   * @param {(id: string, deed: Deed) => Promise<void>} act
   */
  async #each(deeds, act) {
    const left = [...deeds];
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) await act(...next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /**
   * Opens what is below the conversation that is done, or above it.
   * @param {string} open
   * @param {string[]} done
   */
  #goOn(open, done) {
    const { inbox } = this;
    const { ids } = inbox.list;
    const at = ids.indexOf(open);
    const next = [...ids.slice(at + 1), ...ids.slice(0, Math.max(at, 0)).reverse()].find((id) => !done.includes(id));
    inbox.openConversation(next ?? "");
  }

  /** @param {string[]} ids */
  async #snoozeTo(ids) {
    const until = await askMoment(this.inbox.words);
    if (until) await this.snooze(ids, until);
  }

  /** @param {string[]} ids @returns {Item[]} */
  #snoozeItems(ids) {
    const { words, formats, store } = this.inbox;
    const snoozed = ids.some((id) => store.entry(id)?.snoozed_until);
    return [
      ...snoozes().map(({ name, until }) => ({
        label: until === UNTIL_REPLY ? words.t("snooze.reply") : `${words.t(`snooze.${name}`)} · ${formats.dayTime(until)}`,
        act: () => void this.snooze(ids, until),
      })),
      { label: words.t("snooze.date"), act: () => void this.#snoozeTo(ids) },
      ...(snoozed ? [{ label: words.t("snooze.end"), act: () => void this.snooze(ids, null) }] : []),
    ];
  }

  /** @param {string[]} ids @returns {Item[]} */
  #assignItems(ids) {
    const { words, members, me, store } = this.inbox;
    const now = ids.length === 1 ? store.entry(ids[0] ?? "")?.assignee : undefined;
    const choice = (/** @type {string | null} */ id, /** @type {string} */ label) => ({ label, chosen: now === id, act: () => void this.assign(ids, id) });
    return [choice(me.user.id, words.t("inbox.me")), ...members.filter(({ id }) => id !== me.user.id).map(({ id, name }) => choice(id, name)), choice(null, words.t("inbox.nobody"))];
  }

  /** @param {string[]} ids @returns {Item[]} */
  #priorityItems(ids) {
    const { words, store } = this.inbox;
    const now = ids.length === 1 ? store.entry(ids[0] ?? "")?.priority : undefined;
    return PRIORITIES.map((each) => ({ label: words.t(`priority.${each}`), chosen: now === each, act: () => void this.prioritize(ids, each) }));
  }
}
