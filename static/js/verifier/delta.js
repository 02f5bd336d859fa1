/* What changed from one version of the list to the next, laid on the buckets it touches. Big-endian:
     "VHC1-delta" | u32 from | u32 to | u16 buckets | for each touched bucket, ascending:
     u16 bucket | u16 removed | removed × idx | u16 added | added × record
   Nothing here is believed by itself: each touched bucket is compared with the signed manifest afterwards. Pure. */
import { compare, same } from "./bytes.js";
import { bucketOf } from "./pack.js";
import { IDX } from "./record.js";

const MAGIC = "VHC1-delta";

export class DeltaError extends Error {}

const refuse = why => { throw new DeltaError(why); };

/* The part of a chain that leads from a version to a version without a gap; null when there is none. */
export function chain(deltas, from, to) {
  const way = [];
  for (let at = from; at !== to;) {
    const next = deltas.find(one => one.from === at && one.to > at);
    if (!next || next.to > to) return null;
    way.push(next);
    at = next.to;
  }
  return way;
}

/* [{bucket, removed: [idx], added: [record]}] of one file, records of `size` bytes; throws DeltaError for anything but what the center
   writes. */
export function read(bytes, { from, to }, buckets, size) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), touched = [];
  let at = MAGIC.length + 10, before = -1;
  if (bytes.length < at || String.fromCharCode(...bytes.subarray(0, MAGIC.length)) !== MAGIC) refuse("no delta");
  if (view.getUint32(10) !== from || view.getUint32(14) !== to || view.getUint16(18) !== buckets) refuse("another delta");
  const u16 = () => { if (at + 2 > bytes.length) refuse("cut short"); at += 2; return view.getUint16(at - 2); };
  const items = (count, each) => {
    if (at + count * each > bytes.length) refuse("cut short");
    at += count * each;
    return Array.from({ length: count }, (_, n) => bytes.subarray(at - (count - n) * each, at - (count - n - 1) * each));
  };
  while (at < bytes.length) {
    const bucket = u16();
    if (bucket <= before || bucket >= buckets) refuse("buckets out of order");
    before = bucket;
    const removed = items(u16(), IDX), added = items(u16(), size);
    if (!removed.length && !added.length) refuse("a bucket without a change");
    for (const list of [removed, added]) {
      list.forEach((one, n) => {
        if (n && compare(list[n - 1].subarray(0, IDX), one.subarray(0, IDX)) >= 0) refuse("entries out of order");
        if (bucketOf(one, buckets) !== bucket) refuse("an entry of another bucket");
      });
    }
    touched.push({ bucket, removed, added });
  }
  return touched;
}

/* A bucket with one file's changes; throws DeltaError when it removes what is not there or adds what is. */
export function apply(bucket, { removed, added }, size) {
  const kept = [];
  let gone = 0;
  for (let at = 0; at < bucket.length; at += size) {
    const record = bucket.subarray(at, at + size);
    if (gone < removed.length && same(record.subarray(0, IDX), removed[gone])) gone += 1; else kept.push(record);
  }
  if (gone !== removed.length) refuse("removes what is not there");
  const all = [...kept, ...added].sort((one, other) => compare(one.subarray(0, IDX), other.subarray(0, IDX)));
  const out = new Uint8Array(all.length * size);
  all.forEach((record, n) => {
    if (n && same(all[n - 1].subarray(0, IDX), record.subarray(0, IDX))) refuse("adds what is there");
    out.set(record, n * size);
  });
  return out;
}
