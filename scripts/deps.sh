#!/usr/bin/env bash
# Installs what building and testing need, where it can: a virtual environment in .venv with the
# packages of python/requirements-dev.txt. What it cannot install it names in one line.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${1:-python3}
requirements=python/requirements-dev.txt
installed=.venv/.requirements

fail() { echo "deps: $*" >&2; exit 1; }

apt_install() { # package, what needs it
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "deps: installing $1"
        apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 && return
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$1" >/dev/null && return
    fi
    fail "$2 is missing; run: sudo apt-get install $1"
}

# Asked by running it: a shim of a version manager may exist without a Python behind it.
is_recent_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in "$python" python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if is_recent_python "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is missing; run: make deps PYTHON=/path/to/python3"
}

make_venv() {
    local base
    base=$(find_python)
    "$base" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv "Python's venv module"
    echo "deps: making .venv with $("$base" --version)"
    rm -rf .venv
    "$base" -m venv .venv
}

check_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rustc --version 2>/dev/null | cut -d' ' -f2) ||
        fail "Rust is missing; install it with rustup, see the Rust project's installation page"
    [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
        fail "Rust $found is older than $wanted; run: rustup update stable"
}

check_rust
command -v cc >/dev/null || apt_install build-essential "a C linker (cc)"
is_recent_python .venv/bin/python || make_venv
if ! cmp -s "$requirements" "$installed"; then
    echo "deps: installing $requirements into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements" ||
        fail "pip could not install; run: .venv/bin/python -m pip install -r $requirements"
    cp "$requirements" "$installed"
fi
