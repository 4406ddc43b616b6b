"""Samples and batches whose files are decoded."""

import copy
import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from atdata import _atdata
from atdata._batch import SampleBatch
from atdata._dict_sample import DictSample
from atdata._encodings import Sound, decode_all
from atdata._errors import DataError, InvalidError, UnknownNameError
from atdata._fields import fields_of

__all__ = [
    "Decode",
    "WithSounds",
    "decoded",
    "decoded_fields",
    "encodings_of",
    "made_decoded",
    "sounded",
]

Decode = bool | Sequence[str]
Fields = tuple[tuple[str, str], ...]


def decoded_fields(sample_type: type[Any], decode: Decode) -> Fields:
    """Which fields are decoded, and what they hold: all that are annotated, or those named.

    Raises `InvalidError` where there are none, and `UnknownNameError` for a name that is no field.
    """
    if decode is False or decode is None:
        return ()
    typed, known = _is_typed(sample_type), encodings_of(sample_type)
    if decode is True:
        found = [(name, encoding) for name, encoding in known.items() if encoding]
        if not found:
            raise InvalidError(
                f"decode=True: no field of {sample_type.__qualname__} is annotated as atdata.Image "
                f"or atdata.Audio; annotate one, or name fields of images: decode=['photo']"
            )
        return tuple(found)
    names = (decode,) if isinstance(decode, str) else tuple(decode)
    for name in names:
        if typed and name not in known:
            meant = _atdata.did_you_mean(name, list(known))
            raise UnknownNameError(
                f"decode: {sample_type.__qualname__} has no field {name!r}{meant}; its fields are "
                f"{', '.join(known)}",
                field=name,
            )
    return tuple((name, known.get(name) or "image") for name in names)


def encodings_of(sample_type: type[Any]) -> dict[str, str | None]:
    """The fields of a sample type, and what the files in each are; nothing of other classes."""
    if not _is_typed(sample_type):
        return {}
    return {field.name: field.type.encoding for field in fields_of(sample_type)}


def _is_typed(sample_type: type[Any]) -> bool:
    return dataclasses.is_dataclass(sample_type) and hasattr(sample_type, "from_data")


class WithSounds:
    """Columns of a batch, those of recordings put together with their rates."""

    def __init__(self, columns: Any, fields: Sequence[str]) -> None:
        self._columns, self._fields = columns, set(fields)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def names(self) -> list[str]:
        """The fields."""
        rates = {_rate(name) for name in self._fields}
        return [name for name in self._columns.names if name not in rates]

    def column(self, name: str) -> Any:
        """A field's values; of recordings a list of `Sound`s."""
        if name not in self._fields:
            return self._columns.column(name)
        pairs = zip(self._columns.items(name), self._columns.column(_rate(name)), strict=True)
        return [None if samples is None else Sound(samples, rate) for samples, rate in pairs]

    def items(self, name: str) -> Any:
        """The same, each array as it was before it was stacked."""
        return self.column(name) if name in self._fields else self._columns.items(name)


def _rate(name: str) -> str:
    return f"{name}.rate"  # no field of a class can be called so


def sounded(columns: _atdata.Columns, fields: Fields) -> Any:
    """Columns as the engine decoded them, as a batch has them."""
    recordings = [name for name, encoding in fields if encoding == "audio"]
    return WithSounds(columns, recordings) if recordings else columns


def made_decoded(
    samples: Iterator[Any], fields: Fields, rows: int, on_error: str, report: _atdata.Report
) -> Iterator[Any]:
    """Samples that Python has made, with their files decoded, so many at a time."""
    while taken := list(itertools.islice(samples, rows)):
        values: dict[str, list[Any]] = {}
        wrong: dict[int, Exception] = {}
        for name, encoding in fields:
            values[name], errors = decode_all([_value(s, name) for s in taken], encoding, name)
            wrong = {**errors, **wrong}
        for row, sample in enumerate(taken):
            if row not in wrong:
                yield _changed(sample, {name: values[name][row] for name, _ in fields})
            elif on_error == "skip":
                report.skip(str(wrong[row]))
            else:
                raise wrong[row]


def decoded(sample: Any, fields: Fields, key: str) -> Any:
    """One sample with its files decoded; errors name its key."""
    values: dict[str, Any] = {}
    for name, encoding in fields:
        [values[name]], errors = decode_all([_value(sample, name)], encoding, None)
        for error in errors.values():
            message = f"{error} (key {key}, field {name})"
            raise DataError(message, kind=error.kind, key=key, field=name) from None
    return _changed(sample, values) if values else sample


def _value(sample: Any, name: str) -> Any:
    if isinstance(sample, DictSample | Mapping):
        return sample.get(name)
    return getattr(sample, name)


def _changed(sample: Any, values: dict[str, Any]) -> Any:
    """A sample like another, with other values in some fields."""
    if isinstance(sample, DictSample):
        return DictSample.from_data({**sample.to_dict(), **values})
    if isinstance(sample, Mapping):
        return {**sample, **values}
    made = copy.copy(sample)
    for name, value in values.items():
        object.__setattr__(made, name, value)  # frozen ones too
    return made


def samples_of(batches: Iterator[Any], sample_type: type[Any], fields: Fields) -> Iterator[Any]:
    """The samples of batches, one by one."""
    for columns in batches:
        yield from SampleBatch._of_columns(sample_type, None, sounded(columns, fields)).samples
