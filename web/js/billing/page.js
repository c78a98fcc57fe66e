// The billing page: the plan, what is used of it, what is owed, and the ways to Stripe's pages.

import { el, setLink } from "../../widget/dom.js";
import { find } from "../find.js";
import { Problem, request } from "../../widget/http.js";
import { showMember } from "../frame.js";
import { Session, toLogin } from "../session.js";
import { ChangeDialog, leaveFor } from "./change.js";
import { meters } from "./meters.js";
import { noticeElement, notices } from "./notices.js";
import { isLive, of, standingOf } from "./standing.js";
import { featureName, holds, money } from "./words.js";

/** @import {Notice, PlanList, State} from "./types.d.ts" */

const POLL_MS = 1500;
/** How long to wait for Stripe's word after a checkout; after a change in the portal, which may have been none. */
const PATIENCE_MS = { done: 30_000, portal: 6000 };

/** What the address says is said once: a reload shouldn't repeat it. */
const asked = new URLSearchParams(location.search);
history.replaceState(null, "", location.pathname);

/** @param {Session} session */
async function begin(session) {
  if (!(await session.resume())) {
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
    return toLogin();
  }
  showMember(session);
  find("#organization").textContent = session.member?.organization.name ?? "";
  /** @type {[PlanList, State | null, {permissions: string[]}]} */
  const [list, state, { permissions }] = await Promise.all([
    request(`${session.api}/payments/plans`),
    readable(session),
    session.call("GET", "/auth/me"),
  ]);
  find("#loading").hidden = true;
  if (!state) {
    find("#refused").hidden = false;
    return;
  }
  const view = new View(session, list, state, permissions.includes("billing:write"));
  view.draw();
  find("#billing").hidden = false;
  await view.arrive();
}

/**
 * @param {Session} session
 * @returns {Promise<State | null>} null for somebody who may not see it
 */
async function readable(session) {
  try {
    return await session.call("GET", "/payments/subscription");
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return null;
    throw error;
  }
}

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  find("#loading").hidden = true;
  find("#trouble").hidden = false;
  return null;
}

class View {
  /** What happened at a checkout. @type {Notice | null} */
  #news = null;

  /**
   * @param {Session} session
   * @param {PlanList} list
   * @param {State} state
   * @param {boolean} mayWrite
   */
  constructor(session, list, state, mayWrite) {
    this.session = session;
    this.list = list;
    this.state = state;
    this.mayWrite = mayWrite;
    this.change = new ChangeDialog((path, body) => session.call("POST", path, body));
    find("#change-plan").onclick = () => this.change.open(this.state, this.list);
    find("#manage").onclick = () => void this.#manage();
  }

  draw() {
    const { state, list } = this;
    const { plan, subscription, billed } = state;
    const standing = standingOf(state, list);
    find("#plan-title").textContent = plan.title;
    const paid = billed && subscription !== null && subscription.plan === plan.name && isLive(state);
    find("#plan-price").textContent = paid ? `${money(plan.monthly_price, list.currency)} a month` : "";
    const label = find("#plan-label");
    label.textContent = standing.label;
    label.hidden = standing.label === plan.title;
    find("#plan").dataset["tone"] = standing.tone;
    find("#plan-standing").replaceChildren(...standing.sentences.map((text) => el("p", {}, text)));
    const held = [...holds(plan).map((pair) => pair.join(" ")), ...plan.features.map(featureName)];
    find("#plan-holds").replaceChildren(...held.map((text) => el("li", {}, text)));
    find("#change-plan").hidden = !billed || !this.mayWrite || state.changes.length === 0;
    find("#change-plan").textContent = isLive(state) ? "Change plan" : "Choose a plan";
    find("#manage").hidden = !billed || !this.mayWrite || subscription === null;
    find("#read-only").hidden = !billed || this.mayWrite;
    const receipt = /** @type {HTMLAnchorElement} */ (find("#receipt"));
    receipt.hidden = !(subscription?.receipt_url && setLink(receipt, subscription.receipt_url));
    find("#measures").replaceChildren(...meters(state.usage));
    this.#tell();
  }

  /** Says and does what the address asks for: it comes from Stripe's pages, or from the prices. */
  async arrive() {
    const [checkout, plan] = [asked.get("checkout"), asked.get("plan")];
    if (checkout === "done") await this.#awaitSubscription();
    else if (checkout === "portal") await this.#awaitChange();
    else if (checkout === "cancelled") this.#say({ tone: "idle", text: "You left the payment page. Nothing was charged, and your plan is as it was." });
    else if (plan !== null && this.state.billed) this.#offer(plan);
  }

  /** @param {string} name */
  #offer(name) {
    const title = of(this.list, name)?.title;
    if (!title) return;
    if (!this.mayWrite) return;
    if (this.state.changes.some(({ plan }) => plan === name)) this.change.open(this.state, this.list, name);
    else this.#say({ tone: "good", text: `${title} is your plan already.` });
  }

  async #awaitSubscription() {
    this.#say({ tone: "idle", text: "Thank you. We are waiting for Stripe to confirm the payment: this takes a few seconds." });
    const begun = () => ["active", "trialing"].includes(this.state.subscription?.status ?? "");
    if (!begun()) await this.#poll(PATIENCE_MS.done, begun);
    if (begun()) return this.#say({ tone: "good", text: `Welcome to ${of(this.list, this.state.subscription?.plan ?? "")?.title}. A mail with the receipt is on its way.` });
    this.#say({
      tone: "warm",
      text: "The payment is not confirmed yet. You need not pay again: your plan changes as soon as Stripe tells us, and a mail says so.",
      link: { label: "Look again", address: "billing.html" },
    });
  }

  async #awaitChange() {
    const before = JSON.stringify(this.state.subscription);
    const changed = () => JSON.stringify(this.state.subscription) !== before;
    await this.#poll(PATIENCE_MS.portal, changed);
  }

  /**
   * Reads the state again and again until `done`, or until patience ends.
   * @param {number} patience milliseconds
   * @param {() => boolean} done
   */
  async #poll(patience, done) {
    const end = Date.now() + patience;
    while (!done() && Date.now() < end) {
      await new Promise((next) => setTimeout(next, POLL_MS));
      try {
        this.state = await this.session.call("GET", "/payments/subscription");
      } catch (error) {
        if (!(error instanceof Problem) || (error.status >= 400 && error.status < 500 && error.status !== 429)) throw error;
        console.error(error);
      }
    }
    this.draw();
  }

  async #manage() {
    const button = /** @type {HTMLButtonElement} */ (find("#manage"));
    button.disabled = true;
    try {
      leaveFor((await this.session.call("POST", "/payments/portal", {})).url);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#say({ tone: "bad", text: error.message });
      button.disabled = false;
    }
  }

  /** @param {Notice} news */
  #say(news) {
    this.#news = news;
    this.#tell();
  }

  #tell() {
    const title = (/** @type {string} */ name) => of(this.list, name)?.title ?? name;
    const all = [...(this.#news ? [this.#news] : []), ...notices(this.state, title)];
    find("#notices").replaceChildren(...all.map(noticeElement));
  }
}

const session = await Session.open().catch(fail);
if (session) await begin(session).catch(fail);
