"""Remote shards kept in a folder: fetched once, within its size, and only right ones."""

import hashlib
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import backends
import pytest
from sample_types import Image, numbers_in, write_images
from web import Web, web_of

import atdata
from atdata import Cache, Dataset

SHARDS = "images-{000000..000002}.tar"
NAMES = [f"images-00000{n}.tar" for n in range(3)]
MARK = "atdata-cache.txt"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A server of twenty images in three shards."""
    write_images(tmp_path / "web", 20, maxcount=7)
    with web_of(tmp_path / "web") as web:
        yield web


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the copies go."""
    return tmp_path / "cache"


def shards_of(web: Web, **options: Any) -> Dataset[Image]:
    return Dataset[Image](f"{web.url}/{SHARDS}", **options)


def checksums(web: Web) -> dict[str, str]:
    paths = {name: web.folder / name for name in NAMES}
    hashes = {name: hashlib.sha256(path.read_bytes()) for name, path in paths.items()}
    return {f"{web.url}/{name}": found.hexdigest() for name, found in hashes.items()}


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.tar"))


@pytest.mark.parametrize("ranges", [True, False])
def test_a_second_epoch_only_asks_whether_shards_are_the_same(
    web: Web, folder: Path, ranges: bool
) -> None:
    web.set(ranges=ranges)
    dataset = shards_of(web, cache=folder)
    assert numbers_in(dataset) == list(range(20))
    assert {path.read_bytes() for path in copies(folder)} == {
        (web.folder / name).read_bytes() for name in NAMES
    }
    web.forget()
    assert numbers_in(dataset) == list(range(20))
    assert sorted(numbers_in(shards_of(web, cache=folder).shuffled(seed=0))) == list(range(20))
    assert web.bodies == []
    assert len(web.asked) == 6


def test_any_sample_is_read_from_the_copy(web: Web, folder: Path) -> None:
    dataset = shards_of(web, cache=folder)
    assert numbers_in(dataset) == list(range(20))
    web.forget()
    assert [dataset[n].number for n in (19, 0, 7)] == [19, 0, 7]
    assert numbers_in(dataset.select([19, 0, 7])) == [19, 0, 7]
    assert {name for name in web.bodies if not name.endswith(".idx")} == set()


def test_with_checksums_nobody_is_asked(web: Web, folder: Path) -> None:
    dataset = shards_of(web, cache=folder, checksums=checksums(web))
    assert numbers_in(dataset) == list(range(20))
    assert {path.name for path in copies(folder)} == {f"{h}.tar" for h in checksums(web).values()}
    web.forget()
    again = shards_of(web, cache=folder, checksums=checksums(web), verify=True)
    assert numbers_in(again) == numbers_in(dataset) == list(range(20))
    assert web.asked == []


