// The documents: the list, the uploads, and the watch over both.

import { el } from "../../widget/dom.js";
import { find } from "../find.js";
import { Problem } from "../../widget/http.js";
import { ACCEPT, check } from "./files.js";
import { Row } from "./row.js";
import { inWork } from "./words.js";

/** @import {DocumentsApi} from "./api.js" */
/** @import {Document, Upload} from "./types.d.ts" */
/** @import {Uploads} from "./uploads.js" */
/** @import {Action} from "./row.js" */
/** @import {Words} from "../strings.js" */
/** @import {Formats} from "../utils.js" */

const POLL_MS = 1000;
const SLOW_POLL_MS = 5000;
/** An uploaded file is noticed within a second or so; after this long it never will be. */
const NOTICED_MS = 60_000;
/** Documents asked after in one round. */
const AT_ONCE = 8;

export class Desk {
  /** @type {Map<string, Document>} */
  #documents = new Map();
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** Documents whose file is under way to being noticed, until when. @type {Map<string, number>} */
  #expected = new Map();
  /** @type {string | null} */
  #cursor = null;
  #timer = 0;
  /** Which document the file picker is for. @type {string | null} */
  #replacing = null;

  /**
   * @param {DocumentsApi} api
   * @param {Uploads} uploads
   * @param {object} options
   * @param {boolean} options.mayWrite whether the member may do more than look
   * @param {Words} options.words
   * @param {Formats} options.formats
   * @param {(error: unknown) => string} options.say what to tell of a request that failed
   * @param {AbortSignal} options.signal the end of the page
   */
  constructor(api, uploads, { mayWrite, words, formats, say, signal }) {
    this.api = api;
    this.uploads = uploads;
    this.mayWrite = mayWrite;
    this.words = words;
    this.formats = formats;
    this.say = say;
    this.signal = signal;
    uploads.hooks = { onChange: () => this.#draw(), onDocument: (document) => this.#learn(document) };
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      uploads.hooks = { onChange: () => {}, onDocument: () => {} };
    });
    this.list = find("#list");
    this.confirm = /** @type {HTMLDialogElement} */ (find("#confirm"));
    this.passages = /** @type {HTMLDialogElement} */ (find("#passages"));
    this.#listen();
  }

  /** Loads the first page. @throws {Problem} */
  async load() {
    await this.#loadPage(null);
    for (const { documentId, state } of this.uploads.all) if (documentId && state === "sent") this.#expect(documentId);
    this.#watch(POLL_MS);
  }

  /** @param {string | null} cursor */
  async #loadPage(cursor) {
    const page = await this.api.list(cursor);
    for (const document of page.documents) this.#documents.set(document.id, document);
    this.#cursor = page.cursor;
    if (this.signal.aborted) return;
    this.#draw();
  }

  #listen() {
    const { signal } = this;
    find("#more").onclick = () => void this.#try(() => this.#loadPage(this.#cursor));
    document.addEventListener("visibilitychange", () => this.#watch(0), { signal });
    const zone = find("#dropzone");
    zone.hidden = !this.mayWrite;
    if (!this.mayWrite) return;
    const picker = /** @type {HTMLInputElement} */ (find("#picker"));
    const replacement = /** @type {HTMLInputElement} */ (find("#replacement"));
    picker.accept = replacement.accept = ACCEPT;
    picker.onchange = () => void this.#take([...(picker.files ?? [])]).then(() => (picker.value = ""));
    replacement.onchange = () => {
      const files = [...(replacement.files ?? [])];
      void this.#take(files, this.#replacing).then(() => (replacement.value = ""));
    };
    // The whole page takes files: one that misses the zone would be opened by the browser.
    addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      zone.dataset.over = "";
    }, { signal });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) delete zone.dataset.over;
    }, { signal });
    addEventListener("drop", (event) => {
      event.preventDefault();
      delete zone.dataset.over;
      void this.#take([...(event.dataTransfer?.files ?? [])]);
    }, { signal });
  }

  /**
   * @param {File[]} files
   * @param {string | null} [documentId] to replace
   */
  async #take(files, documentId = null) {
    const refused = find("#refused");
    refused.replaceChildren();
    for (const file of files) {
      const checked = await check(file, this.words);
      if ("contentType" in checked) this.uploads.add(file, checked.contentType, documentId);
      else refused.append(el("li", {}, el("strong", {}, file.name), `: ${checked.reason}`));
    }
  }

  /** @param {Document} document */
  #learn(document) {
    this.#documents.set(document.id, document);
    if (document.status === "uploaded") this.#expect(document.id);
    this.#draw();
    this.#watch(POLL_MS);
  }

  /** @param {string} id */
  #expect(id) {
    this.#expected.set(id, Date.now() + NOTICED_MS);
  }

  /**
   * @param {string} id
   * @param {Action} action
   */
  #act(id, action) {
    const found = this.#documents.get(id) ?? null;
    const upload = this.uploads.of(id) ?? this.uploads.all.find(({ key }) => key === id) ?? null;
    if (action === "retry" && upload) this.uploads.retry(upload);
    else if (action === "cancel" && upload) void this.#try(() => this.#cancel(upload));
    else if (action === "replace") this.#pickReplacement(id);
    else if (action === "reindex") void this.#try(() => this.#reindex(id));
    else if (action === "passages" && found) void this.#try(() => this.#showPassages(found));
    else if (action === "delete" && found) void this.#try(() => this.#delete(found));
  }

  /** @param {string} id */
  #pickReplacement(id) {
    this.#replacing = id;
    find("#replacement").click();
  }

  /** @param {Upload} upload */
  async #cancel(upload) {
    this.uploads.drop(upload);
    if (!upload.documentId) return;
    if (upload.replaces) this.#documents.set(upload.documentId, await this.api.get(upload.documentId));
    else await this.#remove(upload.documentId);
    this.#draw();
  }

  /** @param {string} id */
  async #reindex(id) {
    this.#documents.set(id, { ...(await this.api.reindex(id)), status: "uploaded" });
    this.#expect(id);
    this.#draw();
    this.#watch(POLL_MS);
  }

  /** @param {Document} document */
  async #delete(document) {
    find("#confirm-text").textContent = this.words.t("documents.delete.text", { title: document.title });
    this.confirm.returnValue = "no";
    this.confirm.showModal();
    await new Promise((closed) => this.confirm.addEventListener("close", closed, { once: true }));
    if (this.confirm.returnValue === "yes") await this.#remove(document.id);
  }

  /** @param {string} id */
  async #remove(id) {
    await this.api.delete(id);
    const document = this.#documents.get(id);
    if (document) this.#learn({ ...document, status: "deleting" });
  }

  /** @param {Document} document */
  async #showPassages(document) {
    const { passages } = await this.api.passages(document.id);
    find("#passages-title").textContent = document.title;
    find("#passages-count").textContent = this.words.n("documents.passages", passages.length);
    const items = passages.map(({ headings, page, text }) => {
      const place = [headings.join(" › "), page && this.words.t("documents.page", { page })].filter(Boolean).join(" · ");
      return el("li", {}, place && el("p", { class: "place", dir: "auto" }, place), el("p", { class: "words", dir: "auto" }, text));
    });
    find("#passages-list").replaceChildren(...items);
    this.passages.showModal();
  }

  /**
   * Does what someone asked for, and says so when it fails.
   * @param {() => Promise<void>} act
   */
  async #try(act) {
    try {
      await act();
      this.#complain("");
    } catch (error) {
      if (!this.signal.aborted) this.#complain(this.say(error));
    }
  }

  /** @param {string} text */
  #complain(text) {
    const trouble = find("#trouble");
    if (trouble.textContent !== text) trouble.textContent = text;
    trouble.hidden = text === "";
  }

  /**
   * Asks after what is in work, again and again until nothing is.
   * @param {number} wait milliseconds
   */
  #watch(wait) {
    clearTimeout(this.#timer);
    if (document.hidden || this.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#poll(), wait);
  }

  async #poll() {
    const now = Date.now();
    for (const [id, until] of this.#expected) if (until < now) this.#expected.delete(id);
    const due = [...this.#documents.values()].filter((each) => inWork(each) || this.#expected.has(each.id));
    if (!due.length) return;
    let wait = POLL_MS;
    // Those asked after now go to the end of the line.
    for (const { id } of due.slice(0, AT_ONCE)) {
      const before = this.#documents.get(id);
      if (before) {
        this.#documents.delete(id);
        this.#documents.set(id, before);
      }
    }
    const results = await Promise.allSettled(due.slice(0, AT_ONCE).map(({ id }) => this.#refresh(id)));
    if (this.signal.aborted) return;
    const failed = results.find((result) => result.status === "rejected");
    if (failed) {
      wait = SLOW_POLL_MS;
      await this.#try(() => Promise.reject(failed.reason));
    } else this.#complain("");
    this.#draw();
    this.#watch(wait);
  }

  /** @param {string} id */
  async #refresh(id) {
    try {
      const document = await this.api.get(id);
      // The store has the file, but nobody has looked at it yet.
      const unnoticed = document.status === "awaiting_upload" && this.#expected.has(id);
      if (!unnoticed) this.#expected.delete(id);
      this.#documents.set(id, unnoticed ? { ...document, status: "uploaded" } : document);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
      this.#documents.delete(id);
    }
  }

  #draw() {
    /** @type {[string, Document, Upload | null][]} */
    const lines = this.uploads.all
      .filter(({ documentId }) => documentId === null)
      .reverse()
      .map((upload) => [upload.key, placeholder(upload), upload]);
    const documents = [...this.#documents.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    for (const each of documents) {
      const upload = this.uploads.of(each.id);
      lines.push([each.id, each, upload?.state === "sent" ? null : upload]);
    }
    const keys = new Set(lines.map(([key]) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    let place = this.list.firstElementChild;
    for (const [key, document, upload] of lines) {
      let row = this.#rows.get(key);
      if (!row) {
        row = new Row((action) => this.#act(key, action), this);
        this.#rows.set(key, row);
      }
      row.update(document, upload);
      if (row.element === place) place = place.nextElementSibling;
      else this.list.insertBefore(row.element, place);
    }
    find("#empty").hidden = lines.length > 0;
    find("#more").hidden = this.#cursor === null;
    this.#summarise(documents);
  }

  /** @param {Document[]} documents */
  #summarise(documents) {
    const count = (/** @type {(document: Document) => boolean} */ test) => documents.filter(test).length;
    const working = count(inWork);
    const failed = count(({ status }) => status === "failed");
    const { words, formats } = this;
    const some = (/** @type {string} */ key, /** @type {number} */ value) => words.t(key, { count: formats.number(value) });
    const parts = [words.n("documents.count", documents.length), some("documents.ready", count(({ status }) => status === "ready"))];
    if (working) parts.push(some("documents.working", working));
    if (failed) parts.push(some("documents.failed", failed));
    const text = documents.length ? parts.join(", ") : words.t("documents.summary.none");
    const summary = find("#summary");
    if (summary.textContent !== text) summary.textContent = text;
  }
}

/**
 * A line for a file the API does not know of yet.
 * @param {Upload} upload
 * @returns {Document}
 */
function placeholder({ key, file }) {
  const updated = new Date().toISOString();
  const nothing = { progress: null, pages: null, passages: null, error: null };
  return { id: key, title: file.name, filename: file.name, status: "awaiting_upload", updated_at: updated, ...nothing };
}
