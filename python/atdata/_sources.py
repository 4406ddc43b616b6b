"""Where shards come from: paths and brace patterns, or an object of the user's."""

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, Protocol

from atdata import _atdata
from atdata._errors import InvalidError, UnknownNameError, UnsupportedTypeError
from atdata._reading_options import ReadOptions
from atdata._streams import opened

__all__ = [
    "Handle",
    "PathLike",
    "ShardStreams",
    "URLSource",
    "as_source",
    "brace_pattern",
    "known_store",
    "remember_store",
]

PathLike = str | os.PathLike[str]

_stores: dict[str, Any] = {}


def remember_store(start: str, store: Any) -> None:
    """Let URLs that begin so be read with this store's credentials, in this process."""
    _stores[start] = store


def known_store(urls: Sequence[str]) -> Any:
    """The store whose credentials all these URLs are read with, or None."""
    found = {next((start for start in _stores if url.startswith(start)), None) for url in urls}
    start = found.pop() if len(found) == 1 else None
    return None if start is None else _stores[start]


class _Named(Protocol):
    """What every source can do once it is normal."""

    def list_shards(self) -> list[str]: ...
    def open_shard(self, shard_id: str) -> IO[bytes]: ...


class ShardStreams:
    """The shards of a source with a stream on each: iterate it, or call it first.

    >>> import io
    >>> streams = ShardStreams(lambda: ["a.tar"], lambda name: io.BytesIO(name.encode()))
    >>> [(name, stream.read()) for name, stream in streams]
    [('a.tar', b'a.tar')]
    >>> [name for name, stream in streams()]
    ['a.tar']
    """

    def __init__(
        self, names: Callable[[], list[str]], open_shard: Callable[[str], IO[bytes]]
    ) -> None:
        self._names, self._open = names, open_shard

    def __iter__(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Pairs of a shard's name and a stream on it, opened when it is its turn."""
        return ((name, self._open(name)) for name in self._names())

    def __call__(self) -> Iterator[tuple[str, IO[bytes]]]:
        """The same, for sources whose `shards` is a method."""
        return iter(self)


class URLSource:
    """Shards named by a path, URL or brace pattern, or by several of those.

    `{000000..000009}` counts, `{train,test}` lists. Nothing is opened or looked up before a shard
    is read. There are paths, `file://`, `http(s)://`, `s3://`, `gs://`, `az://`, `hf://`
    (`hf://datasets/owner/name/path`), and `pipe:command`, which is run only with
    `allow_pipe=True`. `s3://` URLs are read with the credentials of an `S3DataStore` of that bucket
    that this process has made, else of the environment.

    >>> source = URLSource("data-{000..002}.tar")
    >>> source.url, source.list_shards()
    ('data-{000..002}.tar', ['data-000.tar', 'data-001.tar', 'data-002.tar'])
    """

    def __init__(
        self, url: PathLike | Sequence[PathLike], *, allow_pipe: bool = False, store: Any = None
    ) -> None:
        self._allow_pipe, self._store = allow_pipe, store
        urls = [url] if isinstance(url, (str, os.PathLike)) else url
        self._patterns = [os.fspath(one) for one in urls]
        if not self._patterns:
            raise InvalidError("no shards: the list of paths is empty")

    @property
    def url(self) -> str:
        """The path or pattern; several as one pattern."""
        return brace_pattern(self._patterns)

    @property
    def patterns(self) -> list[str]:
        """The paths or patterns as they were given."""
        return list(self._patterns)

    def list_shards(self) -> list[str]:
        """The names of all shards, the patterns expanded."""
        return [name for pattern in self._patterns for name in _atdata.expand_braces(pattern)]

    @property
    def shard_list(self) -> list[str]:
        """The names of all shards, the patterns expanded."""
        return self.list_shards()

    @property
    def shards(self) -> ShardStreams:
        """Pairs of name and binary stream, one shard after the other.

        Both `for name, stream in source.shards:` and `... in source.shards():` work.
        """
        return ShardStreams(self.list_shards, self._opened)

    def open_shard(self, shard_id: str) -> IO[bytes]:
        """A binary stream on one shard.

        Raises `UnknownNameError` (a KeyError) for a name that is not in `list_shards()`, and
        `NotFoundError` (a FileNotFoundError) when there is no such file.
        """
        if shard_id not in self.list_shards():
            name, where = _atdata.shown(shard_id), _atdata.shown(self.url)
            raise UnknownNameError(f"no shard {name!r} in {where}")
        return self._opened(shard_id)

    def _opened(self, shard: str) -> IO[bytes]:
        return opened(shard, self._reader, self._allow_pipe)

    @property
    def _reader(self) -> _atdata.Store | _atdata.Published | None:
        """What the engine reads with, if there is something."""
        store = self._store or known_store(self._patterns)
        return None if store is None else store._engine

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, URLSource):
            return NotImplemented
        return self._patterns == other._patterns

    def __hash__(self) -> int:
        return hash(tuple(self._patterns))

    def __repr__(self) -> str:
        return f"URLSource({_atdata.shown(self.url)!r})"


