/* The newest list from the center: trust, manifest, buckets or what changed in them, each checked before it is kept, in use only when all
   of it is there. No attribute of its own. What fails leaves the list in use as it is; Unfit says what was wrong with what came,
   any other error that there was no line. */
import { fromBase64, hex, sha256 } from "./bytes.js";
import { decode } from "./cbor.js";
import { holds, parse } from "./cose.js";
import * as clock from "./clock.js";
import { apply, chain, read } from "./delta.js";
import { EMPTY, readManifest } from "./pack.js";
import { Unfit, keyFor, newest, readTrust, trustOf } from "./trust.js";

const SMALL_MS = 15_000, LARGE_MS = 120_000;
const MANIFEST_BYTES = 1 << 20, BUCKET_BYTES = 16 << 20;
const AT_ONCE = 4;
const TIME = Uint8Array.from("VHC1-time", one => one.charCodeAt(0));
export const LIVE = { pack: "/pack/", trust: "/pack/trust.json" };
export const TEST = { pack: "/gate/selftest/pack/", trust: "/gate/selftest/trust.json" };

async function ask(address, { tag = "", ms = SMALL_MS } = {}) {
  const stop = new AbortController(), late = setTimeout(() => stop.abort(), ms);
  try {
    const answer = await fetch(address, { cache: "no-store", credentials: "omit", signal: stop.signal, headers: tag ? { "If-None-Match": tag } : {} });
    return { status: answer.status, tag: answer.headers.get("ETag") || "", bytes: new Uint8Array(answer.ok ? await answer.arrayBuffer() : 0) };
  } finally { clearTimeout(late); }
}

async function fetched(address, limit, how) {
  const answer = await ask(address, how);
  if (answer.status === 304) return answer;
  if (answer.status !== 200) throw new TypeError(`status ${answer.status}`);
  if (answer.bytes.length > limit) throw new Unfit("pack_unreadable");
  return answer;
}

const json = bytes => { try { return JSON.parse(new TextDecoder().decode(bytes)); } catch { return {}; } };

/* The trust kept on this device, or null. */
export async function trusted(store) {
  const kept = await store.get("trust");
  return kept ? trustOf(kept.root, kept.signed).catch(() => null) : null;
}

/* The list kept on this device, as {trust, manifest}; manifest is null where there is none that holds. */
export async function kept(store) {
  const trust = await trusted(store), list = await store.get("list");
  if (!trust) return { trust: null, manifest: null };
  const manifest = list ? await readManifest(list.raw, trust).catch(() => null) : null;
  const highest = await store.get("highest") || 0;
  if (!manifest || manifest.version < highest) return { trust, manifest: null };
  return { trust: await newest(trust, manifest.keyList), manifest };
}

/* The root is believed that this device met first; later only what that root signs with a higher version. */
async function renewTrust(store, place) {
  const before = await trusted(store);
  const { bytes } = await fetched(place.trust, MANIFEST_BYTES);
  const found = await readTrust(json(bytes), before ? before.root : null);
  if (before && (found.version <= before.version || found.prefix !== before.prefix)) return before;
  await store.put("trust", { root: found.root, signed: found.signed });
  return found;
}

/* The center's signed moment into what is known of the time; unchanged when it does not answer or is not believed. */
export async function hearTime(known, trust) {
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16))), asked = clock.reading();
  try {
    const { bytes } = await fetched(`/v1/hello?nonce=${nonce}`, MANIFEST_BYTES);
    const heard = clock.reading(), envelope = parse(fromBase64(json(bytes).time)), key = keyFor(trust, envelope.kid, "pack");
    if (!key || key.withdrawn || !await holds(envelope, TIME, key.verifying)) return known;
    const body = decode(envelope.payload), ms = body.get("ms");
    if (body.get("nonce") !== nonce || !Number.isSafeInteger(ms) || ms < 0) return known;
    return clock.heardNow(known, ms, asked, heard);
  } catch { return known; }
}

/* Brings trust and list up to date. told(done, all) while buckets come; quick: only when the manifest is another one, for every minute;
   repair: every bucket is looked at. Answers {trust, manifest, changed}. */
export async function update(store, { told = () => {}, quick = false, repair = false } = {}) {
  const here = await kept(store), list = await store.get("list");
  const lacking = here.manifest ? await damaged(store, here.manifest, repair) : [];
  const tag = here.manifest && !lacking.length ? list.tag : "";
  if (!quick || !here.trust) await renewTrust(store, LIVE);
  const answer = await fetched(LIVE.pack + "manifest.cose", MANIFEST_BYTES, { tag });
  if (answer.status === 304) return { ...await kept(store), changed: false };
  const trust = quick ? await renewTrust(store, LIVE) : await trusted(store);
  const manifest = await readManifest(answer.bytes, trust);
  if (manifest.version < (await store.get("highest") || 0)) throw new Unfit("pack_rolled_back");
  if (here.manifest) await changes(store, here.manifest, manifest, LIVE.pack);
  await bring(store, wanted(manifest), `${LIVE.pack}buckets/`, told);
  const fresh = { raw: answer.bytes, version: manifest.version, tag: answer.tag }, test = await store.get("test");
  const keep = new Set([...everything(manifest), ...(here.manifest ? everything(here.manifest) : []), ...(test ? test.digests : [])]);
  if (!await store.publish(fresh, keep)) throw new Unfit("pack_rolled_back");
  const changed = !here.manifest || manifest.version > here.manifest.version || lacking.length > 0;
  return { trust: await newest(trust, manifest.keyList), manifest, changed };
}

