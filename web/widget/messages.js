// The list of messages: one element per item, kept in step with the conversation.

import { detach, el, icon, put, setAttribute } from "./dom.js";
import { ICONS } from "./icons.js";
import { toJson } from "./json.js";
import { render, unfinished } from "./markdown.js";
import { Reveal } from "./reveal.js";
import { fill } from "./strings.js";

/** @import {Attachment, Citation, Item, Strings} from "./protocol.d.ts" */

/** A pause after which the time is shown. */
const PAUSE_MS = 30 * 60_000;

/**
 * @typedef {object} Hooks
 * @property {(messageId: string, citation: Citation, from: HTMLElement) => void} onCitation
 * @property {(messageId: string, helpful: boolean) => void} onJudge
 * @property {(clientId: string) => void} onRetry
 * @property {(id: string) => Promise<void>} onFile fetches a file
 * @property {() => void} onGrow the list may have become longer
 */

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class MessageList {
  /** @type {Map<string, MessageView>} */
  #views = new Map();

  /**
   * @param {HTMLElement} container
   * @param {Strings} strings
   * @param {Hooks} hooks
   */
  constructor(container, strings, hooks) {
    this.container = container;
    this.strings = strings;
    this.hooks = hooks;
  }

  /**
   * @param {Item[]} items
   * @param {{assistant: string, judged: Map<string, boolean>}} context
   */
  update(items, { assistant, judged }) {
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, view] of this.#views) {
      if (keys.has(key)) continue;
      view.end();
      this.#views.delete(key);
    }
    let place = this.container.firstElementChild;
    let before = Number.NEGATIVE_INFINITY;
    for (const item of items) {
      let view = this.#views.get(item.key);
      if (!view) {
        view = new MessageView(item, this.strings, this.hooks);
        this.#views.set(item.key, view);
      }
      view.update(item, { assistant, judged, time: item.at - before > PAUSE_MS ? item.at : null });
      if (view.element === place) place = place.nextElementSibling;
      else this.container.insertBefore(view.element, place);
      before = item.at;
    }
  }
}

class MessageView {
  /** What the foot, and the marks in the text, were last made from. */
  #foot = "";
  #marks = "";
  #shown = "";
  #wasStreaming = false;

