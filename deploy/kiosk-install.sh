#!/usr/bin/env bash
# Makes a Debian tablet or mini-PC start straight into the kiosk. May be run again: what is done already is left alone.
#   sudo deploy/kiosk-install.sh [--rotate normal|90|180|270]      installs this checkout as a version and brings it into use
#   deploy/kiosk-install.sh --check                                names what is missing, changes nothing; status 1 when something is
#   --root DIR    as if DIR were / (for images and for tests): files alone, no packages, accounts or services
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
check=no root='' rotate=''
while [ $# -gt 0 ]; do
  case $1 in
    --check) check=yes ;;
    --root) root=${2:?}; shift ;;
    --rotate) rotate=${2:?}; shift ;;
    *) sed -n '2,5s/^# \{0,3\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
case $rotate in '' | normal | 90 | 180 | 270) ;; *) echo "--rotate is normal, 90, 180 or 270" >&2; exit 2 ;; esac

packages=(chromium cage wlr-randr curl systemd-timesyncd cups fonts-noto-cjk fonts-cns11643-kai libzbar0 python3-venv)
units=(honorcard-kiosk.service honorcard-screen.service honorcard-update.service honorcard-update.timer)
opt=$root/opt/honorcard srv=$root/srv/honorcard/kiosk etc=$root/etc
missing=0
say() { printf '  %s\n' "$*" >&2; }
lacks() { missing=1; say "$@"; }

# --- one thing at a time: is it as it should be; if not, name it or make it so ---
put() { # source target mode
  if cmp -s "$1" "$2"; then return; fi
  if [ "$check" = yes ]; then lacks "differs or is missing: $2"; return; fi
  install -D -m "$3" "$1" "$2"
  say "wrote $2"
}
folder() { # path mode owner
  if [ -d "$1" ]; then return; fi
  if [ "$check" = yes ]; then lacks "missing: $1"; return; fi
  mkdir -p "$1"
  chmod "$2" "$1"
  [ -n "$root" ] || chown "$3" "$1"
  say "made $1"
}
account() { # name groups
  if [ -n "$root" ] || id "$1" >/dev/null 2>&1; then return; fi
  if [ "$check" = yes ]; then lacks "missing account: $1"; return; fi
  useradd --system --create-home --home-dir "/var/lib/$1" --shell /usr/sbin/nologin "$1"
  [ -z "$2" ] || usermod -a -G "$2" "$1"
  say "made account $1"
}

if [ "$check" = no ] && [ -z "$root" ] && [ "$(id -u)" != 0 ]; then echo "run it with sudo, or with --check" >&2; exit 2; fi

if [ -z "$root" ]; then
  wanted=()
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || wanted+=("$package")
  done
  if [ ${#wanted[@]} -gt 0 ]; then
    if [ "$check" = yes ]; then lacks "missing packages: ${wanted[*]}"; else
      say "installing ${wanted[*]}"
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq >/dev/null
      apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
    fi
  fi
fi
account honorcard ''
account honorcard-screen video,render,input

# --- the program, as a version beside others ---
version=$(git -C "$source" describe --tags --always --dirty 2>/dev/null || sed -n 's/^version *= *"\(.*\)"/\1/p' "$source/pyproject.toml")
here=$opt/versions/$version
folder "$srv" 700 honorcard:honorcard
if [ ! -d "$here" ]; then
  if [ "$check" = yes ]; then lacks "this version is not installed: $here"; else
    rm -rf "$here.new"
    mkdir -p "$here.new"
    (cd "$source" && tar -cf - --exclude=./.git --exclude=./.venv --exclude=./node_modules --exclude=./var --exclude='__pycache__' .) | tar -xf - -C "$here.new" --no-same-owner
    mv "$here.new" "$here"
    say "laid $here"
  fi
fi
if [ -z "$root" ] && [ "$check" = no ]; then (cd "$here" && deploy/setup.sh run); fi
if [ ! -e "$opt/current" ]; then
  if [ "$check" = yes ]; then lacks "no version is in use: $opt/current"; else ln -sfn "versions/$version" "$opt/current"; say "$version is in use"; fi
elif [ "$(readlink "$opt/current")" != "versions/$version" ]; then
  # a kiosk at work is changed when nobody uses it, and changed back when it does not answer
  say "in use is $(readlink "$opt/current"); change with: honorcard update $here"
fi

# --- what systemd, the screen and the browser read ---
for unit in "${units[@]}"; do put "$source/deploy/kiosk/$unit" "$etc/systemd/system/$unit" 644; done
put "$source/deploy/kiosk/chromium-policy.json" "$etc/chromium/policies/managed/honorcard.json" 644
if [ ! -e "$etc/honorcard/screen.conf" ]; then put "$source/deploy/kiosk/screen.conf" "$etc/honorcard/screen.conf" 644; fi
if [ -n "$rotate" ] && ! grep -qx "ROTATE=$rotate" "$etc/honorcard/screen.conf" 2>/dev/null; then
  if [ "$check" = yes ]; then lacks "the screen is not turned to $rotate"; else
    sed -i "s/^ROTATE=.*/ROTATE=$rotate/" "$etc/honorcard/screen.conf"
    say "the screen is turned to $rotate"
  fi
fi
# no other console by Ctrl-Alt-F2, no restart by Ctrl-Alt-Del, no sleep by lid or key
printf '[Login]\nNAutoVTs=0\nReserveVT=0\nHandlePowerKey=poweroff\nHandleLidSwitch=ignore\nIdleAction=ignore\n' > "${TMPDIR:-/tmp}/honorcard-logind.$$"
trap 'rm -f "${TMPDIR:-/tmp}/honorcard-logind.$$"' EXIT
put "${TMPDIR:-/tmp}/honorcard-logind.$$" "$etc/systemd/logind.conf.d/honorcard.conf" 644
for masked in ctrl-alt-del.target sleep.target suspend.target; do
  if [ "$(readlink "$etc/systemd/system/$masked" 2>/dev/null)" = /dev/null ]; then continue; fi
  if [ "$check" = yes ]; then lacks "not switched off: $masked"; else
    mkdir -p "$etc/systemd/system"
    ln -sfn /dev/null "$etc/systemd/system/$masked"
    say "switched off $masked"
  fi
done

if [ -z "$root" ] && [ "$check" = no ]; then
  systemctl daemon-reload
  systemctl set-default -q graphical.target
  systemctl enable -q --now systemd-timesyncd honorcard-kiosk.service honorcard-update.timer
  systemctl enable -q honorcard-screen.service
  "$opt/current/.venv/bin/honorcard" doctor --dir "$srv" --mend || true
  say "done: restart the machine, and it starts into the kiosk"
elif [ -z "$root" ]; then
  for unit in honorcard-kiosk.service honorcard-screen.service honorcard-update.timer; do
    systemctl is-enabled -q "$unit" 2>/dev/null || lacks "not switched on: $unit"
  done
fi
[ "$missing" = 0 ] || exit 1
