"""An index over every provider: names, entries, history, labels, search, export."""

import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import atdata


@atdata.packable
class Text:
    """A text."""

    text: str
    number: int


@atdata.packable
class Vector:
    values: NDArray
    note: str | None = None


def texts(count: int, start: int = 0) -> list[Text]:
    return [Text(f"text {n}", n) for n in range(start, start + count)]


@pytest.fixture
def index(provider: dict[str, Any], tmp_path: Path) -> atdata.Index:
    return atdata.Index(data_store=atdata.LocalDiskStore(tmp_path / "data"), **provider)


def test_a_dataset_is_written_found_and_loaded_without_its_class(index: atdata.Index) -> None:
    entry = index.write(
        (text for text in texts(10)),
        name="texts",
        maxcount=4,
        description="Ten texts",
        tags=["demo", "short"],
        license="MIT",
        metadata={"source": "here", "numbers": [1, 2.5, None], "raw": b"\0"},
    )
    assert len(entry.data_urls) == 3
    assert (entry.num_samples, entry.schema_ref) == (10, "atdata://local/sampleSchema/Text@1.0.0")
    found = index.get_dataset("texts")
    assert found == entry
    assert found.metadata is not None
    assert found.metadata["tags"] == ["demo", "short"]
    assert found.metadata["numbers"] == [1, 2.5, None]
    assert found.metadata["raw"] == b"\0"
    dataset = atdata.load_dataset("@local/texts", index=index, split="train", verify=True)
    assert [(s.text, s.number) for s in dataset] == [(t.text, t.number) for t in texts(10)]
    assert dataset.sample_type.__name__ == "Text"
    assert list(atdata.load_dataset("@local/texts", Text, index=index, split="train")) == texts(10)


def test_the_same_samples_are_the_same_entry(index: atdata.Index, tmp_path: Path) -> None:
    first = index.write(texts(10), name="a", maxcount=4)
    stored = sorted(path.name for path in (tmp_path / "data").rglob("*"))
    assert index.write(texts(10), name="a", maxcount=4).cid == first.cid
    assert sorted(path.name for path in (tmp_path / "data").rglob("*")) == stored
    assert len(index.history("a")) == 1
    other = index.write(texts(10), name="b", maxcount=4)
    assert other.cid != first.cid  # its shards lie elsewhere
    assert other.content_cid == first.content_cid


def test_two_names_for_the_same_shards_both_stay(index: atdata.Index) -> None:
    dataset: atdata.Dataset[Text] = atdata.Dataset[Text]("x-{000..009}.tar")
    first = index.add_entry(dataset, name="one")
    second = index.add_entry(dataset, name="two", metadata={"why": "again"})
    assert first.cid == second.cid
    assert first.data_urls == ["x-{000..009}.tar"]
    assert [entry.name for entry in index.list_datasets()] == ["one", "two"]
    assert index.get_entry_by_name("one").name == "one"
    assert index.get_entry_by_name("two").name == "two"


def test_a_name_points_to_the_newest_and_keeps_its_past(index: atdata.Index) -> None:
    old = index.write(texts(3), name="data")
    index.label("data", version="1.0", description="the first")
    new = index.write(texts(5), name="data")
    assert [item.cid for item in index.history("data")] == [new.cid, old.cid]
    assert [entry.cid for entry in index.list_datasets()] == [new.cid]
    assert {entry.cid for entry in index.all_entries} == {old.cid, new.cid}
    assert {entry.cid for entry in index.entries} == {old.cid, new.cid}
    for ref in ("data@1.0", f"data@{old.cid}", old.cid):
        assert index.get_dataset(ref).cid == old.cid
    loaded = atdata.load_dataset("@local/data@1.0", index=index, split="train")
    assert len(loaded) == 3
    with pytest.raises(atdata.ConflictError, match=r"data@1\.0"):
        index.label("data", version="1.0", cid=new.cid)
    versions = {label.version for label in index.labels(old.cid)}
    assert versions >= {"1.0"}


def test_what_is_deleted_is_gone_and_nothing_else(index: atdata.Index) -> None:
    index.write(texts(3), name="data")
    index.write(texts(5), name="data")
    kept = index.write(texts(2), name="other")
    assert len(index.delete("data")) == 2
    assert [entry.cid for entry in index.entries] == [kept.cid]
    with pytest.raises(KeyError, match="data"):
        index.get_dataset("data")
    with pytest.raises(KeyError):
        index.delete("data")


