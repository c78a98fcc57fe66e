// The panel: a dialog that shows one client's conversation. Fetched by the loader when needed.

import { add, detach, el, icon, isComposing, put, setLink } from "./dom.js";
import { Client } from "./client.js";
import { Composer } from "./composer.js";
import { AddressForm, RatingForm } from "./forms.js";
import { buildFrame } from "./frame.js";
import { ICONS } from "./icons.js";
import { toJson } from "./json.js";
import { MessageList } from "./messages.js";
import { Sheet } from "./sheet.js";
import { fill, STRINGS } from "./strings.js";
import { now } from "./ulid.js";

/** @import {Attachment, BootOptions, Look, Message, Panel, PanelSetting, SuggestedAction} from "./protocol.d.ts" */
/** @typedef {BootOptions & PanelSetting} Setting */

/** Below this the panel fills the screen and keeps the focus, as the page cannot be seen. */
const narrow = matchMedia("(max-width: 35rem), (max-height: 26rem)");
/** Closer to the end than this counts as reading along. */
const NEAR_PX = 80;

/**
 * Builds the panel, hidden, once its styles are there.
 * @param {PanelSetting} setting
 * @returns {Promise<Panel>}
 */
export async function createPanel(setting) {
  const { options } = setting;
  const given = { ...setting, ...options, api: options.api ?? setting.api };
  await addStyles(setting.root, new URL("panel.css", import.meta.url).href);
  const build = () => new PanelView(given, begin, forgotten);
  /** Somebody else is here: all that was shown goes, whoever's it was. */
  const begin = () => {
    const { open } = view.dialog;
    view.shutdown();
    view = build();
    if (open) view.open();
    else if (view.client.awaiting) view.client.start();
  };
  /** Whoever logged out in another tab is not vouched for any more by what this page was given. */
  const forgotten = () => {
    if (typeof given.identity !== "function") given.identity = null;
    view.close();
    begin();
  };
  let view = build();
  return {
    open: () => view.open(),
    close: () => view.close(),
    ask: (text) => view.ask(text),
    connect: () => view.client.start(),
    identify() {
      if (options.identity === given.identity) return;
      given.identity = options.identity;
      view.client.identify();
    },
    refit: () => view.refit(),
    shutdown: () => view.shutdown(),
  };
}

/**
 * @param {ShadowRoot} root
 * @param {string} address
 * @returns {Promise<void>} settles when loaded, or failed: a panel without looks still answers
 */
function addStyles(root, address) {
  return new Promise((settle) => {
    const link = el("link", { rel: "stylesheet" });
    link.href = address;
    link.onload = link.onerror = () => settle();
    add(root, link);
  });
}

class PanelView {
  #follows = true;
  #said = "";
  #ticker = 0;
  #trouble = "";

  /**
   * @param {Setting} setting
   * @param {() => void} onStranger
   * @param {() => void} onForgotten
   */
  constructor(setting, onStranger, onForgotten) {
    this.setting = setting;
    this.strings = { ...STRINGS, ...setting.strings };
    this.composer = new Composer(
      this.strings,
      (text, attachments) => this.ask(text, { attachments }),
      () => this.client.type(),
      (file) => this.client.upload(file),
    );
    this.address = new AddressForm(this.strings, (email, name) => this.client.leaveAddress(email, name));
    this.rating = new RatingForm(this.strings, (score, comment) => this.client.rate(score, comment));
    this.sheet = new Sheet(this.strings, (open) => {
      this.ui.main.inert = open;
    });
    this.ui = buildFrame(this.strings, {
      composer: this.composer.element,
      sheet: this.sheet.element,
      forms: [this.address.element, this.rating.element],
    });
    this.dialog = this.ui.dialog;
    this.list = new MessageList(this.ui.messages, this.strings, {
      onCitation: (id, citation, from) => void this.sheet.open(citation, this.client.passage(id, citation.number), from),
      onJudge: (id, helpful) => this.client.judge(id, helpful),
      onRetry: (id) => this.client.retry(id),
      onFile: async (id) => {
        const link = el("a");
        if (setLink(link, (await this.client.fileLink(id)).url)) link.click();
      },
      onGrow: () => this.#follow(),
    });
    this.client = new Client(setting, {
      onChange: () => this.#update(),
      onLook: (look) => {
        setting.onColor(look.color);
        this.#dress(look);
      },
      onMessage: (message) => this.#heard(message),
      onStranger,
      onForgotten,
      watched: () => this.dialog.open,
    });
    this.#dress(this.client.look ?? { name: "", assistant: "", greeting: "", color: "" });
    this.#listen();
    add(setting.root, this.dialog);
    this.#update();
  }

