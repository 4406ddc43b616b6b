#!/usr/bin/env bash
# Puts the four files of Fashion-MNIST (70,000 images of clothes, 28 x 28) into a folder.
# They come from Debian's package dataset-fashion-mnist, unpacked without root.
set -euo pipefail

target=${1:-data/fashion-mnist-idx}
package=dataset-fashion-mnist
inside=usr/share/datasets/fashion-mnist
files=(train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz)

fail() { echo "$*" >&2; exit 1; }

complete() { # folder
    local file
    for file in "${files[@]}"; do [ -s "$1/$file" ] || return 1; done
}

by_hand="put ${files[*]} of Fashion-MNIST into $target and run this again"

# A package list of our own when the system's is missing or old: that needs no root.
private_apt() {
    apt-get -o Dir::State="$scratch/state" -o Dir::State::status=/var/lib/dpkg/status \
        -o Dir::Cache="$scratch/cache" "$@"
}

download() {
    apt-get -qq download "$package" 2>"$scratch/log" && return
    mkdir -p "$scratch/state/lists/partial" "$scratch/cache/archives/partial"
    { private_apt -qq update && private_apt -qq download "$package"; } 2>>"$scratch/log" && return
    cat "$scratch/log" >&2
    fail "Could not download $package; $by_hand"
}

complete "$target" && exit
mkdir -p "$target"
target=$(cd "$target" && pwd)
if complete "/$inside"; then
    cp "/$inside"/*.gz "$target"
    exit
fi
{ command -v apt-get && command -v dpkg; } >/dev/null || fail "There is no apt here; $by_hand"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "Fetching $package (31 MB) ..."
chmod 755 "$scratch"
cd "$scratch"
download
dpkg -x "$package"_*.deb unpacked
complete "unpacked/$inside" || fail "$package does not hold what was expected; $by_hand"
cp "unpacked/$inside"/*.gz "$target"
