/* The four corners of a page in a small frame (about 320 pixels): the best of the quadrangles that its straight edges make,
   judged by the step in light or colour from outside to inside along all four sides (as scanner/outline.py judges).
   Pure: numbers in, numbers out; for the worker and for tests. */
const REACH = 3; // writing and ruled lines up to twice as wide are filled in before edges are looked for
const LEAST_SLOPE = 2.5; // levels a pixel that make an edge point
const MOST_POINTS = 7000;
const ANGLES = 180, RHO_STEP = 1.5;
const LINES_EACH_WAY = 8;
const LEAST_AREA = 0.06; // of the frame
const SAMPLES = 22, PROBES = [2.5, 5];
const STEP_SEEN = 9, STEP_FAINT = 3;
const LEAST_SCORE = 0.45;

/* Light and two colours of the frame, each a Float32Array: L 0–255, red against green, yellow against blue. */
export function planes(rgba, w, h) {
  const size = w * h;
  const light = new Float32Array(size), red = new Float32Array(size), yellow = new Float32Array(size);
  for (let i = 0, j = 0; i < size; i += 1, j += 4) {
    const r = rgba[j], g = rgba[j + 1], b = rgba[j + 2];
    light[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    red[i] = (r - g) * 0.7;
    yellow[i] = ((r + g) / 2 - b) * 0.7;
  }
  return { light, red, yellow, w, h };
}

/* The page's outline, {corners: [[x, y] × 4] clockwise from top left, score 0–1, hidden: sides on the frame's edge}, or null. */
export function find({ light, red, yellow, w, h }) {
  const clean = soft(opened(closed(light, w, h), w, h), w, h, 1);
  const smooth = [clean, soft(red, w, h, 2), soft(yellow, w, h, 2)];
  const [across, along] = lines(edges(smooth, w, h), w, h);
  const right = w - 1, bottom = h - 1;
  across.push([0, 1, 0], [0, 1, -bottom]);
  along.push([1, 0, 0], [1, 0, -right]);
  const crossings = across.map(one => along.map(other => inside(meet(one, other), w, h)));
  let best = null;
  for (let a = 0; a < across.length; a += 1) for (let b = a + 1; b < across.length; b += 1) {
    for (let c = 0; c < along.length; c += 1) for (let d = c + 1; d < along.length; d += 1) {
      const quad = ordered([crossings[a][c], crossings[a][d], crossings[b][d], crossings[b][c]]);
      if (!quad || !plausible(quad, w, h)) continue;
      const found = scored(quad, smooth, w, h, best ? best.score : LEAST_SCORE);
      if (found && (!best || found.score > best.score)) best = found;
    }
  }
  return best;
}

/* --- the frame made plain --- */

/* The largest (sign 1) or smallest (sign -1) value within `reach` each way, along rows and then along columns. */
function spread(values, w, h, reach, sign) {
  const rows = new Float32Array(values.length), out = new Float32Array(values.length), line = new Float32Array(Math.max(w, h));
  for (let y = 0; y < h; y += 1) ranked(values, y * w, 1, w, reach, sign, line, rows);
  for (let x = 0; x < w; x += 1) ranked(rows, x, w, h, reach, sign, line, out);
  return out;
}

/* One row or column: within each stretch of `reach` + 1 from both ends (van Herk), so that the reach costs nothing. */
function ranked(from, start, step, count, reach, sign, line, out) {
  for (let n = 0; n < count; n += 1) {
    let found = sign * from[start + n * step];
    const first = n < reach ? 0 : n - reach;
    if (n && first && line[n - 1] > found && line[n - 1] !== sign * from[start + (first - 1) * step]) found = line[n - 1];
    else for (let i = first; i < n; i += 1) { const value = sign * from[start + i * step]; if (value > found) found = value; }
    line[n] = found; // the largest of the last reach + 1
  }
  for (let n = 0; n < count; n += 1) {
    const ahead = line[n + reach < count ? n + reach : count - 1];
    out[start + n * step] = sign * (ahead > line[n] ? ahead : line[n]);
  }
}

const closed = (values, w, h) => spread(spread(values, w, h, REACH, 1), w, h, REACH, -1);
const opened = (values, w, h) => spread(spread(values, w, h, 2, -1), w, h, 2, 1);

/* A box blur, edges repeated. */
export function soft(values, w, h, reach) {
  const rows = new Float32Array(values.length), out = new Float32Array(values.length);
  for (let y = 0; y < h; y += 1) averaged(values, y * w, 1, w, reach, rows);
  for (let x = 0; x < w; x += 1) averaged(rows, x, w, h, reach, out);
  return out;
}

function averaged(from, start, step, count, reach, out) {
  const last = start + (count - 1) * step, wide = 2 * reach + 1;
  let sum = from[start] * (reach + 1);
  for (let n = 1; n <= reach; n += 1) sum += from[Math.min(last, start + n * step)];
  for (let n = 0; n < count; n += 1) {
    out[start + n * step] = sum / wide;
    sum += from[Math.min(last, start + (n + reach + 1) * step)] - from[Math.max(start, start + (n - reach) * step)];
  }
}

/* --- straight lines --- */

/* Points on edges with the slope's direction and strength; the strongest when there are too many. */
function edges(smooth, w, h) {
  const size = w * h, strength = new Float32Array(size), gx = new Float32Array(size), gy = new Float32Array(size);
  for (const plane of smooth) {
    for (let y = 2; y < h - 2; y += 1) for (let x = 2; x < w - 2; x += 1) {
      const i = y * w + x;
      const dx = (plane[i + 1] - plane[i - 1]) + 0.5 * (plane[i + 2] - plane[i - 2]);
      const dy = (plane[i + w] - plane[i - w]) + 0.5 * (plane[i + 2 * w] - plane[i - 2 * w]);
      const size2 = dx * dx + dy * dy;
      if (size2 > strength[i]) { strength[i] = size2; gx[i] = dx; gy[i] = dy; }
    }
  }
  const least = (2 * LEAST_SLOPE) ** 2, ridge = [];
  for (let y = 2; y < h - 2; y += 1) for (let x = 2; x < w - 2; x += 1) {
    const i = y * w + x, here = strength[i];
    if (here < least) continue;
    const dx = gx[i], dy = gy[i], ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy, diagonal = dx * dy > 0 ? 1 : -1;
    const step = ay > ax ? w + (ax > 0.41 * ay ? diagonal : 0) : 1 + (ay > 0.41 * ax ? diagonal * w : 0);
    if (here >= strength[i + step] && here > strength[i - step]) ridge.push(i);
  }
  if (ridge.length > MOST_POINTS) { ridge.sort((one, other) => strength[other] - strength[one]); ridge.length = MOST_POINTS; }
  const count = ridge.length;
  const points = { count, x: new Float32Array(count), y: new Float32Array(count), nx: new Float32Array(count), ny: new Float32Array(count), strength: new Float32Array(count) };
  for (let n = 0; n < count; n += 1) {
    const i = ridge[n], size1 = Math.sqrt(strength[i]);
    points.x[n] = i % w; points.y[n] = (i / w) | 0;
    points.nx[n] = gx[i] / size1; points.ny[n] = gy[i] / size1; points.strength[n] = size1;
  }
  return points;
}

/* The strongest lines across and along, each as (a, b, c) with ax + by + c = 0 and (a, b) of length one. */
function lines(points, w, h) {
  const reach = Math.ceil(Math.hypot(w, h) / RHO_STEP) + 1, wide = 2 * reach + 1;
  const votes = new Float32Array(ANGLES * wide);
  const cosines = new Float32Array(ANGLES), sines = new Float32Array(ANGLES);
  for (let n = 0; n < ANGLES; n += 1) { cosines[n] = Math.cos((n * Math.PI) / ANGLES); sines[n] = Math.sin((n * Math.PI) / ANGLES); }
  for (let p = 0; p < points.count; p += 1) {
    const x = points.x[p], y = points.y[p], weight = Math.min(points.strength[p], 16) + 2;
    const middle = Math.round(((Math.atan2(points.ny[p], points.nx[p]) + Math.PI) * ANGLES) / Math.PI);
    for (let turn = -4; turn <= 4; turn += 1) {
      const n = (middle + turn + ANGLES) % ANGLES;
      votes[n * wide + Math.round((x * cosines[n] + y * sines[n]) / RHO_STEP) + reach] += weight;
    }
  }
  const found = [[], []];
  const least = 0.6 * Math.min(w, h), peaks = [];
  for (let i = wide + 1; i < votes.length - wide - 1; i += 1) {
    const here = votes[i];
    if (here > least && here >= votes[i - 1] && here > votes[i + 1] && here >= votes[i - wide] && here > votes[i + wide]) peaks.push(i);
  }
  peaks.sort((one, other) => votes[other] - votes[one]);
  for (const at of peaks) {
    if (found[0].length >= LINES_EACH_WAY && found[1].length >= LINES_EACH_WAY) break;
    if (!votes[at]) continue;
    const n = Math.floor(at / wide), rho = (at % wide) - reach;
    for (let turn = -7; turn <= 7; turn += 1) { // its neighbours are the same line
      const near = n + turn, flip = near < 0 || near >= ANGLES, row = ((near + ANGLES) % ANGLES) * wide;
      const middle = reach + (flip ? -rho : rho);
      for (let r = Math.max(0, middle - 4); r <= Math.min(wide - 1, middle + 4); r += 1) votes[row + r] = 0;
    }
    const line = fitted(points, cosines[n], sines[n], rho * RHO_STEP);
    const way = Math.abs(line[1]) > Math.abs(line[0]) ? 0 : 1;
    if (found[way].length < LINES_EACH_WAY) found[way].push(line);
  }
  return found;
}

/* The line through the edge points near that one, weighted by their strength. */
function fitted(points, cosine, sine, rho) {
  let a = cosine, b = sine, c = -rho;
  for (const near of [3, 1.6]) {
    let weight = 0, mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (let p = 0; p < points.count; p += 1) {
      const x = points.x[p], y = points.y[p], away = a * x + b * y + c;
      if (away > near || away < -near) continue;
      const along = a * points.nx[p] + b * points.ny[p];
      if (along < 0.97 && along > -0.97) continue;
      const s = Math.min(points.strength[p], 20);
      weight += s; mx += s * x; my += s * y; xx += s * x * x; xy += s * x * y; yy += s * y * y;
    }
    if (weight < 40) break;
    mx /= weight; my /= weight;
    const turn = 0.5 * Math.atan2(2 * (xy / weight - mx * my), xx / weight - mx * mx - (yy / weight - my * my)); // where the points lie
    a = -Math.sin(turn); b = Math.cos(turn); c = -(a * mx + b * my);
  }
  return [a, b, c];
}

/* --- quadrangles --- */

function meet([a, b, c], [d, e, f]) {
  const cross = a * e - b * d;
  return Math.abs(cross) < 1e-6 ? null : [(b * f - c * e) / cross, (c * d - a * f) / cross];
}

function inside(point, w, h) {
  const margin = 0.02 * Math.max(w, h);
  return point && point[0] >= -margin && point[1] >= -margin && point[0] <= w - 1 + margin && point[1] <= h - 1 + margin ? point : null;
}

function ordered(quad) {
  if (!quad[0] || !quad[1] || !quad[2] || !quad[3]) return null;
  let area = 0;
  for (let i = 0; i < 4; i += 1) area += quad[i][0] * quad[(i + 1) % 4][1] - quad[(i + 1) % 4][0] * quad[i][1];
  if (area < 0) quad.reverse();
  let first = 0;
  for (let i = 1; i < 4; i += 1) if (quad[i][0] + quad[i][1] < quad[first][0] + quad[first][1]) first = i;
  return [0, 1, 2, 3].map(i => quad[(first + i) % 4]);
}

/* The share of the frame that the four corners enclose. */
export function area(quad, w, h) {
  let sum = 0;
  for (let i = 0; i < 4; i += 1) sum += quad[i][0] * quad[(i + 1) % 4][1] - quad[(i + 1) % 4][0] * quad[i][1];
  return Math.abs(sum) / 2 / (w * h);
}

export const lengths = quad => quad.map((point, i) => Math.hypot(quad[(i + 1) % 4][0] - point[0], quad[(i + 1) % 4][1] - point[1]));

function plausible(quad, w, h) {
  if (area(quad, w, h) < LEAST_AREA) return false;
  const sides = lengths(quad);
  if (Math.min(...sides) < 0.15 * Math.max(...sides)) return false;
  for (let i = 0; i < 2; i += 1) if (Math.max(sides[i], sides[i + 2]) > 2.2 * Math.min(sides[i], sides[i + 2])) return false;
  for (let i = 0; i < 4; i += 1) {
    const before = quad[(i + 3) % 4], here = quad[i], after = quad[(i + 1) % 4];
    const turn = (here[0] - before[0]) * (after[1] - here[1]) - (here[1] - before[1]) * (after[0] - here[0]);
    if (turn < 0.6 * sides[(i + 3) % 4] * sides[i]) return false; // not convex, or a corner of less than about 37°
  }
  return true;
}

const steps = new Float32Array(3 * SAMPLES);

/* What scanner/outline.py calls `scored`, for one quadrangle; null as soon as it cannot beat `least`. */
function scored(quad, smooth, w, h, least) {
  const sides = lengths(quad), share = area(quad, w, h) ** 0.22, [light, red, yellow] = smooth;
  let worst = 1, sum = 0, force = 0, on = 0, hidden = 0;
  for (let side = 0; side < 4; side += 1) {
    const [x1, y1] = quad[side], [x2, y2] = quad[(side + 1) % 4];
    const nx = -(y2 - y1) / sides[side], ny = (x2 - x1) / sides[side]; // inward, since the corners run clockwise
    let coverage = 0, size = 0, away = false;
    for (const probe of PROBES) {
      let mx = 0, my = 0, mz = 0, seen = 0;
      const px = nx * probe, py = ny * probe;
      for (let n = 0; n < SAMPLES; n += 1) {
        const t = 0.05 + (0.9 * n) / (SAMPLES - 1), x = x1 + (x2 - x1) * t + 0.5, y = y1 + (y2 - y1) * t + 0.5;
        if (x < px || y < py) continue;
        const ox = (x - px) | 0, oy = (y - py) | 0;
        if (ox >= w || oy >= h) continue;
        let ix = (x + px) | 0, iy = (y + py) | 0;
        ix = ix < 0 ? 0 : ix >= w ? w - 1 : ix; iy = iy < 0 ? 0 : iy >= h ? h - 1 : iy;
        const inner = iy * w + ix, outer = oy * w + ox, at = 3 * seen;
        mx += steps[at] = light[inner] - light[outer];
        my += steps[at + 1] = red[inner] - red[outer];
        mz += steps[at + 2] = yellow[inner] - yellow[outer];
        seen += 1;
      }
      if (seen < SAMPLES / 2) { away = true; break; }
      mx /= seen; my /= seen; mz /= seen;
      const mean = Math.sqrt(mx * mx + my * my + mz * mz), wanted = Math.min(STEP_SEEN, Math.max(STEP_FAINT, 0.4 * mean)) * mean;
      let agree = 0;
      for (let at = 0; at < 3 * seen; at += 3) if (steps[at] * mx + steps[at + 1] * my + steps[at + 2] * mz > wanted) agree += 1;
      coverage += agree / seen / PROBES.length;
      size += mean / PROBES.length;
    }
    if (away) { hidden += 1; if (hidden > 1) return null; continue; }
    worst = Math.min(worst, coverage);
    sum += coverage; force += Math.min(size, 40) / 40; on += 1;
    // nothing that the sides to come can add would be enough
    if ((0.5 * worst + (0.5 * (sum + 3 - on - hidden + 1)) / (4 - hidden)) * share * 0.75 ** hidden < least) return null;
  }
  const score = (0.5 * worst + (0.5 * sum) / on) * (0.35 + 0.65 * Math.min(1, force / on + 0.2)) * share * 0.75 ** hidden;
  return score < least ? null : { corners: quad, score, hidden };
}
