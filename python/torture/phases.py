"""Which phase of a write a process is in, told from outside: what it noted, and its files."""

import contextlib
import os
from collections.abc import Iterator

from notes import Notes, Told
from places import Place

ENCODING, SPOOLING, PUBLISHING, INDEXING = PHASES = (
    "encoding",
    "spooling",
    "publishing",
    "indexing",
)
BETWEEN = "between"
TICK = 5_000_000  # ns by which the times of files may lag behind the clock


def phase_of(pid: int, place: Place, notes: Notes) -> str:
    """Encoding: nothing of the shard is in its temporary file yet. Spooling: the file grows.
    Publishing: all of the shard is in it, until it and what lies beside it have got their names.
    Indexing: all shards are there, and the write has not returned.
    """
    told = notes.read()
    if not told.is_writing:
        return BETWEEN
    shards, beside, temporary = in_store(pid, place, told)
    if beside < told.beside * shards or temporary >= told.shard_bytes:
        return PUBLISHING
    if shards >= told.shards:
        return INDEXING
    return SPOOLING if temporary else ENCODING


def in_store(pid: int, place: Place, told: Told) -> tuple[int, int, int]:
    """How many shards of this write and files beside them have got their names, and the bytes of a
    shard that has not.
    """
    shards, beside, temporary = 0, 0, spooled(pid) if place.endpoint else 0
    for name, size, modified in files(f"{place.files}/{told.name}"):
        if name[0] != "." and modified >= told.began - TICK:
            shards += name.endswith(".tar")
            beside += not name.endswith(".tar")
        elif name.startswith(f".data.tar.{pid}-"):
            temporary = max(temporary, size)
    return shards, beside, temporary


def files(folder: str) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of the files that are in a folder at the moment."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            found = entry.stat()
            yield entry.name, found.st_size, found.st_mtime_ns


def spooled(pid: int) -> int:
    """How many bytes a process has in an open file without a name."""
    most = 0
    for number in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{number}"
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(path).endswith(" (deleted)"):
                most = max(most, os.stat(path).st_size)
    return most
