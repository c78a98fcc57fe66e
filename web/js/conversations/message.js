// One line of a thread as it is drawn: a day, something that happened, or what somebody said.

import { add, el, icon, put, setAttribute } from "../../widget/dom.js";
import { render } from "../../widget/markdown.js";
import { ICONS } from "../icons.js";
import { initials } from "../utils.js";
import { fileList } from "./attached.js";
import { nameOf } from "./names.js";
import { openPassage } from "./passage.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {Line} from "./lines.js" */
/** @import {Said, ThreadMessage} from "./types.d.ts" */

/**
 * @param {Inbox} inbox
 * @param {HTMLElement} node
 * @param {Line} line
 * @param {(said: Said) => void} again sends what failed once more
 * @param {(said: Said) => void} takeBack into the field it was written in
 */
export function drawLine(inbox, node, line, again, takeBack) {
  if (line.kind === "day") {
    node.className = "day";
    return put(node, el("time", { datetime: line.at }, dayText(inbox, line.at)));
  }
  if (line.kind === "event") {
    node.className = "event";
    return put(node, el("p", {}, eventText(inbox, line.message), " · ", el("time", { datetime: line.message.at }, inbox.formats.time(line.message.at))));
  }
  if (line.kind === "said") return drawSaid(inbox, node, line.said, again, takeBack);
  drawMessage(inbox, node, line.message, line.first, line.seen);
}

/**
 * @param {Inbox} inbox
 * @param {HTMLElement} node
 * @param {ThreadMessage} message
 * @param {boolean} first
 * @param {boolean} seen
 */
function drawMessage(inbox, node, message, first, seen) {
  const { words, formats, store } = inbox;
  const { role } = message;
  node.className = "message";
  setAttribute(node, "data-role", role);
  setAttribute(node, "data-first", first);
  const customer = store.entry(store.open)?.customer;
  const name = role === "customer" ? nameOf(customer ?? { id: null, name: null, email: null }, words) : role === "assistant" ? words.t("thread.assistant") : message.author ?? words.t("inbox.colleague");
  const text = el("div", { class: "said", dir: "auto" });
  if (role === "assistant") render(text, message.text, (number) => cite(inbox, message, number));
  else text.textContent = message.text;
  put(
    node,
    first && picture(role, name),
    el(
      "div",
      { class: "bubble" },
      first &&
        el(
          "p",
          { class: "by" },
          el("strong", { dir: "auto" }, name),
          role === "note" && el("span", { class: "only-team" }, icon(ICONS.lock), words.t("thread.note")),
          el("time", { datetime: message.at, title: formats.dayTime(message.at) }, formats.time(message.at)),
        ),
      message.text !== "" && text,
      message.attachments.length > 0 && fileList(inbox, message.attachments),
      foot(inbox, message),
      seen && el("p", { class: "seen" }, icon(ICONS.check), words.t("thread.seen")),
    ),
  );
}

/**
 * @param {Inbox} inbox
 * @param {ThreadMessage} message
 */
function foot(inbox, message) {
  const { words, formats } = inbox;
  const parts = [];
  const mood = message.sentiment?.label.toLowerCase();
  if (message.role === "customer" && (mood === "negative" || mood === "positive")) {
    const title = words.t("mood.why", { percent: formats.percent(Math.abs(message.sentiment?.score ?? 0)) });
    parts.push(el("span", { class: "mark", "data-mood": mood, title }, icon(mood === "negative" ? ICONS.sad : ICONS.glad), words.t(`mood.${mood}`), el("span", { class: "sr" }, ` ${title}`)));
  }
  if (message.role === "assistant") {
    if (message.confidence !== null && message.kind === "answer") parts.push(el("span", { class: "confidence", "data-low": message.confidence < 0.5 }, words.t("thread.confidence", { percent: formats.percent(message.confidence) })));
    if (message.kind === "unknown") parts.push(el("span", { class: "mark", "data-mood": "negative" }, words.t("thread.unknown")));
    if (message.stopped) parts.push(el("span", {}, words.t("thread.stopped")));
    if (message.helpful !== null) parts.push(el("span", { class: "mark", "data-mood": message.helpful ? "positive" : "negative" }, words.t(message.helpful ? "thread.helpful" : "thread.unhelpful")));
  }
  const sources = message.citations.length > 0 && el("ol", { class: "sources", "aria-label": words.t("thread.sources") }, ...message.citations.map((citation) => el("li", {}, source(inbox, citation))));
  if (!parts.length && !sources) return null;
  return el("div", { class: "foot" }, parts.length > 0 && el("p", { class: "facts" }, ...parts), sources);
}

/**
 * @param {Inbox} inbox
 * @param {ThreadMessage["citations"][number]} citation
 */
