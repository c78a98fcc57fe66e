// Calls somebody who looks elsewhere: a sound and a notice of the desktop when a customer wants a
// person and no page of the desk is seen. Only for those who have switched it on, in this browser.

/** @import {Desk} from "../shell.js" */
/** @import {Frame} from "../live.js" */
/** @import {Entry} from "./types.d.ts" */

const KEPT = "frontdesk:call";
/** So long one call is held, so that of several tabs one calls. */
const HELD_MS = 2_000;
const NOTES = /** @type {const} */ ([
  [660, 0],
  [880, 0.16],
]);

export class Caller {
  /**
   * @param {Desk} desk
   * @param {(entry: Entry) => string} nameOf
   * @param {(id: string) => void} open
   */
  constructor({ live, words, signal }, nameOf, open) {
    this.words = words;
    this.nameOf = nameOf;
    this.open = open;
    live.addEventListener("frame", (event) => this.#hear(/** @type {CustomEvent<Frame>} */ (event).detail), { signal });
  }

  get on() {
    return localStorage.getItem(KEPT) === "on";
  }

  /** Switches it on or off. @returns {Promise<boolean>} whether the browser lets us show notices */
  async toggle() {
    if (this.on) {
      localStorage.removeItem(KEPT);
      return true;
    }
    localStorage.setItem(KEPT, "on");
    // Heard once, as it will sound; and a browser lets a page sound that somebody has clicked in.
    sound();
    return "Notification" in window && (await Notification.requestPermission()) === "granted";
  }

  /** @param {Frame} frame */
  #hear(frame) {
    if (frame.type !== "handed_off" || !this.on || !document.hidden) return;
    const entry = /** @type {Entry} */ (frame["conversation"]);
    void navigator.locks.request(`${KEPT}:${entry.id}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      this.#call(entry);
      await new Promise((done) => setTimeout(done, HELD_MS));
    });
  }

  /** @param {Entry} entry */
  #call(entry) {
    sound();
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const notice = new Notification(this.words.t("call.title", { name: this.nameOf(entry) }), { body: entry.preview, tag: entry.id });
    notice.onclick = () => {
      window.focus();
      this.open(entry.id);
      notice.close();
    };
  }
}

/** Two short notes. */
function sound() {
  const audio = new AudioContext();
  const volume = new GainNode(audio, { gain: 0.08 });
  volume.connect(audio.destination);
  for (const [frequency, at] of NOTES) {
    const tone = new OscillatorNode(audio, { type: "sine", frequency });
    tone.connect(volume);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.14);
  }
  setTimeout(() => void audio.close(), 1_000);
}
