// Another plan: what it would mean is said here, before Stripe's page asks whether to do it.

import { el } from "../../widget/dom.js";
import { find } from "../find.js";
import { Problem } from "../../widget/http.js";
import { isLive, of } from "./standing.js";
import { bytes, day, days, featureName, holds, money, number } from "./words.js";

/** @import {Change, Plan, PlanList, State} from "./types.d.ts" */

/** @type {Record<Change["kind"], string>} */
const BUTTONS = {
  subscribe: "Continue to payment",
  upgrade: "Continue to confirm",
  downgrade: "Continue to confirm",
  cancel: "Continue to cancel",
};

export class ChangeDialog {
  /** @type {State | null} */
  #state = null;
  /** @type {PlanList | null} */
  #list = null;

  /** @param {(path: string, body: unknown) => Promise<{url: string}>} post */
  constructor(post) {
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
    find("input:checked, input", this.form).focus();
  }

  /**
   * @param {Change} change
   * @param {PlanList} list
   * @param {string | null} chosen
   */
  #option({ plan: name, kind }, list, chosen) {
    const plan = of(list, name);
    const input = el("input", { type: "radio", name: "plan", value: name, required: true });
    input.checked = name === chosen;
    const price = plan ? `${money(plan.monthly_price, list.currency)} a month` : "";
    const title = kind === "cancel" ? `${plan?.title ?? name}: cancel the subscription` : (plan?.title ?? name);
    return el("li", {}, el("label", { class: "option" }, input, el("span", { class: "title" }, title), el("span", { class: "hint" }, price)));
  }

  #chosen() {
    const name = new FormData(this.form).get("plan");
    return this.#state?.changes.find(({ plan }) => plan === name) ?? null;
  }

  #explain() {
    const [state, list, change] = [this.#state, this.#list, this.#chosen()];
    const plan = list && change && of(list, change.plan);
    this.go.disabled = !plan;
    this.go.textContent = BUTTONS[change?.kind ?? "upgrade"];
    find("#change-meaning").hidden = !plan;
    if (!state || !change || !plan) return;
    const now = change.kind === "subscribe" || change.kind === "upgrade";
    find("#change-when").textContent = now ? `${plan.title}, at once` : `${plan.title}, from ${day(change.at)} on`;
    find("#change-points").replaceChildren(...points(state, change, plan).map(([tone, text]) => el("li", { "data-tone": tone }, text)));
    const owes = change.kind === "subscribe" && isLive(state);
    if (owes) this.go.textContent = "Settle what is owed first";
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
      this.error.textContent = error.message;
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
 * @param {State} state
 * @param {Change} change
 * @param {Plan} plan
 * @returns {[tone: "good" | "warm" | "idle", text: string][]}
 */
function points({ usage, plan: before }, change, plan) {
  /** @type {[tone: "good" | "warm" | "idle", text: string][]} */
  const said = [];
  if (change.kind === "subscribe" || change.kind === "upgrade") {
    const [answers, ...more] = holds(plan).map((pair) => pair.join(" "));
    said.push(["good", `${answers}`], ["good", more.join(", ")]);
    said.push(...plan.features.filter((each) => !before.features.includes(each)).map((each) => /** @type {["good", string]} */ (["good", featureName(each)])));
    said.push(["idle", "The page that follows says what is due today, before you pay."]);
  }
  if (change.documents_over) {
    said.push(["warm", `${number(change.documents_over)} of your ${number(usage.documents.used)} documents are more than ${plan.title} holds. They stay and answer, but nothing can be added until it fits.`]);
  }
  if (change.storage_bytes_over) {
    said.push(["warm", `Your files are ${bytes(change.storage_bytes_over)} more than ${plan.title} stores. They stay, but nothing can be added until they fit.`]);
  }
  if (change.seats_over) {
    said.push(["warm", `${number(change.seats_over)} of your ${number(usage.seats.used)} seats are more than ${plan.title} has. Everybody keeps their access, but nobody can be invited until they fit.`]);
  }
  if (change.answers_over && plan.answers !== null) {
    said.push(["warm", `This month has had ${number(usage.answers.used)} answers so far; ${plan.title} has ${number(plan.answers)} a month. When they are used up, the assistant offers a person.`]);
  }
  said.push(...change.features_lost.map((each) => /** @type {["warm", string]} */ (["warm", `No longer: ${featureName(each)}`])));
  const [kept, keptNow] = [change.retention_days, before.retention_days];
  if (kept !== null && (keptNow === null || kept < keptNow)) {
    said.push(["warm", `Conversations are kept for ${days(kept)} from then on${keptNow === null ? "" : ` instead of ${days(keptNow)}`}.`]);
  }
  if (change.kind === "downgrade" || change.kind === "cancel") {
    said.push(["idle", "Until then everything stays as it is. No document and nobody of the team is removed."]);
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
