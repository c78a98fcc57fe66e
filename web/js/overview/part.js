// A part of the overview: grey lines, then what is known, or what went wrong with a way to try again.

import { put } from "../../widget/dom.js";
import { failed, loading } from "../parts/states.js";
import { sentence } from "../problems.js";

/** @import {Desk} from "../shell.js" */

/**
 * @param {Desk} desk
 * @param {HTMLElement} body
 * @param {() => Promise<unknown>} fill fills `body`
 */
export async function part(desk, body, fill) {
  if (!body.hasChildNodes()) body.append(loading(desk.words));
  try {
    await fill();
  } catch (error) {
    if (desk.signal.aborted) return;
    put(body, failed(desk.words, sentence(error, desk.words), () => (put(body), void part(desk, body, fill))));
  }
}

/**
 * Calls `act` each minute until the page is left.
 * @param {AbortSignal} signal
 * @param {() => void} act
 */
export function eachMinute(signal, act) {
  const timer = setInterval(() => document.hidden || act(), 60_000);
  signal.addEventListener("abort", () => clearInterval(timer));
}
