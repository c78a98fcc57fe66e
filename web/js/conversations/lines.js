// The lines of a thread: days, messages in groups, and in quiet lines what happened. No DOM.

/** @import {Said, ThreadMessage} from "./types.d.ts" */

/**
 * @typedef {{kind: "day", key: string, at: string}
 *   | {kind: "event", key: string, message: ThreadMessage}
 *   | {kind: "message", key: string, message: ThreadMessage, first: boolean, seen: boolean}
 *   | {kind: "said", key: string, said: Said}} Line `first` of a group: it says who speaks; `seen`: the
 *   customer has read the team's words up to here
 */

const GROUP_MS = 5 * 60_000;

/**
 * @param {ThreadMessage[]} messages the oldest first
 * @param {Said[]} said what is not confirmed yet, at the end
 * @param {string | null} [read] up to which message the customer has read
 * @returns {Line[]}
 */
export function linesOf(messages, said, read = null) {
  const seen = read && messages.findLast(({ id, role }) => role === "agent" && id <= read);
  /** @type {Line[]} */
  const lines = [];
  let day = "";
  /** @type {ThreadMessage | null} */
  let before = null;
  for (const message of messages) {
    const its = new Date(message.at).toDateString();
    if (its !== day) {
      lines.push({ kind: "day", key: `day ${its}`, at: message.at });
      before = null;
    }
    day = its;
    if (message.role === "system") {
      lines.push({ kind: "event", key: message.id, message });
      before = null;
      continue;
    }
    lines.push({ kind: "message", key: message.client_id ?? message.id, message, first: !before || !goesOn(before, message), seen: message === seen });
    before = message;
  }
  const stored = new Set(messages.map((each) => each.client_id));
  for (const each of said) if (!stored.has(each.id)) lines.push({ kind: "said", key: each.id, said: each });
  return lines;
}

/**
 * @param {ThreadMessage} before
 * @param {ThreadMessage} message
 */
function goesOn(before, message) {
  return before.role === message.role && before.author === message.author && Date.parse(message.at) - Date.parse(before.at) < GROUP_MS;
}

/**
 * How many messages of others came after the one that was seen last.
 * @param {ThreadMessage[]} messages
 * @param {string} seen id; empty for none
 */
export function countBelow(messages, seen) {
  return messages.filter(({ id, role }) => id > seen && role !== "system").length;
}
