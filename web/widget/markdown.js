// A small, safe subset of Markdown, straight to DOM nodes: paragraphs, headings (as bold lines),
// lists, quotes, tables, code, bold, italics, links and citation marks. HTML in the text stays text.
// What is no mark for certain stays as it was written, and time is in step with the length.

import { add, detach, el, setLink } from "./dom.js";

/** Text beyond this is shown as it is, so that a hostile answer cannot keep the page busy. */
const LONGEST = 20_000;
/** Lists in quotes in lists … stop somewhere. */
const DEEPEST = 4;
/** So many marks can be open at once; the oldest gives way. */
const MOST_OPEN = 20;
const LONGEST_ADDRESS = 1_000;

/** @typedef {(number: number) => Node | null} Cite a mark for citation [number]; null leaves the text */

const FENCE = /^ {0,3}```/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(?=\S)/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,7})(?:[-*+•]|(\d{1,4})[.)]) {1,9}(?=\S)/;
const BLANK = /^\s*$/;
/** The line under a table's head. */
const BARS = /^[ \t|:-]+$/;
/** What may begin a mark; everything between is text. */
const MARK = /\\[!-/:-@[-`{-~]|`[^`\n]*`|\*+|_+|\[|\]|\bhttps?:\/\//g;
/** An address that stands by itself ends here, or where a bracket closes that it did not open. */
const ADDRESS_END = /[\s<>"`|[\]\u3000-\u303f\uff00-\uffef“”„«»]/;
/** Between two of these, "*" multiplies or is of a name. */
const WORD = /[A-Za-z0-9\u00c0-\u024f]/;

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
    if (old) container.replaceChild(node, old);
    else add(container, node);
  });
  for (let last = shown[sources.length]; last; last = shown[sources.length]) detach(last);
}

/** What each block was made from. @type {WeakMap<Element, string>} */
const sourceOf = new WeakMap();

/**
 * `text` as far as it can be shown while more is on its way: half a mark is held back and open
 * ones are closed, so that no asterisk flashes up.
 * @param {string} text
 */
