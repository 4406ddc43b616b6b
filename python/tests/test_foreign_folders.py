"""Folders that mosaicml-streaming and litdata wrote: see compat/write_foreign.py."""

import contextlib
import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import atdata

FOREIGN = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "foreign"
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG"


def test_mds(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    found = atdata.from_mds(
        FOREIGN / "mds", tmp_path / "a.tar", progress=lambda *so_far: told.append(so_far)
    )
    assert told[-1] == (5, 5)
    assert len(found) == 5
    for n, sample in enumerate(found):
        assert (sample.number, sample.small, sample.large) == (n - 1, n, 2**64 - 1)
        assert (sample.ratio, sample.half) == (n / 2, 1.5)
        assert (sample.text, sample.data) == ("té" * n, bytes([n, 0]))
        assert sample.any.dtype == np.float64
        assert sample.any.tolist() == np.arange(2.0 * n + 2).reshape(n + 1, 2).tolist()
        assert (sample.typed.dtype, sample.typed.shape) == (np.float32, (n + 1, 300))
        assert sample.typed.all()
        assert (sample.shaped.dtype, sample.shaped.tolist()) == (np.int16, [[n] * 3] * 2)
        assert sample.tree == {"n": n, "items": [1, None]}
        assert sample.photo.startswith(JPEG)
        assert sample.drawing.startswith(PNG)
        assert (sample.pixels.shape, int(sample.pixels[3, 4, 2])) == ((4, 5, 3), n)
        assert (sample.digits, sample.decimal) == (10**12 + n, "1.10")
    assert found.sample_type.__annotations__["number"] is int


def test_litdata(tmp_path: Path) -> None:
    found = atdata.from_litdata(FOREIGN / "litdata", tmp_path / "a.tar")
    assert len(found) == 5
    for n, sample in enumerate(found):
        assert (sample.number, sample.ratio) == (n - 1, n / 2)
        assert (sample.text, sample.data, sample.even) == ("té" * n, bytes([n, 0]), n % 2 == 0)
        assert (sample.matrix.dtype, sample.matrix.tolist()) == (np.int16, [[n] * 3] * 2)
        assert (sample.vector.dtype, sample.vector.tolist()) == (np.float32, [n] * (n + 1))
        assert (sample.tensor.dtype, sample.tensor.tolist()) == (np.float32, [[n] * 2] * (n + 1))
        assert (sample.steps.dtype, sample.steps.tolist()) == (np.int64, list(range(n + 1)))
        assert (sample.pixels.shape, int(sample.pixels[3, 4, 2])) == ((4, 5, 3), n)
        assert (sample.grey.shape, int(sample.grey[3, 4])) == ((4, 5), n)
        assert sample.photo.startswith(JPEG)
        assert sample.deep == {"n": n, "inner": {"text": "x"}}


def test_splits_and_types(tmp_path: Path) -> None:
    for split in ("train", "val"):
        shutil.copytree(FOREIGN / "mds", tmp_path / "both" / split)
    with pytest.raises(atdata.InvalidError, match="train and val"):
        atdata.from_mds(tmp_path / "both", tmp_path / "a.tar")
    found = atdata.from_mds(tmp_path / "both", tmp_path / "a.tar", split="val", sample_type=Few)
    assert found[3] == Few(text="té" * 3, number=2)
    with pytest.raises(atdata.SplitNotFoundError):
        atdata.from_mds(tmp_path / "both", tmp_path / "b.tar", split="test")
    with pytest.raises(FileNotFoundError):
        atdata.from_litdata(tmp_path / "no", tmp_path / "b.tar")


@atdata.packable
class Few:
    text: str
    number: int


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    target = folder / name
    shutil.copytree(FOREIGN / name, target, dirs_exist_ok=True)
    text = (target / "index.json").read_text()
    assert old in text
    (target / "index.json").write_text(text.replace(old, new))
    return target


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    pickles = changed(tmp_path, "mds", '"json"', '"pkl"')
    with pytest.raises(atdata.NotSupportedError, match=r"column tree: .* pkl .*run code"):
        atdata.from_mds(pickles, tmp_path / "a.tar")
    pickles = changed(tmp_path, "litdata", '"bool"', '"pickle"')
    with pytest.raises(atdata.NotSupportedError, match=r"pickle .*run code"):
        atdata.from_litdata(pickles, tmp_path / "a.tar")
    packed = changed(tmp_path, "litdata", '"compression": null', '"compression": "zstd"')
    with pytest.raises(atdata.NotSupportedError, match="compressed"):
        atdata.from_litdata(packed, tmp_path / "a.tar")
    away = changed(tmp_path, "mds", "shard.00000.mds", "../shard.00000.mds")
    with pytest.raises(atdata.DataError, match="no name of a file in this folder"):
        atdata.from_mds(away, tmp_path / "a.tar")
    away = changed(tmp_path, "mds", "shard.00000.mds", "gone.mds")
    with pytest.raises(FileNotFoundError, match=r"gone\.mds"):
        atdata.from_mds(away, tmp_path / "a.tar")
    for text in ("", "[]", '{"shards": []}', '{"shards": [1]}', '{"shards": [{}]}', "[" * 9999):
        (tmp_path / "mds" / "index.json").write_text(text)
        with pytest.raises(atdata.DataError, match=r"index\.json"):
            atdata.from_mds(tmp_path / "mds", tmp_path / "a.tar")
    assert not list(tmp_path.glob("*.tar*"))


@pytest.mark.parametrize("name", ["mds", "litdata"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damage_is_an_error_of_ours_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    shutil.copytree(FOREIGN / name, folder / name)
    files = sorted((folder / name).iterdir())
    path = data.draw(st.sampled_from(files), "file")
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1), "at")
    if data.draw(st.booleans(), "cut"):
        del content[at:]
    else:
        content[at] ^= data.draw(st.integers(1, 255), "bits")
    path.write_bytes(content)
    into = atdata.from_mds if name == "mds" else atdata.from_litdata
    with contextlib.suppress(atdata.AtdataError):
        into(folder / name, folder / "a.tar")


def test_lengths_that_lie(tmp_path: Path) -> None:
    column = {"column_names": ["t"], "column_encodings": ["str"], "column_sizes": [None]}
    shard = {**column, "samples": 10**30, "raw_data": {"basename": "0.mds"}}
    (tmp_path / "index.json").write_text(json.dumps({"shards": [shard]}))
    for data in (
        struct.pack("<I", 2**32 - 1),
        struct.pack("<4I", 1, 12, 2**32 - 1, 0),
        struct.pack("<5I", 1, 12, 20, 2**32 - 1, 0),
    ):
        (tmp_path / "0.mds").write_bytes(data)
        with pytest.raises(atdata.DataError, match=r"0\.mds"):
            atdata.from_mds(tmp_path, tmp_path / "a.tar")
