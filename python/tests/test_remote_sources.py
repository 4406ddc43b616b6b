"""Shards on web servers: every way through them, and what goes wrong on the way."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sample_types import Image, images, numbers_in, write_images
from test_processes import Counter, all_numbers, outcome
from web import PROBE, Web, web_of

import atdata
from atdata import Dataset, URLSource

SHARDS = "images-{000000..000002}.tar"
SECRET = "X-Signature=very-secret"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A server of twenty images in three shards."""
    write_images(tmp_path / "web", 20, maxcount=7)
    with web_of(tmp_path / "web") as web:
        yield web


@pytest.fixture(params=["ranges", "no ranges"])
def any_web(web: Web, request: pytest.FixtureRequest) -> Web:
    web.set(ranges=request.param == "ranges")
    return web


def shards_of(web: Web, pattern: str = SHARDS, **options: Any) -> Dataset[Image]:
    return Dataset[Image](f"{web.url}/{pattern}", **options)


def test_every_way_through(any_web: Web) -> None:
    dataset = shards_of(any_web)
    assert numbers_in(dataset) == list(range(20))
    assert [len(batch) for batch in dataset.ordered(batch_size=8)] == [8, 8, 4]
    assert (len(dataset), dataset[-1].number, dataset[8].label) == (20, 19, "class 8")
    assert numbers_in(dataset[5:9]) == [5, 6, 7, 8]
    assert dataset.get("000000011").number == 11
    assert dataset.describe()["num_bytes"] == sum(
        path.stat().st_size for path in any_web.folder.glob("*.tar")
    )
    assert dataset.list_shards() == [f"{any_web.url}/images-00000{n}.tar" for n in range(3)]
    assert list(dataset) == list(images(20))


def test_picking_samples_out_needs_ranges(web: Web) -> None:
    assert numbers_in(shards_of(web).select([19, 0, 7])) == [19, 0, 7]
    web.set(ranges=False)
    with pytest.raises(atdata.NotSupportedError, match="first byte to the last"):
        numbers_in(shards_of(web).select([19, 0, 7]))


def test_shuffled_gives_all_and_repeats(any_web: Web) -> None:
    dataset = shards_of(any_web)
    first = numbers_in(dataset.shuffled(seed=1))
    assert sorted(first) == list(range(20)) != first
    assert numbers_in(shards_of(any_web).shuffled(seed=1)) == first
    assert numbers_in(dataset.shuffled(seed=2)) != first
    local = Dataset[Image](f"{any_web.folder}/{SHARDS}").shuffled(seed=1)
    assert sorted(numbers_in(local)) == sorted(first)


def test_workers_and_ranks_share_the_samples(any_web: Web) -> None:
    dataset = shards_of(any_web)
    for read in (dataset.ordered, lambda **part: dataset.shuffled(seed=3, **part)):
        parts = [numbers_in(read(worker=n, workers=3)) for n in range(3)]
        assert sorted(number for part in parts for number in part) == list(range(20))
        assert all(parts)
        ranks = [
            numbers_in(read(rank=rank, world=2, worker=n, workers=2))
            for rank in (0, 1)
            for n in (0, 1)
        ]
        assert sorted(number for part in ranks for number in part) == list(range(20))


def test_the_first_samples_do_not_fetch_all_shards(web: Web) -> None:
    write_images(web.folder / "many", 1000, maxcount=100)
    dataset = shards_of(web, "many/images-{000000..000009}.tar")
    assert next(iter(dataset)).number == 0
    assert len({asked.name for asked in web.asked}) <= 4
    web.forget()
    shuffled = iter(dataset.shuffled(buffer_shards=2, buffer_samples=10, seed=0))
    assert 0 <= next(shuffled).number < 1000
    assert len({asked.name for asked in web.asked if asked.name.endswith(".tar")}) <= 5


def test_processes_and_copies_read_too(any_web: Web) -> None:
    dataset = shards_of(any_web)
    mine = all_numbers(dataset)
    assert mine == [list(range(20))] * 3
    assert outcome("fork", all_numbers, dataset) == mine
    assert outcome("spawn", all_numbers, dataset) == mine
    assert all_numbers(pickle.loads(pickle.dumps(dataset))) == mine


def test_streams_and_files_of_other_places(any_web: Web, tmp_path: Path) -> None:
    dataset = shards_of(any_web)
    for name, stream in dataset.shards:
        assert stream.read() == (any_web.folder / name.rpartition("/")[2]).read_bytes()
    here = write_images(tmp_path / "here", 3).list_shards()
    mixed: Dataset[Image] = Dataset[Image]([*here, f"{any_web.url}/images-000002.tar"])
    assert numbers_in(mixed) == [0, 1, 2, *range(14, 20)]
    assert sorted(numbers_in(mixed.shuffled(seed=0))) == [0, 1, 2, *range(14, 20)]
    assert (len(mixed), mixed[2].number) == (9, 2)


def test_names_with_spaces_and_percent_signs(any_web: Web) -> None:
    write_images(any_web.folder / "my 100% ö", 3)
    dataset = shards_of(any_web, "my%20100%25%20%C3%B6/images.tar")
    assert numbers_in(dataset) == [0, 1, 2]
    assert dataset[2].number == 2


