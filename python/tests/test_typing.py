"""Type checkers see the types that come out."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent


def test_mypy_sees_the_types(tmp_path: Path) -> None:
    config = TESTS.parent / "pyproject.toml"
    options = ["--config-file", str(config), "--cache-dir", str(tmp_path)]
    command = [sys.executable, "-m", "mypy", *options, str(TESTS / "typing" / "readers.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
