"""Guidance in the browser: answers a second while Chromium's camera plays a film drawn here, and what one answer costs."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.journeys.filming import film, filmed, lying, moving, served, still, unlocked
from tests.kiosk.scene import build

WANTED = 8  # answers a second, on two cores
SECONDS = 8
COUNT = """async seconds => {
  const { live } = await import('/static/js/live.js'), video = document.querySelector('video'), at = [];
  const guide = live(video, () => at.push(performance.now()));
  guide.start();
  await new Promise(done => setTimeout(done, 1500)); // the worker starts
  at.length = 0;
  await new Promise(done => setTimeout(done, 1000 * seconds));
  guide.stop();
  return at.slice(1).map((one, i) => one - at[i]);
}"""
COST = """async runs => {
  const { judge } = await import('/static/js/live-judge.js'), { sampler } = await import('/static/js/live-frames.js');
  const video = document.querySelector('video'), judging = judge(), took = [];
  const sample = sampler(() => document.createElement('canvas'));
  let corners = null;
  for (let n = 0; n < runs; n += 1) {
    const { frame, detail } = sample(video, video.videoWidth, video.videoHeight, corners), begun = performance.now();
    corners = judging.look(frame, detail).corners;
    took.push(performance.now() - begun);
  }
  return took.slice(2);
}"""


def run() -> None:
    """Prints the table."""
    print("## Guidance in the browser (Chromium, 1280 × 720)\n")
    print(f"| film | answers/s | goal | gap p95 ms | one judgement, median ms | p95 ms |\n|{'---|' * 6}")
    films = {"a page lying still": still(lying(1), 1), "a page in a hand": moving(lying(1), 2)}
    with (
        tempfile.TemporaryDirectory() as folder,
        served(build(Path(folder) / "kiosk")) as kiosk,
        sync_playwright() as one,
    ):
        for name, frames in films.items():
            with filmed(one, film(Path(folder) / "film.mjpeg", frames), whole=True) as browser:
                page = unlocked(kiosk, browser)
                page.add_init_script("localStorage.setItem('camera-auto', 'off')")
                page.goto(kiosk.url + kiosk.applicant().url("previous/scan"))  # a camera without guidance of its own
                page.wait_for_selector("[data-shoot][data-state=ready]")
                gaps, took = page.evaluate(COUNT, SECONDS), page.evaluate(COST, 40)
            rate = 1000 * len(gaps) / sum(gaps)
            print(
                f"| {name} | {rate:.1f} | {'≥' if rate >= WANTED else 'MISSED'} {WANTED} | {_p95(gaps):.0f} |"
                f" {statistics.median(took):.0f} | {_p95(took):.0f} |"
            )


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]
