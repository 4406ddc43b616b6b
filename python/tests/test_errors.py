"""Every error of the engine is one of ours, and the builtin that people catch."""

import pickle
import re
from pathlib import Path

import pytest

import atdata
from atdata import _atdata, _errors

BUILTINS: dict[str, type[Exception]] = {
    "malformed_sample": RuntimeError,
    "not_found": FileNotFoundError,
    "split_not_found": ValueError,
    "no_lens": ValueError,
    "unsupported_type": TypeError,
    "invalid_argument": ValueError,
    "out_of_range": IndexError,
    "unsupported": ValueError,
    "io": OSError,
    "unknown_name": KeyError,
    "unknown_length": TypeError,
    "bad_utf8": ValueError,
    "bad_pattern": ValueError,
}


def test_every_kind_of_the_engine_has_its_class() -> None:
    assert set(_atdata.error_kinds()) - set(_errors._CLASSES) == set()


@pytest.mark.parametrize("kind", sorted(_errors._CLASSES))
def test_errors_know_where_and_are_pickled(kind: str) -> None:
    made = _errors.error_for(kind, "it's bad", "a.tar", "k", "image", 512)
    for error in (made, pickle.loads(pickle.dumps(made))):
        assert type(error) is type(made)
        assert (str(error), error.kind) == ("it's bad", kind)
        assert (error.shard, error.key, error.field, error.offset) == ("a.tar", "k", "image", 512)


@pytest.mark.parametrize(("kind", "builtin"), BUILTINS.items())
def test_errors_are_builtins_too(kind: str, builtin: type[Exception]) -> None:
    assert isinstance(_errors.error_for(kind, "", None, None, None, None), builtin)


def test_an_unknown_kind_is_bad_data() -> None:
    error = _errors.error_for("of_next_year", "new", None, None, None, None)
    assert isinstance(error, atdata.DataError)
    assert error.kind == "of_next_year"


def test_all_classes_are_public_and_have_a_kind_of_their_own() -> None:
    classes = [getattr(_errors, name) for name in _errors.__all__]
    assert all(getattr(atdata, cls.__name__) is cls for cls in classes)
    kinds = [cls.kind for cls in classes]
    assert len(set(kinds)) == len(kinds)
    assert all(re.fullmatch("[a-z_]+", kind) for kind in kinds)


def test_a_missing_file_is_a_file_not_found_error(tmp_path: Path) -> None:
    dataset = atdata.Dataset(f"{tmp_path}/nothing.tar")  # nothing is opened yet
    for read in (list, len):
        with pytest.raises(FileNotFoundError, match=r"nothing\.tar"):
            read(dataset)
