"""Expressions over a sample's fields: what they compute, and what is refused."""

import contextlib
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lens_types import ada, values

import atdata
from atdata._expression import Expression, compile_expression

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


@given(st.text(max_size=40) | st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join), values)
def test_random_texts_raise_nothing_but_our_errors(text: str, value: Any) -> None:
    with contextlib.suppress(atdata.AtdataError):
        Expression(text)({**FIELDS, "a": value})
