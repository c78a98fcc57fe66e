// The organisation's colour, made readable whatever it is (WCAG 2.2, 1.4.3).

/** @typedef {[number, number, number]} Rgb 0 to 255 each */

const WHITE = /** @type {Rgb} */ ([255, 255, 255]);
/** The panel's dark surface, as in launcher.css. */
const DARK = /** @type {Rgb} */ ([24, 33, 36]);
const INK = /** @type {Rgb} */ ([16, 26, 28]);
const ENOUGH = 4.5;
/** For text on a tint of the colour itself, where some contrast is lost again. */
const AMPLE = 5.6;

/**
 * @param {string} color "#rrggbb"
 * @returns {Rgb | null}
 */
export function parse(color) {
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  return digits && /** @type {Rgb} */ (digits.slice(1).map((pair) => Number.parseInt(pair, 16)));
}

/**
 * Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance).
 * @param {Rgb} a
 * @param {Rgb} b
 */
export function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (/** @type {number} */ (light) + 0.05) / (/** @type {number} */ (dark) + 0.05);
}

/** @param {Rgb} color */
function luminance(color) {
  const [r, g, b] = /** @type {Rgb} */ (
    color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4))
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * `color` moved towards `end` just until it can be read on `background`.
 * @param {Rgb} color
 * @param {Rgb} background
 * @param {Rgb} end
 * @param {number} [least] contrast
 * @returns {Rgb}
 */
function readable(color, background, end, least = ENOUGH) {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = /** @type {Rgb} */ (color.map((part, i) => Math.round(part + ((end[i] ?? 0) - part) * share)));
    if (contrast(mixed, background) >= least) return mixed;
  }
  return end;
}

/**
 * The custom properties a widget in `color` needs.
 * @param {string} color "#rrggbb"
 * @returns {Record<string, string>} empty for what is no colour
 */
export function accents(color) {
  const fill = parse(color);
  if (!fill) return {};
  const css = (/** @type {Rgb} */ rgb) => `rgb(${rgb.join(" ")})`;
  const onFill = contrast(fill, WHITE) >= ENOUGH ? WHITE : INK;
  return {
    "--fd-accent": css(fill),
    // Neither white nor ink may reach 4.5 on a middling colour: then the fill gives way.
    "--fd-accent-fill": css(readable(fill, onFill, onFill === WHITE ? INK : WHITE)),
    "--fd-on-accent": css(onFill),
    "--fd-accent-light": css(readable(fill, WHITE, INK, AMPLE)),
    "--fd-accent-dark": css(readable(fill, DARK, WHITE, AMPLE)),
  };
}
