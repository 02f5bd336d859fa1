"""Server time of the kiosk's pages, and what each weighs and how soon it stands in a browser four times slower than this machine.

    .venv/bin/python -m bench.kiosk_care [--browser] [--times 30]

A sample kiosk with its own store in a temporary folder, unlocked; with --browser it is served on loopback to Chromium at 390 × 844,
processor slowed four times, cold cache. A line a page: p50, p95 and LCP in milliseconds, kilobytes transferred.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tests.kiosk.scene import PIN, Scene, build

PAGES = (
    "/", "/unlock", "/apply/new", "/tray", "/queue", "/print", "/print/slip", "/verify", "/roster", "/record",
    "/staff/care", "/staff/printer", "/staff/enrol", "/staff/care/settings",
)  # fmt: skip
SLOWER = 4
_WATCH = "window.__lcp = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) window.__lcp = e.startTime; })" \
         ".observe({type: 'largest-contentful-paint', buffered: true});"  # fmt: skip


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--times", type=int, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene = build(Path(folder))
        for number in range(10):
            scene.submit(f"王○{number}")
        rows = served(scene, asked.times)
        seen = shown(scene) if asked.browser else {}
    for path, (half, most) in rows.items():
        lcp, weight = seen.get(path, (float("nan"), float("nan")))
        print(f"| `{path}` | {half:.1f} | {most:.1f} | {lcp:.0f} | {weight:.0f} |")


def served(scene: Scene, times: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 of each page, milliseconds of processor time of this process."""
    client, rows = scene.client(), {}
    for path in PAGES:
        if client.get(path).status_code != 200:
            continue
        took = []
        for _ in range(times):
            began = time.process_time()
            client.get(path)
            took.append((time.process_time() - began) * 1000)
        rows[path] = (statistics.median(took), sorted(took)[int(len(took) * 0.95)])
    return rows


def shown(scene: Scene) -> dict[str, tuple[float, float]]:
    """LCP in milliseconds and transferred kilobytes of each page, cold."""
    import waitress
    from playwright.sync_api import sync_playwright

    server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    base, found = f"http://127.0.0.1:{server.effective_port}", {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for path in PAGES:
            context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-TW")
            context.add_init_script(_WATCH)
            context.request.post(base + "/unlock", form={"pin": PIN})
            page = context.new_page()
            tools = context.new_cdp_session(page)
            tools.send("Network.enable")
            tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            weights: list[float] = []
            tools.on("Network.loadingFinished", lambda said, weights=weights: weights.append(said["encodedDataLength"]))
            page.goto(base + path)
            page.wait_for_timeout(1500)
            found[path] = (float(page.evaluate("window.__lcp")), sum(weights) / 1000)
            context.close()
        browser.close()
    server.close()
    return found


if __name__ == "__main__":
    main()
