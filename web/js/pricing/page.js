// The plans, as the API has them, for everybody.

import { el, icon } from "../../widget/dom.js";
import { find } from "../find.js";
import { showLogin, words } from "../header.js";
import { request } from "../../widget/http.js";
import { planWords } from "../billing/words.js";
import { HOME, Session } from "../auth.js";

/** @import {Plan, PlanList} from "../billing/types.d.ts" */

const CHECK = "M5 12.5l4.5 4.5L19 7.5";
const DASH = "M8 12h8";
const said = planWords(words);

/**
 * @param {PlanList} list
 * @param {boolean} loggedIn
 */
function draw({ plans, currency, billed }, loggedIn) {
  find("#unbilled").hidden = billed;
  find("#plans").hidden = find("#small-print").hidden = find("#questions").hidden = !billed;
  find("#small-print").textContent = words.t("prices.print", { currency: currency.toUpperCase() });
  const features = [...new Set(plans.flatMap(({ features }) => features))];
  const most = (/** @type {string} */ feature) => plans.filter((plan) => plan.features.includes(feature)).length;
  features.sort((a, b) => most(b) - most(a));
  find("#plans").replaceChildren(...plans.map((plan) => column(plan, currency, features, loggedIn)));
}

/**
 * @param {Plan} plan
 * @param {string} currency
 * @param {string[]} features all there are
 * @param {boolean} loggedIn
 */
function column(plan, currency, features, loggedIn) {
  const { name, title, monthly_price } = plan;
  const figures = said.holds(plan).map(([figure, of]) => el("li", {}, el("strong", {}, figure), ` ${of}`));
  const has = features.map((feature) => {
    const included = plan.features.includes(feature);
    const without = included ? null : el("span", { class: "sr" }, words.t("prices.without"));
    return el("li", { "data-included": String(included) }, icon(included ? CHECK : DASH), el("span", {}, without, said.feature(feature)));
  });
  const price = el("p", { class: "price" }, el("strong", {}, said.money(monthly_price, currency)), ` ${words.t("plans.month")}`);
  return el(
    "li",
    { class: "plan", "data-plan": name },
    el("h2", {}, title),
    el("p", { class: "summary" }, said.summary(plan)),
    price,
    way(plan, loggedIn),
    el("ul", { class: "holds", "aria-label": words.t("prices.holds", { plan: title }) }, ...figures, ...has),
  );
}

/**
 * @param {Plan} plan
 * @param {boolean} loggedIn
 */
function way({ name, title, monthly_price }, loggedIn) {
  const free = monthly_price === 0;
  const link = el("a", { class: free ? "button quiet" : "button primary" });
  const billing = free ? "billing.html" : `billing.html?plan=${encodeURIComponent(name)}`;
  link.href = loggedIn ? billing : `auth.html?next=${encodeURIComponent(free ? HOME : billing)}#signup`;
  link.append(words.t(!free ? "prices.subscribe" : loggedIn ? "prices.yours" : "way.start"));
  if (!free) link.append(el("span", { class: "sr" }, words.t("prices.subscribe.to", { plan: title })));
  return link;
}

async function load() {
  find("#trouble").hidden = true;
  try {
    const session = await Session.open();
    /** @type {[PlanList, boolean]} */
    const [list, loggedIn] = await Promise.all([
      request(`${session.api}/payments/plans`),
      // Whether somebody is logged in only decides where the buttons lead.
      session.resume().catch((error) => (console.error(error), false)),
    ]);
    draw(list, loggedIn);
    showLogin(loggedIn);
  } catch (error) {
    console.error(error);
    find("#trouble").hidden = false;
  } finally {
    find("#loading").hidden = true;
  }
}

find("#again").onclick = () => void load();
void load();
