// Finding DOM nodes.

/**
 * The first match of `selector` under `root`. Throws when there is none, so that a renamed class
 * shows at once.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function find(selector, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`nothing matches ${selector}`);
  return found;
}
