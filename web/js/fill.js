// The words of a page's HTML: its elements name them.

import { setAttribute } from "../widget/dom.js";

/** @import {Words} from "./strings.js" */

/** What names the text of an attribute. */
const ATTRIBUTES = { "data-t-label": "aria-label", "data-t-content": "content" };

/**
 * Writes the texts that `root` and what is in it name: `data-t` the element's own, the others an attribute's.
 * @param {ParentNode} root
 * @param {Words} words
 */
export function fill(root, words) {
  for (const element of root.querySelectorAll("[data-t]")) {
    const text = words.t(element.getAttribute("data-t") ?? "");
    if (element.textContent !== text) element.textContent = text;
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    for (const element of root.querySelectorAll(`[${name}]`)) setAttribute(element, attribute, words.t(element.getAttribute(name) ?? ""));
  }
}
