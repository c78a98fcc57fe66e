// Which site may carry the widget, and the line that puts it there.

import { el, put } from "../../widget/dom.js";
import { field, form } from "../parts/fields.js";
import { embedCode, originOf, suggestedOrigin } from "./steps.js";
import { siteName } from "./health.js";

/** @import {Step} from "./first-run.js" */

/** @param {Step} step */
export function embedStep({ desk, organization, learn, did }) {
  const { api, words, me, toasts, complain } = desk;
  let allowed = /** @type {string[]} */ (organization.allowed_origins);
  const guess = allowed.length ? "" : suggestedOrigin(me.user.email);
  const site = el("input", { type: "text", inputmode: "url", required: true, maxlength: 300, spellcheck: "false", autocapitalize: "none", placeholder: "https://shop.example", value: guess });
  const listed = el("p", { class: "hint", role: "status" });
  const tell = () => put(listed, allowed.length ? words.t("first.embed.allowed", { sites: desk.formats.list(allowed.map(siteName)) }) : "");
  const allow = form(words, [el("div", { class: "beside" }, field(words.t("first.embed.site"), site, guess && words.t("first.embed.guess")), el("button", { type: "submit", class: "button quiet" }, words.t("first.embed.allow")))], async (wrong) => {
    const origin = originOf(site.value);
    if (!origin) {
      site.focus();
      return wrong(words.t("first.embed.wrong"));
    }
    // With and without www it is the same site to whoever types it.
    const host = origin.replace(/^https?:\/\//, "");
    const twin = host.startsWith("www.") ? origin.replace("//www.", "//") : host.split(".").length === 2 ? origin.replace("//", "//www.") : origin;
    const { allowed_origins } = await api.get("/organization");
    const { origins } = await api.put("/organization/origins", { origins: [...new Set([...allowed_origins, origin, twin])] });
    allowed = origins;
    site.value = "";
    tell();
    learn({ organization: { ...organization, allowed_origins: origins } });
  });
  const place = el("div", { class: "code" });
  tell();
  void load().catch(complain);
  return el("div", {}, allow, listed, place);

  async function load() {
    const { keys } = await api.get("/keys");
    const found = keys.find((/** @type {any} */ { kind, key, revoked_at }) => kind === "widget" && key && !revoked_at);
    if (found) return show(found.key);
    const make = el("button", { type: "button", class: "button quiet" }, words.t("first.embed.key"));
    make.onclick = () => {
      make.disabled = true;
      api.send("POST", "/keys", { kind: "widget", name: me.organization.name }).then(({ key }) => show(key), (error) => ((make.disabled = false), complain(error)));
    };
    put(place, make);
  }

  /** @param {string} key */
  function show(key) {
    const code = embedCode(new URL(".", document.baseURI).href, key, api.session.api);
    const text = el("textarea", { rows: 3, readonly: true, spellcheck: "false", class: "mono" });
    text.value = code;
    const copy = el("button", { type: "button", class: "button primary" }, words.t("first.embed.copy"));
    copy.onclick = async () => {
      text.select();
      try {
        await navigator.clipboard.writeText(code);
      } catch {
        // Without the permission what is selected can still be copied.
        return;
      }
      did("embed");
      toasts.show({ text: words.t("first.embed.copied") });
    };
    text.oncopy = () => did("embed");
    put(place, field(words.t("first.embed.code"), text), copy);
  }
}
