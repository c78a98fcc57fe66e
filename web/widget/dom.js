// Building DOM nodes. Nothing here, or anywhere in web/, parses HTML from a string.

/** Attributes that run code, load something or break a strict CSP: never set from a bag of names. */
const FORBIDDEN = /^(on|style$|href|src|formaction)/i;

/**
 * An element with attributes and children. Strings become text nodes; null and false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] true: present and empty
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) {
    if (Object.prototype.hasOwnProperty.call(attributes, name)) setAttribute(element, name, attributes[name]);
  }
  return add(element, ...children);
}

/**
 * Appends `children`. Like the next two, without what old libraries put into Element.prototype.
 * @template {Node} N
 * @param {N} parent
 * @param {...(Node | string | null | false | undefined)} children strings become text nodes; null and false are left out
 * @returns {N} parent
 */
export function add(parent, ...children) {
  for (const child of children) {
    if (child || child === "") parent.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
  return parent;
}

/**
 * Has `parent` hold `children` and nothing else.
 * @param {Node} parent
 * @param {...(Node | string | null | false | undefined)} children
 */
export function put(parent, ...children) {
  while (parent.firstChild) parent.removeChild(parent.firstChild);
  add(parent, ...children);
}

/** @param {Node} node taken off the page, if it is there */
export function detach(node) {
  node.parentNode?.removeChild(node);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
export function setAttribute(element, name, value) {
  if (FORBIDDEN.test(name)) throw new Error(`attribute ${name} is not set this way`);
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Points `anchor` at `address` if that is an absolute http, https or mailto URL.
 * @param {HTMLAnchorElement} anchor
 * @param {string} address
 * @returns {boolean} false, and no link, for anything else
 */
export function setLink(anchor, address) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return false;
  anchor.href = url.href;
  anchor.rel = "noopener noreferrer";
  if (url.protocol !== "mailto:") anchor.target = "_blank";
  return true;
}

/**
 * A line icon of 24 units from its path data.
 * @param {string} path
 * @returns {SVGSVGElement}
 */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  svg.appendChild(line);
  return svg;
}

/**
 * Whether a key belongs to an input method, where Enter picks a word and Esc gives it up. Safari
 * ends the composition before the key, and tells by its code (229) alone.
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}
