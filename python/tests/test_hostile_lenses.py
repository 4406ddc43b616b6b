"""Records of strangers: one clear error, and nothing is imported or run."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from lens_types import code, put, refused, values
from sample_types import Image, Label

import atdata


@pytest.fixture
def index(tmp_path: Path) -> atdata.Index:
    return atdata.Index(path=tmp_path / "index.db")


@pytest.mark.parametrize(
    "text",
    ["", "{", "3", "null", "[]", "{}", '{"name": "other", "version": "1.0.0"}', "[" * 100_000],
)
def test_a_row_that_is_no_record_is_one_clear_error(index: atdata.Index, text: str) -> None:
    index._engine.create_lens("bad", "1.0.0", text)
    for ask in (index.load_lens, index.get_lens):
        with pytest.raises(atdata.DataError, match=r"lens/bad@1\.0\.0 is no lens"):
            ask("bad")
    for ask_all in (index.list_lenses, index.find_lenses):
        with pytest.raises(atdata.DataError, match=r"lens/bad@1\.0\.0 is no lens"):
            ask_all()


def mapping(*lines: Any) -> dict[str, Any]:
    return {"kind": "field_mapping", "mappings": list(lines)}


def line(source: Any, view: Any, transform: Any = None) -> dict[str, Any]:
    return {"source_field": source, "view_field": view, "transform": transform}


GETTERS: list[Any] = [
    None,
    "opaque",
    {},
    {"kind": 3},
    {"kind": "python", "source": "import os"},
    {"kind": "code_reference"},
    code("<locals>"),
    code("brightness.__class__"),
    code("brightness", "os; import sys"),
    code("brightness", "__main__"),
    code("brightness", "../sample_types"),
    code("system", "os"),
    code("np.sum"),
    code("Image"),
    code("nothing"),
    code("x", "no_such_module_here"),
    {"kind": "field_mapping"},
    {"kind": "field_mapping", "mappings": {"label": "label"}},
    mapping(3),
    mapping(line("label", None)),
    mapping(line(None, "label")),
    mapping(line("nothing", "label")),
    mapping(line("label", "nothing")),
    mapping(line("label", "label"), line("label", "label")),
    mapping(line("number", "label")),
    mapping(line("label", "label", "str.upper")),
    mapping(line("label", "label", {"code": "import os"})),
    mapping(line("label", "label", {"cast": "str", "expression": "label"})),
    mapping(line("label", "label", {"expression": "label"})),
    mapping(line(None, "label", {"expression": "__import__('os').getcwd()"})),
    mapping(line(None, "label", {"expression": "label.__class__"})),
    mapping(line(None, "label", {"expression": 3})),
    mapping(line(None, "label", {"expression": "nothing"})),
    mapping(line(None, "label", {"constant": 3})),
    mapping(line("label", "label", {"cast": "object"})),
    mapping(line("pixels", "label", {"cast": "O"})),
]


@pytest.mark.parametrize("getter", GETTERS)
def test_a_hostile_getter_is_one_clear_error(index: atdata.Index, getter: Any) -> None:
    put(index, "bad", getter=getter)
    known = set(sys.modules)
    assert "lens/bad@1.0.0" in refused(index, "bad")
    assert set(sys.modules) == known
    assert "lens/bad@1.0.0" in refused(index, "bad", allow_import=True)


@pytest.mark.parametrize(
    "putter", [None, 3, {}, code("a b"), code("put_brightness"), mapping(line("label", "number"))]
)
def test_a_putter_that_cannot_be_is_refused(index: atdata.Index, putter: Any) -> None:
    put(index, "bad", getter=mapping(line("label", "label")), putter=putter)
    assert "lens/bad@1.0.0" in refused(index, "bad")


def test_a_mapping_may_have_code_as_its_way_back(index: atdata.Index) -> None:
    put(index, "mixed", getter=mapping(line("label", "label")), putter=code("put_brightness"))
    lens = index.load_lens("mixed", allow_import=True, source_type=Image, view_type=Label)
    image = Image(np.zeros(1), "cat", 3)
    assert lens.put(Label("dog", 9), image) == Image(image.pixels, "dog", 3)


@pytest.mark.parametrize("schema", [None, 3, "", "a/b", "Nothing", "at://did:plc:abc/x/y"])
def test_a_record_of_unknown_schemas_says_so(index: atdata.Index, schema: Any) -> None:
    put(index, "bad", getter=mapping(line("label", "label")), source_schema=schema)
    with pytest.raises(atdata.AtdataError, match=r"lens/bad@1\.0\.0"):
        index.load_lens("bad")


@given(values)
def test_random_records_raise_nothing_but_our_errors(value: Any) -> None:
    index = atdata.Index(provider="memory")
    put(index, "a", getter=mapping(line("label", "label", value)), putter=value)
    put(index, "b", getter=value, source_schema=value)
    put(index, "c", getter=mapping(value, line(None, "label", {"constant": value})))
    for name in "abc":
        with contextlib.suppress(atdata.AtdataError):
            index.load_lens(name)
