// A list of nodes that follows a list of things: each keeps its node, so focus, selection and what
// is open in it stay, and only what has changed is drawn.

/**
 * @template T
 * @typedef {object} Kind
 * @property {(item: T) => string} key
 * @property {(item: T) => unknown[]} look of it another thing when the node has to be drawn anew
 * @property {(item: T) => HTMLElement} make
 * @property {(node: HTMLElement, item: T) => void} draw
 */

/** @template T */
export class Keyed {
  /** @type {Map<string, {node: HTMLElement, look: unknown[]}>} */
  #shown = new Map();

  /**
   * @param {HTMLElement} parent
   * @param {Kind<T>} kind
   */
  constructor(parent, kind) {
    this.parent = parent;
    this.kind = kind;
  }

  /** @param {T[]} items */
  show(items) {
    const { kind, parent } = this;
    const before = this.#shown;
    this.#shown = new Map();
    /** @type {ChildNode | null} */
    let place = parent.firstChild;
    const wanted = new Set(items.map((item) => kind.key(item)));
    for (const [key, { node }] of before) {
      if (wanted.has(key)) continue;
      if (node === place) place = node.nextSibling;
      node.remove();
      before.delete(key);
    }
    for (const item of items) {
      const key = kind.key(item);
      const look = kind.look(item);
      const known = before.get(key);
      const node = known?.node ?? kind.make(item);
      if (!known || (known.look !== look && look.some((each, i) => each !== known.look[i]))) kind.draw(node, item);
      this.#shown.set(key, { node, look });
      if (place === node) place = node.nextSibling;
      else parent.insertBefore(node, place);
    }
  }

  /** @param {string} key */
  node(key) {
    return this.#shown.get(key)?.node ?? null;
  }
}
