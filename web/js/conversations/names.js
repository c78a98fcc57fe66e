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
  return status === "human" && assignee ? words.t("status.with", { name: memberName(assignee, members, me, words) }) : words.t(`status.${status}`);
}
