"""Declared mappings, the expressions in them, and lenses in an index."""

import contextlib
import copy
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_types import Brightness, Image, Label, brightness

import atdata
from atdata import _index_lenses
from atdata._expression import Expression, compile_expression
from atdata._index_lenses import LensRecord
from atdata._mapping import FieldMapping, cast, constant, expression, rename
from atdata.lens import Lens, check_laws


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


# Expressions.

FIELDS = {
    "a": 2,
    "b": 3.5,
    "t": "Hé",
    "n": None,
    "x": np.arange(6, dtype="u1").reshape(2, 3),
    "l": [1, 2, 3],
    "d": {"k": [4]},
    "big": 1 << 63,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + 1 - b * 2", -4.0),
        ("7 // a + 7 % a + 7 / a", 7.5),
        ("-a", -2),
        ("not a", False),
        ("1 < a <= 2 != b", True),
        ("a and n or t", "Hé"),
        ("n is None and t is not None", True),
        ("'H' in t and 9 not in l", True),
        ("t in ['x', 'Hé']", True),
        ("a if b > 3 else n", 2),
        ("t[0] + t[-1] + t[::-1]", "HééH"),
        ("d['k'][0]", 4),
        ("l[1:] + l[:1]", [2, 3, 1]),
        ("len(t) + abs(-a) + round(b) + round(b, 1)", 11.5),
        ("min(l) + max(a, b) + min(x) + max(x)", 9.5),
        ("int('12') + int(b) + float('0.5')", 15.5),
        ("str(a) + str(n) + str(True)", "2NoneTrue"),
        ("bool(t)", True),
        ("lower(t) + upper(strip(' x '))", "héX"),
        ("startswith(t, 'H') and endswith(t, 'é')", True),
        ("sum(l) + mean(l) + sum(x) + mean(x)", 25.5),
        ("x[1][2]", 5),
        ("  a  ", 2),
    ],
)
def test_expressions_compute(text: str, value: Any) -> None:
    found = compile_expression(text)(FIELDS)
    assert found == value
    assert type(found) is type(value)


def test_expressions_compute_on_arrays() -> None:
    pixels = np.arange(6, dtype="u1").reshape(2, 3)
    scaled = Expression("x / 2 + mean(x)")({"x": pixels})
    np.testing.assert_array_equal(scaled, pixels / 2 + 2.5)
    assert Expression("x > 4")({"x": pixels}).sum() == 1


def test_expressions_take_samples_and_know_their_names() -> None:
    older = Expression("age + len(name) + age")
    assert older.names == ("age", "name")
    assert older(ada()) == older({"age": 36, "name": "Ada"}) == 75
    assert older(atdata.DictSample(age=36, name="Ada")) == 75
    assert pickle.loads(pickle.dumps(older)) == older
    with pytest.raises(KeyError, match="no field 'packed'"):
        Expression("packed")(ada())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a ** 2", 1),
        ("a.real", 1),
        ("'é' + t.x", 7),
        ("[i for i in l]", 1),
        ("1 + (lambda: 1)", 6),
        ("f'{a}'", 1),
        ("open('x')", 1),
        ("t.upper()", 1),
        ("len(t, a)", 1),
        ("max(*l)", 5),
        ("min(l, key=a)", 1),
        ("a is 1", 6),
        ("a in [b]", 6),
        ("l[a]", 3),
        ("a @ b", 1),
        ("~a", 1),
        ("a := 1", 3),
        ("1j", 1),
        ("b'a'", 1),
        ("a +", 4),
        ("(a", 1),
        ("a\n+ b", 1),
        ("", 1),
        ("9" * 60, 1),
        ("-" * 20 + "a", 21),
        ("(" * 400 + "a" + ")" * 400, 201),
    ],
)
def test_what_is_not_allowed_is_refused_and_shown(text: str, place: int) -> None:
    with pytest.raises(atdata.InvalidError) as raised:
        compile_expression(text)
    first, _, mark = str(raised.value).splitlines()
    assert first.startswith(f"expression, character {place}: ")
    assert mark.index("^") == place + 1


