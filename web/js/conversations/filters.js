// What the list is narrowed to, beside its view, and how it is sorted.

import { el, icon, put, setAttribute } from "../../widget/dom.js";
import { ICONS } from "../icons.js";
import { field } from "../parts/fields.js";
import { PRIORITIES, SORTS, sortOf } from "./views.js";

/** @import {Inbox} from "./inbox.js" */

const FILTERS = /** @type {const} */ (["priority", "mood", "label", "assignee", "language", "page"]);

export class Filters {
  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    const { words } = inbox;
    this.button = el("button", { type: "button", class: "tool small", "aria-label": words.t("filter.open"), title: words.t("filter.open"), popovertarget: "filters", "aria-expanded": "false" }, icon(ICONS.filter));
    this.panel = el("div", { id: "filters", class: "menu filters", popover: "auto", role: "group", "aria-label": words.t("filter.open") });
    this.chips = el("div", { class: "chips", hidden: true });
    this.element = el("span", { class: "filter-place" }, this.button, this.panel);
    this.panel.addEventListener("beforetoggle", (event) => /** @type {ToggleEvent} */ (event).newState === "open" && this.#fill());
    this.panel.addEventListener("toggle", (event) => {
      const open = /** @type {ToggleEvent} */ (event).newState === "open";
      setAttribute(this.button, "aria-expanded", String(open));
      if (open) this.panel.querySelector("select")?.focus();
    });
  }

  get active() {
    return FILTERS.some((name) => this.inbox.view.now[name]);
  }

  show() {
    const { view, words } = this.inbox;
    const set = FILTERS.filter((name) => view.now[name]);
    setAttribute(this.button, "data-on", set.length > 0);
    const look = JSON.stringify(set.map((name) => [name, view.now[name], this.inbox.members.length]));
    if (this.chips.dataset["look"] === look) return;
    this.chips.dataset["look"] = look;
    this.chips.hidden = !set.length;
    put(
      this.chips,
      ...set.map((name) => {
        const text = `${words.t(`filter.${name}`)}: ${this.#say(name, view.now[name] ?? "")}`;
        const chip = el("button", { type: "button", class: "chip", "aria-label": words.t("filter.remove", { text }) }, el("span", { dir: "auto" }, text), icon(ICONS.close));
        chip.onclick = () => view.change({ [name]: "" });
        return chip;
      }),
    );
  }

  clear() {
    this.inbox.view.change(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  }

  #fill() {
    const { inbox } = this;
    const { view, words } = inbox;
    const choose = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string[][]} */ options) => {
      const select = el("select", {}, ...options.map(([value, text]) => el("option", { value: value ?? "" }, text)));
      select.value = view.now[name] ?? "";
      select.onchange = () => view.change({ [name]: select.value });
      return field(label, select);
    };
    const any = ["", words.t("filter.any")];
    const of = (/** @type {"priority" | "mood" | "label" | "assignee" | "language"} */ name, /** @type {string[]} */ values) =>
      choose(name, words.t(`filter.${name}`), [any, ...values.map((value) => [value, this.#say(name, value)])]);
    const now = view.now["label"];
    const labels = [...new Set([...(now ? [now] : []), ...inbox.labels])];
    const languages = [...new Set([...(view.now["language"] ? [view.now["language"]] : []), ...inbox.store.list.map((each) => each.language?.split("-")[0] ?? "").filter(Boolean)])];
    const page = el("input", { type: "text", maxlength: 200, autocomplete: "off" });
    page.value = view.now["page"] ?? "";
    page.onchange = () => view.change({ page: page.value.trim() });
    const clear = el("button", { type: "button", class: "button quiet" }, words.t("filter.clear"));
    clear.onclick = () => (this.clear(), this.panel.hidePopover());
    const sort = choose("sort", words.t("sort.label"), SORTS.map((each) => [each, words.t(`sort.${each}`)]));
    const label = of("label", labels);
    // Those that come later are added: somebody may be choosing already.
    if (!inbox.labels.length) void inbox.learnLabels().then((more) => label.querySelector("select")?.append(...more.filter((each) => each !== now).map((each) => el("option", { value: each }, each))));
    const select = sort.querySelector("select");
    if (select) select.value = sortOf(inbox.asked);
    put(
      this.panel,
      sort,
      of("priority", [...PRIORITIES]),
      of("mood", ["negative", "neutral", "positive"]),
      of("assignee", ["me", "unassigned", ...inbox.members.filter(({ id }) => id !== inbox.me.user.id).map(({ id }) => id)]),
      label,
      of("language", languages),
      field(words.t("filter.page"), page),
      clear,
    );
  }

  /**
   * @param {typeof FILTERS[number]} name
   * @param {string} value
   */
  #say(name, value) {
    const { words, members } = this.inbox;
    if (name === "priority") return words.has(`priority.${value}`) ? words.t(`priority.${value}`) : value;
    if (name === "mood") return words.has(`mood.${value}`) ? words.t(`mood.${value}`) : value;
    if (name === "language") return languageName(value, words.locale);
    if (name !== "assignee") return value;
    if (value === "me") return words.t("inbox.me");
    return value === "unassigned" ? words.t("inbox.nobody") : (members.find((each) => each.id === value)?.name ?? words.t("inbox.colleague"));
  }
}

/**
 * @param {string} tag of whatever a browser said
 * @param {string} locale
 */
export function languageName(tag, locale) {
  try {
    return new Intl.DisplayNames(locale, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
