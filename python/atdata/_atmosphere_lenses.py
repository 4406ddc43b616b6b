"""Lenses on the network: records that say where code is, and are never run."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atdata._atmosphere_uri import AtRecord, AtUri, json_of, records_of
from atdata._errors import InvalidError, UnsupportedTypeError
from atdata._git import code_place
from atdata._lens import Lens

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient

__all__ = ["LensLoader", "LensPublisher"]

Code = Mapping[str, str]
Uri = str | AtUri
Listed = list[AtRecord]
_log = logging.getLogger("atdata")


class LensPublisher:
    """Publishes lenses: which schemas they lead from and to, and where their code is."""

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    def publish(
        self,
        name: str,
        source_schema_uri: Uri | None = None,
        target_schema_uri: Uri | None = None,
        description: str | None = None,
        code_repository: str | None = None,
        code_commit: str | None = None,
        getter_path: str | None = None,
        putter_path: str | None = None,
        rkey: str | None = None,
        *,
        source_schema: Uri | None = None,
        target_schema: Uri | None = None,
        getter_code: Code | None = None,
        putter_code: Code | None = None,
        language: str | None = "python",
        metadata: Mapping[str, Any] | None = None,
    ) -> AtUri:
        """Publish a lens; gives the record's address.

        The code is named by `getter_code` and `putter_code`, dicts with `repository`, `commit` and
        `path`, or by `code_repository`, `code_commit`, `getter_path` and `putter_path`. The schemas
        must be published; the record keeps the CIDs that they have now. Raises `InvalidError` (a
        ValueError) for code of which something is missing, `RecordNotFoundError`.
        """
        place = (code_repository, code_commit)
        record: dict[str, Any] = {
            "name": name,
            "sourceSchema": _one("source_schema", source_schema, source_schema_uri),
            "targetSchema": _one("target_schema", target_schema, target_schema_uri),
            "getterCode": _code("getter", getter_code, place, getter_path),
            "putterCode": _code("putter", putter_code, place, putter_path),
            "description": description,
            "language": language,
            "metadata": metadata,
        }
        known = {key: value for key, value in record.items() if value is not None}
        return AtUri.parse(self.client._engine.publish_lens(json_of(known), rkey))

    def publish_from_lens(
        self,
        lens_obj: Lens[Any, Any],
        *,
        name: str | None = None,
        source_schema_uri: Uri | None = None,
        target_schema_uri: Uri | None = None,
        code_repository: str | None = None,
        code_commit: str | None = None,
        description: str | None = None,
        rkey: str | None = None,
        source_schema: Uri | None = None,
        target_schema: Uri | None = None,
    ) -> AtUri:
        """Publish a lens by its functions; gives the record's address.

        Without a name it is the lens's. Without repository and commit they are those of the git
        work tree that the functions are in; where there is none, the record says nothing of the
        code, and a warning says so. Without schemas those of its types are published. Raises as
        `publish`.
        """
        if not isinstance(lens_obj, Lens):
            raise UnsupportedTypeError(f"{type(lens_obj).__qualname__} is no lens")
        given = (code_repository, code_commit)
        name = lens_obj.name if name is None else name
        getter, putter = _found(lens_obj._get, given), _found(lens_obj._put, given)
        if getter is None or (putter is None and lens_obj.has_putter):
            _log.warning(
                "not all code of the lens %s is in a git repository with a remote: its record does "
                "not say where that is; give code_repository= and code_commit=",
                name,
            )
        source = source_schema or source_schema_uri
        target = target_schema or target_schema_uri
        return self.publish(
            name,
            source or self.client.publish_schema(lens_obj.source_type),
            target or self.client.publish_schema(lens_obj.view_type),
            description or _described(lens_obj),
            getter_code=getter,
            putter_code=putter,
            rkey=rkey,
        )


class LensLoader:
    """Finds records of lenses. Their code is never fetched or run: that is for people to do."""

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    def get(self, uri: Uri) -> AtRecord:
        """The record of a lens.

        Raises `RecordNotFoundError`, `InvalidError` (a ValueError) for another kind of record.
        """
        return AtRecord._of(self.client._engine.lens(str(uri)))

    def list_all(self, repo: str | None = None, limit: int | None = 100) -> Listed:
        """The records of lenses of a handle or DID, by default one's own; None: all."""
        return self.client.list_lenses(repo, limit)

    def list(self, repo: str | None = None, limit: int | None = 100) -> Listed:
        """The same as `list_all`."""
        return self.list_all(repo, limit)

    def find_by_schemas(
        self,
        source_schema_uri: Uri,
        target_schema_uri: Uri | None = None,
        repo: str | None = None,
    ) -> Listed:
        """All lenses of a handle or DID, by default one's own, that lead from a schema, and to
        another if that is given.
        """
        target = None if target_schema_uri is None else str(target_schema_uri)
        return records_of(self.client._engine.find_lenses(repo, str(source_schema_uri), target))


def _one(name: str, plain: Uri | None, with_uri: Uri | None) -> str:
    """An argument that has two spellings."""
    found = with_uri if plain is None else plain
    if found is None:
        raise InvalidError(f"a lens leads from one schema to another: give {name}=")
    return str(found)


def _code(
    side: str, code: Code | None, place: tuple[str | None, str | None], path: str | None
) -> dict[str, str] | None:
    """Where the code of one side is, if anything was said of it."""
    if code is None and path is None:
        return None
    repository, commit = place
    given = {"repository": repository, "commit": commit, "path": path} if code is None else code
    found = {key: value for key, value in given.items() if value is not None}
    missing = [key for key in ("repository", "commit", "path") if not found.get(key)]
    if missing:
        raise InvalidError(f"the code of the {side} has no {' and no '.join(missing)}")
    return found


def _found(function: Any, given: tuple[str | None, str | None]) -> Code | None:
    """Where a lens's function is, as far as that can be found out."""
    if function is None:
        return None
    repository, commit = given
    found = code_place(function)
    if not (repository and commit):
        return found
    path = found["path"] if found else f"{function.__module__}:{_qualname(function)}"
    return {"repository": repository, "commit": commit, "path": path}


def _qualname(function: Any) -> str:
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def _described(lens: Lens[Any, Any]) -> str | None:
    text = (lens._get.__doc__ or "").strip()
    return text.partition("\n\n")[0] or None