def test_load_and_insert(any_web: Web, tmp_path: Path) -> None:
    dataset = atdata.load_dataset(f"{any_web.url}/{SHARDS}", Image, split="train")
    assert numbers_in(dataset) == list(range(20))
    store = atdata.LocalDiskStore(tmp_path / "data")
    index = atdata.Index(path=tmp_path / "index.db", data_store=store)
    entry = index.insert_dataset(dataset, name="copied")
    copies = [Path(url).read_bytes() for url in entry.data_urls]
    assert copies == [path.read_bytes() for path in sorted(any_web.folder.glob("*.tar"))]
    added = index.add_entry(dataset, name="added")
    assert added.data_urls == dataset.list_shards()
    found = atdata.load_dataset("@local/added", index=index, split="train")
    assert sorted(numbers_in(found.shuffled(seed=0))) == list(range(20))


# URLs with a query, as signed ones have.


def test_a_query_goes_with_every_request(any_web: Web) -> None:
    any_web.set(query=SECRET)
    dataset = shards_of(any_web, f"{SHARDS}?{SECRET}")
    assert all_numbers(dataset) == [list(range(20))] * 3
    assert {asked.query for asked in any_web.asked} == {SECRET}
    assert any(asked.name.endswith(".tar.idx") for asked in any_web.asked)


def test_errors_do_not_show_the_query(any_web: Web) -> None:
    any_web.set(query=SECRET)
    broken = (any_web.folder / "images-000000.tar").read_bytes().replace(b"label", b"lable")
    (any_web.folder / "broken.tar").write_bytes(broken)
    for name, kind in (("none.tar", FileNotFoundError), ("broken.tar", ValueError)):
        with pytest.raises(kind, match=name) as raised:
            numbers_in(shards_of(any_web, f"{name}?{SECRET}"))
        assert "very-secret" not in f"{raised.value}{raised.value!r}"
    any_web.set(query="another")
    with pytest.raises(PermissionError, match="403") as raised:
        numbers_in(shards_of(any_web, f"{SHARDS}?{SECRET}"))
    assert "very-secret" not in f"{raised.value}{raised.value!r}"


def test_errors_of_one_sample_do_not_show_the_query(web: Web) -> None:
    broken = (web.folder / "images-000000.tar").read_bytes().replace(b"label", b"lable")
    (web.folder / "broken.tar").write_bytes(broken)
    with pytest.raises(ValueError, match="label") as raised:
        shards_of(web, f"broken.tar?{SECRET}")[0]
    assert "very-secret" not in f"{raised.value}{getattr(raised.value, 'shard', '')}"


def test_reprs_do_not_show_the_query(web: Web) -> None:
    dataset = shards_of(web, f"{SHARDS}?{SECRET}")
    assert "very-secret" not in f"{dataset!r}{dataset.source!r}"


# What goes wrong.


def test_what_is_not_there_is_not_found(any_web: Web) -> None:
    asks: list[Any] = [numbers_in, len, lambda found: found[8], lambda found: list(found.shards())]
    for ask in asks:
        dataset = shards_of(any_web, "images-{000002..000003}.tar")
        with pytest.raises(FileNotFoundError, match=r"images-000003\.tar: there is no such object"):
            ask(dataset)


@pytest.mark.parametrize("tags", [True, False])
def test_a_body_cut_short_is_gone_on_with(web: Web, tags: bool) -> None:
    web.set(tags=tags, cuts={"images-000001.tar": 1})
    assert numbers_in(shards_of(web)) == list(range(20))
    middle = (web.folder / "images-000001.tar").stat().st_size // 2
    ranges = [asked.range for asked in web.asked if asked.name == "images-000001.tar"]
    assert ranges == [PROBE, None, f"bytes={middle}-"]


def test_without_ranges_a_cut_body_is_sent_again(web: Web) -> None:
    web.set(ranges=False, cuts={"images-000001.tar": 1})
    assert numbers_in(shards_of(web)) == list(range(20))
    web.set(tags=False, cuts={"images-000001.tar": 1})
    with pytest.raises(ConnectionError, match=r"images-000001\.tar.*start again"):
        numbers_in(shards_of(web))


def test_a_file_that_is_replaced_meanwhile_is_refused(web: Web) -> None:
    path = web.folder / "images-000000.tar"
    dataset = shards_of(web, "images-000000.tar")
    stream = dataset.source.open_shard(f"{web.url}/images-000000.tar")
    web.set(cuts={"images-000000.tar": 1})
    path.write_bytes(path.read_bytes()[:-512] + b"x" * 512)
    with pytest.raises(ValueError, match="replaced while it was being read"):
        stream.read()


def test_redirects_are_followed_and_end(any_web: Web) -> None:
    assert all_numbers(shards_of(any_web, f"moved/{SHARDS}")) == [list(range(20))] * 3
    with pytest.raises(ConnectionError, match="redirects too often"):
        numbers_in(shards_of(any_web, f"loop/{SHARDS}"))


def test_threads_run_while_an_iterator_ends(web: Web) -> None:
    write_images(web.folder / "many", 300, maxcount=100)
    web.set(delay={f"many/images-00000{n}.tar": 1 for n in (1, 2)})
    with Counter() as counter:
        iterator = iter(shards_of(web, "many/images-{000000..000002}.tar"))
        next(iterator)
        before = counter.count
        del iterator
        assert counter.count > before


def test_an_open_shard_is_none_of_others(web: Web) -> None:
    source = URLSource(f"{web.url}/images-000000.tar")
    with pytest.raises(KeyError, match=r"no shard .*images-000001\.tar"):
        source.open_shard(f"{web.url}/images-000001.tar")