/* The samples' own trust and list, for the self-test: kept apart from the true ones, believed nowhere else. */
export async function updateTest(store, told = () => {}) {
  const document = await fetched(TEST.trust, MANIFEST_BYTES, { ms: LARGE_MS }); // the first to ask waits until the sheets are made
  const trust = await readTrust(json(document.bytes), null);
  const answer = await fetched(TEST.pack + "manifest.cose", MANIFEST_BYTES), manifest = await readManifest(answer.bytes, trust);
  const sheets = await fetched("/gate/selftest/marks.json", MANIFEST_BYTES);
  await bring(store, wanted(manifest), `${TEST.pack}buckets/`, told);
  await store.put("test", { root: trust.root, signed: trust.signed, raw: answer.bytes, digests: manifest.digests, sheets: json(sheets.bytes) });
}

/* The self-test as this device keeps it: {trust, manifest, sheets}, or null. */
export async function keptTest(store) {
  const test = await store.get("test");
  if (!test) return null;
  try {
    const trust = await trustOf(test.root, test.signed);
    return { trust, manifest: await readManifest(test.raw, trust), sheets: test.sheets };
  } catch { return null; }
}

/* The photographs of a list that keeps them in layers of their own; they come when the list is already in use, which answers
   photo_missing until then. One that does not come is asked for again, since the list counts as lacking something. */
export const bringPhotos = (store, manifest) => bring(store, photosOf(manifest), `${LIVE.pack}photos/`, () => {});

const several = names => [...new Set(names)].filter(name => name !== EMPTY);
const wanted = manifest => several(manifest.digests);
const photosOf = manifest => several([].concat(...manifest.layers.values()));
const everything = manifest => [...wanted(manifest), ...photosOf(manifest)];

/* Names of the buckets that are gone; with `all`, also of those whose bytes have changed, which are dropped. */
async function damaged(store, manifest, all) {
  const names = new Set(await store.names()), found = [];
  for (const name of everything(manifest)) {
    if (!names.has(name)) found.push(name);
    else if (all && hex(await sha256(await store.bucket(name))) !== name) { await store.drop(name); found.push(name); }
  }
  return found;
}

/* Every bucket of these that is not here yet, whole, a few at a time. */
async function bring(store, buckets, place, told) {
  const names = new Set(await store.names()), missing = buckets.filter(name => !names.has(name));
  let next = 0, done = 0;
  const one = async () => {
    while (next < missing.length) {
      const name = missing[next];
      next += 1;
      const { bytes } = await fetched(`${place}${name}`, BUCKET_BYTES, { ms: LARGE_MS });
      if (hex(await sha256(bytes)) !== name) throw new Unfit("pack_unreadable");
      await store.keep(name, bytes);
      done += 1;
      told(done, missing.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/* What changed since the list in use, when that is fewer bytes than the buckets it touches. A bucket that does not come out as
   the manifest says, and everything when a delta is unreadable, is left to be fetched whole. */
async function changes(store, before, after, place) {
  const way = before.digests.length === after.digests.length && before.size === after.size ? chain(after.deltas, before.version, after.version) : null;
  if (!way || !way.length) return;
  const names = new Set(await store.names());
  const news = after.digests.map((name, n) => name !== before.digests[n] && name !== EMPTY && !names.has(name) ? n : -1).filter(n => n >= 0);
  const whole = news.length * Math.max(1, after.count / after.digests.length) * after.size;
  if (!news.length || way.reduce((sum, one) => sum + one.size, 0) >= whole) return;
  try {
    const made = new Map();
    for (const step of way) {
      const { bytes } = await fetched(`${place}deltas/${step.name}`, Math.min(step.size, BUCKET_BYTES), { ms: LARGE_MS });
      if (bytes.length !== step.size || hex(await sha256(bytes)) !== step.name) return;
      for (const part of read(bytes, step, after.digests.length, after.size)) {
        const name = before.digests[part.bucket];
        const bucket = made.get(part.bucket) || (name === EMPTY ? new Uint8Array() : await store.bucket(name) || new Uint8Array());
        made.set(part.bucket, apply(bucket, part, after.size));
      }
    }
    for (const number of news) {
      const bytes = made.get(number);
      if (bytes && hex(await sha256(bytes)) === after.digests[number]) await store.keep(after.digests[number], bytes);
    }
  } catch (error) {
    console.info("honorcard: changes not used", error.name); // whole buckets serve
  }
}
