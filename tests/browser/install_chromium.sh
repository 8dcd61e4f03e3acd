#!/bin/sh
# Finds the browser the tests drive, or installs it.
#
#   install_chromium.sh          find it; on Debian and its kin, as root or with sudo, install it
#   install_chromium.sh --path   print where it is, or nothing and exit 1; installs nothing
set -eu

# $CHROMIUM when set, otherwise the first of these that is there.
find_browser() {
  if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM"
    return
  fi
  for candidate in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if command -v "$candidate" 2>/dev/null; then return 0; fi
  done
  return 1
}

fail() {
  echo "The browser tests need Chromium$1: install it (Debian: sudo apt install chromium; macOS: brew install --cask chromium; elsewhere Chromium or Chrome as your system does it), or set CHROMIUM to the browser's path." >&2
  exit 1
}

if [ "${1:-}" = "--path" ]; then
  find_browser || exit 1
  exit 0
fi

find_browser >/dev/null && exit 0
if [ -n "${CHROMIUM:-}" ]; then
  fail ", and CHROMIUM=$CHROMIUM is not a program"
fi
command -v apt-get >/dev/null 2>&1 || fail ", and this machine has none"

if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  fail ", this machine has none, and installing it takes root"
fi

echo "Installing Chromium and a font with apt-get: a minute or two, once."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! {
  $as_root apt-get -qq update &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core
} >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  fail ", and apt-get could not install it"
fi
find_browser >/dev/null || fail ", and after installing it there is still none"
echo "Chromium is installed: $(find_browser)"
