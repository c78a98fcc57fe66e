// Logging in, signing up, and where the links of mails lead. The fragment says which form to show,
// or holds a link's token: fragments are never sent to a server.

import { words } from "../header.js";
import { find } from "../find.js";
import { request } from "../../widget/http.js";
import { onSubmit } from "../form.js";
import { HOME, ownPage, Session } from "../auth.js";
import { sentence } from "../problems.js";

/** @import {Problem} from "../../widget/http.js" */

/**
 * What a status means that says something of its own here.
 * @type {Record<string, Record<number, string>>}
 */
const MEANINGS = {
  // A password that is too short to be one is a wrong one.
  login: { 401: "auth.login.wrong", 403: "auth.login.unproved", 422: "auth.login.wrong" },
  verify: { 403: "auth.verify.wrong", 404: "auth.link.old", 422: "auth.verify.wrong" },
  signup: { 400: "auth.password.weak" },
  reset: { 400: "auth.password.weak", 403: "auth.link.old", 404: "auth.link.old", 422: "auth.link.old" },
  invitation: { 400: "auth.password.weak", 402: "auth.invitation.full", 403: "auth.invitation.old", 422: "auth.invitation.old" },
};

/** Where a sign-up wanted to go: the link in the mail opens another tab. */
const NEXT = "frontdesk:next";

const main = find("#main");
const title = document.title;
/** The token of the link that was followed. */
let token = "";
/** The address that was typed last: nobody should have to type it in the next form again. */
let address = "";
/** @type {Promise<Session> | null} */
let opened = null;

function session() {
  opened ??= Session.open().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** @returns {HTMLInputElement | null} */
function addressField() {
  return document.querySelector('[data-view]:not([hidden]) input[type="email"]');
}

/** @param {string} name */
function show(name) {
  address = addressField()?.value || address;
  for (const view of document.querySelectorAll("[data-view]")) {
    /** @type {HTMLElement} */ (view).hidden = view.getAttribute("data-view") !== name;
  }
  const field = addressField();
  if (field && !field.value) field.value = address;
  const heading = find(`[data-view="${name}"] h1`);
  document.title = `${heading.textContent} · ${title}`;
  heading.tabIndex = -1;
}

function route() {
  const [name = "", value = ""] = location.hash.slice(1).split("=");
  if (value && ["verify", "reset", "invitation"].includes(name)) {
    token = value;
    // It logs somebody in: it should not stay in the history.
    history.replaceState(null, "", location.pathname + location.search);
    return show(name);
  }
  show(["signup", "forgot"].includes(name) ? name : "login");
}

/** @param {string} name @param {string} [text] */
function say(name, text) {
  show(name);
  const lead = find(`[data-view="${name}"] .lead`);
  if (text) lead.textContent = text;
  lead.hidden = false;
  find(`[data-view="${name}"] h1`).focus();
}

function enter() {
  const asked = new URLSearchParams(location.search).get("next") ?? localStorage.getItem(NEXT);
  localStorage.removeItem(NEXT);
  location.replace(ownPage(asked));
}

/**
 * @param {string} name
 * @param {(values: Record<string, string>) => Promise<void>} send
 */
function form(name, send) {
  const say = (/** @type {Problem} */ problem) => {
    const key = MEANINGS[name]?.[problem.status];
    return key ? words.t(key) : sentence(problem, words);
  };
  onSubmit(/** @type {HTMLFormElement} */ (find(`[data-view="${name}"] form`)), words, send, say);
}

/**
 * @param {string} way
 * @param {Record<string, string>} body
 */
async function post(way, body) {
  return request(`${(await session()).api}/auth/${way}`, { method: "POST", body });
}

form("login", async (values) => {
  await (await session()).begin("login", values);
  enter();
});

form("signup", async (values) => {
  await post("signup", values);
  const next = ownPage(new URLSearchParams(location.search).get("next"));
  if (next !== HOME) localStorage.setItem(NEXT, next);
  say("sent", words.t("auth.signup.sent"));
});

form("forgot", async (values) => {
  await post("forgot", values);
  say("sent", words.t("auth.forgot.sent"));
});

form("verify", async ({ password = "" }) => {
  await (await session()).begin("verify", { token, password });
  enter();
});

form("reset", async ({ password = "" }) => {
  await post("reset", { token, password });
  say("login", words.t("auth.reset.done"));
});

form("invitation", async (values) => {
  await (await session()).begin("accept-invitation", { token, ...values });
  enter();
});

addEventListener("hashchange", () => {
  route();
  find("[data-view]:not([hidden]) input").focus();
});

route();
main.hidden = false;
