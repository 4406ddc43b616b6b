"""Declared mappings: what they show, what they put back, and what is refused."""

import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lens_types import LISTED, RULES, Badge, Member, Person, ada

import atdata
from atdata.lens import FieldMapping, cast, check_laws, constant, expression, rename


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
