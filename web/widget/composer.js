// Where the customer writes: Enter sends, Shift+Enter begins a new line; files go along.

import { el, icon, isComposing, put } from "./dom.js";
import { ICONS } from "./icons.js";
import { fileLabel } from "./messages.js";
import { fill } from "./strings.js";

/** @import {Attachment, Strings} from "./protocol.d.ts" */
/** @typedef {{file: File, stored: Attachment | null, failed: boolean}} Attached */

/** The protocol's limit, in code points. */
export const LONGEST = 4000;
const WARN_FROM = 3800;
const MOST_FILES = 5;
const LARGEST = 10 * 1024 * 1024;
const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"];

export class Composer {
  /** @type {Attached[]} */
  #files = [];

  /**
   * @param {Strings} strings
   * @param {(text: string, attachments: Attachment[]) => void} onSend
   * @param {() => void} onType
   * @param {(file: File) => Promise<Attachment>} upload
   */
  constructor(strings, onSend, onType, upload) {
    this.strings = strings;
    this.onSend = onSend;
    this.upload = upload;
    this.input = el("textarea", {
      rows: 1,
      dir: "auto",
      placeholder: strings.placeholder,
      "aria-label": strings.composer,
      "aria-describedby": "count",
      autocomplete: "off",
      enterkeyhint: "send",
    });
    this.button = el("button", { type: "submit", class: "send", "aria-label": strings.send, disabled: true }, icon(ICONS.send));
    this.count = el("p", { class: "count", id: "count", hidden: true });
    this.attach = el("button", { type: "button", class: "plain-button attach", "aria-label": strings.attach, hidden: true }, icon(ICONS.clip));
    this.chooser = el("input", { type: "file", multiple: true, accept: TYPES.join(","), hidden: true });
    this.attached = el("ul", { class: "files attached", "aria-label": strings.attached, hidden: true });
    this.wrong = el("p", { class: "count", "data-over": true, role: "alert", hidden: true }, strings.filesTaken);
    this.element = el("form", { class: "composer" }, this.attached, el("div", { class: "field" }, this.attach, this.chooser, this.input, this.button), this.count, this.wrong);
    this.attach.onclick = () => this.chooser.click();
    this.chooser.onchange = () => {
      this.#take(this.chooser.files);
      this.chooser.value = "";
    };
    this.input.addEventListener("paste", (event) => {
      const { files = null } = event.clipboardData ?? {};
      if (this.attach.hidden || !files?.length) return;
      event.preventDefault();
      this.#take(files);
    });
    this.input.addEventListener("input", () => {
      this.#measure();
      if (this.input.value.trim()) onType();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  focus() {
    this.input.focus();
  }

  #send() {
    if (!this.#ready) return;
    const text = this.input.value.trim();
    const attachments = this.#stored;
    this.input.value = "";
    this.#files = [];
    this.#list();
    this.onSend(text, attachments);
  }

  get #stored() {
    const found = [];
    for (const { stored } of this.#files) if (stored) found.push(stored);
    return found;
  }

  /** Whether there is something to send, and nothing of it is still on its way. */
  get #ready() {
    const length = [...this.input.value.trim()].length;
    const stored = this.#stored.length;
    return length <= LONGEST && length + stored > 0 && stored === this.#files.length;
  }

  /** @param {FileList | null} chosen */
  #take(chosen) {
    const found = [...(chosen ?? [])];
    const files = found.filter(({ type, size }) => TYPES.includes(type) && size > 0 && size <= LARGEST).slice(0, MOST_FILES - this.#files.length);
    this.wrong.hidden = files.length === found.length;
    for (const file of files) {
      /** @type {Attached} */
      const attached = { file, stored: null, failed: false };
      this.#files.push(attached);
      void this.#bring(attached);
    }
  }

  /** @param {Attached} attached */
  async #bring(attached) {
    attached.failed = false;
    this.#list();
    try {
      attached.stored = await this.upload(attached.file);
    } catch {
      attached.failed = true;
    }
    this.#list();
  }

  #list() {
    const { strings } = this;
    this.attached.hidden = !this.#files.length;
    const rows = this.#files.map((attached) => {
      const { file, stored, failed } = attached;
      const remove = el("button", { type: "button", class: "plain-button", "aria-label": fill(strings.remove, { name: file.name }) }, icon(ICONS.close));
      remove.onclick = () => {
        this.#files = this.#files.filter((each) => each !== attached);
        this.#list();
        this.focus();
      };
      const again = el("button", { type: "button", class: "link" }, strings.retry);
      again.onclick = () => void this.#bring(attached);
      const state = failed ? el("p", { class: "failure", role: "alert" }, `${strings.notSent} `, again) : !stored && el("p", { class: "aside" }, strings.sending);
      return el("li", {}, el("span", { class: "source" }, ...fileLabel(file), remove), state);
    });
    put(this.attached, ...rows);
    this.#measure();
  }

  #measure() {
    const length = [...this.input.value.trim()].length;
    this.button.disabled = !this.#ready;
    this.count.hidden = length < WARN_FROM;
    this.count.toggleAttribute("data-over", length > LONGEST);
    this.count.textContent =
      length > LONGEST
        ? fill(this.strings.tooLong, { over: length - LONGEST })
        : fill(this.strings.left, { left: LONGEST - length });
    // As tall as its text; the stylesheet sets the limit.
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }
}