  #listen() {
    this.ui.close.onclick = () => this.close();
    this.ui.stop.onclick = () => this.client.stop();
    this.ui.newer.onclick = () => this.#toEnd();
    this.ui.scroller.onscroll = () => {
      const { scrollHeight, scrollTop, clientHeight } = this.ui.scroller;
      this.#follows = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      this.ui.newer.hidden = this.#follows;
    };
    // Esc: the browser's own "cancel" when modal, ours when the page beside stays usable.
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#escape();
    });
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || isComposing(event) || narrow.matches) return;
      event.stopPropagation();
      this.#escape();
    });
    narrow.addEventListener("change", this.refit);
    visualViewport?.addEventListener("resize", this.#fit);
  }

  open() {
    if (this.dialog.open) return;
    if (narrow.matches) this.dialog.showModal();
    else this.dialog.show();
    this.#fit();
    this.client.start();
    this.#update();
    this.#toEnd();
    this.composer.focus();
  }

  close() {
    if (!this.dialog.open) return;
    this.sheet.close();
    this.dialog.close();
    this.setting.onClose();
  }

  /**
   * @param {string} text
   * @param {{person?: boolean, attachments?: Attachment[]}} [more] whether it asks for a person; its files
   */
  ask(text, more) {
    this.#follows = true;
    this.client.say(text, more);
    this.#toEnd();
  }

  shutdown() {
    narrow.removeEventListener("change", this.refit);
    visualViewport?.removeEventListener("resize", this.#fit);
    clearInterval(this.#ticker);
    this.client.end();
    detach(this.dialog);
  }

  #escape() {
    if (this.sheet.isOpen) this.sheet.close();
    else this.close();
  }

  /**
   * The screen became narrow or wide, or the page has a new body: a dialog cannot change its kind
   * while open, and is modal no more where it was moved.
   */
  refit = () => {
    if (!this.dialog.open) return;
    this.dialog.close();
    if (narrow.matches) this.dialog.showModal();
    else this.dialog.show();
    this.#toEnd();
    this.composer.focus();
  };

  /** An on-screen keyboard covers what is fixed: the visible height is what there is. */
  #fit = () => {
    const height = narrow.matches && visualViewport ? `${visualViewport.height}px` : "";
    this.dialog.style.setProperty("--fd-height", height);
    this.#follow();
  };

  /** @param {Look} look */
  #dress({ name, assistant, greeting }) {
    const called = assistant || name;
    this.ui.avatar.textContent = [...called][0] ?? "";
    this.ui.title.textContent = called || this.strings.chat;
    this.dialog.setAttribute("aria-label", called ? fill(this.strings.title, { assistant: called }) : this.strings.chat);
    this.#stand();
    this.ui.greeting.textContent = greeting;
    this.ui.greeting.hidden = !greeting;
  }

  /** Who is in charge: the assistant, a person who is called in, or one who is there. */
  #stand() {
    const { name, assistant } = this.client.look ?? { name: "", assistant: "" };
    const { status } = this.client.conversation;
    const { waiting, withPerson, subtitle } = this.strings;
    const line = status === "waiting" ? waiting : status === "human" ? withPerson : assistant ? subtitle : "";
    this.ui.subtitle.textContent = fill(line, { name });
    this.ui.disclaimer.hidden = status === "human";
    this.rating.toggle(status === "resolved" && this.client.rating === null);
    this.ui.rated.hidden = !(status === "resolved" && this.client.rating !== null);
  }

  #update() {
    const { client } = this;
    const items = client.conversation.items();
    const assistant = client.look?.assistant ?? "";
    this.list.update(items, { assistant, judged: client.judged });
    const writing = items.some(({ streaming }) => streaming);
    const answering = client.conversation.answering && !client.stalled && client.link.name !== "refused";
    this.dialog.toggleAttribute("data-answering", answering);
    const { typist } = client.conversation;
    this.ui.typing.hidden = !typist && (!answering || writing);
    this.#stand();
    this.ui.stop.hidden = !answering;
    this.ui.stop.disabled = client.stopping || client.link.name !== "open";
    this.ui.stopLabel.textContent = client.stopping ? this.strings.stopping : this.strings.stop;
    this.composer.attach.hidden = !client.takesFiles;
    this.composer.input.readOnly = client.link.name === "refused";
    this.#suggest(answering ? [] : (items.at(-1)?.message?.suggested_actions ?? []));
    this.#explain();
    const { unread } = client;
    this.setting.onUnread(unread, fill(this.strings.unread, { unread }));
    if (typist) this.#announce(fill(this.strings.agentTyping, { author: typist }));
    else if (answering && !writing) this.#announce(fill(this.strings.typing, { assistant }));
    this.#follow();
  }

  /** @param {SuggestedAction[]} actions */
  #suggest(actions) {
    const state = toJson(actions);
    if (this.ui.actions.dataset.state === state) return;
    this.ui.actions.dataset.state = state;
    const offered = actions.map(({ type, text, url }) => {
      if (type === "link") {
        const anchor = el("a", { class: "action", "data-type": type, dir: "auto" }, text);
        // An address that is none of http, https and mailto is no link, and is left out.
        return setLink(anchor, url ?? "") && anchor;
      }
      const button = el("button", { type: "button", class: "action", "data-type": type, dir: "auto" }, type === "person" ? icon(ICONS.person) : null, text);
      button.onclick = () => this.#act(type, text);
      return button;
    });
    put(this.ui.actions, ...offered);
  }

  /**
   * @param {string} type
   * @param {string} text
   */
  #act(type, text) {
    if (type === "address") {
      put(this.ui.actions);
      this.address.open();
      this.#toEnd();
      return;
    }
    this.composer.focus();
    if (type === "person") this.ask(this.strings.person, { person: true });
    else this.ask(text);
  }

  /** The line under the header: what stands between the customer and an answer, if anything. */
  #explain() {
    const text = this.#obstacle();
    const { name } = this.client.link;
    this.ui.notice.hidden = text === "";
    this.ui.notice.dataset.kind = name === "refused" || name === "offline" ? "bad" : "wait";
    if (this.ui.notice.dataset.text !== text) {
      this.ui.notice.dataset.text = text;
      const again = el("button", { type: "button", class: "link" }, text === this.strings.stalled ? this.strings.retry : this.strings.tryNow);
      again.onclick = () => (this.client.stalled ? this.client.wake() : this.client.start());
      const offered = text === this.strings.stalled || (name === "waiting" && !this.client.link.detail);
      put(this.ui.notice, el("span", {}, text, offered && again));
      // Said once, not again at every second of a countdown.
      const kind = name === "connecting" ? "" : text.replace(/\d+/, "");
      if (kind !== this.#trouble) this.#announce(kind && text);
      this.#trouble = kind;
    }
    const counts = /\d/.test(text);
    if (counts && !this.#ticker) this.#ticker = setInterval(() => this.#explain(), 1000);
    if (!counts) {
      clearInterval(this.#ticker);
      this.#ticker = 0;
    }
  }

  /** @returns {string} */
  #obstacle() {
    const { link, held, known } = this.client;
    const seconds = (/** @type {number} */ until) => Math.max(1, Math.ceil((until - now()) / 1000));
    if (link.name === "refused") return this.strings.refused;
    if (link.name === "offline") return this.strings.offline;
    if (link.name === "waiting" && link.detail && link.until) return fill(this.strings.wait, { seconds: seconds(link.until) });
    if (link.name === "waiting") return this.strings.reconnecting;
    if (link.name === "connecting") return known ? this.strings.reconnecting : this.strings.connecting;
    if (held?.code === "rate_limited") return fill(this.strings.slow, { seconds: seconds(held.until) });
    if (held) return this.strings.again;
    return this.client.stalled ? this.strings.stalled : "";
  }

  /** @param {Message} message */
  #heard(message) {
    const { agent } = this.strings;
    const authors = { agent: message.author ?? agent, assistant: this.client.look?.assistant, customer: "", system: "" };
    const author = authors[message.role];
    const files = (message.attachments ?? []).map(({ name }) => name);
    const words = [message.text.replace(/\[\d+\]|[*_`#>]/g, ""), ...files].filter(Boolean).join(", ");
    this.#announce(author ? `${author}: ${words}` : words);
    this.setting.emit("message", { id: message.id, text: message.text });
  }

  /**
   * Has a screen reader say `text`, once.
   * @param {string} text
   */
  #announce(text) {
    if (this.#said === text) return;
    this.#said = text;
    this.ui.status.textContent = text;
  }

  #follow() {
    if (this.#follows) this.#toEnd();
  }

  #toEnd() {
    this.#follows = true;
    this.ui.newer.hidden = true;
    this.ui.scroller.scrollTop = this.ui.scroller.scrollHeight;
  }
}
