"""What an index says of a lens: its record, its reference, its versions."""

import json
import re
from collections.abc import Iterable
from typing import Any

from atdata._errors import ConflictError, DataError, InvalidError
from atdata._schemas import _Record

__all__ = [
    "PREFIX",
    "Document",
    "LensRecord",
    "bad",
    "check_same",
    "checked_name",
    "checked_version",
    "next_version",
    "parsed",
    "versions_in_order",
]

PREFIX = "atdata://local/lens/"
_REFERENCE = re.compile(rf"(?:{PREFIX})?([^/@]{{1,200}})(?:@([^/@]*))?")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})")

Document = dict[str, Any]


class LensRecord(_Record):
    """A lens of an index: `name`, `version`, `source_schema`, `view_schema`, `getter`, `putter`,
    `created_at`, `$ref` and, if there is one, `description`; as attributes and as items.

    >>> record = LensRecord({"name": "length", "version": "1.0.0", "getter": {"kind": "opaque"}})
    >>> record.name, record["version"], record.getter["kind"]
    ('length', '1.0.0', 'opaque')
    """

    @property
    def ref(self) -> str:
        """The lens's reference, the member `$ref`."""
        found: str = self._document["$ref"]
        return found

    @classmethod
    def _of(cls, name: str, version: str, text: str) -> "LensRecord":
        reference = f"{PREFIX}{name}@{version}"
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise bad(reference, f"it is no JSON: {error}") from None
        if not isinstance(document, dict):
            raise bad(reference, "it is no JSON object")
        if (document.get("name"), document.get("version")) != (name, version):
            raise bad(reference, "the document is of another name or version")
        return cls({**document, "$ref": reference})

    def _part(self, side: str) -> Document:
        """The getter or the putter."""
        found = self.get(side)
        if not (isinstance(found, dict) and isinstance(found.get("kind"), str)):
            raise bad(self.ref, f"its {side} is no object with a kind")
        return found

    def _schema(self, side: str) -> str:
        """The reference to the schema of one side; the original stores a name."""
        found = self.get(side)
        if not isinstance(found, str):
            raise bad(self.ref, f"its {side} is no text")
        return found if "/" in found else f"atdata://local/sampleSchema/{found}"


def bad(reference: str, what: str) -> DataError:
    """The error of a record that is no lens."""
    return DataError(f"the record {reference} is no lens: {what}", kind="bad_index")


def parsed(ref: Any) -> tuple[str, str | None]:
    """The name and, if there is one, the version in a reference."""
    found = _REFERENCE.fullmatch(ref) if isinstance(ref, str) and ref.isprintable() else None
    if found is None:
        raise InvalidError(
            f"{repr(ref)[:100]} is no reference to a lens; one looks like {PREFIX}name@1.0.0",
            kind="bad_reference",
        )
    return found[1], found[2]


def versions_in_order(found: Iterable[str]) -> list[str]:
    """The versions that can be asked for, the lowest first."""
    return sorted(filter(_VERSION.fullmatch, found), key=_numbers)


def next_version(known: list[str]) -> str:
    """The next patch after the highest of versions in order, or the first version."""
    if not known:
        return "1.0.0"
    major, minor, patch = _numbers(known[-1])
    return checked_version(f"{major}.{minor}.{patch + 1}")


def checked_version(text: Any) -> str:
    """The version, if it is one."""
    if isinstance(text, str) and _VERSION.fullmatch(text):
        return text
    raise InvalidError(f"version {repr(text)[:100]}: expected one like 1.0.0")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def checked_name(name: Any) -> str:
    """The name, if a lens can have it."""
    if not (isinstance(name, str) and re.fullmatch(r"\w[\w.-]{0,199}", name)):
        raise InvalidError(
            f"{repr(name)[:100]} cannot name a lens: give name= with letters, digits, _ - and ."
        )
    return name


def check_same(known: LensRecord, document: Document) -> None:
    """A version never changes: only when it was made may differ."""
    given = json.loads(json.dumps(document))
    keys = [key for key in {**known, **given} if key not in ("$ref", "created_at")]
    other = [key for key in keys if known.get(key) != given.get(key)]
    if other:
        shown = "; ".join(f"{key}: {known.get(key)} there, {given.get(key)} given" for key in other)
        raise ConflictError(
            f"{known.ref} is stored already, and differs ({shown[:1000]}); a stored version never "
            f"changes: store this lens as another version"
        )
