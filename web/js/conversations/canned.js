// Canned replies: where a "/" asks for one, and which ones fit. No DOM.

/** @typedef {{id: string, shortcut: string, text: string}} Canned */

const MOST = 8;
/** A slash after nothing or a space, and a shortcut that is being written. */
const ASKED = /(?:^|\s)\/([a-z0-9-]{0,40})$/i;

/**
 * @param {string} text
 * @param {number} caret
 * @returns {{text: string, start: number, end: number} | null} what is looked for, and what a reply replaces
 */
export function cannedAt(text, caret) {
  const found = ASKED.exec(text.slice(Math.max(0, caret - 42), caret));
  const wanted = found?.[1];
  return wanted === undefined ? null : { text: wanted.toLowerCase(), start: caret - wanted.length - 1, end: caret };
}

/**
 * Those whose shortcut begins so, then those that mention it.
 * @param {Canned[]} replies
 * @param {string} wanted
 */
export function matching(replies, wanted) {
  const begins = replies.filter(({ shortcut }) => shortcut.startsWith(wanted));
  const mentions = replies.filter((each) => !begins.includes(each) && `${each.shortcut} ${each.text}`.toLowerCase().includes(wanted));
  return [...begins, ...mentions].slice(0, MOST);
}
