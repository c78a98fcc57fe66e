// How customers, members, moods and states are called on the screen.

/** @import {Words} from "../strings.js" */
/** @import {Entry, Member} from "./types.d.ts" */

/**
 * @param {Entry["customer"]} customer
 * @param {Words} words
 */
export function nameOf({ name, email }, words) {
  return name || email || words.t("customer.unknown");
}

/**
 * @param {string | null} id of a member
 * @param {Member[]} members
 * @param {string} me
 * @param {Words} words
 */
export function memberName(id, members, me, words) {
  if (!id) return words.t("inbox.nobody");
  if (id === me) return words.t("inbox.me");
  return members.find((each) => each.id === id)?.name ?? words.t("inbox.colleague");
}

/**
 * @param {Entry} entry
 * @param {Member[]} members
 * @param {string} me
 * @param {Words} words
 */
export function statusText({ status, assignee }, members, me, words) {
  if (status === "human" && assignee === me) return words.t("status.mine");
  return status === "human" && assignee ? words.t("status.with", { name: memberName(assignee, members, me, words) }) : words.t(`status.${status}`);
}

/**
 * @param {string} assignee
 * @param {Member[]} members
 * @param {string} me
 * @param {Words} words
 */
export function assignedText(assignee, members, me, words) {
  return assignee === me ? words.t("inbox.assigned.me") : words.t("inbox.assigned.to", { name: memberName(assignee, members, me, words) });
}

/**
 * The mood of a summary without its figure: "Unhappy (-0.5); getting worse." is "Unhappy; getting worse."
 * @param {string} mood
 */
export function moodText(mood) {
  return mood.replace(/ \([+-]?\d\.\d\)/, "");
}
