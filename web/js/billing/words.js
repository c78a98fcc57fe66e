// Numbers, dates and features in words. Storage is decimal, as the plans are.

/** @import {Measure, Plan} from "./types.d.ts" */

/** What a feature is called. One that is not here is shown by its own name. @type {Record<string, string>} */
const FEATURES = {
  transcripts: "Conversations mailed to customers",
  checks: "Test questions, asked again when documents change",
  exports: "Conversations as files",
};

/** @type {Record<Measure, string>} */
export const MEASURES = { answers: "Answers this month", documents: "Documents", storage_bytes: "Storage", seats: "Team" };

/** @param {string} feature */
export function featureName(feature) {
  return FEATURES[feature] ?? feature;
}

/**
 * @param {number} hundredths
 * @param {string} currency ISO 4217
 */
export function money(hundredths, currency) {
  const whole = hundredths % 100 === 0;
  const options = { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: whole ? 0 : 2 };
  return new Intl.NumberFormat("en-GB", /** @type {Intl.NumberFormatOptions} */ (options)).format(hundredths / 100);
}

/** @param {number} value */
export function number(value) {
  return new Intl.NumberFormat("en-GB").format(value);
}

/** @param {number} value */
export function bytes(value) {
  const [size, unit] = value >= 999_500_000 ? [value / 1e9, "GB"] : value >= 999_500 ? [value / 1e6, "MB"] : [value / 1e3, "kB"];
  return `${new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 }).format(size)} ${unit}`;
}

/** @param {number} value */
export function days(value) {
  if (value % 365 !== 0) return `${number(value)} days`;
  return value === 365 ? "1 year" : `${value / 365} years`;
}

/** The day of a moment where the reader is. @param {string} iso */
export function day(iso) {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

/** The first day of a month of UTC, wherever the reader is. @param {string} iso */
export function monthBegin(iso) {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
}

/**
 * @param {Measure} measure
 * @param {number} value
 */
export function amount(measure, value) {
  return measure === "storage_bytes" ? bytes(value) : number(value);
}

/**
 * What a plan holds, a line each: the figure, and of what.
 * @param {Plan} plan
 * @returns {[figure: string, of: string][]}
 */
export function holds({ answers, documents, storage_bytes, seats, retention_days }) {
  return [
    [answers === null ? "Unlimited" : number(answers), "answers a month"],
    [documents === null ? "Unlimited" : number(documents), "documents"],
    [storage_bytes === null ? "Unlimited" : bytes(storage_bytes), "of files"],
    [seats === null ? "Unlimited" : number(seats), seats === 1 ? "person in the team" : "people in the team"],
    [retention_days === null ? "For ever" : days(retention_days), "of conversations kept"],
  ];
}
