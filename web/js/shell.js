// The desk: opens the login's session, puts the frame around the page, and starts the page's own
// module. Going to another page of the desk replaces what is in <main>; session, socket and frame stay.

import { put } from "../widget/dom.js";
import { Problem } from "../widget/http.js";
import { fromJson } from "../widget/json.js";
import { Api } from "./api.js";
import { Session, toLogin } from "./auth.js";
import { Cache, forget } from "./cache.js";
import { fill } from "./fill.js";
import { find } from "./find.js";
import { Frame } from "./frame.js";
import { Live } from "./live.js";
import { pageAt } from "./pages.js";
import { failed } from "./parts/states.js";
import { Toasts } from "./parts/toast.js";
import { sentence } from "./problems.js";
import { areasOf, ownWords } from "./strings.js";
import { applyTheme } from "./theme.js";
import { formats } from "./utils.js";
import { Waiting } from "./waiting.js";

/** @import {Member} from "./auth.js" */
/** @import {Words} from "./strings.js" */
/** @import {Formats} from "./utils.js" */

/** @typedef {Member & {permissions: string[]}} Me as `GET /auth/me` says */

/**
 * @typedef {object} Desk what a page works with
 * @property {Api} api
 * @property {Me} me
 * @property {(permission: string) => boolean} can whether the member's role holds it
 * @property {Words} words
 * @property {Formats} formats
 * @property {Live} live
 * @property {Waiting} waiting
 * @property {Toasts} toasts
 * @property {(error: unknown) => void} complain tells of a request that failed, in a toast
 * @property {AbortSignal} signal aborted when the page is left: listeners and timers end with it
 */

/** @typedef {(desk: Desk, main: HTMLElement) => void | Promise<void>} Start what a page's module exports as `start` */

const KEPT_ME = "frontdesk:me";

/** Opens the desk on the page that the browser has loaded. */
export async function openDesk() {
  applyTheme();
  const words = ownWords();
  const main = find("#main");
  await words.add(["common", "desk", ...areasOf(main)]);
  document.documentElement.lang = words.language;
  fill(main, words);
  await new Shell(words).open();
}

class Shell {
  /** Ends what the page in <main> began. */
  #left = new AbortController();
  /** Pages that were fetched. @type {Map<string, Promise<Document>>} */
  #fetched = new Map();
  /** @type {Omit<Desk, "signal"> | null} */
  #desk = null;
  #file = fileOf(location.href);

  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.main = find("#main");
    this.frame = new Frame(words, this.main, () => void this.#logOut());
    this.toasts = new Toasts(words);
    document.body.append(this.toasts.element);
  }

  async open() {
    /** @type {Me | null} */
    const kept = fromJson(sessionStorage.getItem(KEPT_ME));
    if (kept) this.frame.showMember(kept);
    this.frame.showPage(this.main.dataset["page"] ?? "");
    try {
      const session = await Session.open();
      const asked = ask(session);
      if (kept) void asked.then((me) => me && changed(kept, me) && this.#begin(me)).catch((error) => this.#complain(error));
      const me = kept ?? (await asked);
      if (me) this.#work(session, me);
    } catch (error) {
      put(this.main, failed(this.words, sentence(error, this.words), () => location.reload()));
    }
  }

  /**
   * @param {Session} session
   * @param {Me} me
   */
  #work(session, me) {
    const { words } = this;
    this.session = session;
    session.onEnd = () => (this.#forget(), location.reload());
    const api = new Api(session, new Cache(sessionStorage, `${me.organization.id}:${me.user.id}`));
    const live = new Live(() => session.call("POST", "/conversations/connect"));
    const waiting = new Waiting(api, live);
    // A socket takes a while to notice that there is no network.
    const showConnection = () => this.frame.showConnection(navigator.onLine && live.state !== "down");
    live.addEventListener("state", showConnection);
    for (const change of ["online", "offline"]) addEventListener(change, showConnection);
    waiting.addEventListener("change", () => this.frame.showWaiting(waiting.label));
    const complain = (/** @type {unknown} */ error) => this.#complain(error);
    this.#desk = { api, me, words, live, waiting, complain, toasts: this.toasts, formats: formats(words.locale), can: (permission) => me.permissions.includes(permission) };
    this.#keep(me);
    this.#follow();
    void this.#start();
  }

  /** The member has become another, or may do other things: nothing that is shown counts any more. @param {Me} me */
  #begin(me) {
    this.#keep(me);
    location.reload();
  }

