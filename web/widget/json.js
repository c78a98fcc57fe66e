// JSON of our own plain values. JSON.stringify asks every array for a toJSON method, and old
// libraries (Prototype) give arrays one that writes them as text.

/**
 * @param {unknown} value of objects, arrays, strings, numbers, booleans and null
 * @returns {string}
 */
export function toJson(value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  let text = "";
  if (Array.isArray(value)) {
    for (const each of value) text += `${text && ","}${toJson(each)}`;
    return `[${text}]`;
  }
  const named = /** @type {Record<string, unknown>} */ (value);
  for (const name in named) {
    if (!Object.prototype.hasOwnProperty.call(named, name) || named[name] === undefined) continue;
    text += `${text && ","}${JSON.stringify(name)}:${toJson(named[name])}`;
  }
  return `{${text}}`;
}

/**
 * @param {string | null} text
 * @returns {any} what `text` says, or null if it is no JSON
 */
export function fromJson(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
