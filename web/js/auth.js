// The login of somebody of the team, as all pages of the team use it. The access token is in memory
// and nowhere else; the refresh token is in a cookie that no script can read.

import { Problem, request } from "../widget/http.js";
import { fromJson } from "../widget/json.js";
import { loadConfig } from "./config.js";

/**
 * @typedef {object} Member
 * @property {{id: string, name: string, email: string, role: string}} user
 * @property {{id: string, name: string}} organization
 */

/** @typedef {Member & {access_token: string}} LoggedIn */

/** What tabs tell each other. @typedef {{ended: true} | {adopted: LoggedIn}} News */

const CSRF_COOKIE = "__Host-frontdesk_csrf";
/** Also the name of the lock that all tabs share: a refresh token used twice ends the login. */
const REFRESHING = "frontdesk:refreshing";
/** How long a refresh that a closed page left behind may still be under way, and how often to look. */
const LEFT_BEHIND_MS = 4000;
const LOOK_MS = 40;
/** After its name all that a browser leaves as it is in a query or a fragment, but no way to elsewhere. */
const OWN_PAGE = /^[a-z-]+\.html(?:\?[\w=&%.+*!'()~,:-]*)?(?:#[\w=&%.+*!'()~,:-]*)?$/;

export const HOME = "dashboard.html";

export class Session {
  #token = "";
  /** @type {Promise<boolean> | null} */
  #refreshing = null;
  /** Who is logged in, when somebody is. @type {Member | null} */
  member = null;

  #tabs = new BroadcastChannel("frontdesk:session");
  /** Called when in another tab the login has ended, or somebody else has logged in. @type {() => void} */
  onEnd = () => {};

  /** @param {string} api ends in /api */
  constructor(api) {
    this.api = api;
    this.#tabs.onmessage = (/** @type {MessageEvent<News>} */ { data }) => {
      const before = this.member?.user.id;
      if ("adopted" in data) this.#take(data.adopted);
      else [this.#token, this.member] = ["", null];
      if (before && before !== this.member?.user.id) this.onEnd();
    };
  }

  /** @throws {Problem | Error} when config.json cannot be read */
  static async open() {
    return new Session((await loadConfig()).api);
  }

  /**
   * Goes on with the browser's login, if there is one.
   * @returns {Promise<boolean>} whether somebody is logged in
   * @throws {Problem} when that cannot be told
   */
  async resume() {
    if (this.#token) return true;
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /**
   * Logs in by one of the ways of /auth: login, verify or accept-invitation.
   * @param {string} way
   * @param {Record<string, string>} body
   */
  async begin(way, body) {
    this.#adopt(await request(`${this.api}/auth/${way}`, { method: "POST", body }));
  }

  /**
   * Calls the API as the one who is logged in. Without a login the browser goes to the login page.
   * @param {string} method
   * @param {string} path begins with /
   * @param {unknown} [body]
   * @param {{timeout?: number}} [options] timeout in milliseconds
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  async call(method, path, body, options = {}) {
    const send = () => request(this.api + path, { ...options, method, body, headers: { Authorization: `Bearer ${this.#token}` } });
    const used = this.#token;
    if (used) {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        // Another call may have refreshed it meanwhile.
        if (this.#token === used) this.#token = "";
      }
    }
    if (await this.resume()) return send();
    toLogin();
    throw new Problem(401, "This login has ended. Log in again.");
  }

  /** Ends the login, here and in all tabs. */
  async logOut() {
    this.#token = "";
    this.member = null;
    await request(`${this.api}/auth/logout`, { method: "POST", headers: { "X-CSRF-Token": csrf() } });
    this.#tell({ ended: true });
  }

  /** @returns {Promise<boolean>} */
  async #refresh() {
    return navigator.locks.request(REFRESHING, async () => {
      // Another tab may have done it while this one stood in line.
      if (this.#token) return true;
      await othersDone();
      if (!csrf()) return false;
      localStorage.setItem(REFRESHING, JSON.stringify({ at: Date.now(), csrf: csrf() }));
      try {
        // Kept alive when the page is left: its answer holds the cookie the next page needs.
        const options = { method: "POST", headers: { "X-CSRF-Token": csrf() }, keepalive: true };
        this.#adopt(await request(`${this.api}/auth/refresh`, options));
        return true;
      } catch (error) {
        if (error instanceof Problem && (error.status === 401 || error.status === 403)) return false;
        throw error;
      } finally {
        localStorage.removeItem(REFRESHING);
      }
    });
  }

  /** @param {LoggedIn} answer */
  #adopt(answer) {
    this.#take(answer);
    this.#tell({ adopted: answer });
  }

  /** @param {LoggedIn} answer */
  #take({ access_token, user, organization }) {
    this.#token = access_token;
    this.member = { user, organization };
  }

  /** @param {News} news */
  #tell(news) {
    this.#tabs.postMessage(news);
  }
}

/** Goes to the login page, and from there back to this one. */
export function toLogin() {
  location.replace(`auth.html?next=${encodeURIComponent(thisPage())}`);
}

/**
 * Where to go after logging in: one of our own pages beside this one, whatever the address says.
 * @param {string | null} next
 */
export function ownPage(next) {
  return next !== null && OWN_PAGE.test(next) && !next.startsWith("auth.html") ? next : HOME;
}

function thisPage() {
  return location.pathname.split("/").pop() + location.search + location.hash;
}

/**
 * Waits for a refresh that a page began before it was left. Nobody saw how it ended, but each one
 * changes the cookie.
 */
async function othersDone() {
  const begun = fromJson(localStorage.getItem(REFRESHING));
  const until = Math.min(Number(begun?.at) || 0, Date.now()) + LEFT_BEHIND_MS;
  while (csrf() === begun?.csrf && Date.now() < until) await new Promise((done) => setTimeout(done, LOOK_MS));
}

function csrf() {
  const prefix = `${CSRF_COOKIE}=`;
  const found = document.cookie.split("; ").find((each) => each.startsWith(prefix));
  return found?.slice(prefix.length) ?? "";
}