  /** @param {Me} me */
  #keep(me) {
    sessionStorage.setItem(KEPT_ME, JSON.stringify(me));
    this.frame.showMember(me);
  }

  async #start() {
    const { main } = this;
    const desk = this.#desk;
    if (!desk) return;
    this.#left = new AbortController();
    const { signal } = this.#left;
    this.frame.showPage(main.dataset["page"] ?? "");
    try {
      /** @type {{start: Start}} */
      const { start } = await import(`./${main.dataset["start"]}`);
      if (!signal.aborted) await start({ ...desk, signal }, main);
      if (!signal.aborted) desk.waiting.begin();
    } catch (error) {
      if (signal.aborted) return;
      put(main, failed(this.words, sentence(error, this.words), () => location.reload()));
    }
  }

  /** Has links among pages of the desk, and Back, change what is in <main>. */
  #follow() {
    addEventListener("click", (event) => {
      const link = event.target instanceof Element && event.target.closest("a");
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.target || link.hasAttribute("download") || event.defaultPrevented || !pageAt(link.href)) return;
      if (link.hash && fileOf(link.href) === this.#file) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      void this.#visit();
    });
    addEventListener("pointerover", (event) => {
      const link = event.target instanceof Element && event.target.closest("a");
      if (link && pageAt(link.href)) void this.#fetch(fileOf(link.href)).catch(() => {});
    });
    addEventListener("popstate", () => {
      if (fileOf(location.href) !== this.#file) void this.#visit();
    });
    // A page that the browser kept shows what was, maybe to somebody else.
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) location.reload();
    });
  }

  /** Shows the page that the address names. */
  async #visit() {
    const address = location.href;
    this.#file = fileOf(address);
    let next, main;
    try {
      next = await this.#fetch(this.#file);
      main = next.querySelector("main");
      if (!main) throw new Error(`${this.#file} has no <main>`);
      await Promise.all([styles(next), this.words.add(areasOf(main))]);
      fill(main, this.words);
    } catch {
      // Another version may have been published meanwhile.
      return location.reload();
    }
    if (location.href !== address) return;
    // Its modules are of a version that was published since.
    if (scriptOf(next) !== scriptOf(document)) return location.reload();
    this.#left.abort();
    for (const name of ["page", "start", "words"]) this.main.dataset[name] = main.dataset[name] ?? "";
    this.main.className = main.className;
    put(this.main, ...[...main.childNodes].map((each) => document.importNode(each, true)));
    scrollTo(0, 0);
    this.main.focus({ preventScroll: true });
    await this.#start();
    this.frame.announcer.textContent = document.title;
  }

  /** @param {string} file */
  #fetch(file) {
    const known = this.#fetched.get(file);
    if (known) return known;
    const found = fetch(file).then(async (response) => {
      if (!response.ok) throw new Error(`${file} answered ${response.status}`);
      return new DOMParser().parseFromString(await response.text(), "text/html");
    });
    this.#fetched.set(file, found);
    found.catch(() => this.#fetched.delete(file));
    return found;
  }

  async #logOut() {
    try {
      await this.session?.logOut();
    } catch (error) {
      return this.#complain(error);
    }
    this.#forget();
    location.replace("auth.html");
  }

  /** Nothing of what the member saw stays. */
  #forget() {
    this.#left.abort();
    this.#desk?.live.end();
    this.#desk?.api.cache.end();
    sessionStorage.removeItem(KEPT_ME);
  }

  /** @param {unknown} error */
  #complain(error) {
    this.toasts.show({ tone: "bad", text: sentence(error, this.words) });
  }
}

/**
 * Who is logged in; null when nobody is, and the browser goes to the login page.
 * @param {Session} session
 * @returns {Promise<Me | null>}
 * @throws {Problem}
 */
async function ask(session) {
  try {
    if (await session.resume()) return await session.call("GET", "/auth/me");
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
  forget(sessionStorage);
  sessionStorage.removeItem(KEPT_ME);
  toLogin();
  return null;
}

/**
 * @param {Me} before
 * @param {Me} now
 */
function changed(before, now) {
  const same = (/** @type {Me} */ { user, organization, permissions }) => JSON.stringify([user.id, user.role, organization.id, permissions]);
  return same(before) !== same(now);
}

/** @param {Document} page */
function scriptOf(page) {
  return page.querySelector('script[type="module"]')?.getAttribute("src");
}

/** @param {string} address */
function fileOf(address) {
  return new URL(address, document.baseURI).pathname.split("/").at(-1) ?? "";
}

/**
 * Has the stylesheets of `next` and no others. Resolves when they are there.
 * @param {Document} next
 */
async function styles(next) {
  const of = (/** @type {Document} */ page) => /** @type {HTMLLinkElement[]} */ ([...page.querySelectorAll('link[rel="stylesheet"]')]);
  const [here, wanted] = [of(document), of(next).map((link) => link.getAttribute("href") ?? "")];
  const missing = wanted.filter((name) => !here.some((link) => link.getAttribute("href") === name));
  await Promise.all(
    missing.map(
      (name) =>
        new Promise((done, bad) => {
          const link = document.createElement("link");
          Object.assign(link, { rel: "stylesheet", href: name, onload: done, onerror: bad });
          document.head.append(link);
        }),
    ),
  );
  for (const link of here) if (!wanted.includes(link.getAttribute("href") ?? "")) link.remove();
}
