/* Whom this device believes: the root it met first, and the newest key list that root signed. The twin of honorcard/card/trust.py.
   Pure, but for WebCrypto. */
import { ascii, fromBase64, same } from "./bytes.js";
import { decode, isBytes } from "./cbor.js";
import { holds, parse, publicKey } from "./cose.js";

const LIST = ascii("VHC1-keys");
const USES = ["card", "pack", "practice", "sealing"];
const ROOT_KID = 0;

/* What is wrong with signed things; `code` is the problem catalogue's. */
export class Unfit extends Error {
  constructor(code) { super(code); this.code = code; }
}

/* {root, signed, version, issued, prefix, keys}: what `root` signed. Throws Unfit `trust_unreadable`, `trust_unsigned`. */
export async function trustOf(root, signed) {
  let envelope, rootKey;
  try { envelope = parse(signed); rootKey = await publicKey(root); } catch { throw new Unfit("trust_unreadable"); }
  if (envelope.kid !== ROOT_KID || !await holds(envelope, LIST, rootKey)) throw new Unfit("trust_unsigned");
  try {
    const body = decode(envelope.payload), keys = new Map();
    for (const entry of body.get("keys")) {
      const key = await keyOf(entry);
      if (keys.has(key.kid)) throw new TypeError("a kid twice");
      keys.set(key.kid, key);
    }
    const [version, issued, prefix] = ["version", "issued", "prefix"].map(name => body.get(name));
    if (!Number.isSafeInteger(version) || !Number.isSafeInteger(issued) || typeof prefix !== "string") throw new TypeError("another shape");
    return { root, signed, version, issued, prefix, keys };
  } catch { throw new Unfit("trust_unreadable"); }
}

/* Trust from a trust.json; with `root`, only that root's list is believed. */
export async function readTrust(document, root) {
  let named, signed, prefix;
  try {
    if (document.format !== "VHC1-trust") throw new TypeError("another format");
    [named, signed, prefix] = [fromBase64(document.root), fromBase64(document.signed), document.prefix];
  } catch { throw new Unfit("trust_unreadable"); }
  if (root && !same(named, root)) throw new Unfit("trust_unsigned");
  const trust = await trustOf(named, signed);
  if (trust.prefix !== prefix) throw new Unfit("trust_unsigned");
  return trust;
}

/* This trust, or the one of `signed` when the same root signed it with a higher version. */
export async function newest(trust, signed) {
  try {
    const other = await trustOf(trust.root, signed);
    return other.version > trust.version && other.prefix === trust.prefix ? other : trust;
  } catch { return trust; }
}

/* The key of that kid, when it is for one of these uses. */
export function keyFor(trust, kid, ...uses) {
  const key = trust.keys.get(kid);
  return key && uses.includes(key.use) ? key : null;
}

async function keyOf(entry) {
  const [kid, use, pub, low, high, withdrawn] = ["kid", "use", "pub", "seq_min", "seq_max", "withdrawn"].map(name => entry.get(name));
  const times = [entry.get("not_before"), entry.get("not_after")];
  if (![kid, low, high, ...times].every(Number.isSafeInteger) || kid <= 0 || kid > 255) throw new TypeError("numbers");
  if (!USES.includes(use) || typeof withdrawn !== "boolean" || !isBytes(pub)) throw new TypeError("fields");
  if (use === "sealing" && pub.length !== 32) throw new TypeError("not X25519");
  return { kid, use, low, high, withdrawn, verifying: use === "sealing" ? null : await publicKey(pub) };
}
