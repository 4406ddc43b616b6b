"""Schemas of strangers: each is a class or one clear error, and nothing of them is run."""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lens_types import values

import atdata
from atdata._schemas import annotation_of, type_of

INT = {"$type": "local#primitive", "primitive": "int"}
LONG = "x" * 1_000_000


@pytest.fixture(autouse=True)
def no_local_package() -> Iterator[None]:
    """The modules that are made of schemas go with the test."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "local"]:
        del sys.modules[name]


def nested(value: Any, times: int, wrap: Callable[[Any], Any]) -> Any:
    for _ in range(times):
        value = wrap(value)
    return value


def list_of(items: Any) -> dict[str, Any]:
    return {"$type": "local#array", "items": items}


TYPES: list[Any] = [
    None,
    3,
    "int",
    [{}],
    {},
    {"$type": 3},
    {"$type": [1]},
    {"$type": {}},
    {"$type": LONG},
    {"$type": "local#primitive"},
    {"$type": "local#primitive", "primitive": [1]},
    {"$type": "local#primitive", "primitive": {"a": 1}},
    {"$type": "local#primitive", "primitive": "__import__"},
    {"$type": "local#array"},
    {"$type": "local#array", "items": [INT]},
    {"$type": "local#ref", "ref": "atdata://local/sampleSchema/X@1.0.0"},
    nested(INT, 9, list_of),
    nested(INT, 1000, list_of),
    nested(1, 1000, lambda inner: [inner]),
    nested(1, 1000, lambda inner: {"$type": inner}),
]
NAMES: list[Any] = [
    None,
    3,
    [],
    "",
    "a b",
    "a\n",
    "a: int = print(1)",
    "class",
    "None",
    "__class__",
    "__init__",
    "__debug__",
    "__slots__",
    "\ud800",
    LONG,
    10**5000,
]
SAMPLES_OWN = ["packed", "as_wds", "from_bytes", "from_data", "_ensure_good"]


def refused(document: Any) -> None:
    with pytest.raises(atdata.DataError) as raised:
        type_of(document)
    assert raised.value.kind == "bad_schema"
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("at", range(len(TYPES)))
def test_unknown_types_of_fields_are_refused(at: int) -> None:
    field = {"name": "a", "fieldType": TYPES[at]}
    refused({"name": "X", "fields": [field]})
    refused({"name": "X", "fields": [{**field, "optional": True}]})
    with pytest.raises(atdata.DataError):
        annotation_of(field)


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_names_that_a_class_cannot_have_are_refused(at: int) -> None:
    refused({"name": NAMES[at], "fields": []})
    refused({"name": "X", "fields": [{"name": NAMES[at], "fieldType": INT, "optional": True}]})


@pytest.mark.parametrize("name", SAMPLES_OWN)
def test_what_all_samples_have_is_no_field(name: str) -> None:
    refused({"name": "X", "fields": [{"name": name, "fieldType": INT}]})


@pytest.mark.parametrize("fields", [3, None, "abc", {"a": 1}, [3], [None], [[]], [{"name": "a"}]])
def test_what_is_no_list_of_fields_is_refused(fields: Any) -> None:
    refused({"name": "X", "fields": fields})


def test_too_many_and_the_same_are_refused() -> None:
    refused({"name": "X", "fields": [{"name": f"f{n}", "fieldType": INT} for n in range(20_000)]})
    for pair in (("a", "a"), ("ﬁ", "fi")):  # to Python a ligature is its letters
        refused({"name": "X", "fields": [{"name": name, "fieldType": INT} for name in pair]})
    for description in (3, [1], {"a": 1}):
        refused({"name": "X", "fields": [], "description": description})


def test_unknown_dtypes_are_any() -> None:
    for dtype in (None, 3, "", "float99", "i4,i4", "(2,", "M8[", LONG, "9" * 30):
        field = {"name": "a", "fieldType": {"$type": "local#ndarray", "dtype": dtype}}
        made = type_of({"name": "X", "fields": [field]})
        assert "ndarray" in str(made.__dataclass_fields__["a"].type)


@given(values, values, st.text(max_size=10))
def test_random_documents_raise_nothing_but_data_errors(a: Any, b: Any, name: str) -> None:
    kinds = [{"$type": a}, {"$type": "local#primitive", "primitive": a}, list_of(a), a]
    documents = [a, {"name": a, "fields": b}, {"name": name, "fields": [{"name": name}, b]}]
    documents += [{"name": "X", "fields": [{"name": "a", "fieldType": kind}]} for kind in kinds]
    documents += [{"name": "X", "fields": [], "description": a}]
    for document in documents:
        if isinstance(document, dict):
            with contextlib.suppress(atdata.DataError):
                type_of(document)


STORED = [
    "",
    "{",
    "null",
    "[" * 100_000,
    json.dumps({"name": "X", "version": "1.0.0", "fields": 3}),
    json.dumps({"name": "X", "version": "1.0.0", "fields": [{"name": "a", "fieldType": 3}]}),
    json.dumps({"name": "X", "version": "1.0.0", "fields": [{"fieldType": INT}]}),
    '{"name": "X", "version": "1.0.0", "fields": [], "x": ' + "[" * 1000 + "]" * 1000 + "}",
    '{"name": "X", "version": "1.0.0", "fields": [], "x": ' + "9" * 5000 + "}",
]


@pytest.mark.parametrize("at", range(len(STORED)))
@pytest.mark.parametrize("stubs", [False, True])
def test_a_hostile_row_is_an_error_or_harmless(tmp_path: Path, at: int, stubs: bool) -> None:
    options: dict[str, Any] = {"auto_stubs": True, "stub_dir": tmp_path / "s"} if stubs else {}
    index = atdata.Index(path=tmp_path / "index.db", **options)
    index.list_schemas()
    with sqlite3.connect(tmp_path / "index.db") as rows:
        insert = "INSERT INTO schemas(name, version, schema_json) VALUES ('X', '1.0.0', ?)"
        rows.execute(insert, [STORED[at]])
    rows.close()
    asks = [index.decode_schema, index.get_schema, index.load_schema]
    for ask in asks:
        with contextlib.suppress(atdata.AtdataError):
            ask("atdata://local/sampleSchema/X@1.0.0")
    with contextlib.suppress(atdata.AtdataError):
        index.list_schemas()


VERSIONS: list[Any] = ["../../../evil", "/tmp/evil", 3, ["a"], LONG, "1.0.0/../../x", "2.0.0"]


@pytest.mark.parametrize("at", range(len(VERSIONS)))
def test_a_version_in_a_document_leads_nowhere(tmp_path: Path, at: int) -> None:
    stubs = tmp_path / "deep" / "stubs"
    index = atdata.Index(path=tmp_path / "index.db", auto_stubs=True, stub_dir=stubs)
    index.list_schemas()
    with sqlite3.connect(tmp_path / "index.db") as rows:
        insert = "INSERT INTO schemas(name, version, schema_json) VALUES ('X', '1.0.0', ?)"
        rows.execute(insert, [json.dumps({"name": "X", "version": VERSIONS[at], "fields": []})])
    rows.close()
    reference = "atdata://local/sampleSchema/X@1.0.0"
    assert index.get_schema(reference).version == "1.0.0"
    assert index.decode_schema(reference).__module__ == "local.X_1_0_0"
    assert {path.parent for path in tmp_path.rglob("*.py")} <= {stubs / "local"}
