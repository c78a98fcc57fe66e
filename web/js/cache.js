// The last answers of the API, so that a page shows its last view at once and then corrects it. They
// belong to one member of one organisation, live as long as the tab, and are gone at logout.

const PREFIX = "frontdesk:cache:";

export class Cache {
  /** What is used most recently comes last. @type {Map<string, string>} */
  #entries = new Map();
  #size = 0;
  #ended = false;

  /**
   * @param {Storage} storage
   * @param {string} owner whose answers these are
   * @param {number} [most] characters kept
   */
  constructor(storage, owner, most = 1_500_000) {
    this.storage = storage;
    this.prefix = `${PREFIX}${owner}:`;
    this.most = most;
    for (const name of named(storage, PREFIX)) {
      const text = storage.getItem(name);
      // What another member left has no business here.
      if (!name.startsWith(this.prefix) || text === null) storage.removeItem(name);
      else this.#keep(name.slice(this.prefix.length), text);
    }
  }

  /**
   * @param {string} key
   * @returns {any} undefined when it is not there
   */
  get(key) {
    const text = this.#entries.get(key);
    if (text === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, text);
    return JSON.parse(text);
  }

  /**
   * @param {string} key
   * @param {unknown} value
   * @returns {boolean} whether that is something new
   */
  put(key, value) {
    const text = JSON.stringify(value);
    if (this.#entries.get(key) === text) return false;
    this.drop(key);
    if (this.#ended || text.length > this.most / 4) return true;
    this.#keep(key, text);
    try {
      this.storage.setItem(this.prefix + key, text);
    } catch {
      // The browser's room is used up: it is still there until the page is left.
    }
    return true;
  }

  /** @param {string} key */
  drop(key) {
    this.#size -= this.#entries.get(key)?.length ?? 0;
    this.#entries.delete(key);
    this.storage.removeItem(this.prefix + key);
  }

  /** Forgets all there is, and keeps nothing any more: an answer may still be on its way. */
  end() {
    this.#ended = true;
    this.#entries.clear();
    this.#size = 0;
    forget(this.storage);
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  #keep(key, text) {
    this.#entries.set(key, text);
    this.#size += text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.most) return;
      this.drop(oldest);
    }
  }
}

/** @param {Storage} storage loses all that any cache kept in it */
export function forget(storage) {
  for (const name of named(storage, PREFIX)) storage.removeItem(name);
}

/**
 * @param {Storage} storage
 * @param {string} prefix
 */
function named(storage, prefix) {
  const names = [];
  for (let i = 0; i < storage.length; i++) names.push(storage.key(i) ?? "");
  return names.filter((name) => name.startsWith(prefix));
}
