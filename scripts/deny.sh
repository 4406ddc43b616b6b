#!/usr/bin/env bash
# Licences, banned crates and where crates come from: `cargo deny check`, by the rules of deny.toml.
# The tool is built once into target/tools; an installed cargo-deny of the same release is used as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
tools=$PWD/target/tools
export PATH="$tools/bin:$PATH"

if [ "$(cargo-deny --version 2>/dev/null)" != "cargo-deny $version" ]; then
    echo "deny: building cargo-deny $version into target/tools, once"
    # Not optimised: it takes a fraction of the time to build, and a second to run.
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$tools/build cargo install --quiet --locked --debug \
        --no-default-features --root "$tools" --version "$version" cargo-deny
    rm -rf "$tools/build"
fi
cargo-deny --workspace check bans licenses sources
