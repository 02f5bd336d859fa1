/* Time as an interval (sync.md B.8), as far as a page can know it; sync/clock.py for a browser. Moments are milliseconds since 1970,
   UTC. Pure: whoever asks brings the readings {wall, mono}; mono runs while the page is open and may stand still while the device sleeps,
   so it proves that time has passed and never how little. What is kept on the device: {floor, slow}. */
export const WALL_TRUSTED_MS = 45 * 86_400_000;
const SLACK_MS = 5 * 60_000; // clocks drift and are set by seconds; more is somebody's hand

/* What is known at the page's start. built: no true moment lies before this program was written. */
export function begin(kept, built, { mono }) {
  return { floor: Math.max(kept?.floor || 0, built), mono, slow: kept?.slow || 0, heard: null };
}

/* The odometer: the floor moved on by the time the page has been open. */
export function tick(known, { mono }) {
  return { ...known, floor: known.floor + Math.max(0, mono - known.mono), mono };
}

/* A signed list shows that it is at least that late. */
export function heardOf(known, ms, reading) {
  const now = tick(known, reading);
  return { ...now, floor: Math.max(now.floor, ms) };
}

/* The center said what time it is; asked: the reading when it was asked. slow: by how much the wall clock lags, so that a slow one
   can still be counted on tomorrow. */
export function heardNow(known, ms, asked, reading) {
  const now = heardOf(known, ms, reading), trip = Math.max(0, reading.mono - asked.mono);
  return { ...now, slow: Math.max(0, ms - reading.wall), heard: { ms, trip, ...reading } };
}

/* {lo, hi}: the true moment lies at or after lo, and at or before hi unless that is null. */
export function believe(known, reading) {
  const floor = tick(known, reading).floor, { heard } = known;
  if (heard) {
    const mono = Math.max(0, reading.mono - heard.mono), wall = reading.wall - heard.wall;
    const lo = Math.max(floor, heard.ms + mono), hi = Math.max(lo, heard.ms + heard.trip + Math.max(mono, wall));
    return { lo, hi: wall < mono - SLACK_MS || hi > lo + WALL_TRUSTED_MS ? null : hi };
  }
  const wall = reading.wall + known.slow;
  if (wall < floor - SLACK_MS || wall > floor + WALL_TRUSTED_MS) return { lo: floor, hi: null };
  return { lo: floor, hi: wall < floor ? floor + SLACK_MS : wall };
}

export const reading = () => ({ wall: Date.now(), mono: performance.now() });
