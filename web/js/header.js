// The bar on top of the pages that anybody may see.

import { el, setAttribute } from "../widget/dom.js";
import { brand } from "./brand.js";
import { find } from "./find.js";
import { applyTheme } from "./theme.js";

/** @type {[file: string, label: string][]} */
const WAYS = [
  ["pricing.html", "Plans and prices"],
  ["auth.html", "Log in"],
  ["dashboard.html", "Your desk"],
];

applyTheme();
const current = location.pathname.split("/").at(-1);
const links = WAYS.map(([file, label]) => {
  const link = el("a", { class: "way" }, label);
  link.href = file;
  setAttribute(link, "aria-current", file === current ? "page" : null);
  link.hidden = file === "dashboard.html" || (file === "auth.html" && file === current);
  return link;
});
find("header.bar").replaceChildren(brand("index.html"), el("nav", { class: "ways", "aria-label": "Pages" }, ...links));

/** @param {boolean} loggedIn whether there is a desk to go to, instead of a login */
export function showLogin(loggedIn) {
  for (const link of links) {
    if (link.href.endsWith("auth.html")) link.hidden = loggedIn;
    if (link.href.endsWith("dashboard.html")) link.hidden = !loggedIn;
  }
}
