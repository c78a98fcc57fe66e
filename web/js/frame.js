// The bar on top of a page of the team: who is logged in, and the way out.

import { find } from "./find.js";

/** @import {Session} from "./session.js" */

/** @param {Session} session of somebody who is logged in */
export function showMember(session) {
  find("#member").textContent = session.member?.user.name ?? "";
  const leave = find("#log-out");
  leave.hidden = false;
  leave.onclick = async () => {
    await session.logOut();
    location.replace("auth.html");
  };
}

// A page that the browser kept shows what was, maybe to somebody else: it is loaded anew.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
