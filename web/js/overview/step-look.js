// Name, colour and greeting, beside a sketch of the organisation's site that follows while they are
// chosen.

import { el, icon } from "../../widget/dom.js";
import { ICONS } from "../icons.js";
import { field, form, submit } from "../parts/fields.js";
import { siteName } from "./health.js";
import { suggestedOrigin } from "./steps.js";

/** @import {Step} from "./first-run.js" */

/** @param {Step} step */
export function lookStep({ desk, organization, learn, did }) {
  const { api, words, toasts, me } = desk;
  const assistant = el("input", { type: "text", required: true, maxlength: 60, value: organization.assistant });
  const color = el("input", { type: "color", value: organization.color });
  const greeting = el("textarea", { rows: 2, maxlength: 500, required: true });
  greeting.value = organization.greeting;
  const preview = sketch(siteName(organization.allowed_origins[0] ?? suggestedOrigin(me.user.email)) || me.organization.name);
  const draw = () => preview.draw(assistant.value, greeting.value, color.value);
  const chosen = form(
    words,
    [
      el("div", { class: "beside" }, field(words.t("first.look.assistant"), assistant), field(words.t("first.look.color"), color)),
      field(words.t("first.look.greeting"), greeting),
      submit(words.t("save")),
    ],
    async () => {
      const saved = await api.send("PATCH", "/organization", { assistant: assistant.value.trim(), color: color.value, greeting: greeting.value.trim() });
      did("look");
      learn({ organization: saved });
      toasts.show({ text: words.t("saved") });
    },
  );
  chosen.addEventListener("input", draw);
  draw();
  return el("div", { class: "look" }, chosen, preview.element);

  /** @param {string} site */
  function sketch(site) {
    const name = el("p", { class: "sketch-name", dir: "auto" });
    const said = el("p", { class: "sketch-said", dir: "auto" });
    const asked = el("p", { class: "sketch-asked" }, words.t("first.look.question"));
    // Above the launcher, as on a page.
    const panel = el("div", { class: "sketch-panel" }, el("div", { class: "sketch-bar" }, name), said, asked);
    const page = el("div", { class: "sketch-page" }, el("span", { class: "bone wide" }), ...Array.from({ length: 4 }, () => el("span", { class: "bone" })));
    const element = el(
      "figure",
      { class: "sketch" },
      el("figcaption", { class: "sr" }, words.t("first.look.preview")),
      el("div", { class: "sketch-address", dir: "ltr" }, site),
      el("div", { class: "sketch-window" }, page, panel, el("span", { class: "sketch-launcher" }, icon(ICONS.conversations))),
    );
    return {
      element,
      draw(/** @type {string} */ assistantName, /** @type {string} */ text, /** @type {string} */ shade) {
        name.textContent = assistantName;
        said.textContent = text;
        element.style.setProperty("--shade", shade);
        element.style.setProperty("--on-shade", isLight(shade) ? "#12262b" : "#ffffff");
      },
    };
  }
}

/**
 * Whether dark letters are easier to read on a colour than white ones (WCAG's contrast).
 * @param {string} color #rrggbb
 */
export function isLight(color) {
  const linear = (/** @type {number} */ at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
  return (luminance + 0.05) / 0.067 > 1.05 / (luminance + 0.05);
}
