#!/usr/bin/env bash
# Installs what a target of the Makefile needs, and nothing twice. usage: deploy/setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}
PATH=$PATH:/usr/sbin:/sbin # ldconfig and ippeveprinter, for whoever is not root

say() { printf '  %s\n' "$*" >&2; }

# --- system packages: what is missing, by the file or command that shows it ---
declare -A shows=(
  [libzbar0]="$(ldconfig -p 2>/dev/null | grep -o 'libzbar\.so\.0' | head -n 1 || true)"
  [fonts-noto-cjk]="$(ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc 2>/dev/null || true)"
  [fonts-cns11643-kai]="$(find /usr/share/fonts -iname '*tw-kai*' -print -quit 2>/dev/null || true)"
  [python3-venv]="$(python3 -c 'import ensurepip; print("here")' 2>/dev/null || true)"
)
wanted=(libzbar0 fonts-noto-cjk fonts-cns11643-kai python3-venv)
if [ "$purpose" = test ]; then
  shows[chromium]="$(command -v chromium || true)"
  shows[poppler-utils]="$(command -v pdftoppm || true)"
  shows[qpdf]="$(command -v qpdf || true)"
  shows[cups-ipp-utils]="$(command -v ippeveprinter || true)"
  shows[avahi-daemon]="$(command -v avahi-daemon || true)"
  shows[dbus]="$(command -v dbus-daemon || true)"
  # the tests start clusters of their own in temporary folders; the package's default one is not made (below)
  shows[postgresql]="$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | head -n 1 || true)"
  # Playwright's own Node needs it; a small Debian does not have it
  shows[libatomic1]="$(ldconfig -p 2>/dev/null | grep -o 'libatomic\.so\.1' | head -n 1 || true)"
  wanted+=(postgresql libatomic1 chromium poppler-utils qpdf cups-ipp-utils avahi-daemon dbus)
fi
missing=()
for package in "${wanted[@]}"; do [ -n "${shows[$package]:-}" ] || missing+=("$package"); done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing system packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      mkdir -p /etc/postgresql-common
      printf 'create_main_cluster = false\nstart_conf = manual\n' > /etc/postgresql-common/createcluster.conf
    fi
    apt-get update -qq >/dev/null
    # most tests' pages need no window, and start at half the cost without; older releases do not have this apart (tests/browsers.py)
    if [[ " ${missing[*]} " == *" chromium "* ]] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
      missing+=(chromium-headless-shell)
    fi
    apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
  else
    echo "These system packages are missing: ${missing[*]}" >&2
    echo "Install them with:  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

# --- Python: one virtual environment, from the lock with hashes ---
python=$(command -v python3.11 || command -v python3)
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (found $("$python" -V))." >&2; exit 1; }
lock=$(sha256sum requirements.lock | cut -c1-16)
if [ ! -f ".venv/.lock-$lock" ]; then
  say "setting up the Python environment (.venv), about a minute"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
  rm -f .venv/.lock-*
  : > ".venv/.lock-$lock"
fi
# the checkout itself, importable from anywhere, and its command
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$PWD" > "$site/honorcard.pth"
printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m cli "$@"\n' "$PWD" > .venv/bin/honorcard
chmod +x .venv/bin/honorcard

# --- front-end parts: installed by npm, copied beside our own files ---
if [ ! -f static/vendor/MANIFEST ] || [ ! static/vendor/MANIFEST -nt package-lock.json ]; then
  command -v npm >/dev/null || { echo "Node.js with npm is needed for the front-end parts (htmx, the reader of codes)." >&2; exit 1; }
  say "installing the front-end parts"
  npm ci --silent --no-audit --no-fund >/dev/null
  mkdir -p static/vendor
  cp node_modules/htmx.org/dist/htmx.min.js static/vendor/
  cp node_modules/zxing-wasm/dist/iife/reader/index.js static/vendor/zxing-reader.js
  cp node_modules/zxing-wasm/dist/reader/zxing_reader.wasm static/vendor/
  (cd static/vendor && sha256sum -- *.js *.wasm > MANIFEST)
fi
