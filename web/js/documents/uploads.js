// Files on their way to the store: a few at a time, with progress, each on its own.

import { ulid } from "../../widget/ulid.js";

/** @import {Document, Upload, UploadForm} from "./types.d.ts" */
/** @import {DocumentsApi} from "./api.js" */

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
   * @param {Hooks} hooks
   */
  constructor(api, hooks) {
    this.api = api;
    this.hooks = hooks;
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
      const announced = await this.api.announce(upload.file, upload.contentType, upload.documentId);
      upload.documentId = announced.document.id;
      this.hooks.onDocument(announced.document);
      await post(announced.upload, upload, () => this.hooks.onChange());
      upload.state = "sent";
      this.hooks.onDocument({ ...announced.document, status: "uploaded" });
    } catch (error) {
      upload.state = "failed";
      upload.reason = error instanceof Error ? error.message : String(error);
    }
    this.#next();
    this.hooks.onChange();
  }
}

/**
 * Posts a file to the store. With XMLHttpRequest, since fetch does not tell how far it is.
 * @param {UploadForm} form
 * @param {Upload} upload gets its `share` and `abort` set
 * @param {() => void} onProgress
 * @returns {Promise<void>}
 */
function post(form, upload, onProgress) {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  // The store reads no field that comes after the file.
  data.append("file", upload.file);
  const call = new XMLHttpRequest();
  upload.abort = () => call.abort();
  return new Promise((done, failed) => {
    call.upload.onprogress = ({ loaded, total }) => {
      upload.share = total ? loaded / total : 0;
      onProgress();
    };
    call.onload = () => {
      if (call.status < 300) done();
      else failed(new Error(`The store refused the file (${call.status}).`));
    };
    call.onerror = () => failed(new Error("The connection broke during the upload."));
    call.onabort = () => failed(new Error("The upload was cancelled."));
    call.open("POST", form.url);
    call.send(data);
  });
}
