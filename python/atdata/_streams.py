"""Shards as binary streams."""

import io
from typing import IO, cast

from atdata import _atdata
from atdata._errors import NotFoundError

__all__ = ["opened"]


def opened(
    name: str, store: _atdata.Store | _atdata.Published | None, allow_pipe: bool
) -> IO[bytes]:
    """A binary stream on a shard, wherever it is.

    Raises `NotFoundError` (a FileNotFoundError) when there is nothing.
    """
    path = name.removeprefix("file://")
    if "://" not in path and not path.startswith("pipe:"):
        try:
            return open(path, "rb")
        except FileNotFoundError as error:
            raise NotFoundError(f"{name}: no such file", shard=name) from error
    stream = _Stream(_atdata.ShardStream(name, store, allow_pipe))
    return cast("IO[bytes]", io.BufferedReader(stream, 1 << 20))


class _Stream(io.RawIOBase):
    """A stream of the engine."""

    def __init__(self, inner: _atdata.ShardStream) -> None:
        self._inner = inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self._inner.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()
