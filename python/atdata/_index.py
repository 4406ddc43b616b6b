"""Datasets by name: their schemas, versions, checksums and shards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from atdata import _atdata
from atdata._default_index import default_index, shared_memory
from atdata._entry import LocalDatasetEntry
from atdata._errors import InvalidError
from atdata._index_atmosphere import Federated, account
from atdata._index_house import House
from atdata._index_lenses import Lenses
from atdata._index_schemas import Schemas
from atdata._index_write import Writing
from atdata.providers import (
    MemoryProvider,
    PostgresProvider,
    RedisProvider,
    SqliteProvider,
    _OwnProvider,
    _Provider,
)
from atdata.stores import is_own_store

__all__ = ["Index", "LocalIndex", "Repository"]

PAGE = 500
_SERVER = ("host", "port", "db", "username", "password", "ssl", "ssl_ca_certs", "ssl_cert_reqs")


class Repository(NamedTuple):
    """An index's backends: where its rows are, and where its shards go (None if nowhere)."""

    provider: Any
    data_store: Any


class Index(Writing, Schemas, Lenses, House, Federated):
    """An index of datasets: names, schemas, versions and checksums, over a store for shards.

    Without arguments it is in memory, one for the whole process. `path=` keeps it in an SQLite
    file, `redis=` (a `redis.Redis` or `RedisCluster`) or `host=` in Redis, `provider="postgres",
    dsn=` in PostgreSQL; `provider=` also takes a URL or an object of your own with the methods of
    `atdata.providers.IndexProvider`. Shards go into `data_store`, by default `LocalDiskStore()`.
    With `auto_stubs`, schemas that are decoded become Python modules under `stub_dir`, so that
    editors know them. `atmosphere` is an account on the AT Protocol that `promote_entry` publishes
    by; where nothing else is said, the index is then the one that `@local/name` asks.

    Nothing is connected before it is used. An index may be shared by threads, and a process that
    was forked makes its own connections.

    >>> import atdata, tempfile
    >>> @atdata.packable
    ... class Text:
    ...     text: str
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = atdata.LocalDiskStore(f"{folder}/data")
    ...     index = atdata.Index(path=f"{folder}/index.db", data_store=store)
    ...     texts = (Text(f"text {n}") for n in range(5))
    ...     entry = index.write(texts, name="texts", maxcount=2, tags=["demo"])
    ...     dataset = atdata.load_dataset("@local/texts", index=index, split="train")
    ...     len(entry.data_urls), dataset[4].text, [found.name for found in index.search("tex")]
    (3, 'text 4', ['texts'])
    """

    def __init__(
        self,
        redis: Any = None,
        data_store: Any = None,
        auto_stubs: bool = False,
        stub_dir: str | Path | None = None,
        *,
        provider: Any = None,
        path: str | Path | None = None,
        dsn: str | None = None,
        atmosphere: Any = None,
        **server: Any,
    ) -> None:
        unknown = set(server) - set(_SERVER)
        if unknown:
            raise TypeError(f"Index() has no argument {min(unknown)!r}")
        self._atmosphere = account(atmosphere)
        if atmosphere is not None and not (server or redis or provider or path or dsn):
            provider, data_store = _usual_place(data_store)
        self._provider = self._choose(provider, path, dsn, redis, server)
        self._store = data_store
        own = is_own_store(data_store)
        self._engine = _atdata.Index(self._provider._engine, data_store._engine if own else None)
        self._stub_dir = self._stubs_at(stub_dir) if auto_stubs or stub_dir is not None else None
        self._start_schemas()

    def _choose(
        self, provider: Any, path: Any, dsn: str | None, redis: Any, server: dict[str, Any]
    ) -> _Provider:
        """The provider that the arguments mean."""
        given = [path, dsn, redis, server or None]
        if isinstance(provider, _Provider):
            _alone(provider, given)
            return provider
        if provider is None:
            kinds = [
                word
                for word, value in zip(("sqlite", "postgres", "redis", "redis"), given, strict=True)
                if value is not None
            ]
            if len(set(kinds)) > 1:
                raise InvalidError("path=, dsn= and redis= or host= exclude each other: give one")
            provider = kinds[0] if kinds else self._usual()
        if not isinstance(provider, str):
            _alone(provider, given)
            return _OwnProvider(provider)
        goes_with = {"sqlite": [path], "redis": [redis, server or None]}.get(provider, [dsn])
        _alone(provider, [value for value in given if not any(value is own for own in goes_with)])
        return _named(provider, path, dsn, redis, server)

    def _usual(self) -> str:
        """The provider where none is asked for."""
        return "sqlite"

    @staticmethod
    def _stubs_at(stub_dir: str | Path | None) -> Path:
        return _atdata.home_folder() / "stubs" if stub_dir is None else Path(stub_dir).expanduser()

    @property
    def provider(self) -> Any:
        """Where the rows are."""
        return getattr(self._provider, "own", self._provider)

    @property
    def data_store(self) -> Any:
        """Where shards are written to, or None where none was given."""
        return self._store

    @property
    def repos(self) -> dict[str, Repository]:
        """The index's backends by name; there is always `local`."""
        return {"local": Repository(self.provider, self._store)}

    def get_dataset(self, ref: str) -> LocalDatasetEntry:
        """The entry that a name, `name@version`, `name@CID` or a CID means.

        Raises `UnknownNameError` (a KeyError).
        """
        return LocalDatasetEntry._of(self._engine.find(ref))

    def get_entry_by_name(self, name: str) -> LocalDatasetEntry:
        """The entry that a name points to now.

        Raises `UnknownNameError` (a KeyError).
        """
        return LocalDatasetEntry._of(self._engine.named(name))

    def get_entry(self, cid: str) -> LocalDatasetEntry:
        """The entry of a CID.

        Raises `UnknownNameError` (a KeyError).
        """
        return LocalDatasetEntry._of(self._engine.entry(cid))

    @property
    def datasets(self) -> Iterator[LocalDatasetEntry]:
        """The current entry of every name, in the order of the names, read page by page."""
        after: str | None = None
        while rows := self._engine.current(after, PAGE):
            yield from map(LocalDatasetEntry._of, rows)
            after = rows[-1][1]

    def list_datasets(self) -> list[LocalDatasetEntry]:
        """The current entry of every name, in the order of the names."""
        return list(self.datasets)

    @property
    def entries(self) -> Iterator[LocalDatasetEntry]:
        """All entries, older ones of a name too, in the order of their CIDs, page by page."""
        after: str | None = None
        while rows := self._engine.entries(after, PAGE):
            yield from map(LocalDatasetEntry._of, rows)
            after = rows[-1][0]

    def list_entries(self) -> list[LocalDatasetEntry]:
        """All entries, older ones of a name too, in the order of their names."""
        return sorted(self.entries, key=lambda entry: entry.name)

    @property
    def all_entries(self) -> list[LocalDatasetEntry]:
        """All entries, older ones of a name too, in the order of their names."""
        return self.list_entries()

    def __reduce__(self) -> Any:
        # Without its account, which holds a session.
        return _again, (type(self), self._provider, self._store, self._stub_dir)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._provider.address!r})"


