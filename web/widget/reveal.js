// Lets text that arrives in lumps appear evenly, a little faster the more of it is waiting.

/** A backlog of any size has appeared after about this long. */
const CATCH_UP_MS = 220;

export class Reveal {
  #shown = 0;
  #text = "";
  #frame = 0;
  #before = 0;

  /** @param {(text: string) => void} show is called with what is to be seen so far */
  constructor(show) {
    this.show = show;
  }

  /** All of the text is to be seen. */
  get settled() {
    return this.#shown >= this.#text.length;
  }

  /** What is to be seen so far. */
  get seen() {
    return this.#text.slice(0, this.#shown);
  }

  /**
   * @param {string} text the whole text as it now stands
   * @param {boolean} [atOnce] no easing
   */
  update(text, atOnce = false) {
    if (!text.startsWith(this.seen)) this.#shown = 0;
    this.#text = text;
    if (atOnce) this.#shown = text.length;
    if (atOnce || !this.#frame) this.#draw(performance.now(), true);
  }

  end() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /**
   * @param {number} now milliseconds
   * @param {boolean} [first] of a run: no time has passed yet
   */
  #draw(now, first = false) {
    const passed = first ? 16 : Math.min(now - this.#before, 100);
    this.#before = now;
    const backlog = this.#text.length - this.#shown;
    this.#shown += Math.min(backlog, Math.max(2, Math.ceil((backlog * passed) / CATCH_UP_MS)));
    this.#frame = this.settled ? 0 : requestAnimationFrame((time) => this.#draw(time));
    this.show(this.seen);
  }
}
