// How the plan stands, in a label and a sentence or two.

/** @import {PlanList, State} from "./types.d.ts" */
/** @import {PlanWords} from "./words.js" */

/**
 * @typedef {object} Standing
 * @property {string} label
 * @property {"good" | "busy" | "bad" | "idle"} tone
 * @property {string[]} sentences
 */

/** At Stripe there is a subscription: another one cannot be begun, this one can be changed. */
const LIVE = ["active", "trialing", "past_due", "unpaid", "paused"];

/** @param {State} state */
export function isLive({ subscription }) {
  return subscription !== null && LIVE.includes(subscription.status);
}

/**
 * @param {PlanWords} said
 * @param {State} state
 * @param {PlanList} list
 * @param {number} [now] milliseconds since the epoch
 * @returns {Standing}
 */
export function standingOf(said, state, list, now = Date.now()) {
  const { words, day, money } = said;
  const { subscription, granted, granted_until, billed, plan } = state;
  if (!billed) return { label: words.t("standing.unbilled"), tone: "good", sentences: [words.t("standing.unbilled.text")] };
  const gift = granted_until ? words.t("standing.gift.until", { day: day(granted_until) }) : words.t("standing.gift");
  if (!subscription) {
    if (granted) return { label: words.t("standing.given"), tone: "good", sentences: [gift] };
    return { label: words.t("standing.free"), tone: "idle", sentences: [words.t("standing.free.text")] };
  }
  const paid = of(list, subscription.plan);
  const title = paid?.title ?? subscription.plan;
  const price = paid ? money(paid.monthly_price, list.currency) : "";
  const standing = withSubscription(said, state, title, price, list, now);
  if (granted) standing.sentences.push(plan.name === subscription.plan ? gift : words.t("standing.gift.other", { plan: plan.title, paid: title }));
  return standing;
}

/**
 * @param {PlanWords} said
 * @param {State} state
 * @param {string} title
 * @param {string} price
 * @param {PlanList} list
 * @param {number} now
 * @returns {Standing}
 */
function withSubscription({ words, day }, { subscription }, title, price, list, now) {
  if (!subscription) throw new Error("there is no subscription");
  const { status, period_end, cancel_at, next_plan, trial_end, grace_until } = subscription;
  if (status === "canceled") return { label: words.t("standing.ended"), tone: "idle", sentences: [words.t("standing.ended.text", { plan: title })] };
  if (status === "incomplete_expired") return { label: words.t("standing.expired"), tone: "idle", sentences: [words.t("standing.expired.text", { plan: title })] };
  if (status === "incomplete") return { label: words.t("standing.incomplete"), tone: "busy", sentences: [] };
  if (status === "unpaid") return { label: words.t("standing.hold"), tone: "bad", sentences: [] };
  if (status === "paused") return { label: words.t("standing.paused"), tone: "idle", sentences: [words.t("standing.paused.text")] };
  const end = cancel_at ? [words.t("standing.ends", { day: day(cancel_at) })] : [];
  const next = next_plan ? [words.t("standing.becomes", { plan: of(list, next_plan)?.title ?? next_plan, day: day(period_end) })] : [];
  if (status === "past_due") {
    const over = grace_until !== null && Date.parse(grace_until) <= now;
    return { label: words.t(over ? "standing.hold" : "standing.failed"), tone: "bad", sentences: [...end, ...next] };
  }
  if (status === "trialing") {
    const until = day(trial_end ?? period_end);
    const then = cancel_at ? end : [words.t("standing.trial.text", { day: until, price })];
    return { label: words.t("standing.trial"), tone: "good", sentences: [...then, ...next] };
  }
  if (cancel_at) return { label: words.t("standing.soon"), tone: "busy", sentences: end };
  if (Date.parse(period_end) < now) return { label: words.t("standing.active"), tone: "busy", sentences: [words.t("standing.due", { day: day(period_end) })] };
  return { label: words.t("standing.active"), tone: "good", sentences: next.length ? next : [words.t("standing.renews", { day: day(period_end), price })] };
}

/**
 * @param {PlanList} list
 * @param {string} name
 */
export function of({ plans }, name) {
  return plans.find((plan) => plan.name === name) ?? null;
}
