#!/bin/sh
# Finds bubblewrap, which walls in student code while it is graded, or installs it: on Debian and
# its kin, as root or with sudo.
set -eu

command -v bwrap >/dev/null 2>&1 && exit 0

fail() {
  echo "Grading needs bubblewrap$1: install it (Debian, Ubuntu: sudo apt install bubblewrap; Fedora: sudo dnf install bubblewrap; Arch: sudo pacman -S bubblewrap). It exists for Linux only." >&2
  exit 1
}

command -v apt-get >/dev/null 2>&1 || fail ", and this machine has none"
if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  fail ", this machine has none, and installing it takes root"
fi

echo "Installing bubblewrap with apt-get, once."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends bubblewrap >>"$log" 2>&1
}
if ! install && ! { $as_root apt-get -qq update >>"$log" 2>&1 && install; }; then
  tail -n 5 "$log" >&2
  fail ", and apt-get could not install it"
fi
command -v bwrap >/dev/null 2>&1 || fail ", and after installing it there is still none"
