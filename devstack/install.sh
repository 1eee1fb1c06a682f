#!/usr/bin/env bash
# Makes .venv from requirements.lock. It needs a Python of 3.11 or later with its venv module, and a package index.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

chosen='' without_venv=''
for candidate in python3.11 python3.12 python3.13 python3; do
    command -v "$candidate" >/dev/null || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue
    if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then chosen=$candidate; break; fi
    without_venv=$candidate
done
if [ -z "$chosen" ]; then
    if [ -n "$without_venv" ]; then
        echo "✘ $without_venv has no venv module: apt install python3-venv, then make again." >&2
    else
        echo "✘ No Python 3.11 or later was found: install python3 and python3-venv, then make again." >&2
    fi
    exit 1
fi

# An environment whose interpreter no longer answers (the folder was moved, Python was upgraded) is made anew.
.venv/bin/python -c '' 2>/dev/null || { echo "✔ environment with $("$chosen" --version)"; "$chosen" -m venv --clear .venv; }

total=$(grep -c '==' requirements.lock)
began=$SECONDS
# pip's own lines become a counter: one line that moves on a terminal, one line in twenty elsewhere.
progress() {
    awk -v total="$total" -v tty="$([ -t 1 ] && echo 1 || echo 0)" '
        function show(text) {
            if (tty) printf "\r\033[K%s", text; else if (count % 20 == 0 || count == total) print text
            fflush()
        }
        /^Collecting / { count++; show(sprintf("  %d of %d packages  %s", count, total, $2)) }
        /^Installing collected packages/ { count = total; show("  installing") }
        END { if (tty) printf "\r\033[K" }'
}
.venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements.lock | progress
PYTHONWARNINGS=ignore .venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps --no-build-isolation -e .
echo "✔ $total packages in $((SECONDS - began)) s"
