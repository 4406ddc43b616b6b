#!/usr/bin/env bash
# Speed, measured in release builds: the crates, the Python package, and, when a folder with the
# comparison with other packages is given, that too. `make bench` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."

# Whatever follows the first two arguments goes to the comparison.
peers=${1:-}
peers_python=${2:-.venv-compat/bin/python}
shift $(($# < 2 ? $# : 2))

TOOLS=atdata-upstream,hf,lance,parquet,grain,litdata,mds,webdataset,mmapblob,ours,ours-views,ours-on-theirs
OPS=write,iter,batch32,shuf32,random,getloop,count,coldopen,filter,parquet
# Minutes each, and known to be slow.
SLOW=lance:shuf32

beside_peers() { # further arguments of its run.py
    local script python ours=$PWD/.venv/bin/python
    script=$(realpath "$peers")/run.py
    # Not realpath: an environment is found by the path of its interpreter.
    python=$(cd "$(dirname "$peers_python")" && pwd)/$(basename "$peers_python")
    mkdir -p target/peers
    cd target/peers
    # Every tool that is installed there, three runs in turns; later arguments override these.
    "$python" "$script" --adapter ../../python/benches/peers_adapter.py \
        --python "ours=$ours" --python "ours-views=$ours" --python "ours-on-theirs=$ours" \
        --workload small,vector,jpegbytes,image --runs 3 --scale 0.2 --skip "$SLOW" \
        --tools "$TOOLS" --ops "$OPS" "$@"
}

cargo bench -p atdata-format -p atdata --bench format --bench dataset
make build PROFILE=release
.venv/bin/python python/benches/run.py
if [ -n "$peers" ]; then
    if [ "$peers_python" = .venv-compat/bin/python ]; then make compat PROFILE=release; fi
    beside_peers "$@"
fi
