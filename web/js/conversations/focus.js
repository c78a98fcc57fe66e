// Whoever works with the keyboard stays where they are, whatever is drawn anew.

/**
 * Draws; if that takes away what had the focus within `pane`, or hides it, something near gets it.
 * @param {HTMLElement} pane
 * @param {() => void} draw
 * @param {(held: HTMLElement) => (() => HTMLElement | null)} near asked before it is drawn what is near what has the focus; its answer, afterwards
 */
export function keepingFocus(pane, draw, near) {
  const held = document.activeElement;
  if (!(held instanceof HTMLElement) || held === pane || !pane.contains(held)) return draw();
  const find = near(held);
  draw();
  if (!held.isConnected || !held.checkVisibility()) find()?.focus({ preventScroll: true });
  // What is moved to another place loses it, though it is still there.
  else if (document.activeElement === document.body) held.focus({ preventScroll: true });
}

/**
 * The button or link at the same place among those of `parent`, or the last of them.
 * @param {HTMLElement} parent
 * @param {HTMLElement} held
 * @returns {() => HTMLElement | null}
 */
export function sameControl(parent, held) {
  const all = () => [.../** @type {NodeListOf<HTMLElement>} */ (parent.querySelectorAll("button, a[href]"))].filter((each) => each.checkVisibility());
  const at = all().indexOf(held);
  return () => all()[at] ?? all().at(-1) ?? null;
}
