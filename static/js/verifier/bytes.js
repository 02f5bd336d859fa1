/* Bytes as the verifier needs them: hex, base64, joined, compared, digested. Pure; no attribute of its own. */

export const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");

/* Standard base64 with padding, nothing else. Throws RangeError. */
export function fromBase64(text) {
  if (typeof text !== "string" || text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new RangeError("base64");
  return Uint8Array.from(atob(text), one => one.charCodeAt(0));
}

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

/* Below, equal or above zero, as the bytes are ordered. */
export function compare(one, other) {
  const common = Math.min(one.length, other.length);
  for (let at = 0; at < common; at += 1) if (one[at] !== other[at]) return one[at] - other[at];
  return one.length - other.length;
}

export const same = (one, other) => one.length === other.length && compare(one, other) === 0;

export const ascii = text => Uint8Array.from(text, one => one.charCodeAt(0));

export const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/* A number's four bytes, the highest first. */
export function u32(number) {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, number);
  return out;
}
