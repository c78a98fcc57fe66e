// The pages of the desk, in the order of its navigation. A page that is added here needs an HTML file
// whose <main> names the module to start, and a text called page.<name> in each table of strings.

/**
 * @typedef {object} Page
 * @property {string} name
 * @property {string} file
 * @property {string} [permission] who lacks it has no link to it
 */

/** @type {Page[]} */
export const PAGES = [
  { name: "overview", file: "dashboard.html" },
  { name: "conversations", file: "conversations.html", permission: "conversations:read" },
  { name: "documents", file: "documents.html", permission: "documents:read" },
  { name: "billing", file: "billing.html", permission: "billing:read" },
];

/** @param {string} address */
export function pageAt(address) {
  const { origin, pathname } = new URL(address, document.baseURI);
  const [folder, file] = [new URL(".", document.baseURI).pathname, pathname.split("/").at(-1)];
  if (origin !== location.origin || pathname !== `${folder}${file}`) return null;
  return PAGES.find((page) => page.file === file) ?? null;
}
