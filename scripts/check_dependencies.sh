#!/usr/bin/env bash
# Light crates stay light: fails when a crate's dependency tree holds what it must know nothing of.
set -euo pipefail
cd "$(dirname "$0")/.."

files_and_network='tokio|reqwest|hyper|ureq|rustls|object_store|rusqlite|redis|postgres|tempfile|walkdir|glob|memmap2'
threads='rayon|crossbeam|crossbeam-channel'
frontends='pyo3|numpy|clap|indicatif'
second_stacks='openssl|openssl-sys|native-tls|aws-lc-sys|aws-lc-rs|sqlx'
status=0

forbid() { # arguments of cargo tree, names that must not appear, why
    local tree found
    # Not piped from cargo: its failure must fail this check too.
    tree=$(cargo tree --edges normal,build --prefix none --format '{p}' --target all $1)
    found=$(cut -d' ' -f1 <<<"$tree" | sort -u | grep -xE "$2" | tr '\n' ' ' || true)
    [ -z "$found" ] && return
    echo "cargo tree $1: $3, but it depends on: $found" >&2
    status=1
}

forbid "-p atdata-format" "$files_and_network|$threads|$frontends" "the format crate is bytes in, bytes out"
forbid "-p atdata" "$frontends" "the engine knows no front end"
forbid "-p atdata-cli" "pyo3|numpy" "the command knows no Python"
forbid "--workspace" "$second_stacks" "one TLS stack and one SQLite for everything"
[ $status = 0 ] && echo "dependencies: light crates are light"
exit $status
