"""Writes data sets into an index until it is killed: `victim.py PLACE NOTES`.

For each line on stdin, a number, it forks a child with that seed, says `pid PID`, and when the
child has ended `ended SIGNAL`. The child says `done {JSON}` after every write that has returned.
"""

import json
import os
import random
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notes import Notes, Told
from places import Place

import atdata

SAMPLE = 56_000  # bytes
PER_SHARD = 40  # twice what is buffered, so that a shard grows in its file
NAMES = 8  # of the small set
AGAIN = 0.2  # of the writes under those have samples that were written under them before
WITH_MANIFEST = 0.1


def main(place: Place, notes: Notes) -> None:
    """A child for each line."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                write_on(place, notes, int(line))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        say(f"pid {child}")
        say(f"ended {os.WTERMSIG(os.waitpid(child, 0)[1])}")


def say(line: str) -> None:
    """In one piece, and at once."""
    os.write(1, f"{line}\n".encode())


def write_on(place: Place, notes: Notes, seed: int) -> None:
    """Write after write, until somebody ends it."""
    warnings.simplefilter("ignore")
    chance, index = random.Random(seed), place.open()
    for number in range(1_000_000):
        shards, content = chance.randint(1, 2), seed * 1_000_000 + number
        few = chance.random() < 0.5
        name = f"small-{number % NAMES}" if few else f"n-{seed}-{number}"
        if few and chance.random() < AGAIN:
            content = number % NAMES
        kind = sample_type(chance.randrange(4), seed, number)
        manifest = chance.random() < WITH_MANIFEST
        beside = 3 if manifest else 1
        began, least = time.time_ns(), PER_SHARD * SAMPLE
        notes.begin(Told(1, number, began, least, shards, beside, name))
        samples = made(kind, content, shards * PER_SHARD)
        entry = index.write(samples, name=name, maxcount=PER_SHARD, manifest=manifest)
        say("done " + json.dumps({"name": name, "cid": entry.cid}))
        notes.end()


def sample_type(choice: int, seed: int, number: int) -> type[Any]:
    """One that everybody knows, or one whose schema is not published yet."""
    name = "Known" if choice else f"New{seed}x{number}"
    return atdata.packable(type(name, (), {"__annotations__": {"data": bytes, "number": int}}))


def made(kind: type[Any], content: int, count: int) -> Iterator[Any]:
    """Samples of some content."""
    random_bytes = random.Random(content).randbytes
    return (kind(data=random_bytes(SAMPLE), number=number) for number in range(count))


if __name__ == "__main__":
    main(Place(*json.loads(sys.argv[1])), Notes(Path(sys.argv[2])))
