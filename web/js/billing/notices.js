// What a team should be told about its plan before all else, in words. Also for other pages.

import { el, icon, setLink } from "../../widget/dom.js";

/** @import {Notice, State} from "./types.d.ts" */
/** @import {PlanWords} from "./words.js" */

const SIGN = "M12 4.5 21 20H3zM12 10.5v4M12 17.2v.3";
const TICK = "M5 12.5l4.5 4.5L19 7.5";

/**
 * @param {PlanWords} said
 * @param {State} state
 * @param {(plan: string) => string} title what a plan is called
 * @param {number} [now] milliseconds since the epoch
 * @returns {Notice[]} the most urgent first
 */
export function notices(said, state, title, now = Date.now()) {
  return [owed(said, state, title, now), used(said, state)].filter((each) => each !== null);
}

/**
 * @param {PlanWords} said
 * @param {State} state
 * @param {(plan: string) => string} title
 * @param {number} now
 * @returns {Notice | null}
 */
function owed({ words, day }, { subscription }, title, now) {
  if (!subscription) return null;
  const { status, past_due_since, grace_until, next_payment_attempt, pay_url } = subscription;
  const plan = title(subscription.plan);
  const link = pay_url ? { label: words.t(status === "incomplete" ? "billing.confirm" : "billing.pay"), address: pay_url } : null;
  if (status === "incomplete") {
    return { tone: "warm", text: words.t("notice.incomplete", { plan }), link };
  }
  if (status === "unpaid") return { tone: "bad", text: words.t("notice.unpaid", { plan }), link };
  if (status !== "past_due") return null;
  const since = past_due_since ? words.t("notice.failed.on", { plan, day: day(past_due_since) }) : words.t("notice.failed", { plan });
  const again = next_payment_attempt ? ` ${words.t("notice.again", { day: day(next_payment_attempt) })}` : "";
  if (grace_until && Date.parse(grace_until) <= now) {
    return { tone: "bad", text: `${since}${again} ${words.t("notice.over")}`, link };
  }
  const until = grace_until ? ` ${words.t("notice.until", { plan, day: day(grace_until) })}` : "";
  return { tone: "warm", text: `${since}${again}${until}`, link };
}

/**
 * @param {PlanWords} said
 * @param {State} state
 * @returns {Notice | null}
 */
function used({ words, number, monthBegin }, { usage, warning, plan }) {
  const { used, limit } = usage.answers;
  if (warning === null || limit === null) return null;
  const values = { used: number(used), limit: number(limit), plan: plan.title, day: monthBegin(usage.resets_at) };
  if (warning >= 100) return { tone: "bad", text: words.t("notice.full", values) };
  return { tone: "warm", text: words.t("notice.used", values) };
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
