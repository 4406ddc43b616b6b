"""Data of the original package is read exactly; of broken data comes one clear error."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_types import Arrays, Labeled, Primitives

import atdata

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
GOOD = json.loads((FIXTURES / "expected.json").read_text())
BAD: dict[str, dict[str, Any]] = json.loads((FIXTURES / "bad" / "expected.json").read_text())
BROKEN = [name for name, wanted in BAD.items() if wanted["error"]]
TYPES: dict[str, type[Any]] = {
    "DictSample": atdata.DictSample,
    "Primitives": Primitives,
    "Arrays": Arrays,
}
FILES = [
    ("primitives.tar", "primitives.tar", Primitives),
    ("arrays.tar", "arrays.tar", Arrays),
    ("legacy_npy.tar", "legacy_npy.tar", Arrays),
    ("splits/train", "splits/train-{000000..000002}.tar", Labeled),
    ("splits/test", "splits/test-000000.tar", Labeled),
]
KINDS = {
    "not a tar archive (empty file)": {"not_a_tar"},
    "shard cut short": {"shard_cut_short"},
    "bad tar header; the rest of the shard is one error": {"bad_tar_header"},
    "member larger than the shard": {"member_too_large"},
    "payload cut short": {"payload_cut_short"},
    "payload is not a map": {"not_a_map"},
    "bytes after the payload": {"trailing_bytes"},
    "nested too deeply": {"too_deep"},
    "length larger than the payload": {"length_too_large"},
    "text is not UTF-8": {"bad_utf8"},
    "object arrays are refused": {"object_array"},
    "member twice": {"member_twice"},
    "Malformed sample: 'msgpack' field not found": {"malformed_sample"},
    "required field missing": {"missing_field"},
    "field is not an array": {"wrong_type"},
    "array header or data": {"bad_array", "object_array"},
}
WHOLE_SHARD = {"empty", "truncated_in_payload", "truncated_in_header", "bad_header_checksum"}
WHOLE_SHARD |= {"huge_size"}


def described(value: Any) -> Any:
    """A value as `expected.json` writes it."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        shape = list(value.shape)
        return {"ndarray": {"dtype": value.dtype.str, "shape": shape, "sha256": digest}}
    if isinstance(value, list):
        return {"list": [described(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": {name: described(item) for name, item in value.items()}}
    if isinstance(value, float):
        return {"float_hex": value.hex()}
    return {"bytes_hex": value.hex()} if isinstance(value, bytes) else value


def fields_of(sample: Any) -> dict[str, Any]:
    return {name: described(value) for name, value in vars(sample).items()}


def described_rows(batch: atdata.SampleBatch[Any]) -> list[dict[str, Any]]:
    """The samples of a batch as its columns have them."""
    columns = {name: batch[name] for name in vars(batch.samples[0])}
    return [
        {name: described(cell(column, row)) for name, column in columns.items()}
        for row in range(len(batch))
    ]


def cell(column: Any, row: int) -> Any:
    return column[row, ...] if isinstance(column, np.ndarray) else column[row]


@pytest.mark.parametrize(("name", "pattern", "cls"), FILES)
def test_every_sample_is_read_exactly(name: str, pattern: str, cls: type[Any]) -> None:
    dataset = atdata.Dataset[cls](FIXTURES / pattern)
    wanted = [sample["fields"] for sample in GOOD[name]]
    assert [fields_of(sample) for sample in dataset] == wanted
    assert [fields_of(dataset[number]) for number in range(len(dataset))] == wanted


@pytest.mark.parametrize(("name", "pattern", "cls"), FILES)
def test_every_batch_is_read_exactly(name: str, pattern: str, cls: type[Any]) -> None:
    dataset = atdata.Dataset[cls](FIXTURES / pattern)
    wanted = [sample["fields"] for sample in GOOD[name]]
    batches = dataset.ordered(batch_size=1)
    assert [row for batch in batches for row in described_rows(batch)] == wanted


@pytest.mark.parametrize(("name", "pattern", "cls"), FILES)
def test_samples_are_packed_as_they_were(name: str, pattern: str, cls: type[Any]) -> None:
    for raw in atdata.Dataset(FIXTURES / pattern):
        typed = cls.from_bytes(raw.packed)
        assert cls.from_data(raw.to_dict()) == typed
        if name != "legacy_npy.tar":  # those arrays are rewritten in the compact form
            assert typed.packed == raw.packed


@pytest.mark.parametrize("name", ["long_names_pax.tar", "long_names_gnu.tar"])
def test_long_names_are_read(name: str) -> None:
    dataset = atdata.Dataset[Arrays](FIXTURES / name)
    assert [sample.a[0] for sample in dataset] == [0, 1]


def test_a_shard_of_others_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"^Malformed sample: 'msgpack' field not found"):
        list(atdata.Dataset(FIXTURES / "plain_wds.tar"))


def bad_dataset(name: str, on_error: str) -> atdata.Dataset[Any]:
    cls = TYPES[BAD[name]["type"]]
    return atdata.Dataset[cls](FIXTURES / "bad" / f"{name}.tar", on_error=on_error)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_shard_gives_the_good_samples_and_then_one_error(name: str) -> None:
    wanted, seen = BAD[name], []
    with pytest.raises(atdata.AtdataError) as caught:
        seen.extend(iter(bad_dataset(name, "raise")))  # extend(iter): what came before stays
    check_error(caught.value, name)
    assert len(seen) == wanted["samples_before"]


def check_error(error: atdata.AtdataError, name: str) -> None:
    assert error.kind in KINDS[BAD[name]["error"]]
    assert error.shard is not None
    assert error.shard.endswith(f"bad/{name}.tar")
    assert error.shard in str(error)
    assert (error.key is None) == (name in WHOLE_SHARD)
    assert error.offset is not None or error.kind == "missing_field"
    assert isinstance(error, (ValueError, RuntimeError))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_shard_is_an_error_in_batches_too(name: str) -> None:
    with pytest.raises(atdata.AtdataError) as caught:
        list(bad_dataset(name, "raise").ordered(batch_size=2))
    check_error(caught.value, name)


@pytest.mark.parametrize("batch_size", [None, 2])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_skipped_is_counted_and_named(name: str, batch_size: int | None) -> None:
    passes = bad_dataset(name, "skip").ordered(batch_size)
    found = list(passes)
    count = len(found) if batch_size is None else sum(len(batch) for batch in found)
    assert count == BAD[name]["samples_with_skip"]
    assert passes.report.skipped == len(passes.report.errors) >= 1
    assert f"{name}.tar" in passes.report.errors[0]


@pytest.mark.parametrize("name", [name for name in BAD if name not in BROKEN])
def test_an_odd_shard_is_read(name: str) -> None:
    passes = bad_dataset(name, "raise").ordered()
    assert len(list(passes)) == BAD[name]["samples"]
    assert passes.report.skipped == 0
    assert passes.report.extra_fields == (1 if name == "extra_field" else 0)
    assert len(passes.report.without_end) == (1 if name == "no_end_blocks" else 0)


def test_arrays_of_different_shapes_are_a_list_in_a_batch() -> None:
    (batch,) = bad_dataset("ragged_arrays", "raise").ordered(batch_size=2)
    assert isinstance(batch.a, list)
    assert len({array.shape for array in batch.a}) == 2