def test_long_texts_and_other_things_are_refused() -> None:
    for bad in ("a" * 1001, None, 3):
        with pytest.raises(atdata.InvalidError):
            compile_expression(bad)  # type: ignore[arg-type]


HOSTILE = [
    "t * 1000000000",
    "'%1000000000d' % a",
    "l * 1000000000",
    "big * big * big",
    "round(a, -1000000000)",
    "int(1e300)",
    "sum(d)",
    "x[0] + l",
    "wide + tall",
    "t / 0",
    "mean(d)",
    "str(d)",
    "x and a",
    "l[99]",
    "d['z']",
    "int(t)",
    "many + many + many",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_expressions_end_at_once_with_our_error(text: str) -> None:
    many = {"wide": np.ones((1, 10**6)), "tall": np.ones((10**6, 1)), "many": "x" * 600_000}
    with pytest.raises(atdata.DataError, match="expression "):
        Expression(text)({**FIELDS, **many})


def test_texts_that_double_are_stopped() -> None:
    doubled = Expression(" + ".join(["t"] * 20))
    sample = {"t": "x" * 200_000}
    with pytest.raises(atdata.DataError, match="more than 1048576 characters"):
        doubled(sample)


TOKENS = [
    "a",
    "b",
    "t",
    "n",
    "x",
    "l",
    "d",
    "(",
    ")",
    "[",
    "]",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "<",
    "==",
    "in",
    "is",
    "not",
    "and",
    "or",
    "if",
    "else",
    ",",
    ":",
    ".",
    "0",
    "1",
    "2",
    "''",
    "'k'",
    "None",
    "len",
    "max",
    "str",
    "sum",
    "round",
]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text(max_size=40) | st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join), values)
def test_random_texts_raise_nothing_but_our_errors(text: str, value: Any) -> None:
    with contextlib.suppress(atdata.AtdataError):
        Expression(text)({**FIELDS, "a": value})


# Mappings.


@pytest.mark.parametrize("rules", [RULES, LISTED])
def test_a_mapping_shows_and_puts_back(rules: Any) -> None:
    lens = FieldMapping(Person, Member, rules)
    view = lens.get(ada(nick="A"))
    assert (view.label, view.years, view.nick, view.double) == ("Ada", 36.0, "A", 72)
    assert (view.split, view.tags, view.pixels.dtype) == ("train", ["new"], np.dtype("f4"))
    changed = Member("Bea", 37.0, None, "test", 0, [], view.pixels + 1)
    assert lens.put(changed, ada(nick="A")) == ada(
        name="Bea", age=37, pixels=np.arange(1, 5, dtype="u1")
    )


def test_what_was_not_changed_stays_as_exact_as_it_was() -> None:
    lens = FieldMapping(Person, Badge, {"label": "name", "years": cast("height", "int")})
    person = ada(height=1.7)
    assert lens.put(lens.get(person), person) == person
    assert lens.put(Badge("Ada", 2), person) == ada(height=2.0)


def test_constants_are_not_shared() -> None:
    lens = FieldMapping(Person, Member, RULES)
    lens.get(ada()).tags.append("x")
    assert lens.get(ada()).tags == ["new"]


@given(st.text(), st.integers(-(2**63), 2**63 - 1), st.text(), st.integers(-(2**63), 2**63 - 1))
def test_renames_keep_the_laws(name: str, age: int, other: str, years: int) -> None:
    lens = FieldMapping(Person, Badge, {"label": "name", "years": "age"})
    check_laws(lens, [ada(name=name, age=age), ada()], [Badge(other, years), Badge("", 0)])


@atdata.packable
class Scalars:
    int: int
    float: float
    bool: bool
    str: str
    bytes: bytes


ROUND_TRIPS = [("int", "str"), ("float", "str"), ("bool", "str"), ("bool", "int"), ("str", "bytes")]