export function unfinished(text) {
  let shown = text.replace(/(?:\[\d{0,2}|[*_`]{1,2}|\\)$/, "");
  const link = shown.lastIndexOf("](");
  // The label of a link whose address is still being written waits for it.
  if (link > 0 && destinationEnd(shown, link + 2) === shown.length) shown = shown.slice(0, Math.max(shown.lastIndexOf("[", link), 0));
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
  let tabled = false;
  const close = () => {
    if (open.some((line) => !BLANK.test(line))) found.push(open.join("\n"));
    open = [];
    tabled = false;
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
    } else if (!tabled && isTable(open.at(-1), line) && !ITEM.test(first) && !QUOTE.test(first)) {
      const head = open.pop() ?? "";
      close();
      open.push(head);
      tabled = true;
    } else if ((tabled && !line.includes("|")) || starts(line, open)) close();
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
  if (HEADING.test(first)) {
    // A closing run of "#" has a space before it, or is of the text.
    const title = first.replace(HEADING, "").trimEnd().replace(/\s#+$/, "");
    return el("p", { class: "heading" }, ...inline(title.trimEnd(), cite));
  }
  if (isTable(first, lines[1])) return table(lines, cite);
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
 * @param {string | undefined} head
 * @param {string | undefined} bars
 * @returns {boolean} whether a table begins with these two lines
 */
function isTable(head, bars) {
  if (!head?.includes("|") || !bars?.includes("-") || !BARS.test(bars)) return false;
  return cells(head).length === cells(bars).length;
}

/**
 * @param {string} row
 * @returns {string[]} what stands between its bars; one after a backslash is none
 */
function cells(row) {
  const parts = row.trim().replace(/^\||(?<!\\)\|$/g, "").split(/(?<!\\)\|/);
  return parts.map((part) => part.replaceAll("\\|", "|").trim());
}

/**
 * @param {string[]} lines
 * @param {Cite} cite
 */
function table([head = "", , ...rows], cite) {
  const row = (/** @type {string} */ line, /** @type {"td" | "th"} */ tag) =>
    el("tr", {}, ...cells(line).map((cell) => el(tag, { dir: "auto" }, ...inline(cell, cite))));
  return el("div", { class: "table", tabindex: 0 }, el("table", {}, row(head, "th"), ...rows.map((line) => row(line, "td"))));
}

/**
 * A run of asterisks, or an underscore, that may begin emphasis, and what follows it up to the next
 * one. The first of a stack stands for no mark.
 * @typedef {{mark: string, count: number, inner: boolean, nodes: Node[]}} Open
 */

/**
 * What stands in a line or paragraph. Marks that are open lie on a stack: however deep the text is
 * nested, the reading is not. Only the label of a link is read by itself.
 * @param {string} text
 * @param {Cite} cite
 * @param {boolean} [label] of a link: no links in it
 * @returns {Node[]}
 */
function inline(text, cite, label = false) {
  const links = label ? new Map() : linksIn(text);
  /** @type {Open[]} */
  const stack = [{ mark: "", count: 0, inner: false, nodes: [] }];
  const say = (/** @type {string} */ words) => {
    if (words) stack.at(-1)?.nodes.push(document.createTextNode(words));
  };
  let at = 0;
  const marks = new RegExp(MARK);
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    const [mark] = found;
    const begins = found.index;
    let ends = begins + mark.length;
    say(text.slice(at, begins));
    /** @type {Node | null} */
    let node = null;
    const link = links.get(begins);
    const number = /^\[(\d{1,2})\]/.exec(text.slice(begins, begins + 4));
    if (link) {
      const words = inline(text.slice(ends, link.closes), () => null, true);
      ends = link.ends + 1;
      const anchor = el("a", {}, ...words);
      if (setLink(anchor, text.slice(link.closes + 2, link.ends))) node = anchor;
      else stack.at(-1)?.nodes.push(...words);
    } else if (number) {
      node = cite(Number(number[1]));
      if (node) ends = begins + number[0].length;
      else say(mark);
    } else if (mark[0] === "`" && mark.length > 2) {
      node = el("code", {}, mark.slice(1, -1));
    } else if (mark[0] === "h" && !label) {
      ends = addressEnd(text, begins, ends);
      const anchor = el("a", {}, text.slice(begins, ends));
      if (setLink(anchor, text.slice(begins, ends))) node = anchor;
      else say(text.slice(begins, ends));
    } else if (mark[0] === "*" || mark === "_") {
      emphasize(stack, mark, text[begins - 1] ?? " ", text[ends] ?? " ");
    } else say(mark[0] === "\\" ? mark.slice(1) : mark);
    if (node) stack.at(-1)?.nodes.push(node);
    at = marks.lastIndex = ends;
  }
  say(text.slice(at));
  return joined(stack, 0);
}

/**
 * Ends emphasis on `stack`, or begins it, or leaves `run` as it is.
 * @param {Open[]} stack
 * @param {string} run
 * @param {string} before the character before it
 * @param {string} after the one after it
 */
function emphasize(stack, run, before, after) {
  const mark = run.slice(0, 1);
  const inner = WORD.test(before) && WORD.test(after);
  // Of a file pattern: "src/**/*.js", "*.jpg,*.png".
  const odd = run.length > 3 || (/[/,;|]/.test(before) && /[./]/.test(after));
  const single = run.length !== 2;
  let opens = !odd && /\S/.test(after) && !(WORD.test(before) && (single || /\d/.test(after)));
  if (run.length === 1 && /[./]/.test(after)) opens = false;
  const closes = !odd && /\S/.test(before) && !(single && WORD.test(after)) && before !== "/";
  let count = run.length;
  for (let i = stack.length - 1; closes && i > 0 && count; i--) {
    const open = /** @type {Open} */ (stack[i]);
    const fits = open.count === count || Math.max(open.count, count) === 3;
    if (open.mark !== mark || !fits || (inner && open.inner)) continue;
    const used = Math.min(2, open.count, count);
    const node = el(used === 2 ? "strong" : "em", {}, ...joined(stack, i));
    stack.length = i + 1;
    open.count -= used;
    open.nodes = [node];
    count -= used;
    if (open.count) i++;
    else {
      stack.pop();
      stack.at(-1)?.nodes.push(node);
    }
  }
  if (opens && count) {
    stack.push({ mark, count, inner, nodes: [] });
    if (stack.length > MOST_OPEN) {
      joined(stack.slice(0, 2), 0);
      stack.splice(1, 1);
    }
  } else if (count) stack.at(-1)?.nodes.push(document.createTextNode(mark.repeat(count)));
}

/**
 * @param {Open[]} stack
 * @param {number} from
 * @returns {Node[]} what lies on it from there on; marks that were not ended, but the first, are text
 */
function joined(stack, from) {
  const nodes = stack[from]?.nodes ?? [];
  for (const open of stack.slice(from + 1)) {
    nodes.push(document.createTextNode(open.mark.repeat(open.count)));
    for (const node of open.nodes) nodes.push(node);
  }
  return nodes;
}

/**
 * @param {string} text
 * @returns {Map<number, {closes: number, ends: number}>} where links begin, where their label is closed, and their address
 */
function linksIn(text) {
  const found = new Map();
  /** @type {number[]} */
  let open = [];
  const marks = new RegExp(MARK);
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    const { 0: run, index } = mark;
    if (run === "[") open.push(index);
    else if (run === "]") {
      const begins = open.pop();
      const ends = text[index + 1] === "(" ? destinationEnd(text, index + 2) : -1;
      if (begins === undefined || ends <= index + 2 || ends === text.length) continue;
      found.set(begins, { closes: index, ends });
      // No link holds another.
      open = [];
      marks.lastIndex = ends;
    }
  }
  return found;
}

/**
 * @param {string} text
 * @param {number} from where the address of a link begins
 * @returns {number} where its bracket closes; the length of `text` if that is still to come, -1 if it is no address
 */
function destinationEnd(text, from) {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "(") depth++;
    else if (letter === ")" && !depth--) return at;
    else if (letter <= " " || at - from > LONGEST_ADDRESS) return -1;
  }
  return text.length;
}

/**
 * @param {string} text
 * @param {number} begins where an address that stands by itself begins
 * @param {number} from where its host does
 * @returns {number} its end: brackets count in pairs, and what ends a sentence is not of it
 */
function addressEnd(text, begins, from) {
  let end = from;
  let depth = 0;
  let opened = end;
  for (; end < text.length && end - begins < LONGEST_ADDRESS; end++) {
    const letter = text[end] ?? "";
    if (letter === "(") opened = depth++ ? opened : end;
    else if (letter === ")" && --depth < 0) break;
    else if (ADDRESS_END.test(letter)) break;
  }
  if (depth > 0) end = opened;
  while (end > from && ".,;:!?'*_~…".includes(text[end - 1] ?? "")) end--;
  return end;
}
