// Who the customer is, where they are, and what was before.

import { el, icon, put, setLink } from "../../widget/dom.js";
import { ICONS } from "../icons.js";
import { initials } from "../utils.js";
import { writeView } from "../view.js";
import { languageName } from "./filters.js";
import { keepingFocus, sameControl } from "./focus.js";
import { lastTime } from "./list-pane.js";
import { nameOf } from "./names.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {Detail, Entry} from "./types.d.ts" */

const EARLIER = 6;

export class CustomerPane {
  #id = "";
  #look = "";
  /** Their other conversations; null while nobody knows. @type {Entry[] | null} */
  #earlier = null;
  #asked = "";

  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    const { words } = inbox;
    const back = el("button", { type: "button", class: "tool small back", "aria-label": words.t("customer.close"), title: words.t("customer.close") }, icon(ICONS.back));
    back.onclick = () => inbox.view.change({ side: "" });
    this.body = el("div", { class: "customer-body" });
    this.element = el("aside", { class: "customer-pane", tabindex: -1, "aria-label": words.t("customer.pane") }, back, this.body);
  }

  /** @param {string} id */
  open(id) {
    this.#id = id;
    this.#earlier = null;
    this.#asked = "";
    this.#look = "";
  }

  show() {
    const { inbox } = this;
    const detail = this.#id ? inbox.store.detail(this.#id) : null;
    this.element.hidden = !detail;
    if (!detail) return;
    const { messages: _, ...rest } = detail;
    const look = JSON.stringify([rest, this.#earlier]);
    if (look === this.#look) return;
    this.#look = look;
    keepingFocus(this.body, () => put(this.body, ...this.#content(detail)), (held) => sameControl(this.body, held));
    void this.#askEarlier(detail);
  }

  /** @param {Detail} detail */
  *#content(detail) {
    const { words, formats } = this.inbox;
    const { customer, page, language, browser, attributes, rating, started_at: started } = detail;
    const name = nameOf(customer, words);
    const mail = el("a", { class: "customer-mail", dir: "auto" }, customer.email ?? "");
    const linked = customer.email !== null && setLink(mail, `mailto:${customer.email}`);
    yield el(
      "div",
      { class: "customer-top" },
      el("span", { class: "picture", "aria-hidden": "true" }, initials(name)),
      el("div", {}, el("h2", { dir: "auto" }, name), customer.email && (linked ? mail : el("span", { dir: "auto" }, customer.email))),
    );
    yield customer.id
      ? el("p", { class: "vouched", "data-yes": true }, icon(ICONS.check), words.t("customer.vouched"))
      : el("p", { class: "vouched" }, icon(ICONS.question), words.t("customer.unvouched"));
    if (detail.labels.length) yield el("p", { class: "chips labels" }, ...detail.labels.map((label) => el("span", { class: "tag", dir: "auto" }, label)));
    const place = el("a", { dir: "auto" }, page?.title || page?.url || "");
    const led = page && setLink(place, page.url);
    if (place.target) place.title = page?.url ?? "";
    yield el(
      "dl",
      { class: "facts-list" },
      ...fact(words.t("customer.page"), page && el("span", {}, led ? place : el("span", { dir: "auto" }, page.url), el("small", {}, formats.ago(page.at)))),
      ...fact(words.t("customer.language"), language && languageName(language, words.locale)),
      ...fact(words.t("customer.browser"), browser),
      ...fact(words.t("customer.id"), customer.id),
      ...fact(words.t("customer.since"), started && formats.dayTime(started)),
      ...fact(words.t("customer.rating"), rating && el("span", {}, words.t("inbox.rated", { score: rating.score }), rating.comment && el("q", { dir: "auto" }, rating.comment))),
    );
    if (attributes.length) {
      yield el("h3", {}, words.t("customer.attributes"));
      yield el(
        "dl",
        { class: "facts-list" },
        ...attributes.flatMap(({ name: label, value, vouched }) => fact(label, el("span", { dir: "auto" }, String(value), vouched && el("span", { class: "vouched-mark", title: words.t("customer.vouched") }, icon(ICONS.check), el("span", { class: "sr" }, words.t("customer.vouched")))))),
      );
    }
    const earlier = this.#earlier?.filter(({ id }) => id !== detail.id) ?? [];
    if (earlier.length) {
      yield el("h3", {}, words.t("customer.earlier"));
      yield el("ul", { class: "earlier" }, ...earlier.slice(0, EARLIER - 1).map((each) => el("li", {}, this.#link(each))));
    }
  }

  /** @param {Entry} entry */
  #link(entry) {
    const { inbox } = this;
    const { words, formats } = inbox;
    const link = el("a", { class: "earlier-one" }, el("span", { class: "earlier-subject", dir: "auto" }, entry.subject || words.t("inbox.no.text")), el("span", { class: "hint" }, `${words.t(`status.${entry.status}`)} · ${formats.ago(lastTime(entry))}${entry.rating ? ` · ${words.t("inbox.rated", { score: entry.rating.score })}` : ""}`));
    link.href = location.pathname + writeView({ ...inbox.view.now, view: "all", open: entry.id, side: "" }, inbox.initial);
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      inbox.openConversation(entry.id);
    });
    return link;
  }

  /** @param {Detail} detail */
  async #askEarlier({ id, customer }) {
    const who = customer.id ?? customer.email;
    if (!who || this.#asked === who) return;
    this.#asked = who;
    try {
      const { conversations } = await this.inbox.desk.api.get(`/conversations?limit=${EARLIER}&customer=${encodeURIComponent(who)}`);
      if (id !== this.#id) return;
      this.#earlier = conversations;
      this.show();
    } catch (error) {
      // The conversation is what counts; it is asked for again when it is opened again.
      console.warn(error);
    }
  }
}

/**
 * @param {string} label
 * @param {Node | string | null | undefined | false | ""} value
 * @returns {Node[]}
 */
function fact(label, value) {
  return value ? [el("div", { class: "fact" }, el("dt", { dir: "auto" }, label), el("dd", {}, value))] : [];
}
