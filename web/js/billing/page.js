// The billing page: the plan, what is used of it, what is owed, and the ways to Stripe's pages.

import { el, setLink } from "../../widget/dom.js";
import { find } from "../find.js";
import { sentence } from "../problems.js";
import { Problem } from "../../widget/http.js";
import { ChangeDialog, leaveFor } from "./change.js";
import { meters } from "./meters.js";
import { noticeElement, notices } from "./notices.js";
import { isLive, of, standingOf } from "./standing.js";
import { planWords } from "./words.js";

/** @import {Api} from "../api.js" */
/** @import {Desk} from "../shell.js" */
/** @import {Notice, PlanList, State} from "./types.d.ts" */

const POLL_MS = 1500;
/** How long to wait for Stripe's word after a checkout; after a change in the portal, which may have been none. */
const PATIENCE_MS = { done: 30_000, portal: 6000 };

/** @param {Desk} desk */
export async function start({ api, can, words, signal }) {
  const asked = new URLSearchParams(location.search);
  try {
    /** @type {[PlanList, State | null]} */
    const [list, state] = await Promise.all([api.get("/payments/plans"), readable(api)]);
    if (signal.aborted) return;
    // What the address says is said once: a reload shouldn't repeat it. A login on the way here has
    // come back to all of it by now.
    history.replaceState(null, "", location.pathname);
    find("#loading").hidden = true;
    if (!state) {
      find("#refused").hidden = false;
      return;
    }
    const view = new View({ api, words, signal }, list, state, can("billing:write"));
    view.draw();
    find("#billing").hidden = false;
    await view.arrive(asked);
  } catch (error) {
    if (signal.aborted) return;
    console.error(error);
    find("#loading").hidden = true;
    find("#trouble").hidden = false;
  }
}

/**
 * @param {Api} api
 * @returns {Promise<State | null>} null for somebody who may not see it
 */
async function readable(api) {
  try {
    return await api.get("/payments/subscription");
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return null;
    throw error;
  }
}

class View {
  /** What happened at a checkout. @type {Notice | null} */
  #news = null;

  /**
   * @param {Pick<Desk, "api" | "words" | "signal">} desk
   * @param {PlanList} list
   * @param {State} state
   * @param {boolean} mayWrite
   */
  constructor({ api, words, signal }, list, state, mayWrite) {
    this.api = api;
    this.words = words;
    this.said = planWords(words);
    this.signal = signal;
    this.list = list;
    this.state = state;
    this.mayWrite = mayWrite;
    this.change = new ChangeDialog(this.said, (path, body) => api.send("POST", path, body), (error) => sentence(error, words));
    find("#change-plan").onclick = () => this.change.open(this.state, this.list);
    find("#manage").onclick = () => void this.#manage();
  }

  draw() {
    const { state, list, words, said } = this;
    const { plan, subscription, billed } = state;
    const standing = standingOf(said, state, list);
    find("#plan-title").textContent = plan.title;
    const paid = billed && subscription !== null && subscription.plan === plan.name && isLive(state);
    find("#plan-price").textContent = paid ? words.t("billing.price", { price: said.money(plan.monthly_price, list.currency) }) : "";
    const label = find("#plan-label");
    label.textContent = standing.label;
    label.hidden = standing.label === plan.title;
    find("#plan").dataset["tone"] = standing.tone;
    find("#plan-standing").replaceChildren(...standing.sentences.map((text) => el("p", {}, text)));
    const held = [...said.holds(plan).map((pair) => pair.join(" ")), ...plan.features.map(said.feature)];
    find("#plan-holds").replaceChildren(...held.map((text) => el("li", {}, text)));
    find("#change-plan").hidden = !billed || !this.mayWrite || state.changes.length === 0;
    find("#change-plan").textContent = words.t(isLive(state) ? "billing.change" : "billing.choose");
    find("#manage").hidden = !billed || !this.mayWrite || subscription === null;
    find("#read-only").hidden = !billed || this.mayWrite;
    const receipt = /** @type {HTMLAnchorElement} */ (find("#receipt"));
    receipt.hidden = !(subscription?.receipt_url && setLink(receipt, subscription.receipt_url));
    find("#measures").replaceChildren(...meters(said, state.usage));
    this.#tell();
  }

  /**
   * Says and does what the address asks for: it comes from Stripe's pages, or from the prices.
   * @param {URLSearchParams} asked
   */
  async arrive(asked) {
    const [checkout, plan] = [asked.get("checkout"), asked.get("plan")];
    if (checkout === "done") await this.#awaitSubscription();
    else if (checkout === "portal") await this.#awaitChange();
    else if (checkout === "cancelled") this.#say({ tone: "idle", text: this.words.t("billing.left") });
    else if (plan !== null && this.state.billed) this.#offer(plan);
  }

  /** @param {string} name */
  #offer(name) {
    const title = of(this.list, name)?.title;
    if (!title) return;
    if (!this.mayWrite) return;
    if (this.state.changes.some(({ plan }) => plan === name)) this.change.open(this.state, this.list, name);
    else this.#say({ tone: "good", text: this.words.t("billing.already", { plan: title }) });
  }

  async #awaitSubscription() {
    this.#say({ tone: "idle", text: this.words.t("billing.thanks") });
    const begun = () => ["active", "trialing"].includes(this.state.subscription?.status ?? "");
    if (!begun()) await this.#poll(PATIENCE_MS.done, begun);
    if (begun()) return this.#say({ tone: "good", text: this.words.t("billing.begun", { plan: of(this.list, this.state.subscription?.plan ?? "")?.title ?? "" }) });
    this.#say({
      tone: "warm",
      text: this.words.t("billing.unconfirmed"),
      link: { label: this.words.t("billing.look"), address: "billing.html" },
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
    while (!done() && Date.now() < end && !this.signal.aborted) {
      await new Promise((next) => setTimeout(next, POLL_MS));
      try {
        this.state = await this.api.get("/payments/subscription");
      } catch (error) {
        if (!(error instanceof Problem) || (error.status >= 400 && error.status < 500 && error.status !== 429)) throw error;
        console.error(error);
      }
    }
    if (!this.signal.aborted) this.draw();
  }

  async #manage() {
    const button = /** @type {HTMLButtonElement} */ (find("#manage"));
    button.disabled = true;
    try {
      leaveFor((await this.api.send("POST", "/payments/portal", {})).url);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#say({ tone: "bad", text: sentence(error, this.words) });
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
    const all = [...(this.#news ? [this.#news] : []), ...notices(this.said, this.state, title)];
    find("#notices").replaceChildren(...all.map(noticeElement));
  }
}
