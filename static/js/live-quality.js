/* Is the page in view light enough, free of glare, straight and sharp? The same questions, in the same order of badness, as
   scanner/quality.py asks of the photo. Pure: numbers in, numbers out; for the worker and for tests. */
import { area, lengths } from "./live-outline.js";

export const DETAIL_PX = 432; // of a square out of the page's middle, at the scale that makes the page's long side JUDGED_SIDE_PX
export const JUDGED_SIDE_PX = 1000;
const TILE_PX = 48;
const SHARP_FROM = 2.1;
const DRAWN_CONTRAST = 6, DRAWN_SHARE = 0.04;
const DARK_BELOW = 85, DARK_ROOM_BELOW = 60; // the lightest tenth of the page, of a frame without one
const GLARE_LEVEL = 247, GLARE_PAPER = 252, PALE_PAPER = 232, DARK_PAPER = 150;
const GLARE_SHARE = 0.008, GLARE_SHARE_PALE = 0.04;
const GLARE_MARGIN = 0.06, GLARE_RADIUS = 0.04, GLARE_JUST = 0.025, GLARE_FURTHER = [0.07, 0.12]; // of the page's shorter side
const GLARE_INK = 110, GLARE_FADES = 15; // thin strokes are pale in so small a frame
const TILTED_SIDES = 1.45, TILTED_CORNER_DEG = 24;
const FILLS = 0.55; // of the frame's width or height; a page that fills less is too far away
const FRAME_EDGE = 0.006;

/* How sharp the finest strokes are, null when hardly anything is drawn. light: Float32Array, always of the same scale. */
export function sharpness(light, w, h, tile = TILE_PX) {
  const rows = Math.floor(h / tile), columns = Math.floor(w / tile), finest = [], contrasts = [];
  if (rows < 2 || columns < 2) return null;
  for (let row = 0; row < rows; row += 1) for (let column = 0; column < columns; column += 1) {
    let sum = 0, squares = 0, across = 0, along = 0;
    for (let y = row * tile; y < (row + 1) * tile; y += 1) for (let x = column * tile; x < (column + 1) * tile; x += 1) {
      const i = y * w + x, here = light[i];
      sum += here; squares += here * here;
      const dx = light[x ? i - 1 : i + 1] - 2 * here + light[x < w - 1 ? i + 1 : i - 1];
      const dy = light[y ? i - w : i + w] - 2 * here + light[y < h - 1 ? i + w : i - w];
      across += dx * dx; along += dy * dy;
    }
    const count = tile * tile, mean = sum / count;
    contrasts.push(Math.sqrt(Math.max(0, squares / count - mean * mean)));
    finest.push(Math.sqrt(Math.min(across, along) / count));
  }
  if (contrasts.filter(one => one > DRAWN_CONTRAST).length < DRAWN_SHARE * contrasts.length) return null;
  return percentile(finest, 0.9) / Math.max(percentile(contrasts, 0.9), 1) ** 0.25;
}

/* What hinders a good photo of the page with this outline in this frame: codes, worst first. */
export function problems(frame, rgba, found, detail) {
  const { light, w, h } = frame;
  if (!found) return percentile(light, 0.9, 7) < DARK_ROOM_BELOW ? ["dark", "no_page"] : ["no_page"];
  const quad = found.corners, mask = filled(quad, w, h, GLARE_MARGIN), inside = [];
  for (let i = 0; i < mask.length; i += 1) if (mask[i]) inside.push(light[i]);
  const codes = [];
  if (isDark(inside)) codes.push("dark");
  if (found.hidden || isCutOff(quad, w, h)) codes.push("cut_off");
  if (isFar(quad, w, h)) codes.push("too_far");
  if (isTilted(quad)) codes.push("tilted");
  if (hasGlare(light, rgba, mask, inside, Math.min(...lengths(quad)), w, h)) codes.push("glare");
  const sharp = detail ? sharpness(detail.light, detail.w, detail.h) : null;
  if (sharp !== null && sharp < SHARP_FROM) codes.push("blurred");
  return Object.assign(codes, { sharp });
}

const isDark = inside => percentile(inside, 0.9) < DARK_BELOW;

function isCutOff(quad, w, h) {
  const near = Math.max(1, FRAME_EDGE * Math.max(w, h));
  return quad.some(([x, y]) => x < near || y < near || x > w - 1 - near || y > h - 1 - near);
}

function isFar(quad, w, h) {
  const xs = quad.map(point => point[0]), ys = quad.map(point => point[1]);
  return Math.max((Math.max(...xs) - Math.min(...xs)) / w, (Math.max(...ys) - Math.min(...ys)) / h) < FILLS && area(quad, w, h) < 0.3;
}

