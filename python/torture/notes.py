"""What a victim lets its killer see: a few numbers and a name in memory that both map."""

import mmap
import struct
from pathlib import Path
from typing import NamedTuple

_FORM = struct.Struct("qqqqqq64s")


class Told(NamedTuple):
    """How many writes came before, since when (ns) this one goes on, how many bytes a shard has at
    least, how many shards and files beside each of them there will be, and the name.
    """

    is_writing: int
    number: int
    began: int
    shard_bytes: int
    shards: int
    beside: int
    name: str


class Notes:
    """What is being written."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_FORM.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _FORM.size)

    def read(self) -> Told:
        """The write that is going on, or the last one."""
        *numbers, name = _FORM.unpack_from(self._memory)
        return Told(*numbers, name.rstrip(b"\0").decode())

    def clear(self) -> None:
        """Nothing has been written."""
        _FORM.pack_into(self._memory, 0, 0, 0, 0, 0, 0, 0, b"")

    def begin(self, told: Told) -> None:
        """A write begins."""
        self.end()
        _FORM.pack_into(self._memory, 0, 0, *told[1:-1], told.name.encode())
        struct.pack_into("q", self._memory, 0, 1)

    def end(self) -> None:
        """The write has returned."""
        struct.pack_into("q", self._memory, 0, 0)
