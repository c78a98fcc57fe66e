// Numbers, dates and features of plans in words. Storage is decimal, as the plans are.

/** @import {Measure, Plan} from "./types.d.ts" */
/** @import {Words} from "../strings.js" */

/** @typedef {ReturnType<typeof planWords>} PlanWords */

/** @param {Words} words with those of the area `plans` */
export function planWords(words) {
  const { locale } = words;
  const whole = new Intl.NumberFormat(locale);
  const unit = (/** @type {string} */ name, /** @type {Intl.NumberFormatOptions} */ options) => new Intl.NumberFormat(locale, { style: "unit", unit: name, ...options });
  const number = (/** @type {number} */ value) => whole.format(value);
  const bytes = (/** @type {number} */ value) => {
    const [size, name] = value >= 999_500_000 ? [value / 1e9, "gigabyte"] : value >= 999_500 ? [value / 1e6, "megabyte"] : [value / 1e3, "kilobyte"];
    return unit(name, { maximumSignificantDigits: 3 }).format(size);
  };
  const days = (/** @type {number} */ value) => {
    const [count, name] = value % 365 === 0 ? [value / 365, "year"] : [value, "day"];
    return unit(name, { unitDisplay: "long" }).format(count);
  };
  const own = (/** @type {string} */ key, /** @type {string} */ other) => (words.has(key) ? words.t(key) : other);
  return {
    words,
    number,
    bytes,
    days,

    /** What a feature is called; one that no table knows, by its own name. */
    feature: (/** @type {string} */ name) => own(`plans.feature.${name}`, name),

    /** For whom a plan is. */
    summary: (/** @type {Plan} */ { name, summary }) => own(`plans.summary.${name}`, summary),

    /**
     * @param {number} hundredths
     * @param {string} currency ISO 4217
     */
    money(hundredths, currency) {
      const options = { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: hundredths % 100 === 0 ? 0 : 2 };
      return new Intl.NumberFormat(locale, /** @type {Intl.NumberFormatOptions} */ (options)).format(hundredths / 100);
    },

    /** The day of a moment where the reader is. */
    day: (/** @type {string} */ iso) => new Date(iso).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric" }),

    /** The first day of a month of UTC, wherever the reader is. */
    monthBegin: (/** @type {string} */ iso) => new Date(iso).toLocaleDateString(locale, { day: "numeric", month: "long", timeZone: "UTC" }),

    /**
     * @param {Measure} measure
     * @param {number} value
     */
    amount: (measure, value) => (measure === "storage_bytes" ? bytes(value) : number(value)),

    /**
     * What a plan holds, a line each: the figure, and of what.
     * @param {Plan} plan
     * @returns {[figure: string, of: string][]}
     */
    holds({ answers, documents, storage_bytes, seats, retention_days }) {
      const counted = (/** @type {number | null} */ value) => (value === null ? words.t("plans.unlimited") : number(value));
      return [
        [counted(answers), words.t("plans.answers")],
        [counted(documents), words.n("plans.documents", documents ?? 2)],
        [storage_bytes === null ? words.t("plans.unlimited.files") : bytes(storage_bytes), words.t("plans.files")],
        [counted(seats), words.n("plans.people", seats ?? 2)],
        [retention_days === null ? words.t("plans.forever") : days(retention_days), words.t("plans.kept")],
      ];
    },
  };
}
