// Every word of the pages, in tables: a folder in strings/ for each area, so that no page loads the
// words of another, and a file in it for each language. Another language is another file in each
// folder, with the same keys, and its name here.

/** The first is for those who read none of them. */
export const LANGUAGES = ["en", "de", "es", "fr"];
const CHOSEN = "frontdesk:language";

/** @typedef {Record<string, string>} Table */
/** @typedef {Record<string, string | number>} Values */

export class Words {
  #rules;

  /**
   * @param {string} language of the table
   * @param {Table} table
   * @param {string} [locale] how numbers and dates are written: the language, maybe as in one country
   */
  constructor(language, table, locale = language) {
    this.language = language;
    this.table = table;
    this.locale = locale;
    this.#rules = new Intl.PluralRules(language);
  }

  /**
   * The text called `key`, with its {places} filled in.
   * @param {string} key
   * @param {Values} [values]
   * @throws {Error} when there is none, so that a wrong name shows at once
   */
  t(key, values = {}) {
    const text = this.table[key];
    if (text === undefined) throw new Error(`no text is called ${key}`);
    return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
  }

  /**
   * The text for so many: `key.one`, `key.other`, and whatever else the language distinguishes.
   * {count} is written as the language writes numbers.
   * @param {string} key
   * @param {number} count
   * @param {Values} [values]
   */
  n(key, count, values = {}) {
    const form = `${key}.${this.#rules.select(count)}`;
    const written = new Intl.NumberFormat(this.locale).format(count);
    return this.t(form in this.table ? form : `${key}.other`, { count: written, ...values });
  }

  /** @param {string} key */
  has(key) {
    return key in this.table;
  }

  /**
   * Adds the words of more areas.
   * @param {string[]} areas
   */
  async add(areas) {
    /** @type {{default: Table}[]} */
    const found = await Promise.all(areas.map((area) => import(`./strings/${area}/${this.language}.js`)));
    this.table = Object.assign({}, this.table, ...found.map((each) => each.default));
  }
}

/**
 * The first language of `wanted` that there is a table for.
 * @param {readonly string[]} wanted BCP 47 tags, the dearest first
 */
export function languageOf(wanted) {
  const known = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return known.find((tag) => LANGUAGES.includes(tag)) ?? /** @type {string} */ (LANGUAGES[0]);
}

/** @param {string} language what the member chose, in this browser */
export function chooseLanguage(language) {
  localStorage.setItem(CHOSEN, language);
}

/** @returns {Words} in the language that was chosen, else in the browser's; with no text yet */
export function ownWords() {
  const chosen = localStorage.getItem(CHOSEN);
  const language = languageOf([...(chosen ? [chosen] : []), ...navigator.languages]);
  return new Words(language, {}, navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language));
}

/** @param {HTMLElement} element whose `data-words` names areas @returns {string[]} */
export function areasOf(element) {
  return (element.dataset["words"] ?? "").split(" ").filter(Boolean);
}
