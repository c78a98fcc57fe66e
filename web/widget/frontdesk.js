// The loader: <script async src="https://…/widget/frontdesk.js" data-key="pk_…"></script>
// It puts a launcher on the page and window.Frontdesk in place; the panel's code is fetched when
// somebody is about to use it. A classic script, because only those know their own address.

(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) {
    console.error("Frontdesk: load frontdesk.js with a plain <script>, not as a module.");
    return;
  }
  const source = script.src;
  const { key = "", ...rest } = script.dataset;
  // Loaded twice, by a tag manager or a new page in the old window: the first one stays.
  if (window.Frontdesk) {
    if (key) window.Frontdesk.boot({ key, ...rest });
    return;
  }

  /** @typedef {import("./protocol.d.ts").BootOptions} BootOptions */
  /** @typedef {import("./protocol.d.ts").Panel} Panel */

  /** What `boot` was given, until `shutdown`. @type {BootOptions | null} */
  let booted = null;
  /** What it made, once the page has a body. @type {Launcher | null} */
  let launcher = null;
  /** Our own, because pages replace Event and CustomEvent. @type {Set<{event: string, handler: (detail: any) => void}>} */
  const listeners = new Set();

  /**
   * @template {keyof import("./protocol.d.ts").EventDetails} K
   * @param {K} event
   * @param {import("./protocol.d.ts").EventDetails[K]} detail
   */
  function emit(event, detail) {
    for (const listener of listeners) {
      try {
        if (listener.event === event) listener.handler(detail);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /**
   * @param {string} name
   * @returns {string | null} what the browser keeps of the last page
   */
  function kept(name) {
    try {
      return localStorage.getItem(`frontdesk:${booted?.key}:${name}`);
    } catch {
      return null;
    }
  }

  /** Removes all that any widget keeps here, whether or not its panel was ever loaded. */
  function forget() {
    try {
      for (let i = localStorage.length; i--; ) {
        const name = localStorage.key(i) ?? "";
        if (name.startsWith("frontdesk:pk_")) localStorage.removeItem(name);
      }
    } catch {
      // Nothing can be kept here.
    }
  }

  class Launcher {
    /** @type {Promise<Panel | void> | null} */
    #panel = null;
    #gone = false;
    isOpen = false;

    /** @param {BootOptions} options */
    constructor(options) {
      this.options = options;
      this.host = document.createElement("div");
      this.host.id = "frontdesk";
      this.root = this.host.attachShadow({ mode: "open" });
      this.button = document.createElement("button");
      this.label = document.createElement("span");
      this.badge = document.createElement("span");
      this.#build();
      this.attach();
      // Somebody is called in, or there: their answer must not go unseen.
      if (kept("awaiting") !== null) void this.panel().then((panel) => panel?.connect());
    }

    #build() {
      this.#paint(this.options.color ?? this.#lastColor());
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = new URL("launcher.css", source).href;
      style.onload = style.onerror = () => {
        this.button.hidden = this.isOpen;
      };
      this.button.type = "button";
      this.button.className = "launcher";
      this.button.setAttribute("aria-haspopup", "dialog");
      this.button.setAttribute("aria-expanded", "false");
      this.label.className = "label";
      this.label.textContent = this.options.strings?.launcher ?? "Chat with us";
      this.badge.className = "badge";
      this.badge.hidden = true;
      this.#draw();
      this.button.appendChild(this.label);
      this.button.appendChild(this.badge);
      this.button.onclick = () => void this.open();
      this.button.onpointerenter = this.button.onfocus = () => void this.panel();
      this.root.appendChild(style);
      this.root.appendChild(this.button);
    }

    #draw() {
      const space = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(space, "svg");
      svg.setAttribute("viewBox", "0 0 24 24");
      svg.setAttribute("aria-hidden", "true");
      const path = document.createElementNS(space, "path");
      path.setAttribute("d", "M12 4c4.7 0 8 3 8 7s-3.3 7-8 7c-.9 0-1.8-.1-2.6-.4L5 20l1-3.6A6.6 6.6 0 0 1 4 11c0-4 3.3-7 8-7ZM8.5 9.5h7M8.5 12.8h4.5");
      svg.appendChild(path);
      this.button.appendChild(svg);
    }

    /** Puts the widget into the page, unless it is there: pages replace their bodies. */
    attach() {
      if (this.host.isConnected || !document.body) return;
      // Unstyled, it would push the page about: it shows once its styles are in.
      this.button.hidden = true;
      document.body.appendChild(this.host);
      void this.#panel?.then((panel) => panel?.refit());
    }

    /**
     * The panel, fetched on the first call; nothing if that fails. The next call tries again.
     * @returns {Promise<Panel | void>}
     */
    panel() {
      // Absolute: in a script of another origin, relative addresses have nothing to start from.
      const module = new URL("panel.js", source).href;
      /** @typedef {typeof import("./panel.js")} PanelModule */
      this.#panel ??= import(module)
        .then((/** @type {PanelModule} */ { createPanel }) =>
          createPanel({
            options: this.options,
            api: new URL("/api", source).href,
            root: this.root,
            onClose: () => this.#closed(),
            onColor: (color) => this.#paint(color),
            onUnread: (unread, words) => this.#count(unread, words),
            emit,
          }),
        )
        .catch((error) => {
          this.#panel = null;
          console.error("Frontdesk:", error);
          emit("error", { detail: "The chat could not be loaded." });
        });
      return this.#panel;
    }

    async open() {
      this.attach();
      if (this.isOpen) return;
      this.isOpen = true;
      this.button.setAttribute("aria-busy", "true");
      const panel = await this.panel();
      this.button.removeAttribute("aria-busy");
      if (!panel || this.#gone) this.isOpen = false;
      if (!panel || !this.isOpen) return;
      this.button.hidden = true;
      this.button.setAttribute("aria-expanded", "true");
      panel.open();
      emit("open", {});
    }

    close() {
      this.isOpen = false;
      void this.#panel?.then((panel) => panel?.close());
    }

    /** @param {string} text */
    async ask(text) {
      await this.open();
      (await this.#panel)?.ask(text);
    }

    /** @param {import("./protocol.d.ts").Identity} identity */
    identify(identity) {
      this.options.identity = identity;
      void this.#panel?.then((panel) => panel?.identify());
    }

    #closed() {
      this.isOpen = false;
      this.button.hidden = false;
      this.button.setAttribute("aria-expanded", "false");
      this.button.focus();
      emit("close", {});
    }

    /**
     * @param {number} unread
     * @param {string} words what a screen reader says of it
     */
    #count(unread, words) {
      this.badge.hidden = !unread;
      this.badge.textContent = String(unread);
      if (unread) this.button.setAttribute("aria-label", `${this.label.textContent}. ${words}`);
      else this.button.removeAttribute("aria-label");
    }

    /**
     * Through the CSSOM: a strict CSP allows that.
     * @param {string} color
     */
    #paint(color) {
      this.host.style.setProperty("--fd-color", color);
    }

    /** @returns {string} the colour of the last session, so that it is right at once */
    #lastColor() {
      try {
        return String(JSON.parse(kept("look") ?? "").color);
      } catch {
        return "";
      }
    }

    remove() {
      this.#gone = true;
      this.host.parentNode?.removeChild(this.host);
      void this.#panel?.then((panel) => panel?.shutdown());
    }
  }

  function begin() {
    if (!booted || launcher) return;
    launcher = new Launcher(booted);
    emit("ready", {});
  }

  /** @param {import("./protocol.d.ts").Identity} identity */
  function identify(identity) {
    if (launcher) launcher.identify(identity);
    else if (booted) booted.identity = identity;
  }

  window.Frontdesk = {
    boot(options) {
      if (!options.key.startsWith("pk_")) throw new Error("Frontdesk: `key` is the publishable key, pk_…");
      if (!booted) {
        booted = { ...options };
        if (document.body) begin();
        else document.addEventListener("DOMContentLoaded", begin, { once: true });
        return;
      }
      // A new page says anew who is here; on the same one, only who is named counts.
      if ("identity" in options || (launcher && !launcher.host.isConnected)) identify(options.identity);
      launcher?.attach();
    },
    update: ({ identity }) => identify(identity),
    shutdown(options) {
      launcher?.remove();
      launcher = booted = null;
      if (options?.forget) forget();
    },
    open: () => void launcher?.open(),
    close: () => launcher?.close(),
    ask: (text) => void launcher?.ask(text),
    on(event, handler) {
      const listener = { event, handler };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };

  // Turbo and the like put a new body in place of the old one.
  new MutationObserver(() => launcher?.attach()).observe(document.documentElement, { childList: true });
  if (key) window.Frontdesk.boot({ key, ...rest });
  const ready = document.createEvent("Event");
  ready.initEvent("frontdesk:ready");
  dispatchEvent(ready);
})();
