// The keys of the inbox, and what each does. No DOM but of the event.

/**
 * @typedef {"next" | "previous" | "resolve" | "snooze" | "assign" | "label" | "reply" | "note" | "take"
 *   | "undo" | "search" | "select" | "palette" | "help" | "close" | "priority" | "customer"} Act
 */

/** As they are listed; an act may have two. @type {{act: Act, keys: string[]}[]} */
export const KEYS = [
  { act: "next", keys: ["j"] },
  { act: "previous", keys: ["k"] },
  { act: "reply", keys: ["r"] },
  { act: "note", keys: ["n"] },
  { act: "resolve", keys: ["e"] },
  { act: "take", keys: ["t"] },
  { act: "assign", keys: ["a"] },
  { act: "snooze", keys: ["h"] },
  { act: "label", keys: ["l"] },
  { act: "priority", keys: ["p"] },
  { act: "customer", keys: ["c"] },
  { act: "select", keys: ["x"] },
  { act: "undo", keys: ["z"] },
  { act: "search", keys: ["/"] },
  { act: "help", keys: ["?"] },
  { act: "close", keys: ["Escape"] },
];

/**
 * What a key asks for; null for nothing, as while somebody types, or when the browser has a use for it.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing">} event
 * @param {boolean} typing whether the key goes into a field
 * @returns {Act | null}
 */
export function actOf({ key, ctrlKey, metaKey, altKey, isComposing }, typing) {
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") return "palette";
  if (ctrlKey || metaKey || altKey || typing || isComposing) return null;
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  return KEYS.find(({ keys }) => keys.includes(wanted))?.act ?? null;
}
