/* Deterministic CBOR, read strictly: shortest lengths, definite, keys sorted, nothing after the one value. Whatever would not
   be written again byte for byte is refused, as honorcard/card/cose.py does by writing it again. Integers become numbers,
   beyond 2^53 BigInt; byte strings Uint8Array; maps Map. No floats, no tags: nothing that we sign has any. Pure. */
import { compare } from "./bytes.js";

const DEEPEST = 16;

export class CborError extends Error {}

const refuse = why => { throw new CborError(why); };

export function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = 0;

  const take = length => {
    if (length > bytes.length - at) refuse("cut short");
    at += length;
    return bytes.subarray(at - length, at);
  };

  /* The number after a head's first byte, in its shortest form. */
  function argument(more) {
    if (more < 24) return more;
    const size = 1 << (more - 24);
    if (more > 27) refuse("indefinite or reserved");
    take(size);
    if (size < 8) {
      const value = size === 1 ? view.getUint8(at - 1) : size === 2 ? view.getUint16(at - 2) : view.getUint32(at - 4);
      if (value < (size === 1 ? 24 : 2 ** (size * 4))) refuse("not the shortest");
      return value;
    }
    const value = view.getBigUint64(at - 8);
    if (value < 0x100000000n) refuse("not the shortest");
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  function length(more) {
    const value = argument(more);
    if (typeof value !== "number" || value > bytes.length) refuse("longer than there is");
    return value;
  }

  function item(depth) {
    if (depth > DEEPEST) refuse("too deep");
    const [head] = take(1), major = head >> 5, more = head & 31;
    switch (major) {
      case 0: return argument(more);
      case 1: { const value = argument(more); return typeof value === "number" ? -1 - value : -1n - value; }
      case 2: return take(length(more)).slice();
      case 3:
        try { return utf8.decode(take(length(more))); } catch { return refuse("not UTF-8"); }
      case 4: {
        const list = [];
        for (let left = length(more); left; left -= 1) list.push(item(depth + 1));
        return list;
      }
      case 5: return map(length(more), depth + 1);
      case 7:
        if (more === 20 || more === 21) return more === 21;
        if (more === 22) return null;
        return refuse("a simple value that we never write");
      default: return refuse("a tag");
    }
  }

  /* Keys in the order in which cbor2 writes them: the shorter first, then by their bytes; none twice. */
  function map(left, depth) {
    const found = new Map();
    let before = null;
    for (; left; left -= 1) {
      const from = at, key = item(depth), written = bytes.subarray(from, at);
      if (before && (before.length - written.length || compare(before, written)) >= 0) refuse("keys out of order");
      before = written;
      found.set(key, item(depth));
    }
    return found;
  }

  const value = item(0);
  if (at !== bytes.length) refuse("trailing bytes");
  return value;
}

export const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

/* The head of a byte or text string or an array, as the Sig_structure needs it. */
export function head(major, length) {
  if (length < 24) return Uint8Array.of(major << 5 | length);
  if (length < 256) return Uint8Array.of(major << 5 | 24, length);
  if (length < 65536) return Uint8Array.of(major << 5 | 25, length >> 8, length & 255);
  return Uint8Array.of(major << 5 | 26, length >>> 24, length >> 16 & 255, length >> 8 & 255, length & 255);
}
