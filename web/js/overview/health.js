// What is wrong, or soon will be: the plan's answers, payments, documents, and whether the widget is
// on a page at all.

import { el, icon, put } from "../../widget/dom.js";
import { ICONS } from "../icons.js";
import { part } from "./part.js";

/** @import {State} from "../billing/types.d.ts" */
/** @import {Document} from "../documents/types.d.ts" */
/** @import {Desk} from "../shell.js" */

/**
 * @typedef {object} Standing what `GET /organization` says of how things go
 * @property {string | null} seen_at
 * @property {string | null} seen_origin
 * @property {string | null} assistant_failed_at
 * @property {"model" | "answer" | null} assistant_failure
 * @property {string | null} mail_returned_at
 * @property {"team" | "customer" | null} mail_returned_to
 */
/** @typedef {{tone: "good" | "warm" | "bad" | "idle", text: string, link?: {label: string, href: string}}} Line */

const NAMED = 3;
const DAY_MS = 86_400_000;
/** For how long it is said that the assistant failed, and that a mail came back. */
const FAILURE_MS = DAY_MS;
const RETURNED_MS = 7 * DAY_MS;

/**
 * @param {Desk} desk
 * @param {HTMLElement} body
 */
export function showHealth(desk, body) {
  const { api, can } = desk;
  /** @type {{plan?: State, documents?: Document[], organization?: Standing}} */
  const known = {};
  const draw = () => {
    const lines = [...(known.documents ? documentLines(desk, known.documents) : []), ...(known.plan ? planLines(desk, known.plan) : []), ...(known.organization ? [...troubleLines(desk, known.organization), ...seenLines(desk, known.organization)] : [])];
    if (!lines.some(({ tone }) => tone === "bad" || tone === "warm")) lines.unshift({ tone: "good", text: desk.words.t("overview.health.fine") });
    put(body, el("ul", { class: "health-lines" }, ...lines.map(element)));
  };
  void part(desk, body, async () => {
    await Promise.all([
      can("billing:read") && api.show("/payments/subscription", (plan) => ((known.plan = plan), draw())),
      api.show("/documents?limit=100", ({ documents }) => ((known.documents = documents), draw())),
      api.show("/organization", (organization) => ((known.organization = organization), draw())),
    ]);
  });
}

/**
 * @param {Desk} desk
 * @param {Document[]} documents
 * @returns {Line[]}
 */
function documentLines({ words, formats }, documents) {
  const failed = documents.filter(({ status }) => status === "failed");
  if (!failed.length) return [];
  const titles = failed.slice(0, NAMED).map(({ title }) => title);
  const text = words.n("overview.health.failed", failed.length, { titles: formats.list(failed.length > NAMED ? [...titles, "…"] : titles) });
  return [{ tone: "bad", text, link: { label: words.t("overview.health.failed.see"), href: "documents.html" } }];
}

/**
 * @param {Desk} desk
 * @param {State} state
 * @returns {Line[]}
 */
function planLines({ words, formats }, { usage, warning, subscription }) {
  const link = { label: words.t("overview.health.quota.see"), href: "billing.html" };
  const { used, limit } = usage.answers;
  /** @type {Line[]} */
  const lines = [];
  if (subscription && ["past_due", "unpaid", "incomplete"].includes(subscription.status)) lines.push({ tone: "bad", text: words.t("overview.health.unpaid"), link });
  if (limit === null) return lines;
  const values = { used: formats.number(used), limit: formats.number(limit) };
  if (warning !== null && warning >= 100) lines.push({ tone: "bad", text: words.t("overview.health.full", values), link });
  else lines.push({ tone: warning === null ? "idle" : "warm", text: words.t("overview.health.quota", values), ...(warning === null ? {} : { link }) });
  return lines;
}

/**
 * @param {Desk} desk
 * @param {Standing} standing
 * @returns {Line[]}
 */
function troubleLines({ words, formats }, { assistant_failed_at, assistant_failure, mail_returned_at, mail_returned_to }) {
  const now = Date.now();
  const lately = (/** @type {string | null} */ at, /** @type {number} */ within) => at !== null && now - Date.parse(at) < within;
  /** @type {Line[]} */
  const lines = [];
  if (assistant_failed_at && lately(assistant_failed_at, FAILURE_MS)) {
    const none = assistant_failure === "answer";
    const link = { label: words.t("overview.health.answer.see"), href: "conversations.html?view=waiting" };
    const text = words.t(none ? "overview.health.answer" : "overview.health.model", { ago: formats.ago(assistant_failed_at) });
    lines.push({ tone: none ? "bad" : "warm", text, ...(none ? { link } : {}) });
  }
  if (mail_returned_at && lately(mail_returned_at, RETURNED_MS)) {
    lines.push({ tone: "warm", text: words.t(mail_returned_to === "customer" ? "overview.health.mail.customer" : "overview.health.mail.team", { ago: formats.ago(mail_returned_at) }) });
  }
  return lines;
}

/**
 * @param {Desk} desk
 * @param {Standing} standing
 * @returns {Line[]}
 */
function seenLines({ words, formats }, { seen_at, seen_origin }) {
  if (!seen_at || !seen_origin) return [{ tone: "idle", text: words.t("overview.health.unseen") }];
  return [{ tone: "idle", text: words.t("overview.health.seen", { site: siteName(seen_origin), ago: formats.ago(seen_at) }) }];
}

/** @param {string} origin */
export function siteName(origin) {
  return origin.replace(/^https?:\/\//, "");
}

/** @param {Line} line */
function element({ tone, text, link }) {
  const anchor = link && el("a", {}, link.label);
  if (anchor) anchor.href = link.href;
  return el("li", { class: "health-line", "data-tone": tone }, icon(tone === "good" ? ICONS.check : tone === "idle" ? ICONS.heart : ICONS.sign), el("p", { dir: "auto" }, text, anchor && " ", anchor));
}