function source(inbox, citation) {
  const { words } = inbox;
  const { number, title, page, headings } = citation;
  const button = el("button", { type: "button", class: "source" }, el("span", { class: "source-number", "aria-hidden": "true" }, String(number)), el("span", { dir: "auto" }, [title, headings.at(-1)].filter(Boolean).join(" › ")), page !== null && el("span", { class: "source-page" }, words.t("first.ask.page", { page })));
  button.onclick = () => void openPassage(inbox, citation);
  return button;
}

/**
 * @param {Inbox} inbox
 * @param {ThreadMessage} message
 * @param {number} number
 */
function cite(inbox, message, number) {
  const citation = message.citations.find((each) => each.number === number);
  if (!citation) return null;
  const mark = el("button", { type: "button", class: "cite", "aria-label": inbox.words.t("thread.source", { number, title: citation.title }) }, String(number));
  mark.onclick = () => void openPassage(inbox, citation);
  return mark;
}

/**
 * @param {Inbox} inbox
 * @param {HTMLElement} node
 * @param {Said} said
 * @param {(said: Said) => void} again
 * @param {(said: Said) => void} takeBack
 */
function drawSaid(inbox, node, said, again, takeBack) {
  const { words, me, formats } = inbox;
  node.className = "message";
  setAttribute(node, "data-role", said.kind === "note" ? "note" : "agent");
  setAttribute(node, "data-first", true);
  setAttribute(node, "data-failed", said.failed);
  const retry = el("button", { type: "button", class: "chip" }, words.t("thread.again"));
  retry.onclick = () => again(said);
  const edit = el("button", { type: "button", class: "chip" }, words.t("thread.edit"));
  edit.onclick = () => takeBack(said);
  put(
    node,
    picture("agent", me.user.name),
    el(
      "div",
      { class: "bubble" },
      el("p", { class: "by" }, el("strong", { dir: "auto" }, me.user.name), said.kind === "note" && el("span", { class: "only-team" }, icon(ICONS.lock), words.t("thread.note")), el("span", { class: "pending" }, words.t(said.failed ? "thread.unsent" : "thread.sending"))),
      said.text !== "" && el("div", { class: "said", dir: "auto" }, said.text),
      said.files.length > 0 && el("ul", { class: "files", "aria-label": words.t("files.label") }, ...said.files.map(({ name, size }) => el("li", {}, el("span", { class: "file-what" }, icon(ICONS.clip), el("span", { class: "file-name", dir: "auto" }, name), el("span", { class: "file-size" }, formats.bytes(size)))))),
      said.failed && el("p", { class: "facts" }, retry, edit),
    ),
  );
}

/**
 * @param {string} role
 * @param {string} name
 */
function picture(role, name) {
  return add(el("span", { class: "picture small", "data-role": role, "aria-hidden": "true" }), role === "assistant" ? icon(ICONS.spark) : initials(name));
}

/**
 * @param {Inbox} inbox
 * @param {string} at
 */
function dayText({ words, formats }, at) {
  const days = Math.round((new Date(new Date().toDateString()).getTime() - new Date(new Date(at).toDateString()).getTime()) / 86_400_000);
  if (days === 0) return words.t("day.today");
  if (days === 1) return words.t("day.yesterday");
  return days < 7 ? formats.weekday(at) : formats.day(at);
}

/**
 * @param {Inbox} inbox
 * @param {ThreadMessage} message
 */
function eventText({ words, members, me }, { event, detail, author, text }) {
  const name = author ?? words.t("event.somebody");
  if (event === "assigned") {
    if (!detail) return words.t("event.unassigned", { name });
    const whom = members.find(({ id }) => id === detail)?.name ?? (detail === me.user.id ? me.user.name : words.t("inbox.colleague"));
    return whom === author ? words.t("event.assigned.self", { name }) : words.t("event.assigned", { name, whom });
  }
  if (event === "handed_off" && words.has(`event.handed_off.${detail}`)) return words.t(`event.handed_off.${detail}`);
  if (event === "handed_off") return words.t("event.handed_off", { reason: words.has(`reason.${detail}`) ? words.t(`reason.${detail}`) : (detail ?? "") });
  if (event === "resolved") return detail === "agent" ? words.t("event.resolved.agent", { name }) : words.t(`event.resolved.${detail === "customer" ? "customer" : "silence"}`);
  if (event === "rated") return words.t("event.rated", { score: detail ?? "" });
  if (event === "reopened" && author) return words.t("event.reopened.agent", { name });
  if (event === "taken_over" || event === "handed_back" || event === "reopened") return words.t(`event.${event}`, { name });
  return text;
}
