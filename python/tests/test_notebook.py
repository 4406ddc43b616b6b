"""What notebooks show: tables that are small, safe for any data, and never fail."""

import html.parser
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import atdata
from atdata import _atdata
from atdata._html import escaped

LARGEST = 200_000
PNG = _atdata.png_of(bytes(range(192)), (8, 8, 3), 100)
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">\x00\x1b[31m\u202e\ud800&"\''


@atdata.packable
class Shown:
    photo: atdata.Image
    pixels: NDArray
    wave: NDArray
    label: str
    note: str | None = None


def shown(n: int, label: str = "cat") -> Shown:
    heat = np.random.default_rng(n).normal(size=(30, 40))
    return Shown(PNG, heat, np.sin(np.arange(200) / (n + 3)), label)


class Tags(html.parser.HTMLParser):
    """The elements of a page with their attributes; they must be closed in order."""

    VOID = ("img", "polyline")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.found]


TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
KNOWN = TABLE | {"div", "span", "strong", "img", "svg", "polyline"}


def checked(page: str) -> Tags:
    """The page's elements, after everything that must hold of any page."""
    assert len(page.encode()) < LARGEST
    tags = Tags(page)
    assert set(tags.names) <= KNOWN
    for name, attributes in tags.found:
        assert not [key for key in attributes if key.startswith("on") or key == "href"]
        if name == "img":
            assert str(attributes["src"]).startswith("data:image/png;base64,")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", page)
    return tags


def test_a_dataset_its_batches_and_samples(tmp_path: Path) -> None:
    dataset = atdata.write_samples(map(shown, range(5)), tmp_path / "a.tar", maxcount=2)
    tags = checked(dataset._repr_html_())
    assert "Dataset[Shown]" in tags.text
    assert "5 samples · 3 shards" in tags.text.replace("  ", " ")
    assert (tags.names.count("img"), tags.names.count("svg")) == (6, 3)  # of three samples
    assert "float64 (30, 40)" in tags.text
    assert "str | None" in tags.text
    [batch] = dataset.ordered(batch_size=5, decode=True)
    tags = checked(batch._repr_html_())
    assert "uint8 (5, 8, 8, 3)" in tags.text
    assert tags.names.count("img") == 6
    sample: Any = dataset[0]
    tags = checked(sample._repr_html_())
    assert "Image" in tags.text
    assert (tags.names.count("img"), tags.names.count("svg")) == (2, 1)


def test_dict_samples_and_what_functions_make(tmp_path: Path) -> None:
    atdata.write_samples(map(shown, range(2)), tmp_path / "a.tar")
    dataset = atdata.Dataset(tmp_path / "a.tar")
    assert "label" in checked(dataset._repr_html_()).text
    assert "photo" in checked(dataset[0]._repr_html_()).text
    made = dataset.map(lambda sample: {"size": len(sample.photo)})
    assert "size" in checked(made._repr_html_()).text
    kept = dataset.filter(lambda sample: False)
    assert " samples" not in checked(kept._repr_html_()).text


def test_arrays_of_samples_without_a_type_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "data.tar"
    atdata.write_samples((shown(n) for n in range(2)), path)
    page = checked(atdata.Dataset[atdata.DictSample](path)._repr_html_())
    assert "array? float64 (30, 40)" in page.text
    assert "array? float64 (200,)" in page.text
    odd = checked(atdata.DictSample(raw=b"\x03|u1 no array", empty=b"")._repr_html_())
    assert "13 bytes: 03 7c 75 31" in odd.text


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    missing = atdata.Dataset[Shown](tmp_path / "none.tar")
    assert "cannot be read" in checked(missing._repr_html_()).text
    dataset = atdata.write_samples([shown(0)], tmp_path / "a.tar")
    broken = dataset.map(lambda sample: 1 / 0)
    assert "ZeroDivisionError" in checked(broken._repr_html_()).text


def test_hostile_text_is_text(tmp_path: Path) -> None:
    data = HOSTILE.encode("utf-8", "replace")
    fields = {HOSTILE: HOSTILE, "list": [HOSTILE], "map": {HOSTILE: HOSTILE}, "bytes": data}
    sample = atdata.DictSample(fields)
    tags = checked(sample._repr_html_())
    assert "<script>alert(1)</script>" in tags.text  # as words
    assert checked(atdata.SampleBatch([sample])._repr_html_())
    named = type("<b>Name</b>", (Shown,), {})
    assert "<b>" not in named(PNG, np.zeros(3), np.zeros(3), "a")._repr_html_()


def test_large_things_stay_small() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype("u1")
    many = {f"image{n}": noise for n in range(30)} | {f"text{n}": "&" * 10**6 for n in range(2000)}
    page = atdata.DictSample(**many)._repr_html_()
    checked(page)
    assert "more fields" in page
    checked(atdata.SampleBatch([atdata.DictSample(**many)] * 4)._repr_html_())


@pytest.mark.parametrize(
    "value",
    [
        np.full((9, 9), np.nan),
        np.array([[np.inf, -np.inf] * 8] * 9),
        np.full((9, 9), 1e308) * np.array([-1, 1, 1] * 3),
        np.zeros((0, 9)),
        np.zeros((9, 9, 2)),
        np.zeros((9, 9), bool),
        np.zeros((9, 9), ">f2"),
        np.full(50, np.nan),
        np.array([1.0, np.nan, 3.0, np.inf]),
        np.array(["a", HOSTILE]),
        np.array(7),
        np.zeros((2, 2), "c16"),
        np.zeros(3, [("a", "i4")]),
        b"\x89PNG\r\n\x1a\nbroken",
        b"RIFF\0\0\0\0WAVEbroken",
        10**5000,
        float("nan"),
        {"a": [1] * 1000},
    ],
    ids=lambda value: type(value).__name__,
)
def test_odd_values(value: Any) -> None:
    checked(atdata.DictSample(value=value)._repr_html_())


def test_objects_that_fail_are_no_failure() -> None:
    class Bad:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    checked(atdata.DictSample(value=Bad())._repr_html_())


@given(st.text(max_size=400))
def test_any_text_is_text(text: str) -> None:
    tags = Tags(escaped(text))
    assert tags.names == []
    assert bool(escaped(text).encode()) == bool(text)
