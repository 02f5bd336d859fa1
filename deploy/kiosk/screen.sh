#!/bin/sh
# What the compositor shows: the kiosk's page, whole screen. Started by honorcard-screen.service, again and again.
# Settings of the screen: /etc/honorcard/screen.conf.
set -eu
url=${HONORCARD_URL:-http://127.0.0.1:8100/}
conf=${HONORCARD_SCREEN_CONF:-/etc/honorcard/screen.conf}
browser=${HONORCARD_BROWSER:-/usr/bin/chromium}
ROTATE=normal OUTPUT=
# shellcheck disable=SC1090
[ ! -r "$conf" ] || . "$conf"
if [ "$ROTATE" != normal ] && command -v wlr-randr >/dev/null; then
  [ -n "$OUTPUT" ] || OUTPUT=$(wlr-randr | sed -n '1s/ .*//p')
  wlr-randr --output "$OUTPUT" --transform "$ROTATE" || true
fi
# the page must be there first: a browser that finds nobody shows its own error and stays with it
tries=0
until curl -fsS -o /dev/null --max-time 2 "${url}healthz" || [ "$tries" -ge 60 ]; do
  tries=$((tries + 1))
  sleep 1
done
# a profile that dies with the session: no history, no crash bubble after a power cut, nothing of anybody on the disk
profile=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/honorcard-screen.XXXXXX")
exec "$browser" --kiosk --app="$url" --user-data-dir="$profile" --kiosk-printing --noerrdialogs --disable-session-crashed-bubble \
  --hide-crash-restore-bubble --no-first-run --no-default-browser-check --disable-translate --disable-component-update \
  --disable-pinch --overscroll-history-navigation=0 --touch-events=enabled --ozone-platform=wayland --enable-features=OverlayScrollbar \
  --password-store=basic --check-for-update-interval=31536000
