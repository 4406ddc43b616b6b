"""Both packages on one index, also while the other is writing: `check_index.py PYTHON`.

PYTHON is an interpreter in whose environment the original is installed. Each side runs
`index_side.py`, and what it tells is compared with what was written.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import samples
from servers import NotThereError, Server, is_strict

KINDS = ("sqlite", "redis", "postgres")
SIDE = Path(__file__).with_name("index_side.py")
SIDES = ("ours", "original")
# The original publishes no field that is a dict, nor makes a class of a schema that has one.
WITHOUT_DICTS = ["optionals", "arrays", "by_count"]
CASES = {"ours": ["primitives", *WITHOUT_DICTS], "original": WITHOUT_DICTS}
WITH_DICTS = {"Primitives@1.0.0"}
AT_ONCE = 50
PATIENCE = 120  # seconds
View = dict[str, Any]
Written = dict[str, list[Any]]


class Shared:
    """One index, and how each side is run on it."""

    def __init__(self, kind: str, where: str, folder: Path, original: str) -> None:
        self.kind, self.folder = kind, folder
        self.pythons = {"ours": sys.executable, "original": original}
        self.base = {"kind": kind, "where": where, "root": str(folder / "data")}
        home = {"HOME": str(folder), "ATDATA_HOME": str(folder / "home")}
        self.environment = {**os.environ, **home}
        # Which may lead to our package; the original must find its own.
        self.environment.pop("PYTHONPATH", None)
        self.runs = 0
        self.looks = 0  # while both wrote

    def begin(self, side: str, action: str, **settings: Any) -> "Run":
        """Start a side."""
        self.runs += 1
        outcome = self.folder / f"{self.runs}.json"
        told = json.dumps({**self.base, "side": side, **settings})
        command = [self.pythons[side], str(SIDE), action, told, str(outcome)]
        with open(outcome.with_suffix(".log"), "wb") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        return Run(f"{self.kind}: {side} could not {action}", process, outcome)


class Run:
    """A side at work."""

    def __init__(self, what: str, process: "subprocess.Popen[bytes]", outcome: Path) -> None:
        self.what, self.process, self.outcome = what, process, outcome

    def end(self) -> Any:
        """Wait for it; gives what it told."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        if self.process.wait() == 0:
            return json.loads(self.outcome.read_text())
        last = self.outcome.with_suffix(".log").read_text(errors="replace").strip().splitlines()
        raise SystemExit(f"compat: {self.what}: {last[-1] if last else 'it was stopped'}")


def main(original: str) -> int:
    """The exit code: 0 if each side finds all that both have written."""
    wrong: list[str] = []
    for kind in KINDS:
        try:
            with opened(kind, original) as shared:
                found = list(check(shared))
        except NotThereError as reason:
            print(f"compat: {kind} was not checked: {reason}", file=sys.stderr)
            wrong += [f"{kind}: left out"] if is_strict() else []
            continue
        wrong += [f"{kind}: {line}" for line in found]
        came_out = f"{len(found)} differences" if found else "all alike"
        looks = f"{shared.looks} looks while both wrote"
        print(f"compat: two programs on one {kind} index, {looks}: {came_out}")
    for line in wrong[:20]:
        print(f"compat: {line}", file=sys.stderr)
    return 1 if wrong else 0


@contextlib.contextmanager
def opened(kind: str, original: str) -> Iterator[Shared]:
    """A fresh index in a temporary folder."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if kind == "sqlite":
            where = str(folder / "index.db")
        else:
            where = stack.enter_context(Server(kind)).url
        yield Shared(kind, where, folder, original)


def check(shared: Shared) -> Iterator[str]:
    """What goes wrong: one side after the other, both at once, and in the end."""
    written: Written = {}
    for side in SIDES:
        written |= shared.begin(side, "write", only=CASES[side], count=0, common=True).end()
    views = look(shared, written)
    yield from differences(views, written)
    yield from unlike_common(views, "original")
    late = {"only": [], "count": AT_ONCE, "common": False}
    writers = [shared.begin(side, "write", **late) for side in SIDES]
    views = look(shared, written, [str(writer.outcome) for writer in writers])
    shared.looks = sum(map(len, views.values()))
    small = {name: rows for writer in writers for name, rows in writer.end().items()}
    yield from (f"while both wrote, {line}" for line in differences(views, written))
    shared.begin("ours", "write", only=[], count=0, common=True).end()
    views = look(shared, small)
    yield from differences(views, small)
    yield from unlike_common(views, "ours")


def look(shared: Shared, names: Written, until: Sequence[str] = ()) -> dict[str, list[View]]:
    """What each side sees, both looking at once; again and again until there are these files."""
    settings = {"names": list(names), "until": list(until)}
    runs = {side: shared.begin(side, "view", **settings) for side in SIDES}
    return {side: run.end() for side, run in runs.items()}


def differences(views: dict[str, list[View]], written: Written) -> Iterator[str]:
    """What a side saw otherwise than it was written."""
    for side, view in ((side, view) for side, views in views.items() for view in views):
        missing = set(written) - set(view["listed"])
        if missing:
            yield f"{side} does not list {len(missing)} data sets, such as {min(missing)}"
        for name, rows in written.items():
            found = unlike(side, rows, view["datasets"][name])
            yield from (f"{side}: {name}: {line}" for line in found)
        yield from (f"{side}: {line}" for line in unlike_schemas(side, view["schemas"]))
        for what in ("labels", "lenses"):
            yield from (f"{side}: {what}: {line}" for line in untrue(view[what]))


def unlike(side: str, wanted: list[Any], found: View) -> Iterator[str]:
    """What is wrong about a data set by name: its samples, and the checksums of its shards."""
    if "error" in found:
        yield found["error"]
        return
    # The original knows only the reference form that it writes; a type must be given to it.
    for how in ("samples", "untyped") if side == "ours" else ("samples",):
        if found[how] != wanted:
            error = isinstance(found[how], dict) and found[how]["error"]
            yield f"{how}: {error or 'not what was written'}"
    if not found["shards"] or len(found["checksums"]) != found["shards"]:
        yield f"{found['shards']} shards with {len(found['checksums'])} checksums"


def unlike_schemas(side: str, found: View) -> Iterator[str]:
    """What is wrong about the schemas and the classes made of them."""
    if "error" in found:
        yield f"schemas: {found['error']}"
        return
    for sample_type in (samples.Primitives, samples.Optionals, samples.Arrays, samples.Labeled):
        name = f"{sample_type.__name__}@1.0.0"
        if side == "original" and name in WITH_DICTS:
            continue
        fields = list(sample_type.__annotations__)
        got = found.get(name, {"error": "it is not there"})
        if (
            "error" in got
            or got["class"] != fields
            or [field for field, _ in got["fields"]] != fields
        ):
            yield f"schema {name}: {got}"


def unlike_common(views: dict[str, list[View]], wanted: str) -> Iterator[str]:
    """A name that both have written means what was written last."""
    for side, view in ((side, view) for side, views in views.items() for view in views):
        if view["common"] != wanted:
            yield f"{side}: the common name is not of {wanted}: {view['common']}"


def untrue(found: View) -> Iterator[str]:
    """What is not as it should be of what was asked."""
    yield from (f"{what} {answer}" for what, answer in found.items() if answer is not True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
