"""Sample types, rules and records that the tests of mappings and stored lenses share."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_types import Image, Label

import atdata
from atdata.lens import cast, constant, expression, rename


@atdata.packable
class Person:
    name: str
    age: int
    height: float
    nick: str | None
    pixels: NDArray[np.uint8]


@atdata.packable
class Member:
    label: str
    years: float
    nick: str | None
    split: str
    double: int
    tags: list[str]
    pixels: NDArray[np.float32]


@atdata.packable
class Badge:
    label: str
    years: int


RULES: dict[str, Any] = {
    "label": "name",
    "years": cast("age", "float"),
    "split": constant("train"),
    "double": expression("age * 2"),
    "tags": constant(["new"]),
    "pixels": cast("pixels", "float32"),
}
LISTED = [
    rename("name", "label"),
    cast("age", "float", "years"),
    constant("train", "split"),
    expression("age * 2", "double"),
    constant(["new"], "tags"),
    cast("pixels", "float32"),
]


def ada(**changes: Any) -> Person:
    known = {"name": "Ada", "age": 36, "height": 1.7, "nick": None}
    return Person(**{**known, "pixels": np.arange(4, dtype="u1"), **changes})


def length_of(person: Person) -> Label:
    return Label(person.name, len(person.name))


def put_length(view: Label, person: Person) -> Person:
    return ada(name=view.label)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def code(qualname: str, module: str = "sample_types") -> dict[str, str]:
    return {"kind": "code_reference", "module": module, "qualname": qualname}


def refused(index: atdata.Index, ref: str, **options: Any) -> str:
    """What the error of loading a lens that cannot be says; it is one of ours."""
    with pytest.raises((atdata.DataError, atdata.InvalidError, atdata.NotSupportedError)) as raised:
        index.load_lens(ref, **options)
    return str(raised.value)


def put(index: atdata.Index, name: str, **members: Any) -> None:
    """Put a record of a stranger into the index."""
    for cls in (Image, Label):
        index.publish_schema(cls, version="1.0.0")
    document = {
        "name": name,
        "version": "1.0.0",
        "source_schema": "atdata://local/sampleSchema/Image@1.0.0",
        "view_schema": "atdata://local/sampleSchema/Label@1.0.0",
        "getter": {"kind": "opaque"},
        "putter": {"kind": "opaque"},
        "created_at": "2026-01-31T12:00:00.000000+00:00",
    }
    assert index._engine.create_lens(name, "1.0.0", json.dumps({**document, **members}))
