"""Manifests beside shards: ours, and those of the original."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

import atdata
from atdata import ManifestField

FIXTURES = Path(__file__).parents[2] / "tests" / "fixtures"


@atdata.packable
class Told:
    image: NDArray
    label: str
    score: float
    ok: bool
    tags: list[str]
    grade: Annotated[int, ManifestField("categorical")]
    secret: Annotated[str, ManifestField("categorical", exclude=True)]
    note: str | None = None


def told(number: int) -> Told:
    tags = ["x", "y"][: number % 3]
    pixels = np.full(3, number)
    return Told(pixels, "ab"[number % 2], number / 2, number % 2 == 0, tags, number % 4, "no")


@pytest.fixture
def dataset(tmp_path: Path) -> atdata.Dataset[Told]:
    path = tmp_path / "told.tar"
    return atdata.write_samples(map(told, range(10)), path, maxcount=6, manifest=True)


def test_every_shard_has_one(dataset: atdata.Dataset[Told], tmp_path: Path) -> None:
    last = json.loads((tmp_path / "told-000001.manifest.json").read_text())
    assert (last["manifest_version"], last["shard_id"]) == ("1.0.0", "told-000001")
    assert (last["schema_type"], last["schema_version"]) == ("Told", "1.0.0")
    assert last["num_samples"] == 4
    assert last["size_bytes"] == (tmp_path / "told-000001.tar").stat().st_size
    found = last["aggregates"]
    assert sorted(found) == ["grade", "label", "note", "ok", "score", "tags"]
    assert found["score"] == {"type": "numeric", "min": 3.0, "max": 4.5, "mean": 3.75, "count": 4}
    assert found["grade"]["value_counts"] == {"0": 1, "1": 1, "2": 1, "3": 1}
    assert found["ok"]["value_counts"] == {"False": 2, "True": 2}
    assert found["tags"] == {"type": "set", "all_values": ["x", "y"]}


def test_rows_say_where_payloads_are(dataset: atdata.Dataset[Told], tmp_path: Path) -> None:
    number = 0
    for shard in dataset.list_shards():
        table = pq.read_table(shard.replace(".tar", ".manifest.parquet"))
        assert table.column_names[:3] == ["__key__", "__offset__", "__size__"]
        data = Path(shard).read_bytes()
        for row in table.to_pylist():
            payload = data[row["__offset__"] :][: row["__size__"]]
            sample = Told.from_bytes(payload)
            assert sample == told(number)
            assert row["__key__"] == f"{number:09}"
            assert (row["score"], row["tags"], row["note"]) == (sample.score, sample.tags, None)
            number += 1
    assert number == 10


def test_they_tell_the_length_and_the_statistics(
    dataset: atdata.Dataset[Told], tmp_path: Path
) -> None:
    for index in tmp_path.glob("*.idx"):
        index.unlink()
    again = atdata.Dataset[Told](dataset.url)
    assert len(again) == 10
    found = again.describe()
    assert found["num_described_shards"] == 2
    score = found["statistics"]["score"]
    assert (score["min"], score["max"], score["mean"], score["count"]) == (0.0, 4.5, 2.25, 10)


@pytest.mark.parametrize("lie", ["{}", "not json", '{"manifest_version": "9.0.0"}', None])
def test_a_manifest_that_is_wrong_or_of_another_shard_is_not_believed(
    dataset: atdata.Dataset[Told], tmp_path: Path, lie: str | None
) -> None:
    path = tmp_path / "told-000001.manifest.json"
    other = (tmp_path / "told-000000.manifest.json").read_text()
    path.write_text(other if lie is None else lie)
    (tmp_path / "told-000001.tar.idx").unlink()
    assert len(atdata.Dataset[Told](dataset.url)) == 10


def test_the_originals_are_read() -> None:
    found = atdata.Dataset(FIXTURES / "splits/train-{000000..000002}.tar").describe()
    assert found["num_samples"] == 250
    assert found["num_described_shards"] == 2
    assert found["statistics"]["idx"]["max"] == 199.0
    assert found["statistics"]["label"]["cardinality"] == 3


def test_text_without_end_is_only_counted(tmp_path: Path) -> None:
    samples = (text_of(n) for n in range(3000))
    atdata.write_samples(samples, tmp_path / "texts.tar", manifest=True)
    found = json.loads((tmp_path / "texts.manifest.json").read_text())["aggregates"]["text"]
    assert (found["cardinality"], len(found["value_counts"])) == (3000, 1000)


@atdata.packable
class Text:
    text: str


def text_of(number: int) -> Text:
    return Text(f"text {number}")


def test_mistakes(tmp_path: Path) -> None:
    wrong: Any = "nominal"
    with pytest.raises(ValueError, match="'categorical', 'numeric' or 'set'"):
        ManifestField(wrong)

    @atdata.packable
    class Odd:
        image: Annotated[NDArray, ManifestField("numeric")]

    with pytest.raises(ValueError, match="cannot be in a manifest"):
        atdata.write_samples([Odd(np.zeros(1))], tmp_path / "x.tar", manifest=True)


def test_writing_again_without_one_leaves_no_old_one(tmp_path: Path) -> None:
    path = tmp_path / "texts.tar"
    atdata.write_samples([Text("x" * 1200)], path, manifest=True)
    again = atdata.write_samples([Text("a"), Text("b")], path)  # a shard of the same size
    assert not list(tmp_path.glob("*manifest*"))
    assert len(again) == len(list(again)) == len(list(again.shuffled(seed=0))) == 2


@atdata.packable
class Score:
    value: float


def test_infinities_are_left_out(tmp_path: Path) -> None:
    values = [1.0, float("inf"), float("nan"), 3.0]
    dataset = atdata.write_samples(map(Score, values), tmp_path / "scores.tar", manifest=True)
    found = dataset.describe()["statistics"]["value"]
    assert (found["min"], found["max"], found["mean"], found["count"]) == (1.0, 3.0, 2.0, 2)
