"""Schemas of the network, and the sample types that they describe."""

import json
from typing import Any

from atdata import _atdata
from atdata._errors import DataError
from atdata._rows import SchemaRow
from atdata._schemas import LocalSchemaRecord, type_of

__all__ = ["AtmosphereSchemaRecord", "Decoder"]


class AtmosphereSchemaRecord(LocalSchemaRecord):
    """A schema of the network in the form that an index has it: `name`, `version`, `fields`,
    `description`, `createdAt`, and its address as `$ref`; the CID of its record is `cid`.

    Members can be had as attributes and as items. As attributes, `fields` are records too.
    """

    @classmethod
    def _row(cls, row: SchemaRow) -> "AtmosphereSchemaRecord":
        (uri, cid, _), document = row
        return cls({**json.loads(document), "$ref": uri, "cid": cid})

    @property
    def uri(self) -> str:
        """The address of its record."""
        return self.ref


class Decoder:
    """Makes sample types of schemas, one class for one record."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], type[Any]] = {}

    def decode(
        self, engine: _atdata.Atmosphere, reference: str, cid: str | None = None
    ) -> type[Any]:
        """The type of a schema; where a CID is given, its record must still have that.

        Raises `DataError` (a ValueError) for a schema that no class can have.
        """
        record = AtmosphereSchemaRecord._row(engine.schema(reference, cid))
        key = (record.uri, record["cid"])
        if key not in self._known:
            try:
                self._known[key] = type_of(record)
            except DataError as error:
                raise DataError(f"{record.uri}: {error}", kind=error.kind) from None
        return self._known[key]
