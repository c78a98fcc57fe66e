// Bringing a colleague in.

import { el, put } from "../../widget/dom.js";
import { field, form, submit } from "../parts/fields.js";

/** @import {Step} from "./first-run.js" */

/** @param {Step} step */
export function inviteStep({ desk, learn }) {
  const { api, words } = desk;
  const email = el("input", { type: "email", required: true, maxlength: 254, autocomplete: "off", spellcheck: "false" });
  const role = el("select", {}, ...["agent", "admin", "viewer"].map((each) => el("option", { value: each }, words.t(`role.${each}`))));
  const sent = el("p", { class: "hint", role: "status" });
  const invited = form(words, [el("div", { class: "beside" }, field(words.t("first.invite.email"), email), field(words.t("first.invite.role"), role), submit(words.t("first.invite.send")))], async () => {
    const address = email.value.trim();
    await api.send("POST", "/team/invitations", { email: address, role: role.value });
    email.value = "";
    put(sent, words.t("first.invite.sent", { email: address }));
    learn({ team: await api.get("/team") });
  });
  return el("div", {}, invited, sent);
}
