"""Kills, crowds and restarts, and what is left after them: `run.py [long | short] [PART ...]`.

Parts are named as they are printed: `disk + redis`, `crowd postgres`, `restarts redis`, ...; all
without. The long form also has a Redis Cluster. Ends with 1 if anything was lost, broken or
unclear, and with CI=true if a part was left out.
"""

import contextlib
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from crowd import crowd
from kills import Killing
from places import place
from restarts import restarts
from servers import NotThereError, Server, is_strict
from uploads import uploads

Outcome = tuple[list[str], list[str]]
SHOWN = 20  # lines of what is wrong


class Size(NamedTuple):
    """How much is done."""

    kills: int
    processes: int
    writes: int
    cluster_kills: int
    uploads: int


SIZES = {"long": Size(1000, 16, 200, 250, 200), "short": Size(60, 8, 25, 0, 8)}


def kills(index: str, store: str, count: int, folder: Path) -> Outcome:
    """A writing process is killed again and again."""
    with server_of(index) as server, place(index, store, folder, server) as where:
        killing = Killing(where, folder, count, random.randrange(10**6))
        try:
            killing.run()
        except (OSError, EOFError) as error:
            killing.audit.wrong.append(f"it could not go on: {error}")
        return killing.audit.wrong, killing.figures()


def crowds(index: str, size: Size, folder: Path) -> Outcome:
    """Many processes write at once."""
    with server_of(index) as server, place(index, "disk", folder, server) as where:
        return crowd(where, folder, size.processes, size.writes)


def restarted(index: str, folder: Path) -> Outcome:
    """The server goes away and comes back."""
    with Server(index) as server, place(index, "disk", folder, server) as where:
        return restarts(where, server)


def server_of(index: str) -> contextlib.AbstractContextManager[Server | None]:
    """SQLite needs none."""
    return contextlib.nullcontext() if index == "sqlite" else Server(index)


def parts(size: Size) -> dict[str, Callable[[Path], Outcome]]:
    """All that is done, by name."""
    cluster = ["redis-cluster"] if size.cluster_kills else []
    servers, found = ["redis", "postgres", *cluster], dict[str, Any]()
    pairs = [("sqlite", "disk"), *((index, "disk") for index in servers), ("sqlite", "s3")]
    for index, store in pairs:
        count = size.cluster_kills if index in cluster else size.kills
        name = f"{store} + {index}"
        found[name] = lambda folder, i=index, s=store, n=count: kills(i, s, n, folder)
    seed = random.randrange(10**6)
    found["uploads"] = lambda folder: uploads(folder, size.uploads, seed)
    for index in ("sqlite", *servers):
        found[f"crowd {index}"] = lambda folder, i=index: crowds(i, size, folder)
    for index in servers:
        found[f"restarts {index}"] = lambda folder, i=index: restarted(i, folder)
    return found


def run_one(name: str, part: Callable[[Path], Outcome]) -> bool:
    """Run a part in a folder of its own; tells whether nothing is wrong."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="atdata-torture-") as folder:
            wrong, figures = part(Path(folder))
    except NotThereError as reason:
        print(f"torture: {name}: left out: {reason}", flush=True)
        return not is_strict()
    except Exception:
        wrong, figures = [traceback.format_exc()], []
    verdict = f"{len(wrong)} WRONG" if wrong else "nothing wrong"
    print(f"torture: {name}: {verdict} ({time.monotonic() - began:.0f} s)")
    for line in [*figures, *wrong[:SHOWN]]:
        print(f"    {line}")
    sys.stdout.flush()
    return not wrong


def main(arguments: list[str]) -> int:
    """The exit code."""
    words = arguments or ["long"]
    chosen = words[1:]
    outcomes = [
        run_one(name, part)
        for name, part in parts(SIZES[words[0]]).items()
        if not chosen or name in chosen
    ]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
