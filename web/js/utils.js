// Numbers, times and waiting, in the reader's language.

/** @typedef {ReturnType<typeof formats>} Formats */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/**
 * How long ago something was, in whole days, below a day in whole hours, below an hour in whole minutes.
 * @param {string | number} at
 * @param {number} [now] milliseconds since the epoch
 * @returns {number} seconds
 */
export function age(at, now = Date.now()) {
  const seconds = Math.max(0, (now - new Date(at).getTime()) / 1000);
  const unit = seconds < HOUR ? MINUTE : seconds < DAY ? HOUR : DAY;
  return Math.floor(seconds / unit) * unit;
}

/**
 * @param {string} language BCP 47
 * @param {() => number} [now] milliseconds since the epoch
 */
export function formats(language, now = Date.now) {
  const whole = new Intl.NumberFormat(language);
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const units = (/** @type {string} */ unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" });
  const [minutes, hours, days] = ["minute", "hour", "day"].map(units);
  const kilobytes = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte" });
  const megabytes = new Intl.NumberFormat(language, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(language);
  return {
    number: (/** @type {number} */ value) => whole.format(value),
    compact: (/** @type {number} */ value) => compact.format(value),
    percent: (/** @type {number} */ value) => share.format(value),
    bytes: (/** @type {number} */ value) => (value < 1024 * 1024 ? kilobytes.format(Math.max(1, Math.round(value / 1024))) : megabytes.format(value / 1024 / 1024)),
    list: (/** @type {string[]} */ values) => list.format(values),
    time: (/** @type {string | number} */ at) => new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" }),
    day: (/** @type {string | number} */ at) => new Date(at).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" }),
    weekday: (/** @type {string | number} */ at) => new Date(at).toLocaleDateString(language, { weekday: "long" }),
    dayTime: (/** @type {string | number} */ at) => new Date(at).toLocaleString(language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
    /** How long since, as short as it goes: 4m, 3h, 2d. */
    since(/** @type {string | number} */ at) {
      const seconds = age(at, now());
      if (seconds < MINUTE) return relative.format(0, "second");
      const unit = seconds < HOUR ? MINUTE : seconds < DAY ? HOUR : DAY;
      return (unit === MINUTE ? minutes : unit === HOUR ? hours : days)?.format(seconds / unit) ?? "";
    },
    /** “2 hours ago”, and a date when it is longer ago than a week. */
    ago(/** @type {string | number} */ at) {
      const seconds = Math.round((new Date(at).getTime() - now()) / 1000);
      if (seconds > -45) return relative.format(0, "second");
      if (seconds > -HOUR) return relative.format(Math.round(seconds / MINUTE), "minute");
      if (seconds > -DAY) return relative.format(Math.round(seconds / HOUR), "hour");
      if (seconds > -7 * DAY) return relative.format(Math.round(seconds / DAY), "day");
      return this.day(at);
    },
  };
}

/**
 * The first letters of a name, for a small picture of whose it is.
 * @param {string} name
 */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] ends the waiting, by throwing its reason
 * @returns {Promise<void>}
 */
export function sleep(milliseconds, signal) {
  return new Promise((done, failed) => {
    if (signal?.aborted) return failed(signal.reason);
    const stop = () => (clearTimeout(timer), failed(signal?.reason));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), done()), milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
