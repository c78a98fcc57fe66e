// What a search found in a message: the place with the words, and the words marked. What a word is
// and when two are the same is as in the API (frontdesk/answers/text.py), which has found the message.

import { el } from "../../widget/dom.js";
import { render } from "../../widget/markdown.js";

/** Text, of which every second piece, from the second on, was looked for. @typedef {string[]} Pieces */

/** So much of the text before the first hit is shown at most. */
const BEFORE = 20;
const SHOWN = 200;
/** As many words, and as much of each, as the API looks for. */
const SOUGHT = 8;
const WORD_LENGTH = 40;

const PAIRED = "\\u0e00-\\u0e7f\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
const LETTER = `(?![${PAIRED}])[\\p{L}\\p{Nl}\\p{No}]`;
const WORD = new RegExp(`[${PAIRED}]+|\\p{Nd}+(?:[.,:]\\p{Nd}+)*|(?:${LETTER})+(?:'\\p{L}+)?`, "gu");
const IS_PAIRED = new RegExp(`^[${PAIRED}]`, "u");
/** What Markdown's marks are made of. */
const MARKS = /[*_`#[\]>|\\+•-]|\d[.)]/;
const BLOCKS = "p, li, tr, td, th, pre, blockquote, br";

/**
 * @param {string} text of a message
 * @param {string | null} role who wrote it: only the assistant writes Markdown
 * @returns {string} on one line, without marks
 */
export function onOneLine(text, role) {
  if (role === "assistant" && MARKS.test(text)) {
    const shown = el("div");
    render(shown, text, () => new Text(""));
    for (const block of shown.querySelectorAll(BLOCKS)) block.after(" ");
    text = shown.textContent ?? "";
  }
  return text.replace(/\s+/g, " ").trim();
}

/**
 * @param {string} line
 * @param {string} sought as it was typed
 * @returns {Pieces} the part of the line with the longest word that was looked for
 */
export function foundIn(line, sought) {
  const terms = wordsOf(sought).slice(0, SOUGHT).map(({ word }) => word);
  const last = terms.at(-1);
  if (last === undefined) return [[...line].slice(0, SHOWN).join("")];
  const whole = new Set(terms.slice(0, -1));
  const hits = wordsOf(line).filter(({ word }) => whole.has(word) || word.startsWith(last));
  const longest = terms.reduce((a, b) => (b.length > a.length ? b : a));
  const first = hits.find(({ word }) => word.startsWith(longest)) ?? hits[0];
  const begin = first ? beginning(line, first.begin) : 0;
  const shown = [...line.slice(begin, begin + 2 * SHOWN)].slice(0, SHOWN).join("");
  const end = begin + shown.length;
  /** @type {Pieces} */
  const pieces = [];
  let at = begin;
  for (const hit of hits) {
    if (hit.end <= at || hit.begin >= end) continue;
    // Pairs of characters overlap, and make one piece.
    if (hit.begin <= at && pieces.length) pieces.push((pieces.pop() ?? "") + line.slice(at, Math.min(hit.end, end)));
    else pieces.push(line.slice(at, Math.max(hit.begin, at)), line.slice(Math.max(hit.begin, at), Math.min(hit.end, end)));
    at = Math.min(hit.end, end);
  }
  pieces.push(line.slice(at, end) + (end < line.length ? "…" : ""));
  if (begin) pieces[0] = `…${pieces[0]}`;
  return pieces;
}

/** @param {Pieces} pieces @returns {(string | HTMLElement)[]} */
export function marked(pieces) {
  return pieces.map((piece, i) => (i % 2 ? el("mark", {}, piece) : piece));
}

/**
 * Where a line is cut so that the word at `hit` is seen: between words.
 * @param {string} line
 * @param {number} hit
 */
function beginning(line, hit) {
  if (hit <= BEFORE) return 0;
  const space = line.indexOf(" ", hit - BEFORE - 1);
  return space < 0 || space >= hit ? hit : space + 1;
}

/**
 * @param {string} text
 * @returns {{word: string, begin: number, end: number}[]} its words as they are compared, and where each stands
 */
function wordsOf(text) {
  let folded = "";
  /** Where in `text` the letter stands that a unit of `folded` comes from. @type {number[]} */
  const begins = [];
  /** @type {number[]} */
  const ends = [];
  let at = 0;
  for (const letter of text) {
    const plain = fold(letter);
    for (let i = 0; i < plain.length; i++) begins.push(at), ends.push(at + letter.length);
    at += letter.length;
    // An accent belongs to what it stands on.
    if (!plain && ends.length) ends[ends.length - 1] = at;
    folded += plain;
  }
  const found = [];
  for (const match of folded.matchAll(WORD)) {
    const [word] = match;
    for (const [from, length] of parts(word)) {
      const start = match.index + from;
      found.push({ word: word.slice(from, from + length).slice(0, WORD_LENGTH), begin: begins[start] ?? 0, end: ends[start + length - 1] ?? text.length });
    }
  }
  return found;
}

/**
 * @param {string} word
 * @returns {[number, number][]} where its parts begin, and how long they are
 */
function parts(word) {
  if (IS_PAIRED.test(word) && word.length > 2) return [...word.slice(1)].map((_, i) => [i, 2]);
  return [[0, word.endsWith("'s") ? word.length - 2 : word.length]];
}

/** @param {string} letter @returns {string} nothing for an accent */
function fold(letter) {
  if (letter < "\x80") return letter.toLowerCase();
  // By way of capitals, so that "ß" is "ss".
  return letter.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "").replace("’", "'");
}
