"""What an index does with the AT Protocol: entries published, and others' datasets taken in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atdata import _atdata
from atdata._entry import LocalDatasetEntry
from atdata._errors import NotLoggedInError, UnsupportedTypeError

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient
    from atdata._dataset import Dataset

__all__ = ["Federated", "account"]


class Federated:
    """The part of an `Index` that knows the AT Protocol."""

    _engine: _atdata.Index
    _atmosphere: "AtmosphereClient | None"

    @property
    def atmosphere(self) -> "AtmosphereClient | None":
        """The account that entries are published by, or None."""
        return self._atmosphere

    def promote_entry(
        self,
        name: str,
        *,
        data_store: Any = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        new_name: str | None = None,
        strict: bool = False,
        progress: Any = None,
    ) -> str:
        """Publish what a name means; gives the address of its record.

        Under `new_name` if that is given; the rest is as in
        `atdata.promote.promote_to_atmosphere`. Raises `NotLoggedInError` (a ValueError) where the
        index has no account: `Index(atmosphere=client)`.
        """
        from atdata.promote import promote_to_atmosphere

        return promote_to_atmosphere(
            self.get_dataset(name),  # type: ignore[attr-defined]
            self,  # type: ignore[arg-type]
            self._account(),
            data_store=data_store,
            name=new_name,
            description=description,
            tags=tags,
            license=license,
            strict=strict,
            progress=progress,
        )

    def promote_dataset(self, ds: "Dataset[Any]", *, name: str, **options: Any) -> str:
        """Put a dataset into the index under a name, and publish it; gives the record's address.

        Options are those of `promote_entry`. Its shards stay where they are, or are copied into
        the index's store if it has one.
        """
        self._account()
        self.insert_dataset(ds, name=name)  # type: ignore[attr-defined]
        return self.promote_entry(name, **options)

    def import_entry(
        self, ref: str, name: str | None = None, *, copy: bool = False
    ) -> LocalDatasetEntry:
        """Take a dataset of the network into the index: `at://...` or `@handle/name`.

        It comes with its schema, under its name or another one; `copy=True` copies its shards into
        the index's store. Raises `UnknownNameError` or `RecordNotFoundError` (KeyErrors).
        """
        client = self._atmosphere
        engine = _atdata.Atmosphere.reading("ac.foundation") if client is None else client._engine
        into = self._engine_with_store() if copy else self._engine
        return LocalDatasetEntry._of(engine.import_into(into, str(ref), name, copy))

    def _engine_with_store(self) -> _atdata.Index:
        store = self._store_for(None)  # type: ignore[attr-defined]
        return _atdata.Index(self._provider._engine, store._engine)  # type: ignore[attr-defined]

    def _account(self) -> "AtmosphereClient":
        if self._atmosphere is None:
            raise NotLoggedInError(
                "the index has no account to publish by: make it with "
                "Index(atmosphere=Atmosphere.login(handle, app_password))"
            )
        return self._atmosphere


def account(given: Any) -> "AtmosphereClient | None":
    """A client, or None where none was given."""
    if given is None or isinstance(getattr(given, "_engine", None), _atdata.Atmosphere):
        client: AtmosphereClient | None = given
        return client
    raise UnsupportedTypeError("atmosphere= is an account: Atmosphere.login(handle, app_password)")
