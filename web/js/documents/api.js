// The documents part of the HTTP API, as the holder of a team key.

import { request } from "../../widget/http.js";

/** @import {Document, Passage, UploadForm} from "./types.d.ts" */

export class DocumentsApi {
  /**
   * @param {string} base ends in /api
   * @param {string} key the team key, sk_…
   */
  constructor(base, key) {
    this.base = `${base}/documents`;
    this.headers = { Authorization: `Bearer ${key}` };
  }

  /**
   * @param {string | null} [cursor]
   * @returns {Promise<{documents: Document[], cursor: string | null}>} newest first
   */
  list(cursor = null) {
    return this.#call("GET", cursor ? `?cursor=${encodeURIComponent(cursor)}` : "");
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  get(id) {
    return this.#call("GET", `/${id}`);
  }

  /**
   * Announces a file, new or in place of a document's present one.
   * @param {File} file
   * @param {string} contentType
   * @param {string | null} documentId
   * @returns {Promise<{document: Document, upload: UploadForm}>}
   */
  announce(file, contentType, documentId) {
    const body = { filename: file.name, content_type: contentType, size: file.size };
    return this.#call("POST", documentId ? `/${documentId}/versions` : "", body);
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  reindex(id) {
    return this.#call("POST", `/${id}/reindex`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  delete(id) {
    return this.#call("DELETE", `/${id}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<{passages: Passage[]}>}
   */
  passages(id) {
    return this.#call("GET", `/${id}/passages`);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  #call(method, path, body) {
    return request(this.base + path, { method, headers: this.headers, body });
  }
}
