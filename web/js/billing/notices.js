// What a team should be told about its plan before all else, in words. Also for other pages.

import { el, icon, setLink } from "../../widget/dom.js";
import { day, monthBegin, number } from "./words.js";

/** @import {Notice, State} from "./types.d.ts" */

const SIGN = "M12 4.5 21 20H3zM12 10.5v4M12 17.2v.3";
const TICK = "M5 12.5l4.5 4.5L19 7.5";

/**
 * @param {State} state
 * @param {(plan: string) => string} title what a plan is called
 * @param {number} [now] milliseconds since the epoch
 * @returns {Notice[]} the most urgent first
 */
export function notices(state, title, now = Date.now()) {
  return [owed(state, title, now), used(state)].filter((each) => each !== null);
}

/**
 * @param {State} state
 * @param {(plan: string) => string} title
 * @param {number} now
 * @returns {Notice | null}
 */
function owed({ subscription }, title, now) {
  if (!subscription) return null;
  const { status, past_due_since, grace_until, next_payment_attempt, pay_url } = subscription;
  const plan = title(subscription.plan);
  const link = pay_url ? { label: status === "incomplete" ? "Confirm the payment" : "Pay now", address: pay_url } : null;
  if (status === "incomplete") {
    return { tone: "warm", text: `The first payment for ${plan} is not confirmed yet. The plan begins when it is.`, link };
  }
  if (status === "unpaid") return { tone: "bad", text: `${plan} is on hold until what is owed has been paid.`, link };
  if (status !== "past_due") return null;
  const since = past_due_since ? `A payment for ${plan} failed on ${day(past_due_since)}.` : `A payment for ${plan} failed.`;
  const again = next_payment_attempt ? ` It is tried again on ${day(next_payment_attempt)}.` : "";
  if (grace_until && Date.parse(grace_until) <= now) {
    return { tone: "bad", text: `${since}${again} The time to pay is over, so the plan is on hold. It goes on as soon as it is paid.`, link };
  }
  const until = grace_until ? ` ${plan} goes on until ${day(grace_until)}.` : "";
  return { tone: "warm", text: `${since}${again}${until}`, link };
}

/**
 * @param {State} state
 * @returns {Notice | null}
 */
function used({ usage, warning, plan }) {
  const { used, limit } = usage.answers;
  if (warning === null || limit === null) return null;
  const begin = monthBegin(usage.resets_at);
  if (warning >= 100) {
    return {
      tone: "bad",
      text: `This month’s ${number(limit)} answers are used up. Until ${begin}, or until you choose a larger plan, the assistant steps back and offers a person.`,
    };
  }
  return { tone: "warm", text: `${number(used)} of this month’s ${number(limit)} answers in ${plan.title} are used. They start again on ${begin}.` };
}

/**
 * @param {Notice} notice
 * @returns {HTMLElement}
 */
export function noticeElement({ tone, text, link }) {
  const element = el("div", { class: "notice", "data-tone": tone }, icon(tone === "good" ? TICK : SIGN), el("p", {}, text));
  if (link) {
    const anchor = el("a", { class: "button quiet" }, link.label);
    if (setLink(anchor, new URL(link.address, document.baseURI).href)) {
      // To a page of our own in this tab; to Stripe's in another.
      if (anchor.origin === location.origin) anchor.removeAttribute("target");
      element.append(anchor);
    }
  }
  return element;
}
