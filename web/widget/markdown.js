// A small, safe subset of Markdown, straight to DOM nodes: paragraphs, headings (as bold lines),
// lists, quotes, code, bold, italics, links and citation marks. HTML in the text stays text.

import { el, setLink } from "./dom.js";

/** Text beyond this is shown as it is, so that a hostile answer cannot keep the page busy. */
const LONGEST = 20_000;
/** Lists in quotes in lists … stop somewhere. */
const DEEPEST = 4;

/** @typedef {(number: number) => Node | null} Cite a mark for citation [number]; null leaves the text */

const FENCE = /^ {0,3}```/;
const HEADING = /^ {0,3}#{1,6} +(.*?)[ #]*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,7})(?:[-*+•]|(\d{1,4})[.)]) +(?=\S)/;
const BLANK = /^\s*$/;

/**
 * Every alternative has a length limit, so the time is linear in the text.
 * 1 code · 2 bold · 3 italics · 4, 5 link · 6 citation · 7 bare address
 */
const INLINE = new RegExp(
  [
    "`([^`\\n]{1,400})`",
    "\\*\\*(?=\\S)([^\\n]{1,400}?\\S?)\\*\\*",
    "(?<![\\w*])[*_](?=[^\\s*_])([^*_\\n]{1,300})[*_](?!\\w)",
    "\\[([^\\[\\]\\n]{1,200})\\]\\(([^\\s()]{1,400})\\)",
    "\\[(\\d{1,2})\\]",
    "\\b(https?:\\/\\/[^\\s<>\"'`)\\]]{1,400})",
  ].join("|"),
  "g",
);

/**
 * Makes `container` show `text`. Blocks that did not change keep their nodes, so that text can be
 * streamed in without the page flickering or losing a selection.
 * @param {HTMLElement} container
 * @param {string} text
 * @param {Cite} [cite]
 */
export function render(container, text, cite = () => null) {
  const sources = blocks(text.slice(0, LONGEST));
  if (text.length > LONGEST) sources.push(text.slice(LONGEST));
  const shown = container.children;
  sources.forEach((source, i) => {
    const old = shown[i];
    if (old && sourceOf.get(old) === source) return;
    const plain = i === sources.length - 1 && text.length > LONGEST;
    const node = plain ? el("p", { class: "plain" }, source) : block(source, cite, 0);
    sourceOf.set(node, source);
    if (old) old.replaceWith(node);
    else container.append(node);
  });
  while (shown.length > sources.length) shown[shown.length - 1]?.remove();
}

/** What each block was made from. @type {WeakMap<Element, string>} */
const sourceOf = new WeakMap();

/**
 * `text` as far as it can be shown while more is on its way: half a mark is held back and open
 * ones are closed, so that no asterisk flashes up.
 * @param {string} text
 */
