// What there is to do in the first quarter of an hour, and how far a new organisation has come.

/** @typedef {"documents" | "ask" | "look" | "embed" | "seen" | "invite"} StepName */

/**
 * @typedef {object} Standing what the API says, and what this browser remembers
 * @property {{status: string, answering?: boolean}[]} documents
 * @property {{greeting: string, color: string, assistant: string, allowed_origins: string[], seen_at: string | null}} organization
 * @property {{members: unknown[], invitations: unknown[]}} team
 * @property {Partial<Record<StepName, true>>} did what was done here and leaves no trace in the API
 */

/** @type {StepName[]} */
export const STEPS = ["documents", "ask", "look", "embed", "seen", "invite"];

/** What an organisation has that has chosen nothing. */
const PLAIN = { greeting: "Hello! How can I help you?", color: "#0f766e", assistant: "Assistant" };

/**
 * @param {Standing} standing
 * @returns {Set<StepName>} the steps that are done
 */
export function doneSteps({ documents, organization, team, did }) {
  const seen = organization.seen_at !== null;
  const chosen = /** @type {(keyof typeof PLAIN)[]} */ (Object.keys(PLAIN)).some((name) => organization[name] !== PLAIN[name]);
  /** @type {Record<StepName, boolean>} */
  const done = {
    documents: documents.some(({ answering }) => answering),
    ask: did.ask === true,
    look: chosen || did.look === true,
    embed: seen || (did.embed === true && organization.allowed_origins.length > 0),
    seen,
    invite: team.members.length > 1 || team.invitations.length > 0,
  };
  return new Set(STEPS.filter((name) => done[name]));
}

/** Where anybody has an address: it says nothing of whose site it is. */
const MAILBOXES = /^(gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx|web|mail|proton|protonmail|pm|fastmail|hey|zoho|yandex|t-online|freenet|orange|wanadoo|free|laposte|sfr|telefonica|terra|libero)\.[a-z]{2,4}(\.[a-z]{2})?$/;

/**
 * The site that somebody with this address is likely to want the widget on.
 * @param {string} email
 * @returns {string} its origin; empty when the address says nothing
 */
export function suggestedOrigin(email) {
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  return domain.includes(".") && !MAILBOXES.test(domain) ? originOf(domain) : "";
}

/**
 * The origin that somebody means who writes down the address of a site in one of the usual ways.
 * @param {string} text
 * @returns {string} empty when it is no such address
 */
export function originOf(text) {
  const address = text.trim();
  let url;
  try {
    url = new URL(/^https?:\/\//i.test(address) ? address : `https://${address}`);
  } catch {
    return "";
  }
  const named = url.hostname.includes(".") || url.hostname === "localhost" || url.hostname.startsWith("[");
  return named && !/\s/.test(address) && !url.username ? url.origin : "";
}

/**
 * The line to paste into the pages of a site.
 * @param {string} site where the desk is, ending in /
 * @param {string} key of the widget
 * @param {string} api where the API is. The widget looks for it beside itself, at /api
 */
export function embedCode(site, key, api) {
  const named = api === new URL("/api", site).href ? "" : ` data-api="${api}"`;
  return `<script async src="${new URL("widget/frontdesk.js", site).href}" data-key="${key}"${named}></script>`;
}
