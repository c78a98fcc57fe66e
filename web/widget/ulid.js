// ULIDs (https://github.com/ulid/spec): 48 bits of time, 80 of chance, Crockford's base 32.
// Made of nothing that old libraries replace, such as Array.from or Date.now.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** @returns {number} whole milliseconds since the epoch */
export function now() {
  return Math.floor(new Date().getTime());
}

/**
 * @param {number} [time] milliseconds since the epoch
 * @returns {string} 26 characters
 */
export function ulid(time = now()) {
  let id = "";
  for (let rest = time, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) id = ALPHABET[rest % 32] + id;
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += ALPHABET[byte % 32];
  return id;
}

/**
 * When `id` was made.
 * @param {string} id
 * @returns {number} milliseconds since the epoch; NaN for anything but a ULID
 */
export function timeOf(id) {
  let time = 0;
  for (const letter of id.slice(0, 10)) {
    const digit = ALPHABET.indexOf(letter);
    time = digit < 0 ? Number.NaN : time * 32 + digit;
  }
  return id.length === 26 ? time : Number.NaN;
}
