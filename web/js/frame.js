// What stands around every page of the desk: where one can go, who one is, what waits.

import { el, icon, setAttribute } from "../widget/dom.js";
import { ICONS } from "./icons.js";
import { brand } from "./brand.js";
import { PAGES } from "./pages.js";
import { menu } from "./parts/menu.js";
import { chooseLanguage, LANGUAGES } from "./strings.js";
import { setTheme, theme, THEMES } from "./theme.js";
import { initials } from "./utils.js";

/** @import {Me} from "./shell.js" */
/** @import {Page} from "./pages.js" */
/** @import {Item} from "./parts/menu.js" */
/** @import {Words} from "./strings.js" */

/** Below this there is no room for the navigation beside the page. */
const NARROW = "(max-width: 60rem)";

export class Frame {
  /** @type {Map<string, HTMLAnchorElement>} */
  #links = new Map();
  #page = "";
  #waiting = "";

  /**
   * @param {Words} words
   * @param {HTMLElement} main
   * @param {() => void} logOut
   */
  constructor(words, main, logOut) {
    this.words = words;
    this.logOut = logOut;
    this.list = el("ul", { class: "places" });
    this.organization = el("p", { class: "organization", id: "organization", dir: "auto" });
    this.name = el("span", { class: "member-name", id: "member", dir: "auto" });
    this.role = el("span", { class: "member-role" });
    this.picture = el("span", { class: "picture", "aria-hidden": "true" });
    this.account = el("button", { type: "button", class: "account", id: "account" }, this.picture, el("span", { class: "who" }, this.name, " ", this.role), icon(ICONS.more));
    this.side = el(
      "div",
      { class: "side" },
      el("div", { class: "side-top" }, brand("dashboard.html"), this.organization),
      el("nav", { "aria-label": words.t("nav.label") }, this.list),
      el("div", { class: "side-foot" }, this.account, menu(this.account, () => this.#choices())),
    );
    this.dialog = el("dialog", { class: "side-dialog", "aria-label": words.t("nav.label") });
    this.count = el("span", { class: "badge", hidden: true });
    this.connection = el("p", { class: "connection", role: "status", hidden: true });
    this.announcer = el("p", { class: "sr", "aria-live": "polite" });
    const opener = el("button", { type: "button", class: "tool", title: words.t("nav.open") }, icon(ICONS.menu), el("span", { class: "sr" }, `${words.t("nav.open")} `), this.count);
    const skip = el("a", { class: "skip" }, words.t("nav.skip"));
    skip.href = "#main";
    const column = el("header", { class: "side-column" }, this.side);
    opener.onclick = () => this.#open();
    this.dialog.addEventListener("click", (event) => {
      const beside = event.target === this.dialog;
      if (beside || (event.target instanceof Element && event.target.closest("a"))) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => column.append(this.side));
    matchMedia(NARROW).addEventListener("change", () => this.dialog.close());
    main.before(skip, column, el("header", { class: "top" }, opener, brand("dashboard.html")), this.connection);
    main.after(this.dialog, this.announcer);
  }

  /**
   * Shows whose desk it is and the pages that they may see.
   * @param {Me} me
   */
  showMember({ user, organization, permissions }) {
    this.organization.textContent = organization.name;
    this.name.textContent = user.name;
    this.picture.textContent = initials(user.name);
    this.role.textContent = this.words.t(`role.${user.role}`);
    // Its name is what is read on it, and this where the page leaves no room for that.
    this.account.title = this.words.t("nav.account", { name: user.name });
    const seen = PAGES.filter(({ permission }) => !permission || permissions.includes(permission));
    this.#links = new Map(seen.map((page) => [page.name, this.#link(page)]));
    this.list.replaceChildren(...[...this.#links.values()].map((link) => el("li", {}, link)));
    this.#draw();
  }

  /** @param {string} page its name */
  showPage(page) {
    this.#page = page;
    this.#draw();
  }

  /** @param {string} count how many conversations wait; empty for none */
  showWaiting(count) {
    this.#waiting = count;
    this.#draw();
  }

  /** @param {boolean} up whether what happens is heard of as it happens */
  showConnection(up) {
    this.connection.hidden = up;
    this.connection.textContent = up ? "" : this.words.t(navigator.onLine ? "live.down" : "live.offline");
  }

  #draw() {
    for (const [name, link] of this.#links) setAttribute(link, "aria-current", name === this.#page ? "page" : null);
    const place = this.#links.get("conversations") ?? this.#links.get("overview");
    place?.querySelector(".badge")?.remove();
    if (this.#waiting) place?.append(el("span", { class: "badge" }, this.#waiting, el("span", { class: "sr" }, ` ${this.words.t("nav.waiting")}`)));
    this.count.hidden = !this.#waiting;
    this.count.textContent = this.#waiting;
    const title = this.words.t(`page.${this.#page || "overview"}`);
    document.title = `${this.#waiting && `(${this.#waiting}) `}${title} · Frontdesk`;
  }

  /** @param {Page} page */
  #link({ name, file }) {
    const symbol = ICONS[/** @type {keyof typeof ICONS} */ (name)];
    const link = el("a", { class: "place" }, icon(symbol), el("span", {}, this.words.t(`page.${name}`)));
    // Where the page leaves no room for names, this tells the symbols apart.
    link.title = this.words.t(`page.${name}`);
    link.href = file;
    return link;
  }

  #open() {
    this.dialog.append(this.side);
    this.dialog.showModal();
  }

  /** @returns {Item[]} */
  #choices() {
    const { words } = this;
    const themes = THEMES.map((each) => ({ label: words.t(`theme.${each}`), chosen: each === theme(), act: () => setTheme(each), group: words.t("theme.label") }));
    const languages = LANGUAGES.map((each) => ({
      label: nameOf(each),
      chosen: each === words.language,
      group: words.t("language.label"),
      act: () => (chooseLanguage(each), location.reload()),
    }));
    return [...themes, ...languages, { label: words.t("logout"), act: this.logOut, group: words.t("nav.account.label") }];
  }
}

/** What a language calls itself. @param {string} language */
function nameOf(language) {
  const name = new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
