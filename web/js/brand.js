// Our sign and name, as each page has them.

import { el } from "../widget/dom.js";

const SPACE = "http://www.w3.org/2000/svg";
const SIGN = { bell: "M5 22a11 11 0 0 1 22 0z", foot: "M4 26h24", knob: "M16 11V7M13 6.5h6" };

/** @param {string} page where it leads */
export function brand(page) {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, line] of Object.entries(SIGN)) {
    const path = document.createElementNS(SPACE, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", line);
    svg.append(path);
  }
  const link = el("a", { class: "brand" }, svg, el("span", {}, "Frontdesk"));
  link.href = page;
  return link;
}
