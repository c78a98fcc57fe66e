// ULIDs (https://github.com/ulid/spec): 48 bits of time, 80 of chance, Crockford's base 32.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * @param {number} [now] milliseconds since the epoch
 * @returns {string} 26 characters
 */
export function ulid(now = Date.now()) {
  let time = "";
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  return time + Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => ALPHABET[byte % 32]).join("");
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
