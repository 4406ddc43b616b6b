"""Where an index keeps its rows: SQLite, Redis, PostgreSQL, memory, or an object of your own."""

from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

from atdata import _atdata
from atdata._errors import InvalidError, UnsupportedTypeError
from atdata._redis import redis_arguments
from atdata._rows import EntryRow, LabelRow

__all__ = [
    "EntryRow",
    "IndexProvider",
    "LabelRow",
    "MemoryProvider",
    "PostgresProvider",
    "RedisProvider",
    "SqliteProvider",
]


@runtime_checkable
class IndexProvider(Protocol):
    """What an object needs to be an index's provider: rows in, rows out.

    An entry is a tuple `(cid, name, schema_ref, data_urls, metadata, content_cid, num_samples,
    num_bytes)`, a label `(name, version, cid, description)`; the version "" is what the name itself
    points to. `kind` is "schema" or "lens". Lists are asked for in pages: at most `limit` items
    after the item `after`, None for the first page.
    """

    def put(self, entries: list[EntryRow], labels: list[LabelRow]) -> None:
        """Put entries and labels, all or none. An entry that is there keeps its name."""
        ...

    def entry(self, cid: str) -> EntryRow | None:
        """The entry of a CID."""
        ...

    def named(self, name: str, version: str) -> EntryRow | None:
        """The entry that a label points to, under that name."""
        ...

    def current(self, after: str | None, limit: int) -> list[EntryRow]:
        """The current entry of every name, in the order of the names."""
        ...

    def entries(self, after: str | None, limit: int) -> list[EntryRow]:
        """All entries, in the order of their CIDs."""
        ...

    def search(self, query: dict[str, Any], after: str | None, limit: int) -> list[EntryRow]:
        """Current entries that fit `words`, `tags`, `schema` and `license` of a query."""
        ...

    def history(self, name: str) -> list[tuple[str, str]]:
        """CIDs that a name pointed to and since when, the newest first."""
        ...

    def labels(self, cid: str) -> list[LabelRow]:
        """The labels that point to an entry."""
        ...

    def remove_entry(self, cid: str) -> bool:
        """Remove an entry and its labels; whether there was one."""
        ...

    def remove_label(self, name: str, version: str) -> bool:
        """Remove a label; whether there was one."""
        ...

    def create_document(self, kind: str, name: str, version: str, json: str) -> bool:
        """Put a document under a version that is not there; of several callers at once, only one
        is told True.
        """
        ...

    def document(self, kind: str, name: str, version: str) -> str | None:
        """The JSON of a document."""
        ...

    def versions(self, kind: str, name: str) -> list[str]:
        """The versions of a document."""
        ...

    def documents(self, kind: str, after: str | None, limit: int) -> list[tuple[str, str, str]]:
        """Name, version and JSON of documents, in the order of `name@version`."""
        ...


class _Provider:
    """A provider of the engine. It connects when it is first used; pickled, by its address."""

    def __init__(self, engine: _atdata.Provider) -> None:
        self._engine = engine

    @property
    def address(self) -> str:
        """Where the rows are, without secrets."""
        return self._engine.address

    def check(self) -> None:
        """Reach the database, and see that this version can use it.

        Raises `UnreachableError`, `DeniedError`, or `DataError` for a newer layout.
        """
        self._engine.check()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address!r})"


class MemoryProvider(_Provider):
    """Rows in the memory of this process."""

    def __init__(self) -> None:
        super().__init__(_atdata.Provider.memory())


class SqliteProvider(_Provider):
    """Rows in an SQLite file, which many threads and processes may use at once; without a path, in
    memory.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     SqliteProvider(f"{folder}/index.db").check()
    """

    def __init__(self, path: str | Path | None = None) -> None:
        super().__init__(_atdata.Provider.sqlite(None if path is None else Path(path).expanduser()))
        self.path = path

    def __reduce__(self) -> Any:
        if self.path is None:
            raise InvalidError("an index in memory cannot go to another process: give it a path")
        return type(self), (self.path,)


class RedisProvider(_Provider):
    """Rows in Redis 6 or later, one server or a cluster.

    `ssl=True` speaks TLS and checks the server's certificate, with `ssl_ca_certs` for a CA of your
    own. A URL may be given instead: `redis://`, `rediss://`, `redis+cluster://`.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        host: str = "localhost",
        port: int = 6379,
        db: int = 0,
        username: str | None = None,
        password: str | None = None,
        ssl: bool = False,
        ssl_ca_certs: str | None = None,
        ssl_cert_reqs: str = "required",
        cluster: bool = False,
    ) -> None:
        if url is not None:
            self._arguments: dict[str, Any] = {"url": url}
            super().__init__(_atdata.Provider.open(url))
            return
        self._arguments = {
            "hosts": [(host, port)],
            "db": db,
            "username": username,
            "password": password,
            "tls": ssl,
            "ca": ssl_ca_certs,
            "verify": ssl_cert_reqs != "none",
            "cluster": cluster,
        }
        super().__init__(_atdata.Provider.redis(**self._arguments))

    @classmethod
    def of(cls, redis: Any) -> Self:
        """The database that a `redis.Redis` or `redis.cluster.RedisCluster` is connected to."""
        made = cls.__new__(cls)
        made._arguments = redis_arguments(redis)
        _Provider.__init__(made, _atdata.Provider.redis(**made._arguments))
        return made

    def __reduce__(self) -> Any:
        return _redis_again, (self._arguments,)


def _redis_again(arguments: dict[str, Any]) -> RedisProvider:
    if "url" in arguments:
        return RedisProvider(arguments["url"])
    made = RedisProvider.__new__(RedisProvider)
    made._arguments = arguments
    _Provider.__init__(made, _atdata.Provider.redis(**arguments))
    return made


class PostgresProvider(_Provider):
    """Rows in PostgreSQL: `dsn` is a URL or the `key=value` form of libpq."""

    def __init__(self, dsn: str) -> None:
        super().__init__(_atdata.Provider.postgres(dsn))
        self._dsn = dsn

    def __reduce__(self) -> Any:
        return type(self), (self._dsn,)


class _OwnProvider(_Provider):
    """An object of the user's."""

    def __init__(self, own: Any) -> None:
        if isinstance(own, type):
            raise UnsupportedTypeError(f"{own.__qualname__} is a class: give an instance of it")
        missing = [name for name in _METHODS if not callable(getattr(own, name, None))]
        if missing:
            raise UnsupportedTypeError(
                f"{type(own).__qualname__} is no index provider: it has no {', '.join(missing)}"
            )
        super().__init__(_atdata.Provider.of_object(own))
        self.own = own

    def __reduce__(self) -> Any:
        return type(self), (self.own,)


_METHODS = [name for name in vars(IndexProvider) if not name.startswith("_")]
