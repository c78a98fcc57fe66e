// How the plan stands, in a label and a sentence or two.

import { day, money } from "./words.js";

/** @import {PlanList, State} from "./types.d.ts" */

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
 * @param {State} state
 * @param {PlanList} list
 * @param {number} [now] milliseconds since the epoch
 * @returns {Standing}
 */
export function standingOf(state, list, now = Date.now()) {
  const { subscription, granted, granted_until, billed, plan } = state;
  if (!billed) return { label: "Nothing is billed", tone: "good", sentences: ["This deployment bills nobody: everything is included."] };
  const gift = granted_until ? `It is given to you until ${day(granted_until)}, without payment.` : "It is given to you, without payment.";
  if (!subscription) {
    if (granted) return { label: "Given", tone: "good", sentences: [gift] };
    return { label: "Free", tone: "idle", sentences: ["For as long as you like. No card needed."] };
  }
  const paid = of(list, subscription.plan);
  const title = paid?.title ?? subscription.plan;
  const price = paid ? money(paid.monthly_price, list.currency) : "";
  const standing = withSubscription(state, title, price, list, now);
  if (granted) standing.sentences.push(plan.name === subscription.plan ? gift : `${plan.title} is given to you; ${title} is what you subscribed to.`);
  return standing;
}

/**
 * @param {State} state
 * @param {string} title
 * @param {string} price
 * @param {PlanList} list
 * @param {number} now
 * @returns {Standing}
 */
function withSubscription({ subscription }, title, price, list, now) {
  if (!subscription) throw new Error("there is no subscription");
  const { status, period_end, cancel_at, next_plan, trial_end, grace_until } = subscription;
  if (status === "canceled") return { label: "Ended", tone: "idle", sentences: [`Your subscription to ${title} has ended. What you have stays.`] };
  if (status === "incomplete_expired") return { label: "Not paid", tone: "idle", sentences: [`The first payment for ${title} was not made in time. Nothing was charged.`] };
  if (status === "incomplete") return { label: "Not paid yet", tone: "busy", sentences: [] };
  if (status === "unpaid") return { label: "On hold", tone: "bad", sentences: [] };
  if (status === "paused") return { label: "Paused", tone: "idle", sentences: ["Add a way to pay, and it goes on."] };
  const end = cancel_at ? [`It ends on ${day(cancel_at)}. After that you are on Free, and nothing is deleted.`] : [];
  const next = next_plan ? [`It becomes ${of(list, next_plan)?.title ?? next_plan} on ${day(period_end)}.`] : [];
  if (status === "past_due") {
    const over = grace_until !== null && Date.parse(grace_until) <= now;
    return { label: over ? "On hold" : "Payment failed", tone: "bad", sentences: [...end, ...next] };
  }
  if (status === "trialing") {
    const until = day(trial_end ?? period_end);
    const then = cancel_at ? end : [`Your trial lasts until ${until}. Then it is ${price} a month.`];
    return { label: "Trial", tone: "good", sentences: [...then, ...next] };
  }
  if (cancel_at) return { label: "Ends soon", tone: "busy", sentences: end };
  if (Date.parse(period_end) < now) return { label: "Active", tone: "busy", sentences: [`It was due on ${day(period_end)}. We are waiting to hear that it was renewed.`] };
  return { label: "Active", tone: "good", sentences: next.length ? next : [`It renews on ${day(period_end)} for ${price}.`] };
}

/**
 * @param {PlanList} list
 * @param {string} name
 */
export function of({ plans }, name) {
  return plans.find((plan) => plan.name === name) ?? null;
}
