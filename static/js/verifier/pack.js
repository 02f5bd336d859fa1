/* The sealed list: its signed manifest, and the one record that a card held up opens. The twin of honorcard/card/manifest.py and
   pack.py. A pack reads its buckets through what it is given: the device's store, or a test's table. Pure, but for WebCrypto. */
import { ascii, hex, sha256 } from "./bytes.js";
import { decode, isBytes } from "./cbor.js";
import { holds, parse } from "./cose.js";
import { SLOT, SMALL_SLOT, derive, derivePhoto, open, recordBytes, search, unsealed } from "./record.js";
import { Unfit, keyFor } from "./trust.js";

const CONTEXT = ascii("VHC1-pack");
const NUMBERS = ["format", "version", "as_of", "valid_until", "max_seq", "cap", "count", "slot"];
export const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
export const DAMAGED = "damaged";

/* The manifest in signed bytes: {version, asOf, validUntil (ms), maxSeq, cap, count, size (of a record), digests (hex), layers, keyList,
   deltas, signed}.
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
  const [format, version, asOf, validUntil, maxSeq, cap, count, slot] = numbers, layers = layersOf(body.get("photos") || []);
  if (format !== 1 || slot !== (layers.size ? SMALL_SLOT : SLOT) || !isBytes(body.get("keys"))) throw new TypeError("another format");
  return {
    version, asOf: asOf * 1000, validUntil: validUntil * 1000, maxSeq, cap, count, size: recordBytes(slot),
    digests: digestsOf(body.get("bucket_sha256")), layers, keyList: body.get("keys"), deltas: deltasOf(body.get("deltas") || [], version),
    signed: body.has("signed") ? signedOf(body.get("signed")) : null,
  };
}

/* What the center's issue log held: {entries, lastDay}. */
function signedOf(told) {
  const [entries, lastDay] = ["entries", "last_day"].map(name => told.get(name));
  if (![entries, lastDay].every(one => Number.isSafeInteger(one) && one >= 0) || !isBytes(told.get("head"), 32)) throw new TypeError("count");
  return { entries, lastDay };
}

function digestsOf(list) {
  if (![256, 4096].includes(list.length) || !list.every(one => isBytes(one, 32))) throw new TypeError("hashes");
  return list.map(hex);
}

/* Photographs in layers of their own: name → digests of their buckets. */
function layersOf(list) {
  const layers = new Map();
  for (const one of list) {
    if (typeof one.get("name") !== "string" || layers.has(one.get("name")) || one.get("slot") !== SLOT) throw new TypeError("layers");
    layers.set(one.get("name"), digestsOf(one.get("bucket_sha256")));
  }
  return layers;
}

/* The chain of changes, oldest first: each leads on from the one before, the last one to this version. */
function deltasOf(list, version) {
  return list.map((one, n) => {
    const [from, to, size, digest] = ["from", "to", "size", "sha256"].map(name => one.get(name));
    if (![from, to, size].every(Number.isSafeInteger) || !isBytes(digest, 32)) throw new TypeError("deltas");
    if (from < 0 || from >= to || size <= 0 || to !== (n + 1 < list.length ? list[n + 1].get("from") : version)) throw new TypeError("no chain");
    return { from, to, size, name: hex(digest) };
  });
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
    const { idx, key } = await derive(secret), { digests, size } = this.manifest;
    const content = await this.sound(digests, idx, size);
    if (!content) return DAMAGED;
    const record = search(content, idx, size);
    if (!record) return null;
    try {
      const found = await open(record, key, seq);
      return found.layer ? { ...found, photo: await this.photo(secret, seq, found.layer) } : found;
    } catch { return DAMAGED; }
  }

  /* The photograph from the layer of that name; empty when it is not on this device, or damaged. */
  async photo(secret, seq, name) {
    const none = new Uint8Array(), digests = this.manifest.layers.get(name), size = recordBytes(SLOT);
    if (!digests) return none;
    const { idx, key } = await derivePhoto(secret), content = await this.sound(digests, idx, size);
    const record = content && search(content, idx, size);
    return record ? unsealed(record, key, seq).catch(() => none) : none;
  }

  /* The bucket in which a record would lie, or null when it is missing or has changed. */
  async sound(digests, idx, size) {
    const name = digests[bucketOf(idx, digests.length)];
    if (name === EMPTY) return new Uint8Array();
    const content = await this.bucket(name);
    return content && content.length % size === 0 && hex(await sha256(content)) === name ? content : null;
  }
}