export function unfinished(text) {
  let shown = text.replace(/(?:\[\d{0,2}|\[[^\[\]\n]{1,200}\]\([^\s()]{0,400}|[*_`]{1,2})$/, "");
  const line = shown.slice(shown.lastIndexOf("\n") + 1);
  if (count(line, "`") % 2) return `${shown}\``;
  if (count(line, "**") % 2) shown = `${shown.trimEnd()}**`;
  return shown;
}

/**
 * @param {string} text
 * @param {string} mark
 */
function count(text, mark) {
  return text.split(mark).length - 1;
}

/**
 * The sources of the blocks of `text`.
 * @param {string} text
 * @returns {string[]}
 */
function blocks(text) {
  /** @type {string[]} */
  const found = [];
  /** @type {string[]} */
  let open = [];
  const close = () => {
    if (open.some((line) => !BLANK.test(line))) found.push(open.join("\n"));
    open = [];
  };
  let fenced = false;
  for (const line of text.replaceAll("\r", "").split("\n")) {
    if (fenced) {
      open.push(line);
      if (FENCE.test(line)) {
        fenced = false;
        close();
      }
      continue;
    }
    const first = open[0] ?? "";
    if (FENCE.test(line)) {
      close();
      fenced = true;
    } else if (BLANK.test(line)) {
      // A blank line inside a list does not end it.
      if (!ITEM.test(first)) {
        close();
        continue;
      }
    } else if (HEADING.test(line)) {
      close();
      found.push(line);
      continue;
    } else if (starts(line, open)) close();
    open.push(line);
  }
  close();
  return found;
}

/**
 * Whether `line` begins a block of its own instead of continuing `open`.
 * @param {string} line
 * @param {string[]} open
 */
function starts(line, open) {
  const first = open[0];
  if (first === undefined) return false;
  if (QUOTE.test(first)) return !QUOTE.test(line);
  const item = ITEM.exec(line);
  const list = ITEM.exec(first);
  if (list && item) return (item[1] ?? "").length < 2 && Boolean(item[2]) !== Boolean(list[2]);
  if (list) return BLANK.test(open.at(-1) ?? "") && !/^\s{2}/.test(line);
  return Boolean(item) || QUOTE.test(line);
}

/**
 * @param {string} source
 * @param {Cite} cite
 * @param {number} depth
 * @returns {HTMLElement}
 */
function block(source, cite, depth) {
  const lines = source.split("\n");
  const first = lines[0] ?? "";
  if (FENCE.test(first)) {
    const end = lines.length > 1 && FENCE.test(lines.at(-1) ?? "") ? -1 : undefined;
    return el("pre", { tabindex: 0 }, el("code", {}, lines.slice(1, end).join("\n")));
  }
  const heading = HEADING.exec(first);
  if (heading) return el("p", { class: "heading" }, ...inline(heading[1] ?? "", cite));
  if (depth < DEEPEST && QUOTE.test(first)) {
    return nested("blockquote", lines.map((line) => line.replace(QUOTE, "")).join("\n"), cite, depth);
  }
  if (depth < DEEPEST && ITEM.test(first)) return list(lines, cite, depth);
  return el("p", {}, ...inline(lines.map((line) => line.trim()).join("\n"), cite));
}

/**
 * @param {string[]} lines
 * @param {Cite} cite
 * @param {number} depth
 */
function list(lines, cite, depth) {
  /** @type {string[][]} */
  const items = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    const inner = items.at(-1);
    if (item && (!inner || (item[1] ?? "").length < 2)) items.push([line.slice(item[0].length)]);
    else inner?.push(line.replace(/^ {1,4}/, ""));
  }
  const number = ITEM.exec(lines[0] ?? "")?.[2];
  const parts = items.map((item) => nested("li", item.join("\n"), cite, depth));
  return number ? el("ol", { start: Number(number) === 1 ? null : number }, ...parts) : el("ul", {}, ...parts);
}

/**
 * @template {"blockquote" | "li"} K
 * @param {K} tag
 * @param {string} text
 * @param {Cite} cite
 * @param {number} depth
 */
function nested(tag, text, cite, depth) {
  const children = blocks(text).map((source) => block(source, cite, depth + 1));
  const only = children[0];
  const bare = tag === "li" && children.length === 1 && only?.tagName === "P";
  return el(tag, {}, ...(bare ? [...only.childNodes] : children));
}

/**
 * @param {string} text
 * @param {Cite} cite
 * @returns {Node[]}
 */
function inline(text, cite) {
  /** @type {Node[]} */
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const { node, length } = mark(match, cite);
    if (!node) continue;
    if (match.index > at) nodes.push(new Text(text.slice(at, match.index)));
    nodes.push(node);
    at = match.index + length;
  }
  if (at < text.length) nodes.push(new Text(text.slice(at)));
  return nodes;
}

/**
 * @param {RegExpExecArray} match of INLINE
 * @param {Cite} cite
 * @returns {{node: Node | null, length: number}}
 */
function mark(match, cite) {
  const [whole, code, bold, italics, label, address, citation, bare] = match;
  if (code !== undefined) return { node: el("code", {}, code), length: whole.length };
  if (bold !== undefined) return { node: el("strong", {}, ...inline(bold, cite)), length: whole.length };
  if (italics !== undefined) return { node: el("em", {}, ...inline(italics, cite)), length: whole.length };
  if (citation !== undefined) return { node: cite(Number(citation)), length: whole.length };
  if (label !== undefined && address !== undefined) {
    return { node: link(label, address) ?? new Text(label), length: whole.length };
  }
  const trimmed = (bare ?? "").replace(/[.,;:!?*_]+$/, "");
  return { node: link(trimmed, trimmed), length: trimmed.length };
}

/**
 * @param {string} label
 * @param {string} address
 */
function link(label, address) {
  const anchor = el("a", {}, label);
  return setLink(anchor, address) ? anchor : null;
}
