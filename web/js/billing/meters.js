// What is used of the plan: a line for each measure, with a warning look at 80 and 100 %.

import { el } from "../../widget/dom.js";

/** @import {Measure, Usage} from "./types.d.ts" */
/** @import {PlanWords} from "./words.js" */

const ORDER = /** @type {const} */ (["answers", "documents", "storage_bytes", "seats"]);

/**
 * @param {PlanWords} said
 * @param {Usage} usage
 * @returns {HTMLElement[]}
 */
export function meters(said, usage) {
  return ORDER.map((measure) => line(said, measure, usage));
}

/**
 * @param {PlanWords} said
 * @param {Measure} measure
 * @param {Usage} usage
 */
function line(said, measure, usage) {
  const { words, amount } = said;
  const { used, limit } = usage[measure];
  const level = limit === null ? "fine" : used >= limit ? "full" : used * 100 >= limit * 80 ? "near" : "fine";
  const name = words.t(`billing.measure.${measure}`);
  const values = { used: amount(measure, used) };
  const text = limit === null ? words.t("billing.used.unlimited", values) : words.t("billing.used", { ...values, limit: amount(measure, limit) });
  const bar = limit === null ? null : el("meter", { min: 0, max: Math.max(limit, 1), value: Math.min(used, limit), "aria-label": `${name}: ${text}` });
  return el(
    "li",
    { class: "measure", "data-measure": measure, "data-level": level },
    el("p", { class: "name" }, name),
    el("p", { class: "said" }, text),
    bar,
    el("p", { class: "hint" }, note(said, measure, usage)),
  );
}

/**
 * @param {PlanWords} said
 * @param {Measure} measure
 * @param {Usage} usage
 */
function note({ words, amount, monthBegin }, measure, usage) {
  const { used, limit } = usage[measure];
  const over = limit === null ? 0 : used - limit;
  if (measure === "answers") {
    const resets = words.t("billing.note.resets", { day: monthBegin(usage.resets_at) });
    return over >= 0 && limit !== null ? words.t("billing.note.full", { resets }) : resets;
  }
  if (measure === "seats") {
    if (over > 0) return words.t("billing.note.seats.over", { over: amount(measure, over) });
    return over === 0 && limit !== null ? words.t("billing.note.seats.full") : words.t("billing.note.seats");
  }
  if (over > 0) return words.t("billing.note.over", { over: amount(measure, over) });
  if (over === 0 && limit !== null) return words.t("billing.note.nothing");
  return words.t(`billing.note.${measure}`);
}
