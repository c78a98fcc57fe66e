// Who of the team looks at which conversation, and who is replying; and whether a customer types.

/** @import {Frame} from "../live.js" */
/** @import {Present} from "./types.d.ts" */

/** So long after the last sign somebody counts as writing, as docs/PROTOCOL.md says. */
const REPLYING_MS = 16_000;
const TYPING_MS = 5_000;

export class Presence extends EventTarget {
  /** @type {Map<string, {agents: Present[], until: number}>} */
  #watchers = new Map();
  /** @type {Map<string, number>} */
  #typing = new Map();
  /** How often something has changed. */
  changes = 0;

  /**
   * Fires `change` with the conversation's id in `detail`.
   * @param {string} me
   * @param {() => number} [now]
   */
  constructor(me, now = Date.now) {
    super();
    this.me = me;
    this.now = now;
  }

  /** @param {Frame} frame of the socket */
  hear({ type, conversation_id: id, agents, author }) {
    if (type === "watchers") this.put(id, agents);
    else if (type === "typing" && !author) this.#type(id);
    else if (type === "message") this.#typing.delete(id);
  }

  /**
   * @param {string} id
   * @param {Present[]} agents
   */
  put(id, agents) {
    this.#watchers.set(id, { agents, until: this.now() + REPLYING_MS });
    this.#tell(id, REPLYING_MS);
  }

  /**
   * Those of the team who are there, but oneself.
   * @param {string} id
   * @returns {Present[]}
   */
  of(id) {
    const found = this.#watchers.get(id);
    if (!found) return [];
    const fresh = found.until > this.now();
    return found.agents.filter((each) => each.id !== this.me).map((each) => ({ ...each, replying: each.replying && fresh }));
  }

  /** @param {string} id */
  customerTypes(id) {
    return (this.#typing.get(id) ?? 0) > this.now();
  }

  /** @param {string} id */
  #type(id) {
    this.#typing.set(id, this.now() + TYPING_MS);
    this.#tell(id, TYPING_MS);
  }

  /**
   * Now, and again when it has passed.
   * @param {string} id
   * @param {number} passes
   */
  #tell(id, passes) {
    const tell = () => {
      this.changes += 1;
      this.dispatchEvent(new CustomEvent("change", { detail: id }));
    };
    tell();
    setTimeout(tell, passes + 50);
  }
}
