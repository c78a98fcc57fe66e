// Which conversations belong into which list, and in what order: as the API decides it, so that what
// the socket tells finds its place without asking.

import { isSnoozed } from "../waiting.js";

/** @import {Asked, Entry} from "./types.d.ts" */

export const VIEWS = ["waiting", "unread", "mine", "unassigned", "open", "snoozed", "resolved", "all"];
export const SORTS = ["waiting_longest", "newest", "priority"];
export const PRIORITIES = /** @type {const} */ (["urgent", "high", "medium", "low"]);
const PAGE = 50;

/** @type {Asked} */
export const NOTHING_ASKED = { view: "waiting", sort: "", priority: "", mood: "", label: "", assignee: "", language: "", page: "" };

/** @param {Asked} asked */
export function sortOf({ view, sort }) {
  return SORTS.includes(sort) ? sort : view === "waiting" ? "waiting_longest" : "newest";
}

/**
 * @param {Asked} asked
 * @returns {string} the path of its list
 */
export function listPath(asked) {
  const query = new URLSearchParams({ view: VIEWS.includes(asked.view) ? asked.view : "all", sort: sortOf(asked), limit: String(PAGE) });
  for (const name of /** @type {const} */ (["priority", "mood", "label", "assignee", "language", "page"])) {
    if (asked[name]) query.set(name, asked[name]);
  }
  return `/conversations?${query}`;
}

/**
 * @param {Entry} entry
 * @param {Asked} asked
 * @param {string} me id of the member
 * @param {number} [now]
 */
export function belongs(entry, asked, me, now = Date.now()) {
  return isInView(entry, asked.view, me, now) && fits(entry, asked, me);
}

/**
 * @param {Entry} entry
 * @param {string} view
 * @param {string} me
 * @param {number} now
 */
function isInView(entry, view, me, now) {
  const resolved = entry.status === "resolved";
  const snoozed = isSnoozed(entry, now);
  if (view === "resolved") return resolved;
  if (view === "snoozed") return !resolved && snoozed;
  if (!["waiting", "unread", "mine", "unassigned", "open"].includes(view)) return true;
  if (resolved || snoozed) return false;
  if (view === "waiting") return entry.status === "waiting";
  if (view === "mine") return entry.assignee === me;
  if (view === "unread") return entry.status !== "open" && (entry.assignee === null || entry.assignee === me) && Boolean(entry.unread_messages);
  return view === "open" || entry.assignee === null;
}

/**
 * Whether a row says that something is new in it: what the view of that name has, and its count.
 * @param {Entry} entry
 * @param {string} me
 * @param {number} [now]
 */
export function isUnread(entry, me, now = Date.now()) {
  return isInView(entry, "unread", me, now);
}

/**
 * @param {Entry} entry
 * @param {Asked} asked
 * @param {string} me
 */
function fits(entry, asked, me) {
  const assignee = asked.assignee === "me" ? me : asked.assignee === "unassigned" ? null : asked.assignee;
  const language = entry.language?.toLowerCase() ?? "";
  const spoken = asked.language.toLowerCase();
  return (
    (!asked.priority || entry.priority === asked.priority) &&
    (!asked.mood || entry.mood?.label.toLowerCase() === asked.mood) &&
    (!asked.label || entry.labels.some((each) => each.toLowerCase() === asked.label.toLowerCase())) &&
    (!asked.assignee || entry.assignee === assignee) &&
    (!spoken || language === spoken || language.startsWith(`${spoken}-`)) &&
    (!asked.page || Boolean(entry.page?.url.toLowerCase().includes(asked.page.toLowerCase())))
  );
}

/**
 * Whether a person is wanted or in, and the customer waits for them.
 * @param {Entry} entry
 */
export function waitsForPerson({ status, waiting_since }) {
  return (status === "waiting" || status === "human") && Boolean(waiting_since);
}

/**
 * How the list stands in order, by the sort.
 * @param {string} sort
 * @returns {(a: Entry, b: Entry) => number}
 */
export function comparing(sort) {
  const newest = (/** @type {Entry} */ a, /** @type {Entry} */ b) => (a.last_id < b.last_id ? 1 : a.last_id > b.last_id ? -1 : a.id < b.id ? 1 : -1);
  if (sort === "priority") return (a, b) => rank(a) - rank(b) || newest(a, b);
  if (sort === "waiting_longest") return (a, b) => since(a) - since(b) || newest(a, b);
  return newest;
}

/** @param {Entry} entry what is resolved comes last */
function rank(entry) {
  return PRIORITIES.indexOf(entry.priority) + (entry.status === "resolved" ? PRIORITIES.length : 0);
}

/** @param {Entry} entry */
function since(entry) {
  return waitsForPerson(entry) ? Date.parse(entry.waiting_since ?? "") : Number.MAX_SAFE_INTEGER;
}
