// The page where a team spends its day.

import { Inbox } from "./inbox.js";

/** @import {Desk} from "../shell.js" */

/**
 * @param {Desk} desk
 * @param {HTMLElement} main
 */
export function start(desk, main) {
  new Inbox(desk, main).begin();
}
