// The documents part of the HTTP API.

/** @import {Api} from "../api.js" */
/** @import {Document, Passage, UploadForm} from "./types.d.ts" */

export class DocumentsApi {
  /** @param {Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * @param {string | null} [cursor]
   * @returns {Promise<{documents: Document[], cursor: string | null}>} newest first
   */
  list(cursor = null) {
    return this.api.get(`/documents?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  get(id) {
    return this.api.get(`/documents/${id}`);
  }

  /**
   * Announces a file, new or in place of a document's present one.
   * @param {string} id of the new document: announced again, it is the same one
   * @param {File} file
   * @param {string} contentType
   * @param {string | null} documentId
   * @returns {Promise<{document: Document, upload: UploadForm}>}
   */
  announce(id, file, contentType, documentId) {
    const body = { filename: file.name, content_type: contentType, size: file.size };
    return documentId ? this.api.send("POST", `/documents/${documentId}/versions`, body) : this.api.create("/documents", { ...body, id });
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  reindex(id) {
    return this.api.send("POST", `/documents/${id}/reindex`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Document>}
   */
  delete(id) {
    return this.api.send("DELETE", `/documents/${id}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<{passages: Passage[]}>}
   */
  passages(id) {
    return this.api.get(`/documents/${id}/passages`);
  }
}
