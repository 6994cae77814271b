#!/usr/bin/env bash
# Finds Chromium or Chrome for npm run test:browser, or installs Debian's. Needs root and apt-get only for
# that. The last line of its output is the path to use as CHROMIUM.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name"; then
        exit
    fi
done
DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout=120 -yqq --no-install-recommends chromium >&2
command -v chromium
