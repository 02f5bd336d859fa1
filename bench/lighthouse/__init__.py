"""What Lighthouse says of the kiosk's pages: its marks (0 to 100) and, on the device it plays (a phone, its processor slowed four
times, 1.6 Mbit/s), when the largest thing stood, how long the page did not answer, how far things jumped.

    .venv/bin/python -m bench.lighthouse [PAGE ...]

Lighthouse comes from npm when it is first run; where it does not, a word says so. Node 18.20 or newer.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import threading
from pathlib import Path

import waitress

from bench import kiosk_care, npm
from tests.kiosk.scene import Scene

HERE = Path(__file__).parent
FLAGS = "--headless=new --no-sandbox --disable-gpu --use-fake-ui-for-media-stream --use-fake-device-for-media-stream"
MARKS = ("performance", "accessibility", "best-practices")
FIGURES = ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "total-byte-weight")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="of those in bench.kiosk_care; all without")
    asked = parser.parse_args()
    modules = npm.modules(HERE)
    if modules is None:
        return
    print("| page | performance | accessibility | best practices | LCP ms | blocked ms | shift | kB |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        scene, begun, addresses = kiosk_care.sample(Path(folder))
        server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        for page, address in addresses.items():
            if (page in asked.pages or not asked.pages) and scene.client().get(address).status_code == 200:
                said = _asked(modules, f"http://127.0.0.1:{server.effective_port}{address}", _cookie(scene), Path(folder))
                print(f"| `{address.replace(begun.id, '…')}` | {said}", flush=True)
        server.close()
    print(f"\nload of the machine {os.getloadavg()[0]:.1f}")


def _cookie(scene: Scene) -> str:
    """Of a screen that staff unlocked."""
    client = scene.client()
    client.get("/")
    return "; ".join(f"{one.key}={one.value}" for one in client._cookies.values())


def _asked(modules: Path, url: str, cookie: str, folder: Path) -> str:
    headers, report = folder / "headers.json", folder / "report.json"
    headers.write_text(json.dumps({"Cookie": cookie}))
    done = subprocess.run(
        ["node", str(modules / "lighthouse" / "cli" / "index.js"), url, "--quiet", "--output=json", f"--output-path={report}",
         f"--only-categories={','.join(MARKS)}", f"--extra-headers={headers}", "--disable-storage-reset",
         f"--chrome-flags={FLAGS}"],
        env={**os.environ, "CHROME_PATH": os.environ.get("CHROMIUM", "/usr/bin/chromium")}, check=False, timeout=300,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:  # a camera that presses its own shutter leads away from the page that is looked at
        return f"not looked at: {(done.stderr.strip().splitlines() or ['no word'])[-1][:120]} | | | | | | |"
    said = json.loads(report.read_text())
    marks = [f"{(said['categories'][name]['score'] or 0) * 100:.0f}" for name in MARKS]
    lcp, blocked, shift, weight = (said["audits"][name].get("numericValue", float("nan")) for name in FIGURES)
    failed = [name for name, one in said["audits"].items() if one.get("score") == 0 and one.get("scoreDisplayMode") == "binary"]
    words = f"{' | '.join(marks)} | {lcp:.0f} | {blocked:.0f} | {shift:.3f} | {weight / 1000:.0f} |"
    return words + (f"\n  ({', '.join(failed)})" if failed else "")


if __name__ == "__main__":
    main()
