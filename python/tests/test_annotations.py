"""What annotations of fields mean, also those that are text, and which cannot be stored."""

from __future__ import annotations

import collections.abc
import typing
from typing import Any, Literal, NewType, Optional

import numpy as np
import numpy.typing as npt
import pytest
from numpy.typing import NDArray

import atdata
from atdata._annotations import FieldType, field_type, names_of
from atdata._fields import fields_of, schema_fields

Meters = NewType("Meters", float)
KINDS: list[tuple[Any, str, bool]] = [
    (str, "str", False),
    (int, "int", False),
    (float | None, "float", True),
    (Optional[bool], "bool", True),  # noqa: UP045
    (bytes, "bytes", False),
    (NDArray, "array", False),
    (NDArray[np.float32] | None, "array", True),
    (np.ndarray, "array", False),
    ("NDArray[Any]", "array", False),
    ("npt.NDArray | None", "array", True),
    ("Optional['NDArray']", "array", True),
    (list[str], "list", False),
    (typing.List[float], "list", False),  # noqa: UP006
    (list, "list", False),
    (collections.abc.Sequence[int], "list", False),
    (dict, "map", False),
    (typing.Mapping[str, Any], "map", False),
    (Any, "any", False),
    (typing.Annotated[int, "metres"], "int", False),
    (Meters, "float", False),
    (Literal["a", "b"], "str", False),
    (int | str, "any", False),
    (np.float32, "float", False),
    (np.int64, "int", False),
]
UNSUPPORTED = [
    collections.abc.Callable,
    tuple[int, ...],
    set[str],
    complex,
    list[NDArray],
    dict[str, NDArray],
    NDArray | list[float],
    atdata.DictSample,
    "SomethingElse",
    "not even python",
    "dict[str, Elsewhere] | None",
]


@pytest.mark.parametrize(("annotation", "kind", "optional"), KINDS)
def test_kinds(annotation: Any, kind: str, optional: bool) -> None:
    found = field_type(annotation, names_of(FieldType))
    assert (found.kind, found.optional, found.unsupported) == (kind, optional, None)


@pytest.mark.parametrize("annotation", UNSUPPORTED)
def test_unsupported(annotation: Any) -> None:
    assert field_type(annotation, names_of(FieldType)).unsupported


def test_dtype_and_items_are_hints() -> None:
    names = names_of(FieldType)
    assert field_type(NDArray[np.float32], names).dtype == np.float32
    assert field_type(NDArray[Any], names).dtype is None
    assert field_type(list[str], names).items == FieldType("str")


def test_names_that_only_a_function_knows() -> None:
    from numpy.typing import NDArray as LocalNDArray

    class Other:
        pass

    @atdata.packable
    class Local:
        a: LocalNDArray
        b: npt.NDArray[np.uint8] | None
        c: Other | None

    a, b, c = (field.type for field in fields_of(Local))
    assert (a.kind, a.optional, b.kind, b.optional) == ("array", False, "array", True)
    assert (c.optional, c.unsupported) == (True, "Other")


def test_an_unsupported_field_is_named_when_the_schema_is_needed(tmp_path: Any) -> None:
    @atdata.packable
    class Nested:
        label: str
        inner: atdata.DictSample

    with pytest.raises(TypeError, match=r"^Unsupported type for schema field: .*inner.*DictSample"):
        schema_fields(Nested)
    samples = [Nested("a", atdata.DictSample())]
    with pytest.raises(atdata.UnsupportedTypeError, match="Unsupported type") as caught:
        atdata.write_samples(samples, tmp_path / "nested.tar")
    assert caught.value.field == "inner"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("mine", "other", "takes"),
    [
        (str, str, True),
        (str | None, str, True),
        (str, str | None, False),
        (int, float, False),
        (Any, int, True),
        (int, Any, False),
        (list[str], list, True),
        (list[str], list[int], False),
        (NDArray[np.float32], NDArray, True),
    ],
)
def test_which_types_take_which(mine: Any, other: Any, takes: bool) -> None:
    names = names_of(FieldType)
    assert field_type(mine, names).takes(field_type(other, names)) is takes