class _Adapted:
    """A user's source in the form that the engine asks for."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def list_shards(self) -> list[str]:
        source = self.source
        if hasattr(source, "list_shards"):
            return list(source.list_shards())
        if hasattr(source, "shard_list"):
            return list(source.shard_list)
        return [name for name, _ in _pairs(source)]

    def open_shard(self, shard_id: str) -> IO[bytes]:
        if hasattr(self.source, "open_shard"):
            stream: IO[bytes] = self.source.open_shard(shard_id)
            return stream
        for name, stream in _pairs(self.source):
            if name == shard_id:
                return stream
        raise UnknownNameError(f"no shard {shard_id!r} in {self.source!r}", shard=shard_id)


def _pairs(source: Any) -> Iterator[tuple[str, IO[bytes]]]:
    """The (name, stream) pairs of a source whose `shards` is a method or a property."""
    found = source.shards
    return iter(found() if callable(found) else found)


Selection = tuple[str, tuple[Any, ...]]


class Handle:
    """A source and, from its first use, the engine's view of it. Pickled without the latter.

    `selections` are the calls of `Shards.slice` and `Shards.pick` that lead from all samples to
    those that are meant.
    """

    def __init__(
        self,
        source: Any,
        selections: tuple[tuple[str, tuple[Any, ...]], ...] = (),
        options: ReadOptions | None = None,
    ) -> None:
        self.source, self.selections = source, selections
        self.options = options or ReadOptions()
        self._shards: _atdata.Shards | None = None

    @property
    def shards(self) -> _atdata.Shards:
        """The engine's view."""
        if self._shards is None:
            how = self.options.keywords
            if isinstance(self.source, URLSource):
                shards = _atdata.Shards(
                    self.source.patterns,
                    store=self.source._reader,
                    allow_pipe=self.source._allow_pipe,
                    **how,
                )
            else:
                shards = _atdata.Shards([], self.named, **how)
            for method, arguments in self.selections:
                shards = getattr(shards, method)(*arguments)
            self._shards = shards
        return self._shards

    def selected(self, method: str, *arguments: Any) -> "Handle":
        """The same source, fewer samples: `slice(start, step, count)` or `pick(numbers)`."""
        made = Handle(self.source, (*self.selections, (method, arguments)), self.options)
        made._shards = getattr(self.shards, method)(*arguments)
        return made

    @property
    def named(self) -> _Named:
        """The source with both methods, whatever its own shape."""
        return self.source if isinstance(self.source, URLSource) else _Adapted(self.source)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_shards": None}


def as_source(source: Any) -> Any:
    """A path, a pattern or several of them as a `URLSource`; any other source as it is.

    Raises `UnsupportedTypeError` for what cannot be one.
    """
    if isinstance(source, (str, os.PathLike)):
        return URLSource(source)
    if isinstance(source, Sequence) and all(isinstance(s, (str, os.PathLike)) for s in source):
        return URLSource(source)
    lists = hasattr(source, "list_shards") or hasattr(source, "shard_list")
    is_source = (lists and hasattr(source, "open_shard")) or hasattr(type(source), "shards")
    if isinstance(source, type) or not is_source:
        raise UnsupportedTypeError(
            f"{type(source).__qualname__} is no source of shards: give a path, a list of paths, "
            f"or an object with list_shards() (or shard_list) and open_shard(name)"
        )
    return source


def brace_pattern(paths: Sequence[str]) -> str:
    """One pattern for several paths: a range where they count up, else a list.

    >>> brace_pattern(["a-08.tar", "a-09.tar", "a-10.tar"]), brace_pattern(["a.tar", "b.tar"])
    ('a-{08..10}.tar', '{a.tar,b.tar}')
    """
    if len(paths) == 1:
        return paths[0]
    listed = "{" + ",".join(paths) + "}"
    start, end = _common_start(paths), _common_start([path[::-1] for path in paths])[::-1]
    first, last = (path[len(start) : len(path) - len(end)] for path in (paths[0], paths[-1]))
    if not (first.isdecimal() and last.isdecimal()) or "{" in listed[1:]:
        return listed
    ranged = f"{start}{{{first}..{last}}}{end}"
    return ranged if _atdata.expand_braces(ranged) == list(paths) else listed


def _common_start(paths: Sequence[str]) -> str:
    """What all paths begin with, without the digits at its end: they belong to the number."""
    columns = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*paths, strict=False))
    return "".join(letters[0] for letters in columns).rstrip("0123456789")