  /**
   * @param {Item} item
   * @param {Strings} strings
   * @param {Hooks} hooks
   */
  constructor(item, strings, hooks) {
    this.item = item;
    this.strings = strings;
    this.hooks = hooks;
    this.time = el("p", { class: "time", hidden: true });
    this.author = el("span", { class: "author sr" });
    this.text = el("div", { class: "text", dir: "auto" });
    this.files = el("ul", { class: "files", "aria-label": strings.files });
    this.foot = el("div", { class: "foot" });
    this.element = el("div", { class: "message" }, this.time, this.author, this.text, this.files, this.foot);
    this.reveal = new Reveal((text) => this.#show(text));
  }

  /**
   * @param {Item} item
   * @param {{assistant: string, judged: Map<string, boolean>, time: number | null}} context
   */
  update(item, { assistant, judged, time }) {
    this.item = item;
    this.element.dataset.role = item.role;
    setAttribute(this.element, "data-pending", item.pending);
    setAttribute(this.element, "data-failed", item.failed !== null);
    this.time.hidden = time === null;
    if (time !== null) this.time.textContent = when(time, this.strings);
    const agent = item.message?.author ?? this.strings.agent;
    this.author.textContent = { customer: this.strings.you, assistant, agent, system: "" }[item.role];
    this.#wasStreaming ||= item.streaming;
    // History and one's own words are there at once; so is a text that was replaced.
    const ease = this.#wasStreaming && !still.matches && !document.hidden;
    const marks = item.citations.map(({ number, title }) => `${number} ${title}`).join("\n");
    if (marks !== this.#marks) {
      this.#marks = marks;
      put(this.text);
      this.#show(this.reveal.seen);
    }
    this.reveal.update(item.text, !ease);
    this.text.hidden = !item.text;
    this.#showFiles();
    const id = item.message?.id ?? "";
    this.#finish(judged.get(id) ?? item.message?.helpful ?? null);
  }

  end() {
    this.reveal.end();
    detach(this.element);
  }

  #showFiles() {
    const { attachments, message } = this.item;
    const state = toJson([attachments, message?.id]);
    if (state === this.#shown) return;
    this.#shown = state;
    this.files.hidden = !attachments.length;
    put(this.files, ...attachments.map((file) => el("li", {}, message ? this.#file(file) : el("span", { class: "source" }, ...fileLabel(file)))));
  }

  /** @param {Attachment} file */
  #file(file) {
    const button = el("button", { type: "button", class: "source", "aria-label": fill(this.strings.download, { name: file.name }) }, ...fileLabel(file));
    const failed = el("p", { class: "failure", role: "alert", hidden: true }, this.strings.notDownloaded);
    button.onclick = () => {
      failed.hidden = true;
      this.hooks.onFile(file.id).catch(() => {
        failed.hidden = false;
      });
    };
    return el("div", {}, button, failed);
  }

  /** @param {string} text */
  #show(text) {
    if (this.item.role === "customer" || this.item.role === "system") {
      if (this.text.textContent !== text) this.text.textContent = text;
    } else {
      const whole = !this.item.streaming && text.length === this.item.text.length;
      render(this.text, whole ? text : unfinished(text), this.#cite);
    }
    this.foot.hidden = text.length < this.item.text.length;
    this.hooks.onGrow();
  }

  /** @param {number} number */
  #cite = (number) => {
    const citation = this.item.citations.find((each) => each.number === number);
    if (!citation) return null;
    const label = fill(this.strings.source, { number, title: citation.title });
    const button = el("button", { type: "button", class: "cite", "aria-label": label, title: citation.title }, String(number));
    button.onclick = () => this.#open(citation, button);
    return button;
  };

  /**
   * @param {Citation} citation
   * @param {HTMLElement} from
   */
  #open(citation, from) {
    this.hooks.onCitation(this.item.message?.id ?? this.item.key, citation, from);
  }

  /**
   * What stands under the text: sources, judgement, or why it was not sent.
   * @param {boolean | null} helpful
   */
  #finish(helpful) {
    const { citations, failed, message, pending, role } = this.item;
    const state = toJson([citations, failed, pending, message?.id, message?.kind, message?.stopped, helpful]);
    if (state === this.#foot) return;
    const before = this.#foot;
    this.#foot = state;
    const focused = this.foot.querySelector(":focus")?.getAttribute("data-judge");
    const parts = [];
    if (pending) parts.push(el("p", { class: "aside sending" }, this.strings.sending));
    if (failed) parts.push(this.#failure(failed));
    if (role === "assistant" && message?.stopped) parts.push(el("p", { class: "aside" }, this.strings.stopped));
    if (role === "assistant" && citations.length) parts.push(this.#sources(citations));
    if (role === "assistant" && message && !["small_talk", "handoff", "paused"].includes(message.kind ?? "")) {
      parts.push(this.#judgement(message.id, helpful, before !== ""));
    }
    put(this.foot, ...parts);
    if (focused) /** @type {HTMLElement | null} */ (this.foot.querySelector(`[data-judge="${focused}"]`))?.focus();
  }

  /** @param {Citation[]} citations */
  #sources(citations) {
    const titles = citations.map(({ title }) => title);
    const chips = citations.map((citation) => {
      const { number, headings, page } = citation;
      // Two places in one document are told apart by their headings.
      const shared = titles.filter((title) => title === citation.title).length > 1;
      const title = [citation.title, shared && headings.at(-1)].filter(Boolean).join(" › ");
      const where = page ? ` · ${fill(this.strings.page, { page })}` : "";
      const chip = el(
        "button",
        { type: "button", class: "source", "aria-label": fill(this.strings.source, { number, title }) + where },
        el("span", { class: "number" }, String(number)),
        el("span", { class: "name", dir: "auto" }, title),
        page ? el("span", { class: "where" }, fill(this.strings.page, { page })) : null,
      );
      chip.onclick = () => this.#open(citation, chip);
      return el("li", {}, chip);
    });
    return el("ul", { class: "sources", "aria-label": this.strings.sources }, ...chips);
  }

  /**
   * @param {string} id
   * @param {boolean | null} helpful
   * @param {boolean} changed
   */
  #judgement(id, helpful, changed) {
    const choice = (/** @type {boolean} */ value) => {
      const label = value ? this.strings.helpful : this.strings.notHelpful;
      const button = el(
        "button",
        { type: "button", class: "judge", "data-judge": String(value), "aria-pressed": String(helpful === value) },
        icon(value ? ICONS.up : ICONS.down),
        el("span", {}, label),
      );
      button.onclick = () => this.hooks.onJudge(id, value);
      return button;
    };
    const thanks = helpful !== null && changed ? el("span", { class: "aside" }, this.strings.thanks) : null;
    return el("div", { class: "judgement", role: "group", "aria-label": this.strings.question }, choice(true), choice(false), thanks);
  }

  /** @param {string} reason */
  #failure(reason) {
    const again = el("button", { type: "button", class: "link" }, this.strings.retry);
    again.onclick = () => this.hooks.onRetry(this.item.key);
    return el("p", { class: "failure" }, `${this.strings.notSent} ${reason} `, again);
  }
}

/**
 * @param {{name: string, size: number}} file
 * @returns {Node[]}
 */
export function fileLabel({ name, size }) {
  const kilobytes = Math.max(1, Math.round(size / 1024));
  const text = kilobytes < 1024 ? `${kilobytes} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
  return [icon(ICONS.clip), el("span", { class: "name", dir: "auto" }, name), el("span", { class: "where" }, text)];
}

/**
 * @param {number} time
 * @param {Strings} strings
 */
function when(time, strings) {
  const date = new Date(time);
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === new Date().toDateString()) return `${strings.today}, ${clock}`;
  return `${date.toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" })}, ${clock}`;
}
