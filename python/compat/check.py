"""Writes shards with our package, has the original read them, and compares: `check.py PYTHON`.

PYTHON is an interpreter in whose environment the original is installed.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import content
import samples

import atdata

READER = Path(__file__).with_name("read.py")
Answers = dict[str, dict[str, Any]]


def main(python: str) -> int:
    """The exit code: 0 if the original reads what we wrote."""
    with tempfile.TemporaryDirectory() as folder:
        cases = samples.cases()
        write(Path(folder), cases)
        subprocess.run([python, READER, folder], check=True)
        found: Answers = json.loads((Path(folder) / "found.json").read_text())
    wrong = [line for name, case in cases.items() for line in differences(name, case, found[name])]
    for line in wrong[:20]:
        print(f"compat: {line}", file=sys.stderr)
    print(f"compat: {summary(cases, wrong)}")
    return 1 if wrong else 0


def write(folder: Path, cases: dict[str, samples.Case]) -> None:
    """Each case in its own folder, without the indexes: the original knows none."""
    shards = {}
    for name, case in cases.items():
        (folder / name).mkdir()
        path = folder / name / "data.tar"
        key = None if case.keys is None else (lambda number, _, case=case: case.key(number))
        shards[name] = atdata.write_samples(
            case.samples, path, key=key, **case.options
        ).list_shards()
    for index in folder.glob("*/*.idx"):
        index.unlink()
    (folder / "shards.json").write_text(json.dumps(shards))


def differences(name: str, case: samples.Case, found: dict[str, Any]) -> Iterator[str]:
    """What the original saw otherwise."""
    if "error" in found:
        yield f"{name}: the original cannot read it: {found['error']}"
        return
    wanted = [content.fields_of(sample) for sample in case.samples]
    yield from unlike(name, "keys", [case.key(n) for n in range(len(wanted))], found["keys"])
    yield from unlike(name, "sample", wanted, found["samples"])
    yield from unlike(name, "sample in a batch", wanted, found["batched"])
    if case.options.get("manifest"):
        yield from unlike_manifests(name, case, found["manifests"])


def unlike_manifests(name: str, case: samples.Case, found: list[dict[str, Any]]) -> Iterator[str]:
    """What the original reads in manifests that is not so; offsets are those of payloads."""
    told = [row for manifest in found for row in manifest["rows"]]
    wanted = [
        {"__key__": case.key(n), "label": sample.label, "number": sample.number}
        for n, sample in enumerate(case.samples)
    ]
    yield from unlike(name, "row", wanted, [{key: row[key] for key in wanted[0]} for row in told])
    sizes = [len(sample.packed) for sample in case.samples]
    yield from unlike(name, "size", sizes, [row["__size__"] for row in told])
    counts = [len(manifest["rows"]) for manifest in found]
    yield from unlike(name, "count", counts, [manifest["num_samples"] for manifest in found])
    largest = [max(row["number"] for row in manifest["rows"]) for manifest in found]
    sums = [manifest["aggregates"]["number"]["max"] for manifest in found]
    yield from unlike(name, "largest number", largest, sums)


def unlike(name: str, what: str, wanted: list[Any], found: list[Any]) -> Iterator[str]:
    """The items that are not what was written."""
    if len(wanted) != len(found):
        yield f"{name}: {len(wanted)} written, {len(found)} read ({what})"
    for number, (ours, theirs) in enumerate(zip(wanted, found, strict=False)):
        if ours != theirs:
            yield f"{name}: {what} {number} was {short(ours)}, the original read {short(theirs)}"


def short(value: Any) -> str:
    """As much of a value as a line can take."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 200 else f"{text[:200]} ..."


def summary(cases: dict[str, samples.Case], wrong: list[str]) -> str:
    """One line on everything."""
    count = sum(len(case.samples) for case in cases.values())
    came_out = f"{len(wrong)} differences" if wrong else "all read alike"
    return f"{count} samples in {len(cases)} data sets, {came_out}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