def test_search_by_words_tags_schema_and_licence(index: atdata.Index) -> None:
    index.write(texts(1), name="cat-photos", description="Pets at home", tags=["cats", "2024"])
    index.write(texts(2), name="dog-photos", tags=["dogs"], license="CC0-1.0")
    index.write([Vector(np.zeros(2))], name="embeddings", description="of photos")

    def names(*text: str, **by: Any) -> list[str]:
        return [entry.name for entry in index.search(*text, **by)]

    assert names("photo") == ["cat-photos", "dog-photos", "embeddings"]
    assert names("PETS home") == ["cat-photos"]
    assert names("photos", tags=["dogs"]) == ["dog-photos"]
    assert names(schema="Vector") == ["embeddings"]
    assert names(license="CC0-1.0") == ["dog-photos"]
    assert names("photos", limit=1) == ["cat-photos"]
    assert names("nothing") == names(tags=["cats", "dogs"]) == []
    index.write(texts(7), name="cat-photos", description="new")
    assert names("pets") == []  # only what is current is found


def test_export_and_import(index: atdata.Index, tmp_path: Path) -> None:
    index.write(texts(3), name="data", metadata={"raw": b"\1", "float": float("inf")})
    index.label("data", version="1")
    index.write([Vector(np.zeros(2))], name="vectors")
    index.export(tmp_path / "index.jsonl")
    other = atdata.Index(path=tmp_path / "other.db")
    done = other.import_(tmp_path / "index.jsonl")
    assert (done.entries, done.documents, done.kept) == (2, 2, [])
    assert other.list_datasets() == index.list_datasets()
    assert other.get_dataset("data@1").content_cid == index.get_dataset("data").content_cid
    assert atdata.load_dataset("@local/data", index=other, split="train")[2].number == 2
    other.add_entry(atdata.Dataset[Text]("elsewhere.tar"), name="data")
    assert other.import_(tmp_path / "index.jsonl").kept == ["data"]
    (tmp_path / "broken.jsonl").write_text('{"atdata-index": 1}\n{"entry": {"cid": "x"}}\n')
    with pytest.raises(atdata.DataError, match="line 2"):
        other.import_(tmp_path / "broken.jsonl")


def test_many_threads_write_at_once(index: atdata.Index) -> None:
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for step in range(5):
                index.write(texts(2, start=number * 10 + step), name=f"data-{number}")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [entry.name for entry in index.list_datasets()] == [f"data-{n}" for n in range(4)]
    assert all(len(index.history(f"data-{n}")) == 5 for n in range(4))
    assert [schema["version"] for schema in index.list_schemas()] == ["1.0.0"]


def test_bad_names_change_nothing(index: atdata.Index, tmp_path: Path) -> None:
    for name in ("", "..", "a/../b", "/a", "a//b", "a\n", "\0", "x" * 10_000):
        with pytest.raises(ValueError, match="cannot be called"):
            index.write(texts(1), name=name)
        with pytest.raises(ValueError, match="cannot be called"):
            index.add_entry(atdata.Dataset[Text]("x.tar"), name=name)
    assert index.list_datasets() == []
    assert not list(tmp_path.rglob("*.tar"))


@pytest.mark.parametrize("name", ["ä ö/ü", "100%", "a{b}c", "'quoted\"", "@x", "name:with@signs"])
def test_odd_names_work(index: atdata.Index, name: str) -> None:
    entry = index.write(texts(3), name=name)
    assert index.get_dataset(name) == entry
    assert len(atdata.load_dataset(f"@local/{name}", index=index, split="train")) == 3
    assert [found.name for found in index.list_datasets()] == [name]
    assert index.verify(name)


def test_an_index_goes_to_another_process(provider: dict[str, Any], tmp_path: Path) -> None:
    if provider.get("provider") == "memory":
        return  # that one cannot
    index = atdata.Index(data_store=atdata.LocalDiskStore(tmp_path / "data"), **provider)
    index.write(texts(3), name="data")
    again = pickle.loads(pickle.dumps(index))
    assert again.get_dataset("data") == index.get_dataset("data")
    assert again.data_store.root == tmp_path / "data"
