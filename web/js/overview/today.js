// Today's figures beside those of the same weekday before, up to the same hour.

import { el, put } from "../../widget/dom.js";
import { eachMinute, part } from "./part.js";

/** @import {Desk} from "../shell.js" */

/** @typedef {{conversations: number, answers: Record<string, number>, handoffs: {total: number}, feedback: {share: number | null}}} Figures as `GET /analytics` says */

const HOUR_MS = 3_600_000;

/**
 * The two stretches that are compared. Both begin at midnight where the reader is, and end with the
 * hour that has begun.
 * @param {Date} now
 * @returns {{today: [Date, Date], before: [Date, Date]}}
 */
export function stretches(now) {
  const end = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS + HOUR_MS);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const weekBefore = (/** @type {Date} */ at) => {
    const day = new Date(at);
    day.setDate(day.getDate() - 7);
    return day;
  };
  return { today: [midnight, end], before: [weekBefore(midnight), weekBefore(end)] };
}

/**
 * @param {Desk} desk
 * @param {{head: HTMLElement, body: HTMLElement}} place
 */
export function showToday(desk, { head, body }) {
  const { api, words, formats, signal } = desk;
  const beside = el("p", { class: "hint" });
  head.append(beside);
  /** @type {{today: Figures | null, before: Figures | null}} */
  const known = { today: null, before: null };

  const draw = (/** @type {Date} */ since, /** @type {Date} */ until) => {
    if (!known.today || signal.aborted) return;
    const weekday = formats.weekday(since.getTime());
    beside.textContent = words.t("overview.today.beside", { weekday, time: formats.time(until.getTime()) });
    const share = (/** @type {number | null} */ value) => (value === null ? words.t("figure.none") : formats.percent(value));
    /** @type {[string, (figures: Figures) => string][]} */
    const lines = [
      ["conversations", (each) => formats.number(each.conversations)],
      ["answers", (each) => formats.number(each.answers["answer"] ?? 0)],
      ["handoffs", (each) => formats.number(each.handoffs.total)],
      ["helpful", (each) => share(each.feedback.share)],
    ];
    const { today, before } = known;
    const items = lines.map(([name, value]) =>
      el(
        "div",
        { class: "figure" },
        el("dt", {}, words.t(`figure.${name}`)),
        el("dd", { class: "figure-now", "data-none": today && value(today) === words.t("figure.none") }, today && value(today)),
        el("dd", { class: "hint" }, before && words.t("overview.today.before", { weekday: formats.weekday(since.getTime()), value: value(before) })),
      ),
    );
    put(body, el("dl", { class: "figures" }, ...items));
  };

  const load = async () => {
    const { today, before } = stretches(new Date());
    const ask = (/** @type {"today" | "before"} */ name, /** @type {[Date, Date]} */ [since, until]) => {
      const query = new URLSearchParams({ since: since.toISOString(), until: until.toISOString(), step: "hour" });
      return api.show(`/analytics?${query}`, ({ totals }) => {
        known[name] = totals;
        draw(...before);
      });
    };
    await Promise.all([ask("today", today), ask("before", before)]);
  };
  void part(desk, body, load);
  eachMinute(signal, () => void part(desk, body, load));
}
