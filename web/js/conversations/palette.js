// Everything that can be done here, by name, with the key that does it; and the list of keys.

import { el, put, setAttribute } from "../../widget/dom.js";
import { moved } from "../parts/menu.js";
import { KEYS } from "./keys.js";
import { VIEWS } from "./views.js";

/** @import {Inbox} from "./inbox.js" */

/** @typedef {{label: string, key: string, act: () => void}} Command */

export class Palette {
  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
  }

  /** @param {boolean} help the keys as a list to read, without a field */
  open(help) {
    if (document.querySelector("dialog[open]")) return;
    if (help) this.#showKeys();
    else this.#showCommands();
  }

  #showKeys() {
    const { words } = this.inbox;
    const close = el("button", { class: "button primary", value: "no" }, words.t("close"));
    const rows = [...KEYS, { act: "palette", keys: ["⌘K", "Ctrl K"] }, { act: "send", keys: ["⌘↵", "Ctrl ↵"] }].map(({ act, keys }) => el("div", { class: "key-row" }, el("dt", {}, ...keys.map((key) => el("kbd", {}, shown(key)))), el("dd", {}, words.t(`key.${act}`))));
    this.#show(el("dialog", { class: "dialog keys", "aria-labelledby": "keys-title" }, el("form", { method: "dialog" }, el("h2", { id: "keys-title" }, words.t("key.title")), el("dl", { class: "key-list" }, ...rows), el("div", { class: "choices" }, close))));
  }

  #showCommands() {
    const { words } = this.inbox;
    const input = el("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "commands", "aria-autocomplete": "list", "aria-label": words.t("palette.label"), placeholder: words.t("palette.label"), autocomplete: "off" });
    const list = el("ul", { id: "commands", role: "listbox", class: "commands", "aria-label": words.t("palette.label") });
    const dialog = el("dialog", { class: "dialog palette", "aria-label": words.t("palette.label") }, input, list);
    const all = this.#commands();
    let found = all;
    let at = 0;
    const run = (/** @type {Command | undefined} */ command) => {
      if (!command) return;
      dialog.close();
      command.act();
    };
    const draw = () => {
      put(
        list,
        ...found.map((command, i) => {
          const option = el("li", { role: "option", id: `command-${i}`, class: "command", "aria-selected": String(i === at) }, el("span", { dir: "auto" }, command.label), command.key && el("kbd", {}, command.key));
          option.onclick = () => run(command);
          return option;
        }),
        !found.length && el("li", { role: "option", class: "hint command-none", "aria-selected": "false", "aria-disabled": "true" }, words.t("palette.none")),
      );
      setAttribute(input, "aria-activedescendant", found.length ? `command-${at}` : null);
      list.children[at]?.scrollIntoView({ block: "nearest" });
    };
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase().split(/\s+/u);
      found = all.filter(({ label }) => wanted.every((word) => label.toLowerCase().includes(word)));
      at = 0;
      draw();
    });
    input.addEventListener("keydown", (event) => {
      const next = event.key === "Home" || event.key === "End" ? null : moved(event.key, at, found.length || 1);
      if (event.key === "Enter" && !event.isComposing) run(found[at]);
      if (next === null) return;
      event.preventDefault();
      at = next;
      draw();
    });
    draw();
    this.#show(dialog);
    input.focus();
  }

  /** @returns {Command[]} */
  #commands() {
    const { inbox } = this;
    const { words } = inbox;
    const writing = new Set(["reply", "note", "resolve", "take", "assign", "snooze", "label", "priority"]);
    const needsOpen = new Set([...writing, "customer", "select", "close"]);
    const open = Boolean(inbox.view.now["open"]) || inbox.list.picked.size > 0;
    const acts = KEYS.filter(({ act }) => (open || !needsOpen.has(act)) && (inbox.writes || !writing.has(act)));
    return [
      ...acts.map(({ act, keys }) => ({ label: words.t(`key.${act}`), key: shown(keys[0] ?? ""), act: () => void setTimeout(() => inbox.act(act)) })),
      ...(open ? inbox.thread.commands() : []),
      ...VIEWS.map((view) => ({ label: words.t("palette.view", { view: words.t(`view.${view}`) }), key: "", act: () => inbox.view.change({ view, open: "", q: "", side: "" }) })),
    ];
  }

  /** @param {HTMLDialogElement} dialog */
  #show(dialog) {
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove(), { once: true });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.showModal();
  }
}

/** @param {string} key */
function shown(key) {
  return key === "Escape" ? "Esc" : key.length === 1 ? key.toUpperCase() : key;
}
