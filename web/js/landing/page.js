// The landing page: prices as the API has them, and the widget answering about Frontdesk.

import { holds, money } from "../billing/words.js";
import { loadConfig } from "../config.js";
import { find } from "../find.js";
import "../header.js";
import { el } from "../../widget/dom.js";
import { request } from "../../widget/http.js";

/** @import {Config} from "../config.js" */
/** @import {PlanList} from "../billing/types.d.ts" */

/** How many of a plan's limits are shown: answers, documents, storage and team. */
const LIMITS = 4;

/** @param {Config} config */
async function showPrices({ api }) {
  const note = find("#price-note");
  try {
    /** @type {PlanList} */
    const { plans, currency, billed } = await request(`${api}/payments/plans`);
    note.textContent = billed ? `Prices in ${currency.toUpperCase()} a month, plus tax where it applies.` : "This deployment bills nobody: everything is included, for everybody.";
    find("#plans").hidden = !billed;
    const columns = plans.map((plan) => {
      const limits = holds(plan).slice(0, LIMITS);
      const price = el("p", {}, el("strong", {}, money(plan.monthly_price, currency)), " a month");
      return el("li", {}, el("h3", {}, plan.title), price, el("p", {}, limits.map((words) => words.join(" ")).join(", ")));
    });
    find("#plans").replaceChildren(...columns);
  } catch (error) {
    console.error(error);
    note.textContent = "The plans can’t be reached right now. Please load the page again in a moment.";
  }
}

/** @param {Config} config */
function addWidget({ api, about }) {
  if (!about) {
    find("#no-widget").textContent = "There is no assistant on this deployment’s own pages.";
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
    find("#no-widget").textContent = "The assistant can’t be reached right now.";
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
  find("#no-widget").textContent = find("#price-note").textContent = "This can’t be reached right now. Please load the page again in a moment.";
});
