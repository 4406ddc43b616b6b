"""Functions as lenses of an index: by their names, and imported only where that is allowed."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import lens_types
import numpy as np
import pytest
from lens_types import Badge, Person, ada, code, length_of, put, put_length, refused
from sample_types import Image, Label, brightness

import atdata
from atdata.lens import Lens


@pytest.fixture
def index(tmp_path: Path) -> atdata.Index:
    return atdata.Index(path=tmp_path / "index.db")


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
    assert index.get_lens("length_of").putter == code("put_length", lens_types.__name__)
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
