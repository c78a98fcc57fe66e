// Light, dark, or as the system has it.

const KEPT_AS = "frontdesk:theme";

/** @typedef {"light" | "dark" | "system"} Theme */

/** @type {Theme[]} */
export const THEMES = ["system", "light", "dark"];

/** @returns {Theme} */
export function theme() {
  const kept = localStorage.getItem(KEPT_AS);
  return THEMES.find((each) => each === kept) ?? "system";
}

/** @param {Theme} chosen */
export function setTheme(chosen) {
  localStorage.setItem(KEPT_AS, chosen);
  applyTheme();
}

export function applyTheme() {
  document.documentElement.dataset["theme"] = theme();
}
