"""`verify=True`: shards whose bytes are not those that were written are refused, however read."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sample_types import Image, numbers_in, write_images
from web import web_of

import atdata
from atdata import Dataset

SHARDS = "images-{000000..000002}.tar"
NAMES = [f"images-00000{n}.tar" for n in range(3)]


class Place:
    """Twenty images in three shards somewhere."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in NAMES}
        self.checksums = {f"{url}/{name}": found for name, found in hashes.items()}

    def dataset(self, **options: Any) -> Dataset[Image]:
        given = {"verify": True, "checksums": self.checksums, **options}
        return Dataset[Image](f"{self.url}/{SHARDS}", **given)

    def change(self) -> None:
        """Change a byte of the second shard, in a way that nothing but its hash shows."""
        path = self.folder / NAMES[1]
        path.write_bytes(path.read_bytes().replace(b"class 8", b"class 7"))


@pytest.fixture(params=["files", "web", "web without ranges"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "shards"
    write_images(folder, 20, maxcount=7)
    if request.param == "files":
        yield Place(str(folder), folder)
        return
    with web_of(folder) as web:
        web.set(ranges=request.param == "web")
        yield Place(web.url, folder)


READS: dict[str, Callable[[Dataset[Image]], object]] = {
    "ordered": numbers_in,
    "batches": lambda dataset: list(dataset.ordered(batch_size=4)),
    "shuffled": lambda dataset: numbers_in(dataset.shuffled(seed=0)),
    "shuffled batches": lambda dataset: list(dataset.shuffled(seed=0, batch_size=4)),
    "one": lambda dataset: dataset[8],
    "by key": lambda dataset: dataset.get("000000008"),
    "slice": lambda dataset: numbers_in(dataset[7:9]),
    "workers": lambda dataset: [
        numbers_in(dataset.ordered(worker=worker, workers=2)) for worker in (0, 1)
    ],
}


def test_what_is_right_is_read_in_every_way(place: Place) -> None:
    dataset = place.dataset()
    assert numbers_in(dataset) == list(range(20))
    assert sorted(numbers_in(place.dataset().shuffled(seed=0))) == list(range(20))
    assert [place.dataset()[n].number for n in (19, 0, 7)] == [19, 0, 7]
    assert numbers_in(dataset[7:9]) == [7, 8]
    assert len(place.dataset()) == 20


@pytest.mark.parametrize("how", READS)
def test_a_changed_byte_is_refused_in_every_way(
    place: Place, how: str, request: pytest.FixtureRequest
) -> None:
    if "without ranges" in request.node.name and how in ("one", "by key", "slice"):
        reason = (
            "what is read in order up to a sample is not judged: the shard's end is not reached"
        )
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    place.change()
    for on_error in ("raise", "skip"):
        with pytest.raises(ValueError, match=rf"{NAMES[1]}: its SHA-256 is ") as raised:
            READS[how](place.dataset(on_error=on_error))
        assert getattr(raised.value, "kind", "") == "checksum"
    READS[how](place.dataset(verify=False))
    assert numbers_in(place.dataset()[0:3]) == [0, 1, 2]  # another shard


@pytest.mark.parametrize("how", READS)
def test_an_unknown_checksum_is_refused(place: Place, how: str) -> None:
    with pytest.raises(atdata.InvalidError, match="there is no checksum to verify it with"):
        READS[how](place.dataset(checksums={}))
    some = {url: found for url, found in place.checksums.items() if not url.endswith(NAMES[1])}
    with pytest.raises(atdata.InvalidError, match=NAMES[1]):
        READS[how](place.dataset(checksums=some))


def test_a_shard_that_is_longer_or_shorter_is_refused(place: Place) -> None:
    path = place.folder / NAMES[2]
    whole = path.read_bytes()
    for data in (whole + bytes(1024), whole[:-1024], whole[:3000], b""):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=NAMES[2]):
            numbers_in(place.dataset())


def test_all_samples_of_a_shard_come_before_it_is_judged(place: Place) -> None:
    place.change()
    found = []
    with pytest.raises(ValueError, match="SHA-256"):
        found.extend(sample.number for sample in place.dataset())
    iterator = iter(place.dataset())
    assert [next(iterator).number for _ in range(7)] == list(range(7))


def test_a_byte_that_changes_between_epochs_is_refused(place: Place) -> None:
    dataset = place.dataset()
    assert numbers_in(dataset) == list(range(20))
    place.change()
    with pytest.raises(ValueError, match="SHA-256"):
        numbers_in(dataset)


def test_an_index_knows_the_checksums(tmp_path: Path) -> None:
    store = atdata.LocalDiskStore(tmp_path / "data")
    index = atdata.Index(path=tmp_path / "index.db", data_store=store)
    samples = write_images(tmp_path / "here", 20)
    entry = index.write(samples, name="images", maxcount=7)
    loaded = atdata.load_dataset("@local/images", Image, index=index, split="train", verify=True)
    assert numbers_in(loaded) == list(range(20))
    path = Path(entry.data_urls[1])
    path.write_bytes(path.read_bytes().replace(b"class 8", b"class 7"))
    loaded = atdata.load_dataset("@local/images", Image, index=index, split="train", verify=True)
    for read in READS.values():
        with pytest.raises(ValueError, match="SHA-256"):
            read(loaded)


def test_a_web_page_that_changes_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    write_images(folder, 20, maxcount=7)
    with web_of(folder) as web:
        index = atdata.Index(path=tmp_path / "index.db")
        known = Place(web.url, folder)
        dataset = known.dataset(verify=False)
        index.add_entry(dataset, name="web", metadata={"checksums": known.checksums})
        check_from_index(index, known)


def check_from_index(index: atdata.Index, known: Place) -> None:
    load: dict[str, Any] = {"index": index, "split": "train", "verify": True}
    assert numbers_in(atdata.load_dataset("@local/web", Image, **load)) == list(range(20))
    known.change()
    with pytest.raises(ValueError, match="SHA-256"):
        numbers_in(atdata.load_dataset("@local/web", Image, **load))
    assert not index.verify("web")
