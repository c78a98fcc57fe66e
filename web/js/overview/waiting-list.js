// Who waits for a person, the longest waiting first, as it happens.

import { el, put } from "../../widget/dom.js";
import { PAGES } from "../pages.js";
import { empty, loading } from "../parts/states.js";
import { initials } from "../utils.js";
import { waitsSince } from "../waiting.js";
import { eachMinute, part } from "./part.js";

/** @import {Desk} from "../shell.js" */
/** @import {Conversation} from "../waiting.js" */

/**
 * @param {Desk} desk
 * @param {HTMLElement} body
 */
export function showWaiting(desk, body) {
  const { waiting, words, signal } = desk;
  const list = el("ul", { class: "waiting" });
  const draw = () => {
    if (!waiting.loaded) return put(body, loading(words));
    const { all } = waiting;
    if (!all.length) return put(body, empty({ title: words.t("overview.now.none"), text: words.t("overview.now.calm"), symbol: "check" }));
    list.replaceChildren(...all.map((each) => row(desk, each)));
    put(body, list, waiting.more && el("p", { class: "hint" }, words.t("overview.now.more")));
  };
  waiting.addEventListener("change", draw, { signal });
  eachMinute(signal, draw);
  draw();
  // The shell has asked already; this says so if it went wrong.
  if (!waiting.loaded) void part(desk, body, () => waiting.load());
}

/**
 * @param {Desk} desk
 * @param {Conversation} conversation
 */
function row({ words, formats }, conversation) {
  const { id, customer, handoff, subject, preview, priority } = conversation;
  const name = customer.name ?? customer.email ?? words.t("customer.unknown");
  const since = formats.since(waitsSince(conversation));
  const why = handoff ? words.t(`reason.${handoff.reason}`) : "";
  const urgent = priority === "urgent" || priority === "high";
  const content = [
    el("span", { class: "picture", "aria-hidden": "true" }, initials(name)),
    el("span", { class: "waiting-what" }, el("span", { class: "waiting-who", dir: "auto" }, name), el("span", { class: "waiting-said", dir: "auto" }, subject || preview), el("span", { class: "waiting-why" }, urgent && el("span", { class: "urgent" }, words.t(`priority.${priority}`)), why)),
    el("span", { class: "waiting-since" }, el("span", { class: "sr" }, words.t("overview.waits", { since })), el("span", { "aria-hidden": "true" }, since)),
  ];
  const page = PAGES.find((each) => each.name === "conversations");
  if (!page) return el("li", { class: "waiting-row" }, ...content);
  const link = el("a", { class: "waiting-row" }, ...content);
  link.href = `${page.file}?open=${encodeURIComponent(id)}`;
  return el("li", {}, link);
}
