"""The wheel's `atdata` command, run as the program it is."""

import importlib.metadata
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import atdata

FIXTURES = Path(__file__).parents[2] / "tests" / "fixtures"
PROGRAM = Path(sys.executable).with_name("atdata")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments], cwd=FIXTURES, capture_output=True, text=True, timeout=60, check=False
    )


def test_it_runs_the_engines_commands() -> None:
    found = run("inspect", "--json", "splits")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["samples"] == 310
    assert run("verify", "arrays.tar").stdout.startswith("ok: ")
    assert "Usage: atdata" in run("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["inspect", "nothing.tar"], 3), (["inspect"], 2), (["head", "bad/empty.tar"], 4)],
)
def test_mistakes_are_one_error_and_a_code(arguments: list[str], code: int) -> None:
    found = run(*arguments)
    assert found.returncode == code
    assert found.stderr.startswith("error: ")
    assert "Traceback" not in found.stderr


def test_an_interrupt_ends_it_without_a_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "never.tar"
    subprocess.run(["mkfifo", pipe], check=True)  # opening it waits for somebody who writes
    with subprocess.Popen([PROGRAM, "verify", pipe], stderr=subprocess.PIPE, text=True) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(timeout=1)
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate(timeout=20)
    assert waiting.returncode in (-signal.SIGINT, 130)
    assert "Traceback" not in said


@pytest.mark.parametrize("kind", ["mds", "litdata"])
def test_folders_of_others_become_shards(tmp_path: Path, kind: str) -> None:
    target = str(tmp_path / "a.tar")
    found = run("convert", f"foreign/{kind}", target, "--maxcount", "3")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith(f"ok: {kind} to shards: 5 samples in 2 shards\n  ")
    again = run("convert", f"foreign/{kind}", target, "--maxcount=3")
    assert again.returncode == 2
    assert "hint: --overwrite" in again.stderr
    assert run("convert", f"foreign/{kind}", target, "--maxsize", "1MB", "--overwrite").stdout
    unknown = run("convert", f"foreign/{kind}", target, "--type", "no_such:Thing")
    assert unknown.returncode == 2
    assert "no_such" in unknown.stderr


def test_the_version_is_that_of_the_package() -> None:
    assert atdata.__version__ == importlib.metadata.version("atdata")