@pytest.mark.parametrize(("source", "to"), ROUND_TRIPS)
@given(
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.booleans(),
    st.text(),
)
def test_casts_go_there_and_back(
    source: str, to: str, number: int, real: float, flag: bool, text: str
) -> None:
    samples = [Scalars(number, real, flag, text, b""), Scalars(0, 0.0, False, "", b"")]
    lens = FieldMapping(Scalars, Scalars, {to: cast(source, to)})
    view = lens.get(samples[0])
    assert getattr(lens.put(view, samples[1]), source) == getattr(samples[0], source)


@pytest.mark.parametrize(
    ("field", "to", "value"),
    [
        ("str", "int", "x"),
        ("str", "bool", "maybe"),
        ("float", "int", float("nan")),
        ("bytes", "str", b"\xff"),
    ],
)
def test_a_value_that_cannot_be_cast_is_named(field: str, to: str, value: Any) -> None:
    lens = FieldMapping(Scalars, Scalars, {to: cast(field, to)})
    sample = Scalars(1, 1.0, True, "1", b"1")
    setattr(sample, field, value)
    with pytest.raises(atdata.DataError, match=f"cannot be cast to {to}") as raised:
        lens.get(sample)
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "nothing gives Badge.label"),
        ({"label": "nme"}, "Person has no field 'nme'"),
        ({"lable": "name"}, "Badge has no field 'lable'"),
        ({"label": "age"}, "age gives int, but the view's label is str"),
        ({"label": "nick"}, r"nick gives str \| None"),
        ({"label": cast("pixels", "str")}, "no dtype of numbers"),
        ({"label": cast("name", "complex")}, "cannot cast name"),
        ({"label": constant(3)}, "label is str, not int"),
        ({"label": expression("nme + 'x'")}, "Person has no field 'nme'"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_when_it_is_declared(rules: Any, words: str) -> None:
    with pytest.raises(atdata.UnsupportedTypeError, match=words):
        FieldMapping(Person, Badge, {"years": "age", **rules})


@pytest.mark.parametrize(
    "rules", [{"label": 3}, [constant(3)], ["a", "a"], {"a": rename("b", "c")}]
)
def test_what_is_no_rule_is_refused(rules: Any) -> None:
    with pytest.raises(atdata.InvalidError):
        FieldMapping(Person, Badge, rules)


def test_constants_have_a_form_in_json() -> None:
    for bad in (b"x", float("nan"), (1, 2), {1: 2}, np.zeros(2), object()):
        with pytest.raises(atdata.InvalidError):
            constant(bad)


def test_an_expression_of_another_type_is_an_error_of_that_field() -> None:
    lens = FieldMapping(Person, Badge, {"label": "name", "years": expression("height")})
    with pytest.raises(atdata.DataError, match="years is int, not float") as raised:
        lens.get(ada())
    assert raised.value.field == "years"


def test_two_fields_of_one_must_agree() -> None:
    lens = FieldMapping(Person, Badge, {"label": cast("age", "str"), "years": "age"})
    assert lens.put(Badge("37", 36), ada()) == ada(age=37)
    assert lens.put(Badge("37", 37), ada()) == ada(age=37)
    with pytest.raises(atdata.DataError, match="different values"):
        lens.put(Badge("37", 38), ada())


def test_mappings_are_pickled_and_composed() -> None:
    badge = FieldMapping(Member, Badge, {"years": cast("years", "int")})
    both = FieldMapping(Person, Member, RULES) | badge
    again = pickle.loads(pickle.dumps(both))
    assert again(ada()) == Badge("Ada", 36)
    assert again.put(Badge("Bea", 40), ada()) == ada(name="Bea", age=40)


def test_the_document_is_that_of_the_format() -> None:
    lens = FieldMapping(Person, Badge, {"label": "name", "years": cast("height", "int")})
    assert lens.to_json() == {
        "kind": "field_mapping",
        "mappings": [
            {"source_field": "name", "view_field": "label", "transform": None},
            {"source_field": "height", "view_field": "years", "transform": {"cast": "int"}},
        ],
    }
    assert lens.putter_json()["mappings"] == [
        {"source_field": "label", "view_field": "name", "transform": None},
        {"source_field": "years", "view_field": "height", "transform": {"cast": "float"}},
    ]
    full = FieldMapping(Person, Member, RULES)
    assert full.putter_json() == {"kind": "opaque"}
    text = json.dumps(full.to_json())
    assert '{"source_field": null, "view_field": "double", "transform": {"expression":' in text
    again = FieldMapping.from_json(json.loads(text), Person, Member)
    assert again.mappings == full.mappings
    assert again(ada()) == full(ada())


# Lenses in an index.


@pytest.fixture
def index(tmp_path: Path) -> atdata.Index:
    return atdata.Index(path=tmp_path / "index.db")


def refused(index: atdata.Index, ref: str, **options: Any) -> str:
    """What the error of loading a lens that cannot be says; it is one of ours."""
    with pytest.raises((atdata.DataError, atdata.InvalidError, atdata.NotSupportedError)) as raised:
        index.load_lens(ref, **options)
    return str(raised.value)


def test_a_mapping_is_stored_whole_and_run_elsewhere(tmp_path: Path) -> None:
    writer = atdata.Index(path=tmp_path / "index.db")
    reference = writer.store_lens(
        FieldMapping(Person, Member, RULES), name="member", description="A member."
    )
    assert reference == "atdata://local/lens/member@1.0.0"
    reader = atdata.Index(path=tmp_path / "index.db")
    lens = reader.load_lens("member")
    assert (lens.source_type.__name__, lens.view_type.__name__) == ("Person", "Member")
    assert lens.source_type is reader.decode_schema("atdata://local/sampleSchema/Person")
    source = lens.source_type.from_bytes(ada().packed)
    view = lens.get(source)
    assert view.packed == FieldMapping(Person, Member, RULES).get(ada()).packed
    view.label, view.years = "Bea", 40.0
    assert lens.put(view, source).packed == ada(name="Bea", age=40).packed


def test_a_mapping_runs_on_types_that_are_given(index: atdata.Index) -> None:
    mapping = FieldMapping(Person, Badge, {"label": "name", "years": "age"})
    reference = index.store_lens(mapping)
    lens = index.load_lens(reference, source_type=Person, view_type=Badge)
    assert reference == "atdata://local/lens/Person_to_Badge@1.0.0"
    assert lens.put(Badge("Bea", 1), ada()) == ada(name="Bea", age=1)
    assert index.store_lens(lens, name="again") == "atdata://local/lens/again@1.0.0"
    assert index.get_lens("again").getter == index.get_lens(reference).getter


@atdata.packable
class Defaults:
    name: str
    split: str = "train"
    weight: float = 1.0
    note: str | None = None


def test_what_a_view_has_by_default_is_stored_too(index: atdata.Index) -> None:
    index.store_lens(FieldMapping(Person, Defaults), name="defaults")
    lens = index.load_lens("defaults")
    assert lens.get(ada()).packed == Defaults("Ada").packed
    assert index.get_lens("defaults").putter["kind"] == "field_mapping"


def test_records_are_those_of_the_format(index: atdata.Index) -> None:
    reference = index.store_lens(brightness, description="How bright.")
    record = index.get_lens("brightness")
    assert dict(record) == {
        "name": "brightness",
        "version": "1.0.0",
        "source_schema": "atdata://local/sampleSchema/Image@1.0.0",
        "view_schema": "atdata://local/sampleSchema/Brightness@1.0.0",
        "getter": code("brightness"),
        "putter": code("put_brightness"),
        "created_at": record.created_at,
        "description": "How bright.",
        "$ref": reference,
    }
    assert record.created_at.endswith("+00:00")
    assert (record.ref, record["name"], record.version) == (reference, "brightness", "1.0.0")


def code(qualname: str, module: str = "sample_types") -> dict[str, str]:
    return {"kind": "code_reference", "module": module, "qualname": qualname}


def test_schemas_may_be_named(index: atdata.Index) -> None:
    first = index.publish_schema(Image)
    index.publish_schema(Image)
    index.store_lens(brightness, source_schema=first, view_schema=index.publish_schema(Brightness))
    assert index.get_lens("brightness").source_schema == first
    with pytest.raises(KeyError):
        index.store_lens(brightness, source_schema="atdata://local/sampleSchema/Nothing@1.0.0")


def test_code_is_only_imported_when_that_is_allowed(
    index: atdata.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "lenses_of_a_stranger.py"
    module.write_text(
        "import sample_types\n"
        "def get(image: sample_types.Image) -> sample_types.Label:\n"
        "    return sample_types.Label(image.label, image.number)\n"
    )
    put(index, "strange", getter=code("get", "lenses_of_a_stranger"))
    message = refused(index, "strange")
    assert "lenses_of_a_stranger" in message
    assert "allow_import=True" in message
    assert "lenses_of_a_stranger" not in sys.modules
    lens = index.load_lens("strange", allow_import=True)
    assert lens(Image(np.zeros(1), "cat", 3)) == Label("cat", 3)
    assert not lens.has_putter


def test_a_lens_of_a_module_is_loaded_as_it_is(index: atdata.Index) -> None:
    assert index.load_lens(index.store_lens(brightness), allow_import=True) is brightness


def test_functions_are_stored_by_their_names(index: atdata.Index) -> None:
    index.store_lens(Lens(length_of, put_length))
    assert index.get_lens("length_of").putter == code("put_length", __name__)
    lens = index.load_lens("length_of", allow_import=True)
    assert (lens.source_type, lens(ada()).number) == (Person, 3)
    assert lens.put(Label("Bea", 3), ada()) == ada(name="Bea")


def test_what_cannot_be_imported_is_never_called_anything_else(index: atdata.Index) -> None:
    def copied(person: Person) -> Badge:
        return Badge(person.name, person.age)

    def renamed(person: Person) -> Label:
        return Label(person.name, person.age)

    renamed.__qualname__ = "length_of"
    wrong_name = Lens(renamed)
    lenses: list[Lens[Any, Any]] = [
        Lens(copied),
        wrong_name,
        Lens(length_of) | Lens(copy.copy, source_type=Label, view_type=Label),
    ]
    for at, lens in enumerate(lenses):
        reference = index.store_lens(lens, name=f"opaque{at}")
        record = index.get_lens(reference)
        assert (record.getter, record.putter) == ({"kind": "opaque"},) * 2
        for allow_import in (False, True):
            assert "without its code" in refused(index, reference, allow_import=allow_import)


def test_functions_of_a_script_are_opaque(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import atdata, sys\n"
        "@atdata.packable\n"
        "class A:\n"
        "    x: int\n"
        "@atdata.lens\n"
        "def same(a: A) -> A:\n"
        "    return a\n"
        "index = atdata.Index(path=sys.argv[1])\n"
        "index.store_lens(same)\n"
    )
    subprocess.run([sys.executable, script, tmp_path / "index.db"], check=True)
    assert atdata.Index(path=tmp_path / "index.db").get_lens("same").getter == {"kind": "opaque"}


def test_versions_follow_and_never_change(index: atdata.Index) -> None:
    years = FieldMapping(Person, Badge, {"label": "name", "years": "age"})
    height = FieldMapping(Person, Badge, {"label": "name", "years": cast("height", "int")})
    prefix = "atdata://local/lens/badge@"
    assert index.store_lens(years, name="badge") == prefix + "1.0.0"
    assert index.store_lens(height, name="badge") == prefix + "1.0.1"
    assert index.store_lens(years, name="badge", version="1.10.0") == prefix + "1.10.0"
    assert index.store_lens(years, name="badge", version="1.9.0") == prefix + "1.9.0"
    assert index.store_lens(years, name="badge", version="1.0.0") == prefix + "1.0.0"
    with pytest.raises(atdata.ConflictError, match=r"badge@1\.0\.0 .*getter: .*height"):
        index.store_lens(height, name="badge", version="1.0.0")
    with pytest.raises(atdata.ConflictError, match="description: None there, x given"):
        index.store_lens(years, name="badge", version="1.0.0", description="x")
    assert index.store_lens(height, name="badge") == prefix + "1.10.1"
    assert (
        index.load_lens("badge")
        .get(index.load_lens("badge").source_type.from_bytes(ada().packed))
        .years
        == 1
    )
    assert index.load_lens("badge", "1.9.0", source_type=Person)(ada()).years == 36
    assert index.get_lens("badge@1.9.0").ref == index.get_lens(prefix + "1.9.0").ref


def test_writers_at_once_get_versions_of_their_own(tmp_path: Path) -> None:
    lens = FieldMapping(Person, Badge, {"label": "name", "years": "age"})

    def store(_: int) -> list[str]:
        index = atdata.Index(path=tmp_path / "index.db")
        return [index.store_lens(lens, name="badge") for _ in range(8)]

    with ThreadPoolExecutor(4) as pool:
        found = [reference for stored in pool.map(store, range(4)) for reference in stored]
    assert len(set(found)) == 32
    assert max(int(reference.rpartition(".")[2]) for reference in found) == 31


def test_lenses_are_found_by_their_schemas(index: atdata.Index) -> None:
    index.store_lens(brightness)
    index.store_lens(FieldMapping(Image, Label), name="label")
    index.store_lens(FieldMapping(Label, Label), name="same")
    put(index, "original", source_schema="Image", view_schema="Label")

    def names(*asked: Any) -> list[str]:
        return [record.name for record in index.find_lenses(*asked)]

    assert names() == ["brightness", "label", "original", "same"]
    assert names(Image) == names("Image") == ["brightness", "label", "original"]
    assert names(None, Label) == ["label", "original", "same"]
    for asked in (
        "atdata://local/sampleSchema/Image@1.0.0",
        "atdata://local/schema/Image",
        "local://schemas/some.module.Image@1.0.0",
        "Image@1.0.0",
    ):
        assert names(asked, Label) == ["label", "original"]
    assert names("Image@2.0.0") == ["original"]
    assert names("at://did:plc:abc/ac.foundation.dataset.sampleSchema/x") == []
    other: type[Any] = atdata.packable(type("Image", (), {"__annotations__": {"label": int}}))
    assert names(other) == []


def test_lenses_are_listed_by_pages(index: atdata.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_index_lenses, "PAGE", 2)
    stored = [index.store_lens(FieldMapping(Label, Label), name=name) for name in "eadcb"]
    assert [record.ref for record in index.list_lenses()] == sorted(stored)
    assert next(iter(index.lenses)).name == "a"
    assert isinstance(next(iter(index.lenses)), LensRecord)


@pytest.mark.parametrize("ref", ["nothing", "nothing@1.0.0", "atdata://local/lens/nothing@1.0.0"])
def test_a_name_that_nothing_has_is_a_key_error(index: atdata.Index, ref: str) -> None:
    with pytest.raises(KeyError, match="no lens"):
        index.load_lens(ref)
    with pytest.raises(KeyError, match="nothing"):
        index.get_lens(ref)


BAD_REFERENCES = [
    "",
    "a/b",
    "a@1",
    "a@1.0.0@2",
    "atdata://local/dataset/a",
    "a\n",
    "x" * 201,
    None,
    3,
]


@pytest.mark.parametrize("ref", BAD_REFERENCES)
def test_what_is_no_reference_is_refused(index: atdata.Index, ref: Any) -> None:
    with pytest.raises(atdata.InvalidError):
        index.load_lens(ref)


@pytest.mark.parametrize("name", ["<lambda>", "a b", "a/b", "..", "", "x" * 10_000, "a\0", 3])
def test_what_cannot_be_a_name_or_version_is_refused(index: atdata.Index, name: Any) -> None:
    with pytest.raises(atdata.InvalidError, match="cannot name a lens"):
        index.store_lens(brightness, name=name)
    with pytest.raises(atdata.InvalidError, match=r"expected one like 1\.0\.0"):
        index.store_lens(brightness, version=name)
    assert index.list_lenses() == []
    assert index.list_schemas() == []


def test_what_is_no_lens_is_not_stored(index: atdata.Index) -> None:
    with pytest.raises(TypeError, match="no lens"):
        index.store_lens(length_of)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        index.store_lens(Lens(len, source_type=str, view_type=int))


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
