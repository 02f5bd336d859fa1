"""Which Chromium the tests drive."""

from __future__ import annotations

import os
import shutil

WHOLE = os.environ.get("CHROMIUM", "/usr/bin/chromium")
"""As people have it: windows, a viewer for PDF, installed pages, a profile that is there again after a new start."""

SHELL = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or WHOLE
"""The same engine from the same package, with nothing around the page, for four tenths less of processor time: for all that happens
within pages. Where the package does not exist, the whole one."""
