// The landing page: prices as the API has them, and the widget answering about Frontdesk.

import { planWords } from "../billing/words.js";
import { loadConfig } from "../config.js";
import { find } from "../find.js";
import { words } from "../header.js";
import { el } from "../../widget/dom.js";
import { request } from "../../widget/http.js";

/** @import {Config} from "../config.js" */
/** @import {PlanList} from "../billing/types.d.ts" */

/** How many of a plan's limits are shown: answers, documents, storage and team. */
const LIMITS = 4;

/** @param {Config} config */
async function showPrices({ api }) {
  const note = find("#price-note");
  const said = planWords(words);
  try {
    /** @type {PlanList} */
    const { plans, currency, billed } = await request(`${api}/payments/plans`);
    note.textContent = billed ? words.t("landing.prices.month", { currency: currency.toUpperCase() }) : words.t("prices.unbilled");
    find("#plans").hidden = !billed;
    const columns = plans.map((plan) => {
      const limits = said.holds(plan).slice(0, LIMITS);
      const price = el("p", {}, el("strong", {}, said.money(plan.monthly_price, currency)), ` ${words.t("plans.month")}`);
      return el("li", {}, el("h3", {}, plan.title), price, el("p", {}, limits.map((pair) => pair.join(" ")).join(", ")));
    });
    find("#plans").replaceChildren(...columns);
  } catch (error) {
    console.error(error);
    note.textContent = words.t("landing.prices.unreached");
  }
}

/** @param {Config} config */
function addWidget({ api, about }) {
  if (!about) {
    find("#no-widget").textContent = words.t("ask.none");
    return;
  }
  const script = el("script", { "data-key": about, "data-api": api });
  script.async = true;
  script.onload = () => {
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#questions button"))) {
      button.onclick = () => window.Frontdesk?.ask(button.textContent ?? "");
      button.disabled = false;
    }
  };
  script.onerror = () => {
    find("#no-widget").textContent = words.t("ask.unreached");
  };
  script.src = new URL("widget/frontdesk.js", document.baseURI).href;
  document.head.append(script);
}

async function start() {
  const config = await loadConfig();
  addWidget(config);
  await showPrices(config);
}

start().catch((error) => {
  console.error(error);
  find("#no-widget").textContent = find("#price-note").textContent = words.t("ask.later");
});
