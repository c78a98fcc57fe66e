// The loader: <script async src="https://…/widget/frontdesk.js" data-key="pk_…"></script>
// It puts a launcher on the page and window.Frontdesk in place; the panel's code is fetched when
// somebody is about to use it. A classic script, because only those know their own address.

(() => {
  // Loaded twice, by a tag manager say: the first one stays.
  if (window.Frontdesk) return;

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) {
    console.error("Frontdesk: load frontdesk.js with a plain <script>, not as a module.");
    return;
  }
  const source = script.src;
  const origin = new URL(source).origin;

  /** @typedef {import("./protocol.d.ts").BootOptions} BootOptions */
  /** @typedef {import("./protocol.d.ts").Panel} Panel */

  /** What `boot` made, until `shutdown`. @type {Launcher | null} */
  let launcher = null;
  const events = new EventTarget();

  /**
   * @template {keyof import("./protocol.d.ts").EventDetails} K
   * @param {K} event
   * @param {import("./protocol.d.ts").EventDetails[K]} detail
   */
  function emit(event, detail) {
    events.dispatchEvent(new CustomEvent(event, { detail }));
  }

  class Launcher {
    /** @type {Promise<Panel> | null} */
    #panel = null;
    #gone = false;
    #unread = 0;
    isOpen = false;

    /** @param {BootOptions} options */
    constructor(options) {
      this.options = options;
      this.host = document.createElement("div");
      this.host.id = "frontdesk";
      this.root = this.host.attachShadow({ mode: "open" });
      this.button = document.createElement("button");
      this.badge = document.createElement("span");
      this.#build();
    }

    #build() {
      this.#paint(this.options.color ?? this.#lastColor() ?? "");
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = new URL("launcher.css", source).href;
      // Unstyled, it would push the page about: it shows once its styles are in.
      this.button.hidden = true;
      style.onload = style.onerror = () => {
        this.button.hidden = this.isOpen;
      };
      this.button.type = "button";
      this.button.className = "launcher";
      this.button.setAttribute("aria-haspopup", "dialog");
      this.button.setAttribute("aria-expanded", "false");
      const label = document.createElement("span");
      label.className = "label";
      label.textContent = this.options.strings?.launcher ?? "Chat with us";
      this.badge.className = "badge";
      this.badge.hidden = true;
      this.button.append(this.#glyph(), label, this.badge);
      this.button.onclick = () => void this.open();
      this.button.onpointerenter = this.button.onfocus = () => void this.panel();
      this.root.append(style, this.button);
      document.body.append(this.host);
    }

    #glyph() {
      const space = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(space, "svg");
      svg.setAttribute("viewBox", "0 0 24 24");
      svg.setAttribute("aria-hidden", "true");
      const path = document.createElementNS(space, "path");
      path.setAttribute("d", "M12 4c4.7 0 8 3 8 7s-3.3 7-8 7c-.9 0-1.8-.1-2.6-.4L5 20l1-3.6A6.6 6.6 0 0 1 4 11c0-4 3.3-7 8-7ZM8.5 9.5h7M8.5 12.8h4.5");
      svg.append(path);
      return svg;
    }

    /** The panel, fetched on the first call. A failed fetch is tried again by the next. */
    panel() {
      // Absolute: in a script of another origin, relative addresses have nothing to start from.
      const module = new URL("panel.js", source).href;
      /** @typedef {typeof import("./panel.js")} PanelModule */
      this.#panel ??= import(module)
        .then((/** @type {PanelModule} */ { createPanel }) =>
          createPanel({
            key: this.options.key,
            api: this.options.api ?? `${origin}/api`,
            categories: (this.options.categories ?? "").split(",").map((name) => name.trim()).filter(Boolean),
            root: this.root,
            strings: this.options.strings ?? {},
            onClose: () => this.#closed(),
            onColor: (color) => this.#paint(color),
            emit: (event, detail) => {
              if (event === "message" && !this.isOpen) this.#count(this.#unread + 1);
              emit(event, detail);
            },
          }),
        )
        .catch((error) => {
          this.#panel = null;
          emit("error", { detail: "The chat could not be loaded." });
          throw error;
        });
      return this.#panel;
    }

    async open() {
      if (this.isOpen) return;
      this.isOpen = true;
      this.button.setAttribute("aria-busy", "true");
      try {
        const panel = await this.panel();
        if (this.#gone) return panel.shutdown();
        if (!this.isOpen) return;
        this.#count(0);
        this.button.hidden = true;
        this.button.setAttribute("aria-expanded", "true");
        panel.open();
        emit("open", {});
      } catch (error) {
        this.isOpen = false;
        console.error("Frontdesk:", error);
      } finally {
        this.button.removeAttribute("aria-busy");
      }
    }

    close() {
      this.isOpen = false;
      void this.#panel?.then((panel) => panel.close());
    }

    /** @param {string} text */
    async ask(text) {
      await this.open();
      const panel = await this.#panel;
      panel?.ask(text);
    }

    #closed() {
      this.isOpen = false;
      this.button.hidden = false;
      this.button.setAttribute("aria-expanded", "false");
      this.button.focus();
      emit("close", {});
    }

    /** @param {number} unread */
    #count(unread) {
      this.#unread = unread;
      this.badge.hidden = unread === 0;
      this.badge.textContent = String(unread);
    }

    /**
     * Through the CSSOM: a strict CSP allows that.
     * @param {string} color
     */
    #paint(color) {
      this.host.style.setProperty("--fd-color", color);
    }

    /** @returns {string | null} the colour of the last session, so that it is right at once */
    #lastColor() {
      try {
        return JSON.parse(localStorage.getItem(`frontdesk:${this.options.key}:look`) ?? "null")?.color;
      } catch {
        return null;
      }
    }

    /** @param {{forget?: boolean}} options */
    remove(options) {
      this.#gone = true;
      this.host.remove();
      void this.#panel?.then((panel) => panel.shutdown(options));
    }
  }

  window.Frontdesk = {
    boot(options) {
      if (launcher) return;
      if (!options.key.startsWith("pk_")) throw new Error("Frontdesk: `key` is the publishable key, pk_…");
      const begin = () => {
        launcher ??= new Launcher(options);
        emit("ready", {});
      };
      if (document.body) begin();
      else document.addEventListener("DOMContentLoaded", begin, { once: true });
    },
    shutdown(options = {}) {
      launcher?.remove(options);
      launcher = null;
    },
    open: () => void launcher?.open(),
    close: () => launcher?.close(),
    ask: (text) => void launcher?.ask(text),
    on(event, handler) {
      const listener = (/** @type {Event} */ happened) => handler(/** @type {CustomEvent} */ (happened).detail);
      events.addEventListener(event, listener);
      return () => events.removeEventListener(event, listener);
    },
  };

  const { key = "", ...rest } = script.dataset;
  if (key) window.Frontdesk.boot({ key, ...rest });
  dispatchEvent(new Event("frontdesk:ready"));
})();