export function isTilted(quad) {
  const sides = lengths(quad);
  for (let i = 0; i < 2; i += 1) if (Math.max(sides[i], sides[i + 2]) > TILTED_SIDES * Math.min(sides[i], sides[i + 2])) return true;
  for (let i = 0; i < 4; i += 1) {
    const [x, y] = quad[i], [bx, by] = quad[(i + 3) % 4], [ax, ay] = quad[(i + 1) % 4];
    const cosine = ((bx - x) * (ax - x) + (by - y) * (ay - y)) / (sides[(i + 3) % 4] * sides[i]);
    if (Math.abs((Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI - 90) > TILTED_CORNER_DEG) return true;
  }
  return false;
}

/* A lamp's reflection: burnt out, wide, and soft, so that just outside it even the ink is bright. */
function hasGlare(light, rgba, mask, inside, side, w, h) {
  const paper = percentile(inside, 0.6);
  // where the paper itself is this white nothing can be told, and a dark cover's white label looks like a lamp at this size
  if (paper > GLARE_PAPER || paper < DARK_PAPER) return false;
  const burnt = new Uint8Array(mask.length), radius = Math.max(2, Math.round(GLARE_RADIUS * side));
  let any = 0;
  for (let i = 0, j = 0; i < mask.length; i += 1, j += 4) {
    if (mask[i] && rgba[j] >= GLARE_LEVEL && rgba[j + 1] >= GLARE_LEVEL && rgba[j + 2] >= GLARE_LEVEL) { burnt[i] = 1; any += 1; }
  }
  const least = (paper > PALE_PAPER ? GLARE_SHARE_PALE : GLARE_SHARE) * inside.length;
  if (any < least) return false;
  const core = new Uint8Array(mask.length), inwards = distances(burnt, w, h, 0);
  for (let i = 0; i < core.length; i += 1) core[i] = inwards[i] >= radius ? 1 : 0;
  const outwards = distances(core, w, h, 1);
  let size = 0;
  const just = [], further = [];
  for (let i = 0; i < mask.length; i += 1) {
    const away = outwards[i] - radius;
    if (burnt[i] && away <= 1) size += 1;
    if (!mask[i]) continue;
    if (away > 1 && away <= Math.max(3, GLARE_JUST * side)) just.push(light[i]);
    else if (away > GLARE_FURTHER[0] * side && away < GLARE_FURTHER[1] * side) further.push(light[i]);
  }
  if (size < least || !just.length || !further.length) return false;
  return percentile(just, 0.05) > GLARE_INK && percentile(just, 0.05) - percentile(further, 0.05) > GLARE_FADES;
}

/* From each pixel to the nearest of the other kind: inside a spot (outward 0) to its rim, outside it (outward 1) to the spot. */
function distances(spot, w, h, outward) {
  const far = w + h, away = new Float32Array(spot.length), diagonal = Math.SQRT2;
  for (let i = 0; i < spot.length; i += 1) away[i] = spot[i] === outward ? 0 : far;
  for (let y = 0; y < h; y += 1) for (let x = 0; x < w; x += 1) {
    const i = y * w + x;
    let here = away[i];
    if (x) here = Math.min(here, away[i - 1] + 1);
    if (y) { here = Math.min(here, away[i - w] + 1); if (x) here = Math.min(here, away[i - w - 1] + diagonal); if (x < w - 1) here = Math.min(here, away[i - w + 1] + diagonal); }
    away[i] = here;
  }
  for (let y = h - 1; y >= 0; y -= 1) for (let x = w - 1; x >= 0; x -= 1) {
    const i = y * w + x;
    let here = away[i];
    if (x < w - 1) here = Math.min(here, away[i + 1] + 1);
    if (y < h - 1) { here = Math.min(here, away[i + w] + 1); if (x < w - 1) here = Math.min(here, away[i + w + 1] + diagonal); if (x) here = Math.min(here, away[i + w - 1] + diagonal); }
    away[i] = here;
  }
  return away;
}

/* The pixels inside the quadrangle drawn in by `inset` of its shorter side. */
function filled(quad, w, h, inset) {
  const mask = new Uint8Array(w * h), sides = lengths(quad), drawn = inset * Math.min(...sides);
  const xs = quad.map(point => point[0]), ys = quad.map(point => point[1]);
  const top = Math.max(0, Math.floor(Math.min(...ys))), bottom = Math.min(h - 1, Math.ceil(Math.max(...ys)));
  const left = Math.max(0, Math.floor(Math.min(...xs))), right = Math.min(w - 1, Math.ceil(Math.max(...xs)));
  const lines = quad.map(([x, y], i) => {
    const [nx, ny] = quad[(i + 1) % 4], a = -(ny - y) / sides[i], b = (nx - x) / sides[i];
    return [a, b, -(a * x + b * y) - drawn];
  });
  for (let y = top; y <= bottom; y += 1) for (let x = left; x <= right; x += 1) {
    if (lines.every(([a, b, c]) => a * x + b * y + c >= 0)) mask[y * w + x] = 1;
  }
  return mask;
}

/* The value below which that share lies; every `each`-th value is looked at. */
export function percentile(values, share, each = 1) {
  const some = [];
  for (let i = 0; i < values.length; i += each) some.push(values[i]);
  if (!some.length) return 0;
  const sorted = Float32Array.from(some).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