class LocalIndex(Index):
    """An `Index` that is in Redis on localhost unless something else is asked for."""

    def _usual(self) -> str:
        return "redis"


def _usual_place(data_store: Any) -> tuple[Any, Any]:
    """Provider and store of the index that `@local/name` asks."""
    usual = default_index()
    if not isinstance(usual, Index):
        return None, data_store
    return usual._provider, usual._store if data_store is None else data_store


def _again(cls: type[Index], provider: Any, store: Any, stub_dir: Path | None) -> Index:
    return cls(
        provider=provider, data_store=store, auto_stubs=stub_dir is not None, stub_dir=stub_dir
    )


def _named(
    provider: str, path: Any, dsn: str | None, redis: Any, server: dict[str, Any]
) -> _Provider:
    """The provider of a word or URL."""
    if provider == "sqlite":
        return shared_memory() if path is None else SqliteProvider(path)
    if provider == "memory":
        return MemoryProvider()
    if provider == "redis":
        return RedisProvider(**server) if redis is None else RedisProvider.of(redis)
    if provider in ("postgres", "postgresql"):
        if dsn is None:
            raise InvalidError('provider="postgres" needs dsn="postgresql://user:pass@host/db"')
        return PostgresProvider(dsn)
    return _addressed(provider)


def _alone(provider: Any, others: list[Any]) -> None:
    """See that nothing was said of another place."""
    if any(value is not None for value in others):
        raise InvalidError(f"provider={provider!r} excludes other arguments that name a place")


def _addressed(address: str) -> _Provider:
    """The provider at a URL or path."""
    if not any(mark in address for mark in ":/."):
        raise InvalidError(
            f"no provider is called {address!r}: there are sqlite, redis, postgres, memory, "
            f"a URL or a path"
        )
    if address.startswith("redis"):
        return RedisProvider(address)
    if address.startswith("postgres"):
        return PostgresProvider(address)
    if "://" not in address and address != "memory:":
        return SqliteProvider(address)
    if address.startswith("sqlite:///"):
        return SqliteProvider(address.removeprefix("sqlite://"))
    return _Provider(_atdata.Provider.open(address))
