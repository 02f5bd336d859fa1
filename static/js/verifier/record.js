/* One sealed record: how a card's secret becomes its place and its key, and what lies inside. The twin of
   honorcard/card/record.py. Pure, but for WebCrypto. */
import { ascii, compare, join, u32 } from "./bytes.js";
import { decode, isBytes } from "./cbor.js";
import { realDay } from "./days.js";

export const IDX = 16, SLOT = 2048, SMALL_SLOT = 256; // small: where the photographs lie in a layer of their own
const NONCE = 12, TAG = 16;
export const recordBytes = slot => IDX + NONCE + slot + TAG;

/* {idx, key} of a card's 16 secret bytes: HKDF-SHA-256 with the salt "VHC/1". */
export const derive = secret => derived(secret, "idx", "rec");

/* The same for its photograph in another layer. */
export const derivePhoto = secret => derived(secret, "pidx", "photo");

async function derived(secret, place, use) {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits", "deriveKey"]);
  const from = info => ({ name: "HKDF", hash: "SHA-256", salt: ascii("VHC/1"), info: ascii(info) });
  const idx = new Uint8Array(await crypto.subtle.deriveBits(from(place), material, IDX * 8));
  const key = await crypto.subtle.deriveKey(from(use), material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  return { idx, key };
}

/* The record of that idx in a sorted bucket of records of so many bytes, or null. */
export function search(bucket, idx, size) {
  let low = 0, high = Math.floor(bucket.length / size);
  while (low < high) {
    const middle = low + high >> 1, at = middle * size, order = compare(bucket.subarray(at, at + IDX), idx);
    if (order === 0) return bucket.subarray(at, at + size);
    if (order < 0) low = middle + 1; else high = middle;
  }
  return null;
}

/* {name, until, status, photo, layer}; throws when the record does not open for this card or holds something else. */
export async function open(record, key, seq) {
  const body = decode(await unsealed(record, key, seq));
  const [name, until, status, photo] = ["name", "until", "status", "photo"].map(field => body.get(field));
  const layer = body.has("layer") ? body.get("layer") : "";
  if (typeof name !== "string" || !realDay(until) || (status !== 0 && status !== 1) || !isBytes(photo)) throw new TypeError("another shape");
  if (typeof layer !== "string") throw new TypeError("another shape");
  return { name, until, status: status ? "suspended" : "live", photo, layer };
}

/* What is sealed in a record, without what fills its slot. */
export async function unsealed(record, key, seq) {
  const idx = record.subarray(0, IDX), iv = record.subarray(IDX, IDX + NONCE);
  const how = { name: "AES-GCM", iv, additionalData: join(idx, u32(seq)) };
  const plain = new Uint8Array(await crypto.subtle.decrypt(how, key, record.subarray(IDX + NONCE)));
  return plain.subarray(2, 2 + (plain[0] << 8 | plain[1]));
}
