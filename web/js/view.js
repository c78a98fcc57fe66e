// What a page shows, kept in its address: a filter, a search, what is open. So a link leads to
// exactly that, and Back leads out of it again.

/** @typedef {Record<string, string>} View */

/**
 * The view that an address asks for. What is missing, or none of ours, is as in `initial`.
 * @param {string} search
 * @param {View} initial
 * @returns {View}
 */
export function readView(search, initial) {
  const asked = new URLSearchParams(search);
  const names = Object.keys(initial);
  return Object.fromEntries(names.map((name) => [name, asked.get(name) ?? initial[name] ?? ""]));
}

/**
 * The query of an address that asks for `view`. What is as in `initial` needs no mention.
 * @param {View} view
 * @param {View} initial
 * @returns {string} empty, or beginning with ?
 */
export function writeView(view, initial) {
  const said = Object.entries(view).filter(([name, value]) => name in initial && value !== initial[name]);
  return said.length ? `?${new URLSearchParams(said)}` : "";
}

/**
 * Keeps a page's view and its address the same.
 * @param {View} initial what is shown when the address says nothing
 * @param {(view: View, before: View) => void} show is called with the first view, and with each later one
 * @param {AbortSignal} signal the end of the page
 */
export function followView(initial, show, signal) {
  let view = readView(location.search, initial);
  const become = (/** @type {View} */ next) => {
    const before = view;
    view = next;
    show(view, before);
  };
  addEventListener("popstate", () => become(readView(location.search, initial)), { signal });
  show(view, view);
  return {
    get now() {
      return view;
    },
    /**
     * @param {View} changes
     * @param {{quietly?: boolean}} [how] quietly: Back doesn't lead here, as while somebody types
     */
    change(changes, { quietly = false } = {}) {
      const next = { ...view, ...changes };
      const address = location.pathname + writeView(next, initial) + location.hash;
      if (address === location.pathname + location.search + location.hash) return;
      history[quietly ? "replaceState" : "pushState"](null, "", address);
      become(next);
    },
  };
}
