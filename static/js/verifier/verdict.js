/* The gate's decision: one table, read from the top, the first row that fits is the answer (credential C.3). The twin of
   honorcard/card/verdict.py; tests/vectors/token.json holds both to one answer. Values in, a value out; what it asks of a pack and of
   WebCrypto takes time, so it answers with a promise. What is not here: the words, which are honorcard/card/words.py's. */
import { holds } from "./cose.js";
import { DAY_MS, endOf, lastDay } from "./days.js";
import { DAMAGED } from "./pack.js";
import { parse } from "./token.js";
import { keyFor } from "./trust.js";

export const STALE_DAYS = 30; // amber from here on
export const NOTE_DAYS = 7; // a note with the list's age from here on

const AMBER = ["practice", "list_damaged", "newer_than_list", "date_unknown", "list_stale", "photo_missing"];
export const colour = code => code === "valid" ? "green" : AMBER.includes(code) ? "amber" : "red";

/* The verdict on a QR code's text: {verdict, code, name, until, photo, age, note}. interval: {lo, hi} in milliseconds, null where
   nothing is known. pack: a Pack, or null. */
export async function decide(text, trust, pack, interval) {
  const age = ageDays(pack, interval), note = age !== null && age >= NOTE_DAYS ? "list_age" : null;
  const answer = (code, until = null, found = null) => {
    const verdict = colour(code), shown = verdict === "red" ? null : found;
    return { verdict, code, name: shown ? shown.name : null, until, photo: shown && shown.photo.length ? shown.photo : null, age, note };
  };

  let token;
  try { token = parse(text, trust.prefix); } catch (trouble) { return answer(trouble.code); }
  const key = keyFor(trust, token.kid, "card", "practice");
  if (!key || token.seq < key.low || token.seq > key.high || !await holds(token.envelope, token.external, key.verifying)) {
    return answer("bad_signature");
  }
  if (key.use === "practice") return answer("practice", lastDay(token.exp));

  const found = pack ? await pack.find(token.secret, token.seq) : DAMAGED;
  if (key.withdrawn && found === null) return answer("key_withdrawn");
  const record = found === DAMAGED ? null : found;
  let until = lastDay(token.exp);
  if (record && record.until < until) ({ until } = record);
  if (interval.lo !== null && interval.lo >= endOf(until)) return answer("expired", until);
  if (record && record.status === "suspended") return answer("suspended", until);
  if (found === DAMAGED) return answer("list_damaged", until);
  if (!record) return answer(unlisted(token.seq, pack.manifest), until);
  if (interval.hi === null || interval.hi >= endOf(until)) return answer("date_unknown", until, record);
  if (isStale(pack.manifest, interval.hi)) return answer("list_stale", until, record);
  return answer(record.photo.length ? "valid" : "photo_missing", until, record);
}

function unlisted(seq, { maxSeq, cap }) {
  if (seq <= maxSeq) return "revoked_or_replaced";
  return seq <= maxSeq + cap ? "newer_than_list" : "suspected_forgery";
}

/* Older than may be, or past the day the list itself names; by the latest the clock may be. */
export const isStale = ({ asOf, validUntil }, hi) => hi - asOf > STALE_DAYS * DAY_MS || hi > validUntil;

/* Whole days since the list was made, by the latest that is known; null where nothing is. */
export function ageDays(pack, { lo, hi }) {
  const moment = hi === null ? lo : hi;
  return pack && moment !== null ? Math.max(0, Math.floor((moment - pack.manifest.asOf) / DAY_MS)) : null;
}
