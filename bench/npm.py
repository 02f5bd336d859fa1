"""Programs from npm to be measured with or against, installed when they are first wanted, into a cache."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path


@functools.cache
def modules(here: Path) -> Path | None:
    """The folder of the modules that `package.json` in `here` names, in its versions; None, and a word about it, where npm gives
    none.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "honorcard-bench" / here.name
    wanted = (here / "package.json").read_text()
    if (cache / "package.json").is_file() and (cache / "package.json").read_text() == wanted:
        return cache / "node_modules"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    try:
        # no scripts: a binding that is needed (LevelDB's) is in its package, nothing is compiled
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(cache),
             *(f"{name}@{version}" for name, version in json.loads(wanted)["dependencies"].items())],
            check=True, capture_output=True, timeout=600, cwd=cache,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        print(f"({here.name} could not be installed: {type(error).__name__}; its lines are left out)")
        return None
    (cache / "package.json").write_text(wanted)
    return cache / "node_modules"