def test_the_usual_folder(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATDATA_HOME", str(tmp_path / "home"))
    assert numbers_in(shards_of(web, cache=True)) == list(range(20))
    assert len(copies(tmp_path / "home" / "cache" / "shards")) == 3
    assert numbers_in(shards_of(web, cache=False)) == list(range(20))
    loaded = atdata.load_dataset(f"{web.url}/{SHARDS}", Image, split="train", cache=True)
    web.forget()
    assert numbers_in(loaded) == list(range(20))
    assert web.bodies == []


def test_files_of_this_machine_are_not_copied(web: Web, folder: Path) -> None:
    local: Dataset[Image] = Dataset[Image](f"{web.folder}/{SHARDS}", cache=folder)
    assert numbers_in(local) == list(range(20))
    assert copies(folder) == []


def test_what_was_not_used_for_longest_goes_first(web: Web, folder: Path) -> None:
    one = (web.folder / NAMES[0]).stat().st_size
    cache = Cache(folder, max_size=2 * one)

    def read(number: int) -> None:
        dataset: Dataset[Image] = Dataset[Image](f"{web.url}/{NAMES[number]}", cache=cache)
        assert len(numbers_in(dataset)) > 0

    for number in (0, 1, 0, 2):  # the third makes room by what is not the newest
        read(number)
        assert sum(path.stat().st_size for path in copies(folder)) <= cache.max_size
    web.forget()
    read(0)
    read(2)
    assert web.bodies == []
    read(1)
    assert web.bodies == [NAMES[1]]


def test_shards_that_come_at_once_stay_within_the_size(web: Web, folder: Path) -> None:
    one = (web.folder / NAMES[0]).stat().st_size
    web.set(delay=dict.fromkeys(NAMES, 0.2))
    assert numbers_in(shards_of(web, cache=Cache(folder, max_size=2 * one))) == list(range(20))
    assert sum(path.stat().st_size for path in copies(folder)) <= 2 * one


def test_a_shard_that_is_too_large_is_read_without_a_copy(web: Web, folder: Path) -> None:
    dataset = shards_of(web, cache=Cache(folder, max_size=100))
    assert numbers_in(dataset) == list(range(20))
    assert dataset[19].number == 19
    assert copies(folder) == []


def test_a_folder_with_other_files_is_refused(web: Web, folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.tar").write_bytes(b"mine")
    with pytest.raises(ValueError, match="holds other files"):
        numbers_in(shards_of(web, cache=folder))
    assert [path.name for path in folder.iterdir()] == ["mine.tar"]


def test_files_of_others_stay_also_when_room_is_made(web: Web, folder: Path) -> None:
    one = (web.folder / NAMES[0]).stat().st_size
    dataset = shards_of(web, cache=Cache(folder, max_size=one))
    next(iter(dataset))
    (folder / "mine.tar").write_bytes(b"mine" * one)
    (folder / "below").mkdir()
    assert numbers_in(dataset) == list(range(20))
    assert (folder / "mine.tar").exists()
    assert (folder / "below").is_dir()


def test_a_changed_object_is_fetched_anew(web: Web, folder: Path) -> None:
    dataset = shards_of(web, cache=folder)
    assert numbers_in(dataset) == list(range(20))
    path = web.folder / NAMES[1]
    path.write_bytes(path.read_bytes().replace(b"class 8", b"class X"))
    assert [sample.label for sample in dataset][8] == "class X"
    assert numbers_in(dataset) == list(range(20))


def test_what_cannot_be_told_from_a_newer_one_is_not_kept(web: Web, folder: Path) -> None:
    web.set(tags=False)
    assert numbers_in(shards_of(web, cache=folder)) == list(range(20))
    assert copies(folder) == []


def test_a_wrong_checksum_is_refused_and_not_kept(web: Web, folder: Path) -> None:
    known = checksums(web) | {f"{web.url}/{NAMES[1]}": "0" * 64}
    for _ in range(2):
        with pytest.raises(ValueError, match="SHA-256") as raised:
            numbers_in(shards_of(web, cache=folder, checksums=known))
        assert getattr(raised.value, "kind", "") == "checksum"
    assert not (folder / f"{'0' * 64}.tar").exists()


HOSTILE = ["../../outside", "a/b", "", "zz", "A" * 64, "é" * 32, "0" * 65]


def test_a_checksum_that_is_none_leads_nowhere(web: Web, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.tar").write_bytes((web.folder / NAMES[0]).read_bytes())
    before = set(tmp_path.iterdir())
    folder = tmp_path / "deep" / "cache"
    for hostile in (*HOSTILE, str(tmp_path / "outside")):
        known = dict.fromkeys(checksums(web), hostile)
        with pytest.raises(ValueError, match=r"checksum|SHA-256"):
            numbers_in(shards_of(web, cache=folder, checksums=known))
    assert set(tmp_path.iterdir()) - before == {tmp_path / "deep"}


def test_half_a_body_is_not_kept(web: Web, folder: Path) -> None:
    web.set(cuts={NAMES[0]: 1})
    assert numbers_in(shards_of(web, cache=folder)) == list(range(20))
    assert {path.stat().st_size for path in copies(folder)} == {
        (web.folder / name).stat().st_size for name in NAMES
    }
    assert [path for path in folder.iterdir() if path.name.startswith("part-")] == []


@pytest.mark.parametrize("damage", ["short", "changed"])
def test_a_damaged_copy_is_fetched_anew(web: Web, folder: Path, damage: str) -> None:
    options: dict[str, Any] = {"cache": folder, "checksums": checksums(web), "verify": True}
    assert numbers_in(shards_of(web, **options)) == list(range(20))
    for path in copies(folder):
        data = path.read_bytes()
        path.write_bytes(data[:2048] if damage == "short" else data.replace(b"class", b"Class"))
    assert numbers_in(shards_of(web, **options)) == list(range(20))


def read_all(url: str, folder: Path) -> list[int]:
    return numbers_in(Dataset[Image](url, cache=folder))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_two_processes_at_once_fetch_once(web: Web, folder: Path, method: str) -> None:
    web.set(delay=dict.fromkeys(NAMES, 0.05))
    with multiprocessing.get_context(method).Pool(4) as pool:
        found = pool.starmap(read_all, [(f"{web.url}/{SHARDS}", folder)] * 4)
    assert found == [list(range(20))] * 4
    assert sorted(web.bodies) == NAMES
    assert len(copies(folder)) == 3


def test_objects_of_s3_are_kept_too(tmp_path: Path, folder: Path) -> None:
    store = backends.store("s3", tmp_path)
    urls = store.write_shards(write_images(tmp_path, 20), prefix="cached", maxcount=7)
    dataset: Dataset[Image] = Dataset[Image](urls, cache=folder)
    assert numbers_in(dataset) == list(range(20))
    assert len(copies(folder)) == 3
    assert numbers_in(dataset) == list(range(20))
    assert sorted(numbers_in(dataset.shuffled(seed=0))) == list(range(20))
    assert (folder / MARK).exists()
