// When a conversation that was put off comes back. No DOM.

const MORNING = 9;
const MONDAY = 1;
const DAYS_OF_WEEK = 7;
const LATER_MS = 3 * 3_600_000;

/** Until the customer writes, which ends any snooze: a time that does not come. */
export const UNTIL_REPLY = "2999-12-31T00:00:00.000Z";

/**
 * The times to choose from, in the reader's own time zone.
 * @param {number} [now] milliseconds since the epoch
 * @returns {{name: "later" | "tomorrow" | "monday" | "reply", until: string}[]}
 */
export function snoozes(now = Date.now()) {
  const on = (/** @type {number} */ days) => {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    day.setHours(MORNING, 0, 0, 0);
    return day.toISOString();
  };
  const weekday = new Date(now).getDay();
  const later = new Date(now + LATER_MS);
  const today = later.getDate() === new Date(now).getDate();
  return [
    ...(today ? [{ name: /** @type {const} */ ("later"), until: later.toISOString() }] : []),
    { name: "tomorrow", until: on(1) },
    { name: "monday", until: on((MONDAY - weekday + DAYS_OF_WEEK) % DAYS_OF_WEEK || DAYS_OF_WEEK) },
    { name: "reply", until: UNTIL_REPLY },
  ];
}
