"""Which lenses are looked for: by the name, version and fields of a schema."""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from atdata._annotations import FieldType, field_type
from atdata._schemas import annotation_of, schema_text

__all__ = ["Fields", "Wanted", "fields_in", "schema_key"]

_SCHEMA = re.compile(
    r"(?:atdata://local/(?:sampleSchema|schema)/|local://schemas/(?:[^@/]*\.)?)?([^/@]+)(?:@(.+))?"
)

Fields = list[tuple[str, FieldType]]


class Wanted(NamedTuple):
    """A schema that is looked for: its name and, where they matter, version and fields."""

    name: str
    version: str | None
    fields: Fields | None

    @classmethod
    def of(cls, asked: str | type[Any] | None) -> "Wanted | None":
        """What a reference, a name or a sample type asks for; None asks for any."""
        if asked is None:
            return None
        if isinstance(asked, str):
            return cls(*schema_key(asked), None)
        return cls(asked.__name__, None, fields_in(json.loads(schema_text(asked)[0])))


def fields_in(schema: Mapping[str, Any]) -> Fields:
    """Names and types; without dtypes, which are hints and say float32 where there is none."""
    found = [(field["name"], field_type(annotation_of(field), {})) for field in schema["fields"]]
    return [(name, dataclasses.replace(kind, dtype=None)) for name, kind in found]


def schema_key(reference: str) -> tuple[str, str | None]:
    """Name and version of a schema; of what is not one of an index, all of it."""
    found = _SCHEMA.fullmatch(reference)
    return (found[1], found[2]) if found else (reference, None)
