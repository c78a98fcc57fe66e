// Which files can go with a message, told before they are uploaded. No DOM.

/** @import {Words} from "../strings.js" */
/** @import {Formats} from "../utils.js" */

export const LARGEST = 10 * 1024 * 1024;
export const MOST = 5;

const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"];
/** Browsers know some of these by other types, or by none. */
const TEXTS = /\.(txt|text|log|csv|md)$/i;

export const ACCEPT = [...TYPES, ".txt", ".log", ".csv", ".md"].join(",");

/**
 * @param {{name: string, type: string}} file
 * @returns {string | null} the type to send it as; null if it can't be sent
 */
export function typeOf({ name, type }) {
  if (TYPES.includes(type)) return type;
  return TEXTS.test(name) && (type === "" || type.startsWith("text/")) ? "text/plain" : null;
}

/** @param {string} type */
export function isPicture(type) {
  return TYPES.includes(type) && type.startsWith("image/");
}

/**
 * Why a file can't go with a message that has `count` already.
 * @param {{name: string, type: string, size: number}} file
 * @param {number} count
 * @param {Words} words
 * @param {Formats} formats
 * @returns {string | null}
 */
export function refusal(file, count, words, formats) {
  const { name, size } = file;
  if (count >= MOST) return words.t("files.many", { most: formats.number(MOST) });
  if (typeOf(file) === null) return words.t("files.type", { name });
  if (size === 0) return words.t("files.empty", { name });
  if (size > LARGEST) return words.t("files.large", { name, size: formats.bytes(size), most: formats.bytes(LARGEST) });
  return null;
}
