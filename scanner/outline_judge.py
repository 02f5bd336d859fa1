"""How likely a quad is the outline of a page: 40 measures of its sides, of the ring within and of the ring without.

A page's side is a step all along, stops at the corners, has paper of one colour within and something else without.
A shadow's edge has the same hue on both sides and the same writing; a gutter or a ruled line fades a little further
out; the edge of a plank goes on; a frame printed on the page is a thin dark line with paper and writing outside it, too.
The weights are in `outline_weights`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from scanner.outline_candidates import Field, areas
from scanner.outline_weights import JUDGES, MEASURES, OFFSET, OFFSETS, WEIGHTS

SAMPLES, QUICK_SAMPLES = 28, 14
PROBES_PX, QUICK_PROBE_PX, FAR_PX = (2.5, 5.0, 8.0), 4.0, (12.0, 18.0)
STEP_SEEN, STEP_FAINT = 9.0, 2.5  # levels from inside to outside that count as a side
LEAST_SINE = 0.55  # of a corner
OPPOSITE = 2.2  # a side at most so much longer than the opposite one
NEEDLE = 0.15
AROUND_SAMPLES, LEAST_AROUND = 20, 0.3  # along a side; and the share of them that must lie in the frame
INK_PX, INK_LEVELS = 9, 60  # the widest stroke that counts as writing, in a small copy; and the darkest
INK_PROBES_PX, MARGIN_PROBES_PX = (9.0, 13.0, 17.0, 22.0, 28.0), (9.0, 15.0, 22.0)
PAPER_PROBES_PX, DESK_PROBES_PX, LINE_PROBES_PX = (7.0, 12.0), (12.0, 18.0, 24.0), (-1.5, -0.5, 0.5, 1.5)
BESIDE_LINE_PX = 4.0
UNSEEN_LIKENESS, UNSEEN_SPREAD = 2.5, 10.0  # where nothing of what is around is in the frame


@dataclass(frozen=True)
class _Sides:
    """Of n quads: starts (n, 4, 2), along and inward normals likewise, which sides are seen, and how many."""

    quads: np.ndarray
    along: np.ndarray
    lengths: np.ndarray
    inward: np.ndarray

    @classmethod
    def of(cls, quads: np.ndarray) -> _Sides:
        along = np.roll(quads, -1, axis=1) - quads
        lengths = np.maximum(np.linalg.norm(along, axis=2), 1e-6)
        return cls(quads, along, lengths, np.stack([-along[..., 1], along[..., 0]], axis=2) / lengths[..., None])

    def points(self, t: np.ndarray, inside: float = 0.0) -> np.ndarray:
        """(n, 4, len(t), 2): points at these shares of each side, so many pixels inside of it."""
        on = self.quads[:, :, None] + self.along[:, :, None] * t[None, None, :, None]
        moved: np.ndarray = on + self.inward[:, :, None] * inside
        return moved.astype(np.float32)

    def points_at(self, t: np.ndarray, probes: Iterable[float]) -> np.ndarray:
        """(n, 4, len(t) * number of probes, 2): such points for each of these distances, one after the other."""
        return np.concatenate([self.points(t, probe) for probe in probes], axis=2)

    def shape(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Least sine of a corner, largest ratio of opposite sides, and whether a page can look like that; (n,) each."""
        before = np.roll(self.along, 1, axis=1)
        turn = before[..., 0] * self.along[..., 1] - before[..., 1] * self.along[..., 0]
        sine = (turn / (self.lengths * np.roll(self.lengths, 1, axis=1))).min(axis=1)
        opposite = np.roll(self.lengths, 2, axis=1)
        ratio = (np.maximum(self.lengths, opposite) / np.minimum(self.lengths, opposite)).max(axis=1)
        fits = (sine > LEAST_SINE) & (self.lengths.min(axis=1) > NEEDLE * self.lengths.max(axis=1)) & (ratio < OPPOSITE)
        return sine, ratio, fits


