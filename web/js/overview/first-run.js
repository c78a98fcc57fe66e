// The checklist of a new organisation. Each step opens to where it can be done, and ticks itself.

import { el, icon, put } from "../../widget/dom.js";
import { fromJson } from "../../widget/json.js";
import { ICONS } from "../icons.js";
import { failed } from "../parts/states.js";
import { sentence } from "../problems.js";
import { askStep } from "./step-ask.js";
import { documentsStep } from "./step-documents.js";
import { embedStep } from "./step-embed.js";
import { inviteStep } from "./step-invite.js";
import { lookStep } from "./step-look.js";
import { seenStep } from "./step-seen.js";
import { doneSteps, STEPS } from "./steps.js";

/** @import {Desk} from "../shell.js" */
/** @import {Standing, StepName} from "./steps.js" */

/**
 * @typedef {object} Step what a step works with
 * @property {Desk} desk
 * @property {any} organization as `GET /organization` says
 * @property {(change: Partial<Standing>) => void} learn tells what the API has said anew
 * @property {(name: StepName) => void} did notes what leaves no trace in the API
 */

/** @type {Record<StepName, (step: Step) => HTMLElement>} */
const BODIES = { documents: documentsStep, ask: askStep, look: lookStep, embed: embedStep, seen: seenStep, invite: inviteStep };

export class FirstRun {
  /** @type {Standing | null} */
  #standing = null;
  /** @type {StepName | null} */
  #open = null;
  /** @type {Map<StepName, {item: HTMLElement, button: HTMLButtonElement, panel: HTMLElement}>} */
  #rows = new Map();

  /**
   * @param {Desk} desk
   * @param {HTMLElement} place
   */
  constructor(desk, place) {
    this.desk = desk;
    this.place = place;
    this.keptAs = `frontdesk:first-run:${desk.me.organization.id}`;
    /** @type {Partial<Record<StepName | "hidden", true>>} */
    this.kept = fromJson(localStorage.getItem(this.keptAs)) ?? {};
    this.progress = el("p", { class: "hint", role: "status" });
    this.meter = el("progress", { max: STEPS.length, "aria-hidden": "true" });
  }

  /** Shows what is left to do, if anything is. */
  async open() {
    if (this.kept.hidden) return;
    const { api, words, signal } = this.desk;
    /** @type {Partial<Standing>} */
    const known = { did: this.kept };
    const learn = (/** @type {Partial<Standing>} */ change) => {
      Object.assign(known, change);
      if (!signal.aborted && known.documents && known.organization && known.team) this.#learn(/** @type {Standing} */ (known));
    };
    try {
      await Promise.all([
        api.show("/documents?limit=100", ({ documents }) => learn({ documents })),
        api.show("/organization", (organization) => learn({ organization })),
        api.show("/team", (team) => learn({ team })),
      ]);
    } catch (error) {
      if (signal.aborted || this.#standing) return;
      put(this.place, failed(words, sentence(error, words), () => (put(this.place), void this.open())));
    }
  }

  /** @param {Standing} standing */
  #learn(standing) {
    const first = this.#standing === null;
    this.#standing = standing;
    const done = doneSteps(standing);
    if (first && done.size === STEPS.length) return;
    if (first) this.#build();
    this.#tick(done);
    if (first) this.#show(STEPS.find((name) => !done.has(name)) ?? null);
  }

  #build() {
    const { words, toasts } = this.desk;
    const hide = el("button", { type: "button", class: "link" }, words.t("first.hide"));
    hide.onclick = () => {
      this.#keep({ hidden: true });
      put(this.place);
      toasts.show({
        text: words.t("first.hidden"),
        undo: () => {
          delete this.kept.hidden;
          this.#keep({});
          this.#standing = null;
          void this.open();
        },
      });
    };
    const items = STEPS.map((name) => {
      const button = el("button", { type: "button", class: "step-head", "aria-expanded": "false", "aria-controls": `step-${name}` }, el("span", { class: "tick", "aria-hidden": "true" }, icon(ICONS.check)), el("span", {}, words.t(`first.${name}`)), el("span", { class: "sr" }), icon(ICONS.more));
      button.onclick = () => this.#show(this.#open === name ? null : name);
      const panel = el("div", { class: "step-body", id: `step-${name}`, hidden: true });
      const item = el("li", { class: "step", "data-step": name }, el("h3", {}, button), panel);
      this.#rows.set(name, { item, button, panel });
      return item;
    });
    const head = el("div", { class: "first-head" }, el("div", {}, el("h2", { id: "first-title" }, words.t("first.title")), this.progress), hide);
    put(this.place, el("section", { class: "first", "aria-labelledby": "first-title" }, head, this.meter, el("ol", { class: "steps" }, ...items)));
  }

  /** @param {Set<StepName>} done */
  #tick(done) {
    const { words } = this.desk;
    for (const [name, { item, button }] of this.#rows) {
      item.dataset["done"] = String(done.has(name));
      const said = button.querySelector(".sr");
      if (said) said.textContent = done.has(name) ? `, ${words.t("first.done")}` : "";
    }
    const text = words.t("first.progress", { done: done.size, all: STEPS.length });
    if (this.progress.textContent !== text) this.progress.textContent = text;
    this.meter.value = done.size;
  }

  /** @param {StepName | null} open */
  #show(open) {
    this.#open = open;
    for (const [name, { button, panel }] of this.#rows) {
      const shown = name === open;
      button.setAttribute("aria-expanded", String(shown));
      panel.hidden = !shown;
      // Made when it is first wanted, and kept: nothing that was typed is lost.
      if (shown && !panel.hasChildNodes()) panel.append(el("p", { class: "hint" }, this.desk.words.t(`first.${name}.text`)), BODIES[name](this.#step()));
    }
  }

  /** @returns {Step} */
  #step() {
    return {
      desk: this.desk,
      organization: this.#standing?.organization,
      learn: (change) => this.#standing && this.#learn(Object.assign(this.#standing, change)),
      did: (name) => {
        this.#keep({ [name]: true });
        if (this.#standing) this.#learn(this.#standing);
      },
    };
  }

  /** @param {Partial<Record<StepName | "hidden", true>>} more */
  #keep(more) {
    Object.assign(this.kept, more);
    localStorage.setItem(this.keptAs, JSON.stringify(this.kept));
  }
}
