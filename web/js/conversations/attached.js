// The files that were sent with a message. They are private: each look asks for an address that is
// good for a minute.

import { el, icon, put, setAttribute, setLink } from "../../widget/dom.js";
import { ICONS } from "../icons.js";
import { show } from "../parts/dialog.js";
import { loading } from "../parts/states.js";
import { sentence } from "../problems.js";
import { isPicture } from "./files.js";

/** @import {Inbox} from "./inbox.js" */
/** @import {Attachment} from "./types.d.ts" */

/** Pictures that are shown keep their element, so that nothing is fetched twice. @type {WeakMap<Inbox, Map<string, HTMLElement>>} */
const PREVIEWS = new WeakMap();
const MOST_PREVIEWS = 100;

/**
 * @param {Inbox} inbox
 * @param {Attachment[]} files
 */
export function fileList(inbox, files) {
  const { words } = inbox;
  // Of the conversation that is open now: the node may outlive that.
  const conversation = inbox.store.open;
  return el("ul", { class: "files", "aria-label": words.t("files.label") }, ...files.map((file) => el("li", {}, fileButton(inbox, conversation, file))));
}

/**
 * @param {Inbox} inbox
 * @param {string} conversation
 * @param {Attachment} file
 */
function fileButton(inbox, conversation, file) {
  const { words, formats } = inbox;
  const picture = isPicture(file.type);
  const label = words.t(picture ? "files.open" : "files.download", { name: file.name });
  const what = el("span", { class: "file-what" }, icon(picture ? ICONS.picture : ICONS.documents), el("span", { class: "file-name", dir: "auto" }, file.name), el("span", { class: "file-size" }, formats.bytes(file.size)));
  const button = el("button", { type: "button", class: "file", "aria-label": `${label}, ${formats.bytes(file.size)}`, title: label }, picture && preview(inbox, conversation, file), what);
  button.onclick = () => void (picture ? look(inbox, conversation, file) : download(inbox, conversation, file, button));
  return button;
}

/**
 * A small picture, fetched when it comes into view.
 * @param {Inbox} inbox
 * @param {string} conversation
 * @param {Attachment} file
 */
function preview(inbox, conversation, file) {
  const previews = PREVIEWS.get(inbox) ?? new Map();
  PREVIEWS.set(inbox, previews);
  const known = previews.get(file.id);
  if (known) return known;
  const place = el("span", { class: "file-preview" });
  previews.set(file.id, place);
  if (previews.size > MOST_PREVIEWS) previews.delete(previews.keys().next().value);
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry?.isIntersecting) return;
    seen.disconnect();
    // Drawn anew another time, it is tried again.
    const fail = () => (previews.delete(file.id), setAttribute(place, "data-failed", true), put(place, inbox.words.t("files.no.preview")));
    linkOf(inbox, conversation, file).then(({ url }) => put(place, pictureOf(url, fail)), fail);
  });
  seen.observe(place);
  return place;
}

/**
 * @param {string} url
 * @param {() => void} fail
 */
function pictureOf(url, fail) {
  const image = el("img", { alt: "", decoding: "async", referrerpolicy: "no-referrer" });
  image.onerror = fail;
  image.src = url;
  return image;
}

/**
 * A picture as large as the screen lets it be.
 * @param {Inbox} inbox
 * @param {string} conversation
 * @param {Attachment} file
 */
async function look(inbox, conversation, file) {
  const { words, formats, signal } = inbox;
  const close = el("button", { type: "button", class: "tool", "aria-label": words.t("close"), title: words.t("close") }, icon(ICONS.close));
  const save = el("button", { type: "button", class: "button small quiet" }, words.t("files.save"));
  const place = el("div", { class: "picture-place" }, loading(words, 1));
  const title = el("h2", { id: "picture-title", dir: "auto" }, file.name);
  const dialog = el("dialog", { class: "dialog picture-dialog", "aria-labelledby": "picture-title" }, el("header", {}, el("div", {}, title, el("p", { class: "hint" }, formats.bytes(file.size))), save, close), place);
  const fail = (/** @type {string} */ text) => put(place, el("p", { role: "alert" }, text));
  save.onclick = () => void download(inbox, conversation, file, save);
  show(dialog, close, signal);
  try {
    const { url } = await linkOf(inbox, conversation, file);
    const image = pictureOf(url, () => fail(words.t("files.broken.link")));
    image.alt = file.name;
    put(place, image);
  } catch (error) {
    fail(sentence(error, words));
  }
}

/**
 * The store has browsers save it, whatever is in it.
 * @param {Inbox} inbox
 * @param {string} conversation
 * @param {Attachment} file
 * @param {HTMLButtonElement} button
 */
async function download(inbox, conversation, file, button) {
  if (button.hasAttribute("aria-busy")) return;
  setAttribute(button, "aria-busy", true);
  try {
    const { url } = await linkOf(inbox, conversation, file);
    const link = el("a", { download: file.name });
    if (setLink(link, url)) link.click();
  } catch (error) {
    inbox.desk.complain(error);
  } finally {
    setAttribute(button, "aria-busy", null);
  }
}

/**
 * @param {Inbox} inbox
 * @param {string} conversation
 * @param {Attachment} file
 * @returns {Promise<{url: string}>}
 */
function linkOf({ desk }, conversation, { id }) {
  return desk.api.get(`/conversations/${encodeURIComponent(conversation)}/files/${encodeURIComponent(id)}`);
}
