// Where a reply or a note is written. What is written stays, over reloads and failures, until the
// server has it; and it is sent once.

import { el, icon, isComposing, put, setAttribute } from "../../widget/dom.js";
import { Problem } from "../../widget/http.js";
import { ulid } from "../../widget/ulid.js";
import { ICONS } from "../icons.js";
import { moved } from "../parts/menu.js";
import { Attachments } from "./attachments.js";
import { cannedAt, matching } from "./canned.js";
import { keepsSome } from "./drafts.js";
import { memberName, nameOf } from "./names.js";
import { openPassage } from "./passage.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {Canned} from "./canned.js" */
/** @import {Detail, Said} from "./types.d.ts" */

const TYPING_MS = 3_000;
const LONGEST = 4_000;

export class Composer {
  #id = "";
  /** @type {"reply" | "note"} */
  #kind = "reply";
  #typed = 0;
  /** @type {Canned[] | null} */
  #canned = null;
  /** @type {Canned[]} */
  #offered = [];
  #at = 0;
  #drafting = false;
  /** What was drafted last for the open conversation. */
  #drafted = "";
  /** On their way now, so that nothing is sent twice from here. @type {Set<string>} */
  #sending = new Set();

  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    const { words } = inbox;
    const kind = (/** @type {"reply" | "note"} */ name) => {
      const button = el("button", { type: "button", class: "kind", "data-kind": name, "aria-pressed": "false", title: name === "reply" ? "R" : "N" }, icon(name === "reply" ? ICONS.reply : ICONS.note), words.t(`composer.${name}`));
      button.onclick = () => this.write(name);
      return button;
    };
    this.kinds = [kind("reply"), kind("note")];
    this.notice = el("p", { class: "composer-notice", hidden: true });
    this.field = el("textarea", { rows: 3, maxlength: LONGEST, "aria-autocomplete": "list", "aria-controls": "canned", dir: "auto" });
    this.offer = el("ul", { id: "canned", class: "canned", role: "listbox", "aria-label": words.t("canned.label"), hidden: true });
    this.sources = el("div", { class: "draft-sources", hidden: true });
    this.draft = el("button", { type: "button", class: "button small quiet draft-button" }, icon(ICONS.spark), words.t("composer.draft"));
    this.draft.onclick = () => void this.#draftAnswer();
    this.attachments = new Attachments(inbox);
    this.button = el("button", { type: "submit", class: "button small primary send" });
    const hint = el("span", { class: "composer-hint" }, words.t("composer.hint"));
    this.element = el("form", { class: "composer", novalidate: true }, this.notice, el("div", { class: "kinds", role: "group", "aria-label": words.t("composer.kind") }, ...this.kinds), el("div", { class: "field-place" }, this.offer, this.field), this.attachments.element, this.sources, el("div", { class: "composer-foot" }, this.attachments.button, this.attachments.input, this.draft, hint, this.button));
    this.element.hidden = !inbox.writes;
    this.element.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#press(event));
    this.field.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // A copied table brings a picture of itself with its text: the text is meant.
      if (!files.length || event.clipboardData?.types.includes("text/plain")) return;
      event.preventDefault();
      this.attach(files);
    });
    this.field.addEventListener("blur", () => setTimeout(() => this.#offer([])));
  }

  /** @param {string} id of the conversation; empty for none */
  open(id) {
    this.#id = id;
    this.#offer([]);
    this.#drafted = "";
    this.attachments.open(id);
    if (!id) return;
    const { kind, said } = this.inbox.drafts.of(id);
    // What was on its way when the page was left: nobody knows whether it came, so its author decides.
    for (const each of said) if (!each.failed && !this.#sending.has(each.id)) this.inbox.drafts.say(id, { ...each, failed: true });
    this.#become(kind);
  }

  /**
   * Writes on, a reply or a note.
   * @param {"reply" | "note"} kind
   */
  write(kind) {
    this.inbox.drafts.change(this.#id, { kind });
    this.#become(kind);
    this.field.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  /**
   * Puts files to the reply.
   * @param {File[]} files
   */
  attach(files) {
    if (!files.length || this.element.hidden) return;
    if (this.#kind === "note") this.write("reply");
    this.attachments.add(files);
  }

  /** Whether they can be sent shows on the button. */
  showFiles() {
    const busy = this.#kind === "reply" && this.attachments.hindrance === "busy";
    setAttribute(this.button, "aria-disabled", busy ? "true" : null);
    const text = this.inbox.words.t(this.#kind === "note" ? "composer.note.save" : busy ? "files.wait" : "composer.send");
    if (this.button.textContent !== text) this.button.textContent = text;
  }

  /** @param {Detail} detail */
  show({ status, assignee, id, customer }) {
    const { inbox, notice } = this;
    const { words, me, members, presence } = inbox;
    const replying = presence.of(id).find((each) => each.replying);
    let text = "";
    if (replying) text = words.t("composer.replying", { name: replying.name });
    else if (this.#kind === "note") text = "";
    else if (status === "human" && assignee && assignee !== me.user.id) text = words.t("composer.theirs", { name: memberName(assignee, members, me.user.id, words) });
    else if (status === "resolved") text = words.t("composer.reopens");
    else if (status !== "human") text = words.t("composer.takes");
    notice.hidden = !text;
    setAttribute(notice, "data-live", Boolean(replying));
    if (notice.textContent !== text) notice.textContent = text;
    const name = nameOf(customer, words);
    const label = words.t(this.#kind === "note" ? "composer.note.to" : "composer.reply.to", { name });
    setAttribute(this.field, "aria-label", label);
    setAttribute(this.field, "placeholder", label);
  }

  /**
   * Sends what was said, once: the same again is the same to the server.
   * @param {string} id
   * @param {Said} said
   */
  async send(id, said) {
    const { inbox } = this;
    const { desk, drafts, store } = inbox;
    if (this.#sending.has(said.id)) return;
    this.#sending.add(said.id);
    drafts.say(id, { ...said, failed: false });
    inbox.thread.show();
    try {
      const message = await desk.api.create(`/conversations/${id}/${said.kind === "note" ? "notes" : "replies"}`, { id: said.id, text: said.text, ...(said.files.length && { attachments: said.files.map((each) => each.id) }) });
      drafts.settle(id, said.id);
      store.addMessage(id, message);
      const { me } = inbox;
      const entry = store.entry(id);
      if (said.kind === "reply" && entry) store.put({ ...entry, preview: message.text || said.files.map(({ name }) => name).join(", "), last_role: "agent", last_id: message.id, waiting_since: null, ...(entry.status === "human" ? {} : { status: "human", assignee: me.user.id }) });
      // Somebody else may have come in before: the socket tells, and without one it is asked for.
      if (desk.live.state !== "up") await store.read(id).catch(() => {});
    } catch (error) {
      drafts.say(id, { ...said, failed: true });
      desk.complain(error);
      if (error instanceof Problem && [404, 409].includes(error.status)) await store.read(id).catch(() => {});
    } finally {
      this.#sending.delete(said.id);
      if (!inbox.signal.aborted) inbox.thread.show();
    }
  }

  /**
   * What could not be sent goes back into the field.
   * @param {string} id
   * @param {Said} said
   */
  takeBack(id, said) {
    const { drafts, thread } = this.inbox;
    const text = [drafts.of(id)[said.kind].trim(), said.text].filter(Boolean).join("\n\n");
    drafts.settle(id, said.id);
    drafts.change(id, { [said.kind]: text, kind: said.kind, files: [...drafts.of(id).files, ...said.files] });
    this.attachments.show();
    thread.show();
    this.write(said.kind);
  }

  /** @param {"reply" | "note"} kind */
  #become(kind) {
    const { drafts, store } = this.inbox;
    this.#kind = kind;
    setAttribute(this.element, "data-kind", kind);
    for (const button of this.kinds) setAttribute(button, "aria-pressed", String(button.dataset["kind"] === kind));
    this.field.value = drafts.of(this.#id)[kind];
    this.draft.hidden = kind === "note";
    this.attachments.button.hidden = kind === "note";
    setAttribute(this.attachments.element, "data-off", kind === "note");
    this.showFiles();
    this.#fit();
    this.#showSources();
    const detail = store.detail(this.#id);
    if (detail) this.show(detail);
  }

  #submit() {
    const { inbox, attachments } = this;
    const text = this.field.value.trim();
    const files = this.#kind === "reply" && this.#id ? inbox.drafts.of(this.#id).files : [];
    if ((!text && !files.length) || !this.#id) return this.field.focus();
    const { hindrance } = attachments;
    if (files.length && hindrance) return void inbox.desk.toasts.show({ text: inbox.words.t(hindrance === "busy" ? "files.wait.text" : "files.failed.text"), tone: "bad" });
    const said = { id: ulid(), kind: this.#kind, text, files, failed: false };
    this.field.value = "";
    this.#showSources();
    this.#fit();
    void this.send(this.#id, said);
    attachments.show();
    this.inbox.thread.toEnd();
  }

  #changed() {
    const { desk, drafts } = this.inbox;
    drafts.change(this.#id, { [this.#kind]: this.field.value, kind: this.#kind });
    this.#fit();
    this.#showSources();
    const now = Date.now();
    if (this.#kind === "reply" && this.field.value && now - this.#typed > TYPING_MS) {
      this.#typed = now;
      desk.live.send({ action: "typing" });
    }
    void this.#lookUp();
  }

  /** What a draft was made from stays below it, as long as something of the draft is there. */
  #showSources() {
    this.sources.hidden = this.#kind === "note" || !keepsSome(this.field.value, this.#drafted);
  }

  /** Grows with its text. */
  #fit() {
    this.field.rows = Math.min(10, Math.max(3, this.field.value.split("\n").length));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (isComposing(event)) return;
    const { key } = event;
    if (this.#offered.length) {
      const next = key === "Home" || key === "End" ? null : moved(key, this.#at, this.#offered.length);
      if (next !== null) {
        event.preventDefault();
        this.#at = next;
        return this.#drawOffer();
      }
      if (key === "Enter" || key === "Tab") {
        event.preventDefault();
        return void this.#use(this.#offered[this.#at]);
      }
      if (key === "Escape") {
        event.stopPropagation();
        return this.#offer([]);
      }
    }
    if (key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      this.#submit();
    } else if (key === "Escape") {
      event.stopPropagation();
      this.inbox.thread.who.focus();
    }
  }

  async #lookUp() {
    const { desk } = this.inbox;
    const wanted = cannedAt(this.field.value, this.field.selectionStart);
    if (!wanted || this.#kind === "note") return this.#offer([]);
    try {
      this.#canned ??= (await desk.api.get("/canned-replies")).replies;
    } catch (error) {
      return desk.complain(error);
    }
    const again = cannedAt(this.field.value, this.field.selectionStart);
    this.#offer(again ? matching(this.#canned ?? [], again.text) : []);
  }

  /** @param {Canned[]} replies */
  #offer(replies) {
    this.#offered = replies;
    this.#at = 0;
    this.#drawOffer();
  }

  #drawOffer() {
    const { offer, field } = this;
    offer.hidden = !this.#offered.length;
    put(
      offer,
      ...this.#offered.map((reply, i) => {
        const option = el("li", { role: "option", id: `canned-${i}`, class: "canned-reply", "aria-selected": String(i === this.#at) }, el("strong", {}, `/${reply.shortcut}`), el("span", { dir: "auto" }, reply.text));
        option.addEventListener("pointerdown", (event) => (event.preventDefault(), void this.#use(reply)));
        return option;
      }),
    );
    setAttribute(field, "aria-activedescendant", this.#offered.length ? `canned-${this.#at}` : null);
    offer.children[this.#at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Canned | undefined} reply */
  async #use(reply) {
    const { field, inbox } = this;
    const id = this.#id;
    const wanted = cannedAt(field.value, field.selectionStart);
    this.#offer([]);
    if (!reply || !wanted) return;
    try {
      const { text } = await inbox.desk.api.get(`/conversations/${id}/canned-replies/${reply.id}`);
      if (id !== this.#id) return;
      field.setRangeText(text, wanted.start, wanted.end, "end");
      this.#changed();
    } catch (error) {
      inbox.desk.complain(error);
    }
  }

  async #draftAnswer() {
    const { inbox, field, draft } = this;
    const { words, desk, drafts } = inbox;
    const id = this.#id;
    if (this.#drafting) return;
    this.#drafting = true;
    setAttribute(draft, "aria-busy", "true");
    put(draft, icon(ICONS.spark), words.t("composer.drafting"));
    try {
      const found = await desk.api.send("POST", `/conversations/${id}/draft`);
      if (found.text === null) return void desk.toasts.show({ text: words.t("composer.draft.none") });
      const before = drafts.of(id).reply.trim();
      drafts.change(id, { reply: [before, found.text].filter(Boolean).join("\n\n"), kind: "reply" });
      if (id !== this.#id) return;
      const { citations } = found;
      this.#drafted = citations.length ? found.text : "";
      this.#become("reply");
      field.focus();
      put(
        this.sources,
        el("span", { class: "hint" }, words.t("composer.draft.from")),
        ...citations.map((/** @type {import("../../widget/protocol.d.ts").Citation} */ each) => {
          const button = el("button", { type: "button", class: "source" }, el("span", { class: "source-number" }, String(each.number)), el("span", { dir: "auto" }, each.title));
          button.onclick = () => void openPassage(inbox, each);
          return button;
        }),
      );
    } catch (error) {
      desk.complain(error);
    } finally {
      this.#drafting = false;
      setAttribute(draft, "aria-busy", null);
      put(draft, icon(ICONS.spark), words.t("composer.draft"));
    }
  }
}
