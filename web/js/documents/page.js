// The documents page: asks for the team key, then opens the desk.

import { find } from "../find.js";
import { Problem, request } from "../../widget/http.js";
import { noticeElement, notices } from "../billing/notices.js";
import { loadConfig } from "../config.js";
import { Desk } from "./desk.js";

const KEPT_AS = "frontdesk:team-key";

const gate = find("#gate");
const desk = find("#desk");
const leave = find("#leave");
const field = /** @type {HTMLInputElement} */ (find("#key"));

/** @param {string} [error] */
function askForKey(error = "") {
  gate.hidden = false;
  desk.hidden = leave.hidden = true;
  find("#key-error").textContent = error;
  field.setAttribute("aria-invalid", String(error !== ""));
  field.focus();
}

/** @param {string} [error] */
function forget(error) {
  sessionStorage.removeItem(KEPT_AS);
  // A fresh page: nothing of the organisation stays in memory.
  if (error === undefined) location.reload();
  else askForKey(error);
}

/** @param {string} key */
async function enter(key) {
  if (!key.startsWith("sk_")) return askForKey("A team key begins with sk_. The one beginning with pk_ is for the widget.");
  try {
    const { api } = await loadConfig();
    await new Desk(api, key, () => forget("This team key is no longer valid.")).load();
  } catch (error) {
    if (error instanceof Problem && (error.status === 401 || error.status === 403)) return forget("This team key is not valid.");
    console.error(error);
    return askForKey("The documents can't be reached right now. Please try again in a moment.");
  }
  sessionStorage.setItem(KEPT_AS, key);
  gate.hidden = true;
  desk.hidden = leave.hidden = false;
  await warn(key);
}

/**
 * Says what there is to say about the plan, if this key may know.
 * @param {string} key
 */
async function warn(key) {
  const headers = { Authorization: `Bearer ${key}` };
  try {
    const { api } = await loadConfig();
    const state = await request(`${api}/payments/subscription`, { headers });
    const title = (/** @type {string} */ name) => (name === state.plan.name ? state.plan.title : "your plan");
    find("#notices").replaceChildren(...notices(state, title).map(noticeElement));
  } catch (error) {
    const unseen = error instanceof Problem && error.status === 403;
    if (!unseen) console.error(error);
  }
}

find("#gate-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void enter(field.value.trim());
});
leave.onclick = () => forget();

const kept = sessionStorage.getItem(KEPT_AS);
if (kept) void enter(kept);
else askForKey();