def quick(planes: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Scores (n,) from 0 to 1 of quads (n, 4, 2), clockwise: how much of a step their sides are."""
    sides = _Sides.of(quads)
    t = np.linspace(0.06, 0.94, QUICK_SAMPLES, dtype=np.float32)
    outer = sides.points(t, -QUICK_PROBE_PX)
    steps = _at(planes, sides.points(t, QUICK_PROBE_PX)) - _at(planes, outer)
    seen = _visible(outer, planes.shape[1] + 1, planes.shape[0] + 1)  # a page may end on the frame's last pixel
    _, size, coverage = _agreement(steps, seen, 3.0)
    on = ~(seen.mean(axis=2) < 0.5)
    count = np.maximum(on.sum(axis=1), 1)
    least = np.where(on, coverage, 1).min(axis=1)
    force = (np.minimum(size, 40) / 40 * on).sum(axis=1) / count
    area = areas(quads) / (planes.shape[0] * planes.shape[1])
    score: np.ndarray = (0.5 * least + 0.5 * (coverage * on).sum(axis=1) / count) * area**0.22
    score = score * (0.35 + 0.65 * np.minimum(1, force + 0.2)) * 0.75 ** (~on).sum(axis=1)
    score[((~on).sum(axis=1) > 1) | ~sides.shape()[2]] = 0
    return score


def weigh(seen: Field, quads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n,) of quads (n, 4, 2), clockwise, being the page, 0 standing for "no page"; and whether they can be."""
    measures, possible = _measures(seen, quads)
    table = np.stack([measures[name] for name in MEASURES], axis=1)
    logits: np.ndarray = np.tanh(table @ WEIGHTS + OFFSETS) @ JUDGES + OFFSET
    return logits, possible


def _measures(seen: Field, quads: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    planes = seen.planes
    height, width = planes.shape[:2]
    sides = _Sides.of(quads)
    sine, ratio, fits = sides.shape()
    t = np.linspace(0.04, 0.96, SAMPLES, dtype=np.float32)

    shares, sizes, hidden, within, without = [], [], [], [], []
    for probe in PROBES_PX:
        inner, outer = _at(planes, sides.points(t, probe)), sides.points(t, -probe)
        visible = _visible(outer, width, height)
        outside = _at(planes, outer)
        _, size, share = _agreement(inner - outside, visible, STEP_FAINT)
        shares.append(share)
        sizes.append(size)
        hidden.append(visible.mean(axis=2) < 0.5)
        within.append(inner)
        without.append(outside)
    on = ~(hidden[0] | hidden[1])
    count = np.maximum(on.sum(axis=1), 1)

    def mean(values: np.ndarray) -> np.ndarray:
        averaged: np.ndarray = (values * on).sum(axis=1) / count
        return averaged

    coverage, size = 0.5 * np.max(shares[:2], axis=0) + 0.5 * np.mean(shares, axis=0), np.mean(sizes, axis=0)
    by_size = np.sort(np.where(on, coverage, 1), axis=1)
    strength = np.log(size + 1)
    found = {"least": by_size[:, 0], "second": by_size[:, 1], "mid": mean(coverage)}
    found |= {"flow": np.where(on, strength, 9).min(axis=1), "fmid": mean(strength)}
    found["fmin"] = np.where(on, np.minimum(size, 50) / 50, 1).min(axis=1)

    on_edge = _on_edges(seen, sides, t)
    found |= {"edge_min": np.where(on, on_edge, 1).min(axis=1), "edge_mid": mean(on_edge)}
    beyond = _goes_on(planes, sides, t) * np.concatenate([on, on], axis=1)
    found |= {"ext_max": np.sort(beyond, axis=1)[:, -2:].mean(axis=1), "ext_mid": beyond.mean(axis=1)}

    ring = np.concatenate(within[1:], axis=2)
    paper, around = np.median(ring, axis=2), np.median(np.concatenate(without[1:], axis=2), axis=2)  # (n, 4, 3)
    usual = (paper * on[..., None]).sum(axis=1) / count[:, None]
    spread = np.sqrt((((paper - usual[:, None]) ** 2) * on[..., None]).sum(axis=1) / count[:, None])
    # one desk lies round a page on all sides; round a part of it there is desk and page
    desk = (around * on[..., None]).sum(axis=1) / count[:, None]
    scatter = (around - desk[:, None]) * on[..., None]
    found |= {"desk_light": np.log(1 + np.abs(scatter[..., 0]).max(axis=1))}
    found |= {"desk_hue": np.log(1 + np.hypot(scatter[..., 1], scatter[..., 2]).max(axis=1))}
    differ = np.sqrt(((paper - around) ** 2).sum(axis=2))
    found |= {"in_spread": np.log(1 + spread[:, 0]), "in_chroma": np.log(1 + np.hypot(spread[:, 1], spread[:, 2]))}
    found |= {"contrast": np.where(on, np.log(1 + differ), 9).min(axis=1), "out_like": mean(np.log(1 + differ))}
    area = areas(quads) / (height * width)
    found |= {"area": area, "larea": np.log(np.maximum(area, 1e-3)), "hid": (~on).sum(axis=1).astype(np.float64)}
    found |= {"sin": sine, "ratio": np.log(ratio), "bright": usual[:, 0] / 255}
    found["tex_in"] = np.log(1 + np.median(np.std(ring[..., 0], axis=2), axis=1))
    found["signs"] = np.abs(np.sign((paper - around)[..., 0] * on).sum(axis=1)) / count
    centre = quads.mean(axis=1, keepdims=True)
    for name, inset in (("fillin", 0.06), ("deep", 0.12)):
        away = np.sqrt(((_at(planes, quads + (centre - quads) * inset) - usual[:, None]) ** 2).sum(axis=2))
        found[name] = np.log(1 + (away.max(axis=1) if name == "fillin" else away.mean(axis=1)))

    far = _lasts(planes, sides, t, paper - around, on)
    found |= {"persist": far.min(axis=1), "far_mid": far.mean(axis=1)}
    inner_detail = np.log(1 + _at(seen.strength, sides.points(t, 9)).mean(axis=2))
    outer = sides.points(t, -9)
    visible = _visible(outer, width, height)
    outer_detail = np.log(1 + (_at(seen.strength, outer) * visible).sum(axis=2) / np.maximum(visible.sum(axis=2), 1))
    found |= {"tex_out": np.where(on, outer_detail, -9).max(axis=1), "tex_gap": mean(inner_detail) - mean(outer_detail)}
    hue = np.hypot(paper[..., 1] - around[..., 1], paper[..., 2] - around[..., 2])
    shade = np.where(on, np.clip(((around - paper)[..., 0] - 2 * hue) / 15, 0, 3), 0)
    found |= {"shade": shade.max(axis=1), "shade_n": np.sort(shade, axis=1)[:, -2]}
    found |= _surroundings(seen, sides)
    first = quick(planes, quads)
    found |= {"quick": first, "quick_rel": first / max(float(first.max()), 1e-6)}
    return found, fits & ((~on).sum(axis=1) < 2)


def _surroundings(seen: Field, sides: _Sides) -> dict[str, np.ndarray]:
    """What tells a frame printed on a page from the page: writing outside it, a thin dark line, paper on both sides."""
    height, width = seen.planes.shape[:2]
    t = np.linspace(0.06, 0.94, AROUND_SAMPLES, dtype=np.float32)
    light = seen.colours[..., 0]
    strokes = cv2.morphologyEx(light.astype(np.uint8), cv2.MORPH_BLACKHAT, np.ones((INK_PX, INK_PX), np.uint8))
    ink = cv2.GaussianBlur(np.minimum(strokes, INK_LEVELS).astype(np.float32), (0, 0), 1.0)
    outer = sides.points_at(t, [-probe for probe in INK_PROBES_PX])
    visible = _visible(outer, width, height)
    count = visible.sum(axis=2)
    without = (_at(ink, outer) * visible).sum(axis=2) / np.maximum(count, 1)
    without = np.where(count > LEAST_AROUND * visible.shape[2], without, 0)
    margin = np.log(1 + _at(ink, sides.points_at(t, MARGIN_PROBES_PX)).mean(axis=2).mean(axis=1))
    found = {"ink_out": np.log(1 + without.max(axis=1))}
    found["ink_rel"] = found["ink_out"] - margin

    soft = cv2.GaussianBlur(light, (0, 0), 0.7)
    outside = sides.points(t, -BESIDE_LINE_PX)
    darkest = np.min([_at(soft, sides.points(t, offset)) for offset in LINE_PROBES_PX], axis=0)
    beside = np.minimum(_at(soft, sides.points(t, BESIDE_LINE_PX)), _at(soft, outside))
    visible = _visible(outside, width, height)
    line = (np.clip(beside - darkest, -20, 40) * visible).sum(axis=2) / np.maximum(visible.sum(axis=2), 1) / 10
    found |= {"ridge": line.mean(axis=1), "ridge_max": line.max(axis=1)}

    paper = np.median(_at(seen.colours, sides.points_at(t, PAPER_PROBES_PX)), axis=2)
    outer = sides.points_at(t, [-probe for probe in DESK_PROBES_PX])
    visible = _visible(outer, width, height)
    desk, spread = _of_visible(_at(seen.colours, outer), visible)
    on = visible.mean(axis=2) > LEAST_AROUND
    unlike = np.where(on, np.log(1 + np.sqrt(((paper - desk) ** 2).sum(axis=2))), 0).sum(axis=1)
    number = on.sum(axis=1)
    found["far_like"] = np.where(number > 0, unlike / np.maximum(number, 1), UNSEEN_LIKENESS)
    found["flat_out"] = np.log(1 + np.where(number > 0, np.where(on, spread, 0).max(axis=1), UNSEEN_SPREAD))
    return found


def _of_visible(values: np.ndarray, visible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median colour (n, 4, 3) and spread of lightness (n, 4) of the visible ones of values (n, 4, samples, 3)."""
    count = visible.sum(axis=2)
    ordered = np.sort(np.where(visible[..., None], values, np.inf), axis=2)
    last = np.maximum(count - 1, 0)
    lower, upper = ((last // 2)[..., None, None], ((last + 1) // 2)[..., None, None])
    middle = (np.take_along_axis(ordered, lower, 2) + np.take_along_axis(ordered, upper, 2))[:, :, 0] / 2
    light = values[..., 0] * visible
    mean = light.sum(axis=2) / np.maximum(count, 1)
    square = (light * values[..., 0]).sum(axis=2) / np.maximum(count, 1)
    shown = (count > 0)[..., None]
    return np.where(shown, middle, 0), np.sqrt(np.maximum(square - mean**2, 0))


def _on_edges(seen: Field, sides: _Sides, t: np.ndarray) -> np.ndarray:
    """Share of each side that lies on a thin edge running its way."""
    near = cv2.dilate(seen.edges.astype(np.uint8), np.ones((3, 3), np.uint8))
    hit = np.zeros((*sides.lengths.shape, len(t)), bool)
    for offset in (-1.0, 0.0, 1.0):
        points = sides.points(t, offset)
        slope = _at(seen.slopes, points)
        across = np.abs((slope * sides.inward[:, :, None]).sum(axis=3))
        hit |= (across > 0.9 * np.linalg.norm(slope, axis=3)) & (_at(near, points) > 0)
    share: np.ndarray = hit.mean(axis=2)
    return share


def _goes_on(planes: np.ndarray, sides: _Sides, t: np.ndarray) -> np.ndarray:
    """(n, 8): share of the step that is still there before the start and after the end of each side."""
    height, width = planes.shape[:2]
    step = _at(planes, sides.points(t, 3)).mean(axis=2) - _at(planes, sides.points(t, -3)).mean(axis=2)
    size = np.sqrt((step**2).sum(axis=2))
    direction = step / np.maximum(size, 1e-6)[..., None]
    shares = []
    for start, end in ((-0.16, -0.04), (1.04, 1.16)):
        t_out = np.linspace(start, end, 8, dtype=np.float32)
        on = sides.points(t_out)
        inside = (on[..., 0] > 3) & (on[..., 0] < width - 4) & (on[..., 1] > 3) & (on[..., 1] < height - 4)
        here = _at(planes, sides.points(t_out, 3)) - _at(planes, sides.points(t_out, -3))
        along = (here * direction[:, :, None]).sum(axis=3)
        shares.append(((along > np.clip(0.4 * size, STEP_FAINT, STEP_SEEN)[..., None]) & inside).sum(axis=2) / 8)
    return np.concatenate(shares, axis=1)


def _lasts(planes: np.ndarray, sides: _Sides, t: np.ndarray, step: np.ndarray, on: np.ndarray) -> np.ndarray:
    """(n, 4): how much of each side's step is left further out."""
    size = np.sqrt((step**2).sum(axis=2))
    shares = []
    for probe in FAR_PX:
        steps, seen = _steps(planes, sides, t, probe)
        count = seen.sum(axis=2)
        mean = (steps * seen[..., None]).sum(axis=2) / np.maximum(count, 1)[..., None]
        left = (mean * step).sum(axis=2) / np.maximum(size, 1e-3) / np.maximum(size, 2.0)
        shares.append(np.where(on & (count > 8), np.clip(left, -1, 1.5), 1.0))
    return np.asarray(np.mean(shares, axis=0))


def _steps(planes: np.ndarray, sides: _Sides, t: np.ndarray, probe: float) -> tuple[np.ndarray, np.ndarray]:
    """Inside minus outside, (n, 4, len(t), 3), and whether the outside is in the frame, (n, 4, len(t))."""
    height, width = planes.shape[:2]
    outer = sides.points(t, -probe)
    return _at(planes, sides.points(t, probe)) - _at(planes, outer), _visible(outer, width, height)


def _agreement(steps: np.ndarray, seen: np.ndarray, faint: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean step of each side, its size, and the share of the side that steps the same way."""
    count = np.maximum(seen.sum(axis=2), 1)
    mean = (steps * seen[..., None]).sum(axis=2) / count[..., None]
    size = np.sqrt((mean**2).sum(axis=2))
    along = (steps * (mean / np.maximum(size, 1e-6)[..., None])[:, :, None]).sum(axis=3)
    wanted = np.clip(0.4 * size, faint, STEP_SEEN)[..., None]
    return mean, size, ((along > wanted) & seen).sum(axis=2) / count


def _visible(points: np.ndarray, width: int, height: int) -> np.ndarray:
    x, y = points[..., 0], points[..., 1]
    visible: np.ndarray = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return visible


def _at(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    x = np.clip(np.rint(points[..., 0]).astype(np.int32), 0, width - 1)
    y = np.clip(np.rint(points[..., 1]).astype(np.int32), 0, height - 1)
    values: np.ndarray = picture[y, x]
    return values
