"""How notebooks show datasets, batches and samples: tables without scripts, safe for any data."""

import contextlib
import dataclasses
import html
import reprlib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from atdata import _atdata
from atdata._annotations import FieldType
from atdata._encodings import Sound, decode_audio
from atdata._errors import DataError
from atdata._pictures import (
    is_picture,
    looks_like_an_image,
    pixels_picture,
    sparkline,
    thumbnail,
)

__all__ = ["Page", "Row", "kind_of", "type_text"]

MOST_TEXT = 160  # characters of a value
MOST_PICTURES, MOST_PAGE = 120_000, 150_000  # bytes
MOST_SOUND = 4_000_000  # bytes of a recording that is looked at
SHOWN_NUMBERS = 6
SHOWN_BYTES = 12
KEPT = "\n\t"

_CELL = "text-align:left;vertical-align:top;padding:.25em .75em .25em 0;border:0"
_RULE = "border-top:1px solid rgba(128,128,128,.35)"
_DIM = "opacity:.65"
_MONO = "font-family:ui-monospace,monospace;font-size:.92em"
_WRAP = "white-space:pre-wrap;overflow-wrap:anywhere;max-width:22em"


@dataclasses.dataclass
class Row:
    """A field: its name, what it holds, and its first values."""

    name: str
    kind: str
    values: Sequence[Any]


class Page:
    """A table that grows until it is large enough."""

    def __init__(self, title: str, facts: Iterable[str]) -> None:
        self._title, self._facts = title, list(facts)
        self._pictures = 0

    def table(self, rows: Sequence[Row], heads: Sequence[str]) -> str:
        """The page: a title, facts, and a row for each field."""
        parts: list[str] = []
        size = 0
        for row in rows:
            if size > MOST_PAGE:
                break
            parts.append(self._row(row))
            size += len(parts[-1])
        left = len(rows) - len(parts)
        more = f'<div style="{_DIM}">and {left:,} more fields</div>' if left else ""
        facts = " · ".join(f"<span>{escaped(fact)}</span>" for fact in self._facts)
        head = "".join(f'<th style="{_CELL};{_DIM};font-weight:normal">{h}</th>' for h in heads)
        return (
            f'<div style="overflow-x:auto"><div><strong>{escaped(self._title)}</strong> '
            f'<span style="{_DIM}">{facts}</span></div>'
            f'<table style="border-collapse:collapse;border:0;margin:.4em 0">'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(parts)}</tbody></table>{more}</div>"
        )

    def _row(self, row: Row) -> str:
        kind = f"{_CELL};{_RULE};{_MONO};{_DIM}"
        cells = [
            f'<td style="{_CELL};{_RULE}"><strong>{escaped(row.name)}</strong></td>',
            f'<td style="{kind};white-space:nowrap">{escaped(row.kind)}</td>',
        ]
        cells += [f'<td style="{_CELL};{_RULE}">{self._value(value)}</td>' for value in row.values]
        return f'<tr style="background:none">{"".join(cells)}</tr>'

    def _value(self, value: Any) -> str:
        try:
            picture, text = _shown(value)
        except Exception as error:  # whatever is in a sample: a page is no place to fail
            picture, text = None, f"cannot be shown: {type(error).__name__}"
        if picture is not None and self._pictures + len(picture) > MOST_PICTURES:
            picture = None
        self._pictures += len(picture or "")
        dim = _DIM if value is None or picture is not None else ""
        words = f'<div style="{_WRAP};{dim}">{escaped(text)}</div>' if text else ""
        return (picture or "") + words


def escaped(text: str) -> str:
    """Text that is nothing but text on a page: of bounded length, without control characters."""
    cut = text[:MOST_TEXT]
    plain = "".join(
        character if character in KEPT or unicodedata.category(character)[0] != "C" else "\ufffd"
        for character in cut
    )
    return html.escape(plain) + ("…" if len(text) > MOST_TEXT else "")


def _shown(value: Any) -> tuple[str | None, str]:
    """A picture, if one can be made, and words."""
    if isinstance(value, str):
        return None, value
    if isinstance(value, bytes):
        return _file(value)
    if isinstance(value, Sound):
        seconds = len(value.samples) / max(value.rate, 1)
        line = sparkline(value.samples[:, 0]) if value.samples.size else None
        return line, f"{seconds:.2f} s, {value.rate:,} Hz"
    if isinstance(value, np.ndarray):
        return _array(value)
    return None, reprlib.repr(value)


def _file(data: bytes) -> tuple[str | None, str]:
    picture = thumbnail(data) if looks_like_an_image(data) else None
    if picture is not None:
        return picture, f"{len(data):,} bytes"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE" and len(data) <= MOST_SOUND:
        with contextlib.suppress(DataError):
            return _shown(decode_audio(data))
    with contextlib.suppress(DataError):
        # Of samples without a type nobody has said so, but what has an array's form is one.
        picture, words = _array(_atdata.bytes_to_array(data))
        return picture, f"array? {words}"
    start = data[:SHOWN_BYTES].hex(" ")
    more = " …" if len(data) > SHOWN_BYTES else ""
    return None, f"{len(data):,} bytes: {start}{more}" if data else "0 bytes"


def _array(array: "np.ndarray[Any, Any]") -> tuple[str | None, str]:
    picture = pixels_picture(array) if is_picture(array) else sparkline(array)
    words = kind_of(array)
    if picture is None:
        first = array.ravel()[:SHOWN_NUMBERS].tolist()
        numbers = ", ".join(reprlib.repr(number) for number in first)
        more = ", …" if array.size > SHOWN_NUMBERS else ""
        words = f"{words}: {numbers}{more}"
    return picture, words


def kind_of(value: Any) -> str:
    """What a value is: `float32 (28, 28)`, `str`.

    >>> kind_of(np.zeros((2, 3), "f4")), kind_of("a"), kind_of(None)
    ('float32 (2, 3)', 'str', 'None')
    """
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return "None" if value is None else type(value).__name__


def type_text(field: FieldType) -> str:
    """A field's type, short enough for a table.

    >>> type_text(FieldType("bytes", optional=True, encoding="image")), type_text(FieldType("int"))
    ('Image | None', 'int')
    """
    none = " | None" if field.optional else ""
    if field.encoding is not None:
        return field.encoding.capitalize() + none
    if field.kind == "array":
        return f"NDArray[{field.dtype}]{none}" if field.dtype is not None else f"NDArray{none}"
    return field.layout_kind + none
