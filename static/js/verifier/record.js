/* One sealed record: how a card's secret becomes its place and its key, and what lies inside. The twin of
   honorcard/card/record.py. Pure, but for WebCrypto. */
import { ascii, compare, join, u32 } from "./bytes.js";
import { decode, isBytes } from "./cbor.js";
import { realDay } from "./days.js";

export const IDX = 16, SLOT = 2048;
const NONCE = 12, TAG = 16;
export const RECORD = IDX + NONCE + SLOT + TAG;

/* {idx, key} of a card's 16 secret bytes: HKDF-SHA-256 with the salt "VHC/1". */
export async function derive(secret) {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits", "deriveKey"]);
  const from = info => ({ name: "HKDF", hash: "SHA-256", salt: ascii("VHC/1"), info: ascii(info) });
  const idx = new Uint8Array(await crypto.subtle.deriveBits(from("idx"), material, IDX * 8));
  const key = await crypto.subtle.deriveKey(from("rec"), material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  return { idx, key };
}

/* The record of that idx in a sorted bucket, or null. */
export function search(bucket, idx) {
  let low = 0, high = Math.floor(bucket.length / RECORD);
  while (low < high) {
    const middle = low + high >> 1, at = middle * RECORD, order = compare(bucket.subarray(at, at + IDX), idx);
    if (order === 0) return bucket.subarray(at, at + RECORD);
    if (order < 0) low = middle + 1; else high = middle;
  }
  return null;
}

/* {name, until, status, photo}; throws when the record does not open for this card or holds something else. */
export async function open(record, key, seq) {
  const idx = record.subarray(0, IDX), iv = record.subarray(IDX, IDX + NONCE);
  const how = { name: "AES-GCM", iv, additionalData: join(idx, u32(seq)) };
  const plain = new Uint8Array(await crypto.subtle.decrypt(how, key, record.subarray(IDX + NONCE)));
  const body = decode(plain.subarray(2, 2 + (plain[0] << 8 | plain[1])));
  const [name, until, status, photo] = ["name", "until", "status", "photo"].map(field => body.get(field));
  if (typeof name !== "string" || !realDay(until) || (status !== 0 && status !== 1) || !isBytes(photo)) throw new TypeError("another shape");
  return { name, until, status: status ? "suspended" : "live", photo };
}
