/* Whether the center signed far more cards in a day than it usually does, by what each day's list said of it. The twin of
   honorcard/card/signed_jump.py. Pure. A day is {day (since 1970, in Taipei), entries, most}. */
import { DAY_MS, dayOf } from "./days.js";

const KEPT_DAYS = 90, LEAST_DAYS = 7, TIMES_THE_MEAN = 3, AT_LEAST = 300, SHOWN_DAYS = 7;

/* The days with this list among them, oldest first. asOf in milliseconds; signed: {entries, lastDay}. */
export function noted(seen, asOf, signed) {
  const day = Date.parse(`${dayOf(asOf)}T00:00:00Z`) / DAY_MS, same = seen.filter(one => one.day === day).map(one => one.most);
  const kept = seen.filter(one => day - KEPT_DAYS <= one.day && one.day < day);
  return [...kept, { day, entries: signed.entries, most: Math.max(signed.lastDay, 0, ...same) }];
}

/* {day (YYYY-MM-DD), signed, usual}: the latest unusual day of the last seven, or null. */
export function jump(seen) {
  for (let n = seen.length - 1; n > 1; n -= 1) {
    const here = seen[n], [first] = seen, last = seen[n - 1], span = last.day - first.day;
    if (seen[seen.length - 1].day - here.day >= SHOWN_DAYS || span < LEAST_DAYS) return null;
    const before = Math.max(0, last.entries - first.entries);
    const signed = Math.max(here.most, Math.ceil((here.entries - last.entries) / (here.day - last.day)));
    if (signed > AT_LEAST && signed * span > TIMES_THE_MEAN * before) {
      return { day: new Date(here.day * DAY_MS).toISOString().slice(0, 10), signed, usual: Math.ceil(before / span) };
    }
  }
  return null;
}
