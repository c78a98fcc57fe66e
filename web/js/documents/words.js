// What a document's state is called, and the small wordings around it.

/** @import {Document, Upload} from "./types.d.ts" */

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
 * @returns {State}
 */
export function stateOf(document, upload) {
  if (upload && upload.state !== "sent") return uploadState(upload);
  const { status, progress } = document;
  const earlier = document.answering ? "The earlier version answers until then." : null;
  const busy = (/** @type {string} */ label, /** @type {number | null} */ share = null) =>
    /** @type {State} */ ({ label, tone: "busy", share, reason: earlier });
  if (status === "ready") {
    return { label: "Ready", tone: "good", share: null, reason: document.warnings?.join(" ") || null };
  }
  if (status === "failed") {
    const reason = document.error ?? "It could not be read. Try again, or upload another version.";
    return { label: "Failed", tone: "bad", share: null, reason: document.answering ? `${reason} The earlier version still answers.` : reason };
  }
  if (status === "deleting") return { label: "Being deleted", tone: "busy", share: null, reason: null };
  if (status === "uploaded" || upload) return busy("In the queue");
  if (status === "extracting" && progress?.total) {
    return busy(`Reading page ${progress.done} of ${progress.total}`, progress.done / progress.total);
  }
  if (status === "extracting") return busy("Reading");
  if (status === "embedding" && progress?.total) {
    return busy(`Indexing ${progress.done} of ${progress.total}`, progress.done / progress.total);
  }
  if (status === "embedding") return busy("Indexing");
  return {
    label: "No file yet",
    tone: "idle",
    share: null,
    reason: document.answering ? "The new version was never uploaded. The earlier one answers." : "The upload was not finished. Upload the file, or delete this entry.",
  };
}

/**
 * @param {Upload} upload
 * @returns {State}
 */
function uploadState(upload) {
  if (upload.state === "failed") return { label: "Upload failed", tone: "bad", share: null, reason: upload.reason };
  if (upload.state === "waiting") return { label: "Waiting to upload", tone: "busy", share: null, reason: null };
  return { label: `Uploading ${Math.round(upload.share * 100)} %`, tone: "busy", share: upload.share, reason: null };
}

/** @param {Document} document */
export function inWork({ status }) {
  return ["uploaded", "extracting", "embedding", "deleting"].includes(status);
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * @param {string} time ISO 8601
 * @param {number} [now] milliseconds since the epoch
 */
export function ago(time, now = Date.now()) {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const words = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
  if (seconds > -45) return "just now";
  if (seconds > -3600) return words.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return words.format(Math.round(seconds / 3600), "hour");
  if (seconds > -7 * 86_400) return words.format(Math.round(seconds / 86_400), "day");
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}
