// The demo page: puts the widget on it the way a customer's site would, and lets questions ask it.

import { loadConfig } from "./config.js";
import { el, icon } from "../widget/dom.js";
import { find } from "./find.js";

const ARROW = "M5 12h14M13 6l6 6-6 6";
const QUESTIONS = [
  "How do I reset my password?",
  "How long do refunds take?",
  "Why is a time that is free not offered to clients?",
  "How do I connect my Google calendar?",
  "Where is our data stored?",
];

/**
 * The snippet of the README, with the addresses of this deployment.
 * @param {string} key
 * @param {string} api
 * @returns {Promise<void>}
 */
function addWidget(key, api) {
  return new Promise((loaded, failed) => {
    const script = el("script", { "data-key": key, "data-api": api });
    script.async = true;
    script.onload = () => loaded();
    script.onerror = () => failed(new Error("the widget could not be loaded"));
    script.src = new URL("widget/frontdesk.js", document.baseURI).href;
    document.head.append(script);
  });
}

/** @param {string[]} questions */
function listQuestions(questions) {
  const rows = questions.map((question) => {
    const button = el("button", { type: "button", class: "question", disabled: true }, el("span", {}, question), icon(ARROW));
    button.onclick = () => window.Frontdesk?.ask(question);
    return el("li", {}, button);
  });
  find("#question-list").replaceChildren(...rows);
}

async function start() {
  listQuestions(QUESTIONS);
  const config = await loadConfig();
  if (config.questions.length) listQuestions(config.questions);
  await addWidget(config.key, config.api);
  for (const button of document.querySelectorAll("button:disabled")) button.removeAttribute("disabled");
  find("#ask").onclick = () => window.Frontdesk?.open();
}

start().catch((error) => {
  console.error(error);
  const trouble = find("#trouble");
  trouble.textContent = "The chat can't be reached right now. Please try again in a moment.";
  trouble.hidden = false;
});
