// What a document's state is called.

/** @import {Document, Upload} from "./types.d.ts" */
/** @import {Words} from "../strings.js" */
/** @import {Formats} from "../utils.js" */

/**
 * @typedef {object} State
 * @property {string} label
 * @property {"good" | "busy" | "bad" | "idle"} tone
 * @property {number | null} share 0 to 1, when it is known how far it is
 * @property {string | null} reason more to say, on a line of its own
 */

/**
 * @param {Document} document
 * @param {Upload | null} upload
 * @param {Words} words
 * @param {Formats} formats
 * @returns {State}
 */
export function stateOf(document, upload, words, formats) {
  if (upload && upload.state !== "sent") return uploadState(upload, words, formats);
  const { status, progress } = document;
  const earlier = document.answering ? words.t("state.earlier.until") : null;
  const busy = (/** @type {string} */ label, /** @type {number | null} */ share = null) =>
    /** @type {State} */ ({ label, tone: "busy", share, reason: earlier });
  if (status === "ready") {
    return { label: words.t("state.ready"), tone: "good", share: null, reason: document.warnings?.join(" ") || null };
  }
  if (status === "failed") {
    const reason = document.error ?? words.t("state.failed.text");
    return { label: words.t("state.failed"), tone: "bad", share: null, reason: document.answering ? `${reason} ${words.t("state.earlier")}` : reason };
  }
  if (status === "deleting") return { label: words.t("state.deleting"), tone: "busy", share: null, reason: null };
  if (status === "uploaded" || upload) return busy(words.t("state.queue"));
  if (status === "extracting" && progress?.total) {
    return busy(words.t("state.reading.page", progress), progress.done / progress.total);
  }
  if (status === "extracting") return busy(words.t("state.reading"));
  if (status === "embedding" && progress?.total) {
    return busy(words.t("state.indexing.part", progress), progress.done / progress.total);
  }
  if (status === "embedding") return busy(words.t("state.indexing"));
  return {
    label: words.t("state.nofile"),
    tone: "idle",
    share: null,
    reason: words.t(document.answering ? "state.nofile.earlier" : "state.nofile.text"),
  };
}

/**
 * @param {Upload} upload
 * @param {Words} words
 * @param {Formats} formats
 * @returns {State}
 */
function uploadState(upload, words, formats) {
  if (upload.state === "failed") return { label: words.t("state.upload.failed"), tone: "bad", share: null, reason: upload.reason };
  if (upload.state === "waiting") return { label: words.t("state.upload.waiting"), tone: "busy", share: null, reason: null };
  return { label: words.t("state.uploading", { percent: formats.percent(upload.share) }), tone: "busy", share: upload.share, reason: null };
}

/** @param {Document} document */
export function inWork({ status }) {
  return ["uploaded", "extracting", "embedding", "deleting"].includes(status);
}
