#!/usr/bin/env bash
# The original package reads what we write, both work on one index, and both publish on the AT
# Protocol, where other clients read our records too: installs it, with the Python 3.12 that it needs,
# into .venv-compat, and runs the checks of python/compat. Without that Python, or a server: a notice;
# with CI=true a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=python/compat/requirements.txt
venv=.venv-compat
installed=$venv/.requirements
python=()

# Asked by running it: a shim of a version manager may exist without a Python behind it.
is_python_312() { # command and its arguments
    "$@" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 12))' >/dev/null 2>&1
}

pyenv_releases() { pyenv versions --bare 2>/dev/null | grep -xE '3\.12\.[0-9]+' || true; }

# Sets `python` to the first command that runs Python 3.12.
find_python() {
    local candidate
    for candidate in "${COMPAT_PYTHON:-python3.12}" python3.12 python3 /usr/bin/python3.12; do
        python=("$candidate")
        if is_python_312 "${python[@]}"; then return; fi
    done
    for candidate in $(pyenv_releases); do
        python=(env "PYENV_VERSION=$candidate" python3.12)
        if is_python_312 "${python[@]}"; then return; fi
    done
    return 1
}

leave_without_python() {
    echo "compat: there is no Python 3.12 here, which the original package needs" >&2
    if [ "${CI:-}" = true ]; then exit 1; fi
    echo "compat: nothing was checked. Name one: make compat COMPAT_PYTHON=/path/to/python3.12" >&2
    exit 0
}

install() {
    find_python || leave_without_python
    echo "compat: installing $requirements into $venv with $("${python[@]}" --version)"
    rm -rf "$venv"
    "${python[@]}" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
        -r "$requirements"
    cp "$requirements" "$installed"
}

if ! cmp -s "$requirements" "$installed" || ! is_python_312 "$venv/bin/python"; then install; fi
.venv/bin/python python/compat/check.py "$venv/bin/python"
PYTHONPATH=scripts .venv/bin/python python/compat/check_index.py "$venv/bin/python"
PYTHONPATH=scripts .venv/bin/python python/compat/check_atmosphere.py "$venv/bin/python"
