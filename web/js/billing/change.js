// Another plan: what it would mean is said here, before Stripe's page asks whether to do it.

import { el } from "../../widget/dom.js";
import { find } from "../find.js";
import { Problem } from "../../widget/http.js";
import { isLive, of } from "./standing.js";

/** @import {Change, Plan, PlanList, State} from "./types.d.ts" */
/** @import {PlanWords} from "./words.js" */

export class ChangeDialog {
  /** @type {State | null} */
  #state = null;
  /** @type {PlanList | null} */
  #list = null;

  /**
   * @param {PlanWords} said
   * @param {(path: string, body: unknown) => Promise<{url: string}>} post
   * @param {(error: unknown) => string} say what to tell of a request that failed
   */
  constructor(said, post, say) {
    this.said = said;
    this.say = say;
    this.dialog = /** @type {HTMLDialogElement} */ (find("#change"));
    this.form = /** @type {HTMLFormElement} */ (find("form", this.dialog));
    this.go = /** @type {HTMLButtonElement} */ (find("#change-go"));
    this.error = find("#change-error");
    this.form.addEventListener("change", () => this.#explain());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(post);
    });
    find("#change-close").onclick = () => this.dialog.close();
  }

  /**
   * @param {State} state
   * @param {PlanList} list
   * @param {string | null} [chosen] a plan to begin with
   */
  open(state, list, chosen = null) {
    this.#state = state;
    this.#list = list;
    this.error.textContent = "";
    find("#change-plans").replaceChildren(...state.changes.map((change) => this.#option(change, list, chosen)));
    this.#explain();
    this.dialog.showModal();
    find(chosen ? "input:checked" : "input", this.form).focus();
  }

  /**
   * @param {Change} change
   * @param {PlanList} list
   * @param {string | null} chosen
   */
  #option({ plan: name, kind }, list, chosen) {
    const { words, money } = this.said;
    const plan = of(list, name);
    const input = el("input", { type: "radio", name: "plan", value: name, required: true });
    input.checked = name === chosen;
    const price = plan ? words.t("billing.price", { price: money(plan.monthly_price, list.currency) }) : "";
    const title = kind === "cancel" ? words.t("billing.option.cancel", { plan: plan?.title ?? name }) : (plan?.title ?? name);
    return el("li", {}, el("label", { class: "option" }, input, el("span", { class: "title" }, title), el("span", { class: "hint" }, price)));
  }

  #chosen() {
    const name = new FormData(this.form).get("plan");
    return this.#state?.changes.find(({ plan }) => plan === name) ?? null;
  }

  #explain() {
    const { words, day } = this.said;
    const [state, list, change] = [this.#state, this.#list, this.#chosen()];
    const plan = list && change && of(list, change.plan);
    this.go.disabled = !plan;
    this.go.textContent = words.t(`billing.go.${change?.kind ?? "upgrade"}`);
    find("#change-meaning").hidden = !plan;
    if (!state || !change || !plan) return;
    const now = change.kind === "subscribe" || change.kind === "upgrade";
    find("#change-when").textContent = now ? words.t("billing.when.now", { plan: plan.title }) : words.t("billing.when.later", { plan: plan.title, day: day(change.at) });
    find("#change-points").replaceChildren(...points(this.said, state, change, plan).map(([tone, text]) => el("li", { "data-tone": tone }, text)));
    const owes = change.kind === "subscribe" && isLive(state);
    if (owes) this.go.textContent = words.t("billing.go.owed");
  }

  /** @param {(path: string, body: unknown) => Promise<{url: string}>} post */
  async #send(post) {
    const [state, change] = [this.#state, this.#chosen()];
    if (!state || !change || this.go.disabled) return;
    this.go.disabled = true;
    this.error.textContent = "";
    try {
      const { url } = await post(...request(state, change));
      leaveFor(url);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.error.textContent = this.say(error);
      this.go.disabled = false;
    }
  }
}

/**
 * @param {State} state
 * @param {Change} change
 * @returns {[path: string, body: unknown]}
 */
function request(state, { kind, plan }) {
  if (kind === "cancel") return ["/payments/portal", { cancel: true }];
  if (kind !== "subscribe") return ["/payments/portal", { plan }];
  // Who owes has a subscription, which gives nothing: another one would be paid for twice.
  return isLive(state) ? ["/payments/portal", {}] : ["/payments/checkout", { plan }];
}

/**
 * @param {PlanWords} said
 * @param {State} state
 * @param {Change} change
 * @param {Plan} plan
 * @returns {[tone: "good" | "warm" | "idle", text: string][]}
 */
function points({ words, number, bytes, days, feature, holds }, { usage, plan: before }, change, plan) {
  const values = { plan: plan.title };
  /** @type {[tone: "good" | "warm" | "idle", text: string][]} */
  const said = [];
  if (change.kind === "subscribe" || change.kind === "upgrade") {
    const [answers, ...more] = holds(plan).map((pair) => pair.join(" "));
    said.push(["good", `${answers}`], ["good", more.join(", ")]);
    said.push(...plan.features.filter((each) => !before.features.includes(each)).map((each) => /** @type {["good", string]} */ (["good", feature(each)])));
    said.push(["idle", words.t("billing.point.due")]);
  }
  if (change.documents_over) {
    said.push(["warm", words.t("billing.point.documents", { ...values, over: number(change.documents_over), used: number(usage.documents.used) })]);
  }
  if (change.storage_bytes_over) {
    said.push(["warm", words.t("billing.point.storage", { ...values, over: bytes(change.storage_bytes_over) })]);
  }
  if (change.seats_over) {
    said.push(["warm", words.t("billing.point.seats", { ...values, over: number(change.seats_over), used: number(usage.seats.used) })]);
  }
  if (change.answers_over && plan.answers !== null) {
    said.push(["warm", words.t("billing.point.answers", { ...values, used: number(usage.answers.used), limit: number(plan.answers) })]);
  }
  said.push(...change.features_lost.map((each) => /** @type {["warm", string]} */ (["warm", words.t("billing.point.lost", { feature: feature(each) })])));
  const [kept, keptNow] = [change.retention_days, before.retention_days];
  if (kept !== null && (keptNow === null || kept < keptNow)) {
    said.push(["warm", keptNow === null ? words.t("billing.point.kept", { days: days(kept) }) : words.t("billing.point.kept.before", { days: days(kept), before: days(keptNow) })]);
  }
  if (change.kind === "downgrade" || change.kind === "cancel") {
    said.push(["idle", words.t("billing.point.until")]);
  }
  return said;
}

/**
 * Goes to a page of Stripe's.
 * @param {string} address
 */
export function leaveFor(address) {
  const url = new URL(address);
  if (!["https:", "http:"].includes(url.protocol)) throw new Error("the API named no page to go to");
  location.assign(url.href);
}
