// What is used of the plan: a line for each measure, with a warning look at 80 and 100 %.

import { el } from "../../widget/dom.js";
import { amount, MEASURES, monthBegin, number } from "./words.js";

/** @import {Measure, Usage} from "./types.d.ts" */

const ORDER = /** @type {const} */ (["answers", "documents", "storage_bytes", "seats"]);

/**
 * @param {Usage} usage
 * @returns {HTMLElement[]}
 */
export function meters(usage) {
  return ORDER.map((measure) => line(measure, usage));
}

/**
 * @param {Measure} measure
 * @param {Usage} usage
 */
function line(measure, usage) {
  const { used, limit } = usage[measure];
  const level = limit === null ? "fine" : used >= limit ? "full" : used * 100 >= limit * 80 ? "near" : "fine";
  const name = MEASURES[measure];
  const said = limit === null ? `${amount(measure, used)}, without limit` : `${amount(measure, used)} of ${amount(measure, limit)}`;
  const bar = limit === null ? null : el("meter", { min: 0, max: Math.max(limit, 1), value: Math.min(used, limit), "aria-label": `${name}: ${said}` });
  return el(
    "li",
    { class: "measure", "data-measure": measure, "data-level": level },
    el("p", { class: "name" }, name),
    el("p", { class: "said" }, said),
    bar,
    el("p", { class: "hint" }, note(measure, usage)),
  );
}

/**
 * @param {Measure} measure
 * @param {Usage} usage
 */
function note(measure, usage) {
  const { used, limit } = usage[measure];
  const over = limit === null ? 0 : used - limit;
  if (measure === "answers") {
    const begin = `Counted anew from ${monthBegin(usage.resets_at)} on (UTC).`;
    return over >= 0 && limit !== null ? `Used up: the assistant offers a person. ${begin}` : begin;
  }
  if (measure === "seats") {
    if (over > 0) return `${number(over)} more than the plan holds. Everybody keeps their access; nobody can be invited.`;
    return over === 0 && limit !== null ? "Full: nobody can be invited." : "Members and open invitations";
  }
  if (over > 0) return `${amount(measure, over)} more than the plan holds. It stays and answers; nothing can be added.`;
  if (over === 0 && limit !== null) return "Full: nothing can be added.";
  return measure === "documents" ? "What your assistant answers from" : "All files together";
}
