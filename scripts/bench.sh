#!/usr/bin/env bash
# Speed, measured in release builds: the crates, the Python package, and, when a folder with the
# comparison with other packages is given, that too. `make bench` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."

# Whatever follows the first two arguments goes to the comparison.
peers=${1:-}
peers_python=${2:-.venv-compat/bin/python}
shift $(($# < 2 ? $# : 2))

beside_peers() { # further arguments of its run.py
    local script python ours=$PWD/.venv/bin/python
    script=$(realpath "$peers")/run.py
    # Not realpath: an environment is found by the path of its interpreter.
    python=$(cd "$(dirname "$peers_python")" && pwd)/$(basename "$peers_python")
    mkdir -p target/peers
    cd target/peers
    "$python" "$script" --python "ours=$ours" --tools atdata-upstream,ours --scale 0.05 "$@"
}

cargo bench -p atdata-format -p atdata --bench format --bench dataset
make build PROFILE=release
.venv/bin/python python/benches/run.py
if [ -n "$peers" ]; then
    if [ "$peers_python" = .venv-compat/bin/python ]; then make compat PROFILE=release; fi
    beside_peers "$@"
fi
