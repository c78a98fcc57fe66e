// Files on their way to the store: a few at a time, with progress, each on its own.

import { Problem } from "../../widget/http.js";
import { ulid } from "../../widget/ulid.js";
import { Broken, post } from "../upload.js";

/** @import {Document, Upload, UploadForm} from "./types.d.ts" */
/** @import {DocumentsApi} from "./api.js" */
/** @import {Words} from "../strings.js" */

const AT_ONCE = 3;

/**
 * @typedef {object} Hooks
 * @property {() => void} onChange
 * @property {(document: Document) => void} onDocument the API has said something new about one
 */

export class Uploads {
  /** In the order they were chosen. @type {Upload[]} */
  all = [];

  /**
   * @param {DocumentsApi} api
   * @param {Words} words
   * @param {(error: unknown) => string} say what to tell of a request that failed
   */
  constructor(api, words, say) {
    this.api = api;
    this.words = words;
    this.say = say;
    /** What a list that shows them wants to hear. @type {Hooks} */
    this.hooks = { onChange: () => {}, onDocument: () => {} };
  }

  /** Whether leaving now would break one off. */
  get busy() {
    return this.all.some(({ state }) => state === "sending" || state === "waiting");
  }

  /** @param {string} documentId */
  of(documentId) {
    return this.all.findLast((upload) => upload.documentId === documentId) ?? null;
  }

  /**
   * @param {File} file
   * @param {string} contentType
   * @param {string | null} [documentId] to replace
   */
  add(file, contentType, documentId = null) {
    if (documentId) this.all = this.all.filter((upload) => upload.documentId !== documentId);
    this.all.push({
      key: ulid(),
      file,
      contentType,
      documentId,
      replaces: documentId !== null,
      state: "waiting",
      share: 0,
      reason: null,
      abort: () => {},
    });
    this.#next();
    this.hooks.onChange();
  }

  /** @param {Upload} upload */
  retry(upload) {
    upload.state = "waiting";
    upload.share = 0;
    this.#next();
    this.hooks.onChange();
  }

  /** @param {Upload} upload */
  drop(upload) {
    this.all = this.all.filter((other) => other !== upload);
    upload.abort();
    this.#next();
    this.hooks.onChange();
  }

  #next() {
    const sending = this.all.filter(({ state }) => state === "sending").length;
    const waiting = this.all.filter(({ state }) => state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - sending))) void this.#send(upload);
  }

  /** @param {Upload} upload */
  async #send(upload) {
    upload.state = "sending";
    upload.reason = null;
    try {
      const announced = await this.#announce(upload);
      upload.documentId = announced.document.id;
      this.hooks.onDocument(announced.document);
      if (announced.upload) await this.#post(announced.upload, upload);
      upload.state = "sent";
      this.hooks.onDocument({ ...announced.document, status: announced.upload ? "uploaded" : announced.document.status });
    } catch (error) {
      upload.state = "failed";
      upload.reason = error instanceof Broken ? this.words.t(error.key, { status: error.status }) : this.say(error);
    }
    this.#next();
    this.hooks.onChange();
  }

  /**
   * @param {Upload} upload
   * @returns {Promise<{document: Document, upload: UploadForm | null}>} without a form when its file
   * is there: an earlier try succeeded, and nobody heard of it
   */
  async #announce({ key, file, contentType, documentId, replaces }) {
    try {
      return await this.api.announce(key, file, contentType, replaces ? documentId : null);
    } catch (error) {
      if (replaces || !(error instanceof Problem) || error.status !== 409) throw error;
      return { document: await this.api.get(key), upload: null };
    }
  }

  /**
   * @param {UploadForm} form
   * @param {Upload} upload
   */
  async #post(form, upload) {
    try {
      await post(form, upload, () => this.hooks.onChange());
    } catch (error) {
      // The file may be there all the same: then it has been noticed, or will be in a moment.
      const document = upload.share === 1 && upload.documentId ? await this.api.get(upload.documentId) : null;
      if (!document || document.status === "awaiting_upload") throw error;
    }
  }
}
