#!/bin/sh
# Makes .venv with what requirements.lock names, and marks it as complete. Called by make.
set -eu
cd "$(dirname "$0")/.."

good='import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2])'

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$name" -c "$good" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    echo "Frontdesk needs Python 3.11 or newer, and found none (python3 is" \
        "$(python3 --version 2>/dev/null || echo missing))." \
        "Install one, or name it: make run PYTHON=/path/to/python3.12" >&2
    exit 1
}

rm -f .venv/.installed
if ! .venv/bin/python -c "$good" >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making .venv with $("$python" --version)"
    if ! "$python" -m venv --clear .venv; then
        echo "On Debian and Ubuntu the package python3-venv is missing." >&2
        exit 1
    fi
fi

pip='.venv/bin/python -m pip --disable-pip-version-check'
echo "Installing the locked packages (about 1.5 GB; 10 seconds with a fast connection)"
# uv takes a tenth of pip's time. It ignores pip's configuration, so where that is needed pip follows.
awk '/^[A-Za-z0-9]/ {ours = /^uv==/} ours' requirements.lock > .venv/uv.lock
if $pip install --quiet --require-hashes -r .venv/uv.lock &&
    VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip install --quiet --require-hashes -r requirements.lock
then :; else
    echo "uv could not install them; pip tries, which takes a few minutes"
    $pip install --quiet --require-hashes -r requirements.lock
fi
touch .venv/.installed
