// Which files can be read, told before they are uploaded.

/** @import {Words} from "../strings.js" */

const LARGEST_BYTES = 50 * 1024 * 1024;

/** Content types by file ending: browsers leave `File.type` empty for Markdown, or guess. */
const TYPES = new Map([
  ["pdf", "application/pdf"],
  ["md", "text/markdown"],
  ["markdown", "text/markdown"],
  ["txt", "text/plain"],
  ["text", "text/plain"],
  ["html", "text/html"],
  ["htm", "text/html"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
]);

/** What does not depend on the language. */
const NAMES = new Map([
  ["pdf", "PDF"],
  ["md", "Markdown"],
  ["markdown", "Markdown"],
  ["html", "HTML"],
  ["htm", "HTML"],
  ["docx", "Word"],
]);

export const ACCEPT = [...TYPES.keys()].map((ending) => `.${ending}`).join(",");

/** @param {string} filename */
function endingOf(filename) {
  return filename.includes(".") ? filename.slice(filename.lastIndexOf(".") + 1).toLowerCase() : "";
}

/**
 * @param {string} filename
 * @param {Words} words
 */
export function typeName(filename, words) {
  const ending = endingOf(filename);
  return NAMES.get(ending) ?? words.t(TYPES.get(ending) === "text/plain" ? "file.text" : "file.other");
}

/**
 * @param {File} file
 * @param {Words} words
 * @returns {Promise<{contentType: string} | {reason: string}>} reason: why it cannot be taken, for people
 */
export async function check(file, words) {
  const contentType = TYPES.get(endingOf(file.name));
  if (!contentType) {
    return { reason: words.t("file.kind") };
  }
  if (file.size === 0) return { reason: words.t("file.empty") };
  if (file.size > LARGEST_BYTES) return { reason: words.t("file.large", { size: size(file.size, words.locale) }) };
  const start = new TextDecoder("latin1").decode(await file.slice(0, 1024).arrayBuffer());
  if (contentType === "application/pdf" && !start.includes("%PDF-")) {
    return { reason: words.t("file.pdf") };
  }
  if (endingOf(file.name) === "docx" && !start.startsWith("PK")) {
    return { reason: words.t("file.word") };
  }
  return { contentType };
}

/**
 * @param {number} bytes
 * @param {string} locale
 */
export function size(bytes, locale) {
  const [value, unit] = bytes < 1024 * 1024 ? [Math.max(1, Math.round(bytes / 1024)), "kilobyte"] : [bytes / 1024 / 1024, "megabyte"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
