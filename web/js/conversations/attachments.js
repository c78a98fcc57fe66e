// Files that are about to go with a reply: uploaded at once, kept in the draft, sent with it.

import { el, icon, put } from "../../widget/dom.js";
import { Problem } from "../../widget/http.js";
import { ulid } from "../../widget/ulid.js";
import { ICONS } from "../icons.js";
import { sentence } from "../problems.js";
import { Broken, post } from "../upload.js";
import { ACCEPT, refusal, typeOf } from "./files.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {DraftFile} from "./types.d.ts" */

/**
 * An upload from this page.
 * @typedef {{file: File, share: number, abort: () => void, failed: string}} Sending
 */

export class Attachments {
  #id = "";
  /** By the id of the file. @type {Map<string, Sending>} */
  #sending = new Map();

  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    const { words } = inbox;
    this.input = el("input", { type: "file", multiple: true, accept: ACCEPT, hidden: true, "aria-label": words.t("files.attach") });
    this.button = el("button", { type: "button", class: "tool small attach", "aria-label": words.t("files.attach"), title: words.t("files.attach") }, icon(ICONS.clip));
    this.button.onclick = () => this.input.click();
    this.input.addEventListener("change", () => {
      this.add([...(this.input.files ?? [])]);
      this.input.value = "";
    });
    this.element = el("ul", { class: "attachments", "aria-label": words.t("files.attached"), hidden: true });
    addEventListener("beforeunload", (event) => this.#busy() && event.preventDefault(), { signal: inbox.signal });
  }

  /** @param {string} id of the conversation that is open now; empty for none */
  open(id) {
    this.#id = id;
    // The page may have been left while one was on its way: it may have come.
    for (const { id: file, stored } of this.#files(id)) if (!stored && !this.#sending.has(file)) void this.#complete(id, file);
    this.show();
  }

  /** @returns {"" | "busy" | "failed"} why the files of the open conversation can't be sent yet */
  get hindrance() {
    const open = this.#files(this.#id).filter(({ stored }) => !stored);
    if (!open.length) return "";
    return open.some(({ failed, id }) => failed || this.#sending.get(id)?.failed) ? "failed" : "busy";
  }

  /** @param {File[]} files chosen, dropped or pasted */
  add(files) {
    const { inbox } = this;
    const { words, formats, drafts, desk } = inbox;
    const id = this.#id;
    const wrong = [];
    for (const file of files) {
      const before = this.#files(id);
      const reason = refusal(file, before.length, words, formats);
      if (reason) {
        wrong.push(reason);
        continue;
      }
      const kept = { id: ulid(), name: file.name, type: typeOf(file) ?? "", size: file.size, stored: false };
      drafts.change(id, { files: [...before, kept] });
      void this.#send(id, kept, file);
    }
    if (wrong.length) desk.toasts.show({ text: [...new Set(wrong)].join(" "), tone: "bad" });
    this.show();
  }

  /** @param {string} file id */
  remove(file) {
    const id = this.#id;
    this.inbox.drafts.change(id, { files: this.#files(id).filter((each) => each.id !== file) });
    this.#sending.get(file)?.abort();
    this.#sending.delete(file);
    this.show();
  }

  show() {
    const { element, inbox } = this;
    const { words, formats } = inbox;
    const files = this.#files(this.#id);
    element.hidden = !files.length;
    const look = JSON.stringify(files.map((file) => [file, this.#sending.get(file.id)?.failed]));
    if (element.dataset["look"] !== look) {
      element.dataset["look"] = look;
      const held = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset["file"];
      put(element, ...files.map((file) => this.#row(file)));
      const again = /** @type {HTMLElement | null} */ (held ? element.querySelector(`[data-file="${held}"]`) : null);
      if (held) (again ?? this.button).focus();
    }
    for (const { id, size } of files) {
      const share = this.#sending.get(id)?.share ?? 0;
      const bar = element.querySelector(`progress[data-of="${id}"]`);
      if (bar instanceof HTMLProgressElement) {
        bar.value = share;
        bar.textContent = formats.percent(share);
        bar.title = words.t("files.sending", { share: formats.percent(share), size: formats.bytes(size) });
      }
    }
    inbox.thread.composer.showFiles();
  }

  /** @param {DraftFile} file */
  #row(file) {
    const { words, formats } = this.inbox;
    const { id, name, size, stored } = file;
    const sending = this.#sending.get(id);
    const failed = sending?.failed || (file.failed ? words.t("files.interrupted") : "");
    const off = el("button", { type: "button", class: "tool small", "data-file": id, "aria-label": words.t("files.remove", { name }), title: words.t("files.remove", { name }) }, icon(ICONS.close));
    off.onclick = () => this.remove(id);
    const again = el("button", { type: "button", class: "chip" }, words.t("files.again"));
    again.onclick = () => sending && void this.#send(this.#id, file, sending.file);
    return el(
      "li",
      { class: "attachment", "data-failed": Boolean(failed) },
      icon(ICONS.clip),
      el("span", { class: "file-name", dir: "auto" }, name),
      el("span", { class: "file-size" }, formats.bytes(size)),
      !stored && !failed && el("progress", { "data-of": id, max: 1, value: 0, "aria-label": words.t("files.uploading", { name }) }),
      failed && el("span", { class: "attachment-failed", role: "alert" }, failed),
      failed && sending && again,
      off,
    );
  }

  /**
   * @param {string} id of the conversation
   * @param {DraftFile} kept
   * @param {File} file
   */
  async #send(id, kept, file) {
    const { desk } = this.inbox;
    /** @type {Sending} */
    const sending = { file, share: 0, abort: () => {}, failed: "" };
    this.#sending.set(kept.id, sending);
    this.#note(id, kept.id, { failed: false });
    try {
      const { upload } = await desk.api.create(`/conversations/${id}/files`, { id: kept.id, name: kept.name, type: kept.type, size: kept.size });
      if (this.#sending.get(kept.id) !== sending) return;
      await post(upload, sending, () => this.show());
    } catch (error) {
      // It may be there already: an earlier try succeeded, and nobody heard of it.
      if (!(error instanceof Problem && error.status === 409)) return this.#fail(sending, error);
    }
    await this.#complete(id, kept.id);
  }

  /**
   * @param {string} id of the conversation
   * @param {string} file
   */
  async #complete(id, file) {
    const sending = this.#sending.get(file);
    try {
      const { size } = await this.inbox.desk.api.repeat(`/conversations/${id}/files/${file}/complete`);
      this.#sending.delete(file);
      this.#note(id, file, { stored: true, size });
    } catch (error) {
      if (sending) return this.#fail(sending, error);
      if (error instanceof Problem) this.#note(id, file, { failed: true });
      else throw error;
    }
  }

  /**
   * @param {Sending} sending
   * @param {unknown} error
   */
  #fail(sending, error) {
    const { words } = this.inbox;
    sending.failed = error instanceof Broken ? words.t("files.broken") : sentence(error, words);
    this.show();
  }

  /**
   * @param {string} id of the conversation
   * @param {string} file
   * @param {Partial<DraftFile>} changes
   */
  #note(id, file, changes) {
    this.inbox.drafts.change(id, { files: this.#files(id).map((each) => (each.id === file ? { ...each, ...changes } : each)) });
    this.show();
  }

  /** @param {string} id @returns {DraftFile[]} */
  #files(id) {
    return id ? this.inbox.drafts.of(id).files : [];
  }

  #busy() {
    return [...this.#sending.values()].some(({ failed }) => !failed);
  }
}
