"""Server time of the kiosk's pages, and what each weighs and how soon it stands in a browser four times slower than this machine.

    .venv/bin/python -m bench.kiosk_care [--browser] [--times 30] [--only take/cover --only /]

A sample kiosk with its own store in a temporary folder, unlocked, an application begun; with --browser it is served on loopback to
Chromium at 390 × 844, processor slowed four times, cold cache, each page five times. A line a page: p50 and p95, LCP
(median, least) in milliseconds, kilobytes transferred, requests, and when the camera's own picture came (median), where one did.
LCP is all of it, the sentences too that the camera says once it sees something.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.kiosk.applying import Applicant
from tests.kiosk.scene import PIN, Scene, build

PAGES = (
    "/", "/unlock", "/apply/new", "/tray", "/queue", "/print", "/print/slip", "/verify", "/roster", "/record",
    "/staff/care", "/staff/printer", "/staff/enrol", "/staff/care/settings",
)  # fmt: skip
STEPS = ("identity", "take/headshot", "take/cover", "book")
SLOWER, RUNS = 4, 5
_WATCH = "window.__lcp = 0; window.__seen = NaN;" \
         "addEventListener('playing', e => { e.target.requestVideoFrameCallback(at => { window.__seen ||= at; }); }, true);" \
         "new PerformanceObserver(l => { for (const e of l.getEntries()) window.__lcp = e.startTime; })" \
         ".observe({type: 'largest-contentful-paint', buffered: true});"  # fmt: skip


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--only", action="append", metavar="PAGE", help="a page of those measured; all without")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene, begun, addresses = sample(Path(folder))
        pages = tuple(address for page, address in addresses.items() if not asked.only or page in asked.only)
        rows = served(scene, pages, asked.times)
        seen = shown(scene, pages) if asked.browser else {}
    for path, (half, most) in rows.items():
        lcp, least, weight, requests, camera = seen.get(path, (float("nan"),) * 5)
        name = path.replace(begun.id, "…")
        print(
            f"| `{name}` | {half:.1f} | {most:.1f} | {lcp:.0f} ({least:.0f}) | {weight:.0f} | {requests:.0f} | {camera:.0f} |"
        )
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


def sample(folder: Path) -> tuple[Scene, Applicant, dict[str, str]]:
    """A kiosk with ten applications in its tray, one begun, and where each page is."""
    scene = build(folder)
    for number in range(10):
        scene.submit(f"王○{number}")
    begun = Applicant(scene)
    begun.identify()
    return scene, begun, {**{page: page for page in PAGES}, **{step: begun.url(step) for step in STEPS}}


def served(scene: Scene, pages: Sequence[str], times: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 of each page, milliseconds of processor time of this process."""
    client, rows = scene.client(), {}
    for path in pages:
        if client.get(path).status_code != 200:
            continue
        took = []
        for _ in range(times):
            began = time.process_time()
            client.get(path)
            took.append((time.process_time() - began) * 1000)
        rows[path] = (statistics.median(took), sorted(took)[int(len(took) * 0.95)])
    return rows


def shown(scene: Scene, pages: Sequence[str]) -> dict[str, tuple[float, float, float, float, float]]:
    """Of each page, cold: LCP in milliseconds, median and least; transferred kilobytes, requests; the camera's first picture in
    milliseconds, not a number where there is none.
    """
    import waitress
    from playwright.sync_api import sync_playwright

    server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    base, found = f"http://127.0.0.1:{server.effective_port}", {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        for path in pages:
            runs = [_shown(browser, base, path) for _ in range(RUNS)]
            times = [run[0] for run in runs]
            cameras = statistics.median(run[3] for run in runs)
            found[path] = (statistics.median(times), min(times), runs[0][1], runs[0][2], cameras)
        browser.close()
    server.close()
    return found


def _shown(browser: Any, base: str, path: str) -> tuple[float, float, float, float]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-TW")
    context.add_init_script(_WATCH)
    context.request.post(base + "/unlock", form={"pin": PIN})
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    weights: list[float] = []
    tools.on("Network.loadingFinished", lambda said: weights.append(said["encodedDataLength"]))
    page.goto(base + path)
    page.wait_for_timeout(
        1500 if "take/" not in path and path != "/verify" else 3500
    )  # the camera, and what it says first
    lcp, camera = (float(page.evaluate(name) or "nan") for name in ("window.__lcp", "window.__seen"))
    measured = lcp, sum(weights) / 1000, float(len(weights)), camera
    context.close()
    return measured


if __name__ == "__main__":
    main()
