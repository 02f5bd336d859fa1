/* The sealed list: its signed manifest, and the one record that a card held up opens. The twin of honorcard/card/manifest.py and
   pack.py. A pack reads its buckets through what it is given: the device's store, or a test's table. Pure, but for WebCrypto. */
import { ascii, hex, sha256 } from "./bytes.js";
import { decode, isBytes } from "./cbor.js";
import { holds, parse } from "./cose.js";
import { RECORD, SLOT, derive, open, search } from "./record.js";
import { Unfit, keyFor } from "./trust.js";

const CONTEXT = ascii("VHC1-pack");
const NUMBERS = ["format", "version", "as_of", "valid_until", "max_seq", "cap", "count", "slot"];
export const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
export const DAMAGED = "damaged";

/* The manifest in signed bytes: {version, asOf, validUntil (ms), maxSeq, cap, count, digests (hex), keyList, deltas}.
   Throws Unfit `pack_unreadable`, `pack_unsigned`. */
export async function readManifest(raw, trust) {
  let envelope;
  try { envelope = parse(raw); } catch { throw new Unfit("pack_unreadable"); }
  const key = keyFor(trust, envelope.kid, "pack");
  if (!key || key.withdrawn || !await holds(envelope, CONTEXT, key.verifying)) throw new Unfit("pack_unsigned");
  try { return manifestOf(decode(envelope.payload)); } catch { throw new Unfit("pack_unreadable"); }
}

function manifestOf(body) {
  const numbers = NUMBERS.map(name => body.get(name));
  if (!numbers.every(one => Number.isSafeInteger(one) && one >= 0)) throw new TypeError("numbers");
  const [format, version, asOf, validUntil, maxSeq, cap, count, slot] = numbers, digests = body.get("bucket_sha256");
  if (format !== 1 || slot !== SLOT || ![256, 4096].includes(digests.length)) throw new TypeError("another format");
  if (!digests.every(one => isBytes(one, 32)) || !isBytes(body.get("keys"))) throw new TypeError("hashes");
  return {
    version, asOf: asOf * 1000, validUntil: validUntil * 1000, maxSeq, cap, count,
    digests: digests.map(hex), keyList: body.get("keys"), deltas: deltasOf(body.get("deltas")),
  };
}

/* The chain of changes, oldest first; a list without any, or with one that we do not understand, has none: whole buckets serve. */
function deltasOf(list) {
  if (!Array.isArray(list)) return [];
  const found = list.map(one => one instanceof Map ? {
    from: one.get("from"), to: one.get("to"), size: one.get("size"), name: isBytes(one.get("sha256"), 32) ? hex(one.get("sha256")) : "",
  } : {});
  return found.every(one => one.name && [one.from, one.to, one.size].every(Number.isSafeInteger)) ? found : [];
}

/* The number of a record's bucket: the leading 8 bits of idx, or 12 of 4,096 buckets. */
export const bucketOf = (idx, buckets) => buckets === 256 ? idx[0] : idx[0] << 4 | idx[1] >> 4;

export class Pack {
  /* bucket(hex digest) → Uint8Array, or null where it is missing. */
  constructor(manifest, bucket) {
    this.manifest = manifest;
    this.bucket = bucket;
  }

  /* The card's record {name, until, status, photo}; null when a sound bucket does not list it; else DAMAGED. */
  async find(secret, seq) {
    const { idx, key } = await derive(secret), { digests } = this.manifest;
    const name = digests[bucketOf(idx, digests.length)];
    const content = name === EMPTY ? new Uint8Array() : await this.bucket(name);
    if (!content || content.length % RECORD || hex(await sha256(content)) !== name) return DAMAGED;
    const record = search(content, idx);
    if (!record) return null;
    try { return await open(record, key, seq); } catch { return DAMAGED; }
  }
}
