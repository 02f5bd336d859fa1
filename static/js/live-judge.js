/* One frame after the other: where the page is, what hinders a good photo, whether it lies still, whether it is another
   page than the one photographed last. Pure but for its memory of the frame before; for the worker and for tests. */
import { find, planes } from "./live-outline.js";
import { DETAIL_PX, JUDGED_SIDE_PX, problems } from "./live-quality.js";

export const SIDE_PX = 320;
const THUMB = [32, 24];
const STILL = 3.2; // levels by which a frame may differ from the one before, the light evened out
const STILL_CORNERS = 0.012; // of the long side
export const CHANGED = 9; // levels that a turned page differs at the least while a hand turns it
const STEADY_FRAMES = 3;

export function judge() {
  let before = null, thumb = null, calm = 0, shot = null, marking = false;
  return {
    /* {rgba, w, h}, and the square that `detailOf` asked for, likewise, or null.
       Gives {code, codes, corners in shares of the frame, sharp, steady, changed: levels from the page photographed last}. */
    look(frame, detail) {
      const looked = planes(frame.rgba, frame.w, frame.h), found = find(looked);
      const codes = problems(looked, frame.rgba, found, detail && { ...planes(detail.rgba, detail.w, detail.h) });
      const small = shrunk(looked), moved = thumb && thumb.length === small.length ? apart(small, thumb) : Infinity;
      const corners = found && found.corners.map(([x, y]) => [(x + 0.5) / frame.w, (y + 0.5) / frame.h]);
      const still = moved < STILL && (!corners || !before || furthest(corners, before) < STILL_CORNERS);
      calm = still ? calm + 1 : 0;
      thumb = small;
      before = corners;
      if (marking) { shot = small; marking = false; }
      const steady = calm >= STEADY_FRAMES;
      const code = codes.length === 0 ? (steady ? "good" : "moving") : codes[0] === "blurred" && !steady ? "moving" : codes[0];
      return { code, codes: [...codes], corners, sharp: codes.sharp ?? null, steady, changed: shot ? apart(small, shot) : Infinity };
    },
    /* The next frame is what was photographed. */
    mark() { marking = true; },
    forget() { shot = null; marking = false; },
  };
}

/* Which part of a source of that size shows the middle of the page at the scale it is judged at: [x, y, side] in its pixels. */
export function detailOf(corners, width, height) {
  if (!corners) return null;
  const points = corners.map(([x, y]) => [x * width, y * height]);
  const long = Math.max(...points.map(([x, y], i) => Math.hypot(points[(i + 1) % 4][0] - x, points[(i + 1) % 4][1] - y)));
  const side = Math.min(width, height, DETAIL_PX * Math.max(1, long / JUDGED_SIDE_PX)); // never enlarged
  const x = points.reduce((sum, point) => sum + point[0], 0) / 4 - side / 2, y = points.reduce((sum, point) => sum + point[1], 0) / 4 - side / 2;
  return [Math.max(0, Math.min(width - side, x)), Math.max(0, Math.min(height - side, y)), side];
}

function shrunk({ light, w, h }) {
  const [columns, rows] = w > h ? THUMB : [THUMB[1], THUMB[0]];
  const sums = new Float32Array(columns * rows), counts = new Float32Array(columns * rows);
  for (let y = 0; y < h; y += 1) for (let x = 0; x < w; x += 1) {
    const at = Math.floor((y * rows) / h) * columns + Math.floor((x * columns) / w);
    sums[at] += light[y * w + x]; counts[at] += 1;
  }
  let mean = 0;
  for (let i = 0; i < sums.length; i += 1) { sums[i] /= counts[i]; mean += sums[i] / sums.length; }
  return sums.map(value => (value * 128) / Math.max(mean, 16)); // the camera's own changes of exposure are no movement
}

function apart(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i += 1) sum += Math.abs(one[i] - other[i]);
  return sum / one.length;
}

const furthest = (one, other) => Math.max(...one.map(([x, y], i) => Math.hypot(x - other[i][0], y - other[i][1])));
