// What the pages have in common that anybody may see: their words, the theme, and the bar on top.

import { el, setAttribute } from "../widget/dom.js";
import { brand } from "./brand.js";
import { fill } from "./fill.js";
import { find } from "./find.js";
import { areasOf, ownWords } from "./strings.js";
import { applyTheme } from "./theme.js";

/** @type {[file: string, label: string][]} */
const WAYS = [
  ["pricing.html", "way.prices"],
  ["auth.html", "way.login"],
  ["dashboard.html", "way.desk"],
];

const root = document.documentElement;
export const words = ownWords();

applyTheme();
// The page is written in English: who reads something else sees it once it is in that.
if (root.lang !== words.language) root.dataset["unread"] = "";
try {
  await words.add(["common", "site", ...areasOf(document.body)]);
  root.lang = words.language;
  fill(document, words);
} finally {
  delete root.dataset["unread"];
}

const current = location.pathname.split("/").at(-1);
const links = WAYS.map(([file, label]) => {
  const link = el("a", { class: "way" }, words.t(label));
  link.href = file;
  setAttribute(link, "aria-current", file === current ? "page" : null);
  link.hidden = file === "dashboard.html" || (file === "auth.html" && file === current);
  return link;
});
find("header.bar").replaceChildren(brand("index.html"), el("nav", { class: "ways", "aria-label": words.t("way.label") }, ...links));

/** @param {boolean} loggedIn whether there is a desk to go to, instead of a login */
export function showLogin(loggedIn) {
  for (const link of links) {
    if (link.href.endsWith("auth.html")) link.hidden = loggedIn;
    if (link.href.endsWith("dashboard.html")) link.hidden = !loggedIn;
  }
}
