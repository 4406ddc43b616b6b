"""Many processes write into one index at once, and publish schemas of one name."""

import json
import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit import Audit
from places import Place

import atdata

PUBLISHED = 10  # schemas of one name, by each process
PATIENCE = 600.0  # seconds, after which processes that have not ended are a deadlock


@atdata.packable
class Tiny:
    """What is written; every other process adds a field."""

    text: str


def crowd(place: Place, folder: Path, processes: int, writes: int) -> tuple[list[str], list[str]]:
    """What is wrong, and the figures."""
    began = time.monotonic()
    children = [
        forked(lambda number=number: work(place, folder, number, writes))
        for number in range(processes)
    ]
    failed = [pid for pid in children if not ends_well(pid, began + PATIENCE)]
    took = time.monotonic() - began
    audit = Audit(place)
    audit.expect(not failed, f"{len(failed)} of {processes} processes failed or were stopped")
    told = [json.loads(file.read_text()) for file in sorted(folder.glob("crowd-*.json"))]
    check_entries(audit, told, processes * writes)
    check_schemas(audit, told)
    rate = f"{processes * writes / took:.0f} writes/s"
    schemas = sum(len(one["schemas"]) for one in told)
    return audit.wrong, [
        f"{processes} processes x {writes} writes in {took:.1f} s ({rate}), "
        f"{schemas} versions of one schema"
    ]


def forked(work: Callable[[], None]) -> int:
    """A child that does this; gives its process id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def ends_well(pid: int, deadline: float) -> bool:
    """Whether a child ends in time, and without an error."""
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def work(place: Place, folder: Path, number: int, writes: int) -> None:
    """One process: writes, with a schema now and then."""
    warnings.simplefilter("ignore")
    index = place.open()
    entries, schemas = {}, {}
    for write in range(writes):
        if write % max(writes // PUBLISHED, 1) == 0:
            fields = ["text", f"of_{number}", *[f"more_{n}" for n in range(len(schemas))]]
            schemas[index.publish_schema(shared_type(fields))] = fields
        name = f"crowd-{number}-{write}"
        entries[name] = index.write([Tiny(text=name)], name=name).cid
    outcome = folder / f"crowd-{number}.json"
    outcome.write_text(json.dumps({"entries": entries, "schemas": schemas}))


def shared_type(fields: list[str]) -> type[Any]:
    """A sample type of the name that all share."""
    annotations = dict.fromkeys(fields, str)
    return atdata.packable(type("Shared", (), {"__annotations__": annotations}))


def check_entries(audit: Audit, told: list[dict[str, Any]], wanted: int) -> None:
    """All are there under their names, and their shards are whole."""
    index = audit.place.open()
    written = {name: cid for one in told for name, cid in one["entries"].items()}
    audit.expect(len(written) == wanted, f"{len(written)} of {wanted} writes were reported")
    listed = {entry.name: entry for entry in index.list_datasets()}
    audit.same("names", listed, written)
    for name, cid in written.items():
        audit.expect(name in listed and listed[name].cid == cid, f"{name} is not {cid}")
    for entry in listed.values():
        audit.check_files(entry)


def check_schemas(audit: Audit, told: list[dict[str, Any]]) -> None:
    """Every reference was given to one type, and is that type."""
    index = audit.place.open()
    given = [reference for one in told for reference in one["schemas"]]
    audit.expect(len(set(given)) == len(given), f"{len(given)} types, {len(set(given))} versions")
    for reference, fields in (
        (ref, fields) for one in told for ref, fields in one["schemas"].items()
    ):
        found = [field["name"] for field in index.get_schema(reference)["fields"]]
        audit.expect(found == fields, f"{reference} has {found}, not {fields}")
