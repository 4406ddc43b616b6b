"""Stores: what is written comes back, whoever asks; what is there is not written again."""

import datetime
import pickle
from pathlib import Path
from typing import Any

import backends
import numpy as np
import pytest
from numpy.typing import NDArray

import atdata


@atdata.packable
class Image:
    pixels: NDArray
    label: str


def images(count: int) -> list[Image]:
    return [Image(np.full((4, 5), n, "f4"), f"class {n}") for n in range(count)]


@pytest.fixture
def index(store: Any, tmp_path: Path) -> atdata.Index:
    return atdata.Index(path=tmp_path / "index.db", data_store=store)


def files(store: Any, tmp_path: Path) -> set[str]:
    """What lies in a store, by name."""
    index = atdata.Index(path=tmp_path / "nobody.db", data_store=store)
    return {url.rpartition("/")[2] for url in index.gc(grace=0).urls}


def test_written_verified_and_loaded(index: atdata.Index) -> None:
    entry = index.write(images(25), name="images/v 1", maxcount=10, manifest=True)
    assert len(entry.data_urls) == 3
    assert all("images/v%201/data--" in url for url in entry.data_urls)
    assert [shard.state for shard in index.verify("images/v 1").shards] == ["right"] * 3
    dataset = atdata.load_dataset("@local/images/v 1", index=index, split="train", verify=True)
    assert len(dataset) == 25
    assert [sample.label for sample in dataset] == [f"class {n}" for n in range(25)]
    assert dataset.describe()["num_described_shards"] == 3
    assert dataset[24].pixels[0, 0] == 24
    shuffled = list(dataset.shuffled(seed=1))
    assert sorted(s.label for s in shuffled) == sorted(f"class {n}" for n in range(25))
    direct: atdata.Dataset[Image] = atdata.Dataset[Image](entry.data_urls[0])
    assert list(direct) == images(25)[:10]


def test_the_same_is_stored_once(index: atdata.Index, store: Any, tmp_path: Path) -> None:
    index.write(images(25), name="images", maxcount=10)
    before = files(store, tmp_path)
    assert len(before) == 6  # three shards, three indexes
    index.write(images(25), name="images", maxcount=10)
    assert files(store, tmp_path) == before


def test_shards_are_copied_byte_for_byte(index: atdata.Index, tmp_path: Path) -> None:
    ours = atdata.write_samples(images(25), tmp_path / "a.tar", maxcount=10)
    entry = index.insert_dataset(ours, name="copied", tags=["x"])
    assert len(entry.data_urls) == 3
    assert (entry.num_samples, entry.metadata["tags"]) == (25, ["x"])
    for url, path in zip(entry.data_urls, ours.list_shards(), strict=True):
        stream = atdata.URLSource(url).open_shard(url)
        assert stream.read() == Path(path).read_bytes()
        stream.close()
    again = index.insert_dataset(ours, name="copied")
    assert again.cid == entry.cid
    few = index.insert_dataset(ours.select([3, 1]), name="few")
    assert [s.label for s in atdata.load_dataset("@local/few", index=index, split="train")] == [
        "class 3",
        "class 1",
    ]
    assert few.num_samples == 2
    whole = index.insert_dataset(ours, name="whole", maxcount=1000)
    assert len(whole.data_urls) == 1


def test_a_broken_shard_is_not_copied(index: atdata.Index, tmp_path: Path) -> None:
    atdata.write_samples(images(5), tmp_path / "a.tar")
    whole = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(whole[:1500])
    (tmp_path / "a.tar.idx").unlink()
    dataset: atdata.Dataset[Image] = atdata.Dataset[Image](tmp_path / "a.tar")
    with pytest.raises(atdata.DataError):
        index.insert_dataset(dataset, name="broken")
    assert index.list_datasets() == []


def test_what_was_changed_or_lost_is_found(
    index: atdata.Index, store: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    entry = index.write(images(25), name="images", maxcount=10)
    if "disk" not in request.node.name:
        return  # nothing but a store of S3 can change an object
    path = Path(entry.data_urls[1])
    data = bytearray(path.read_bytes())
    data[700] ^= 1
    path.write_bytes(data)
    dataset = atdata.load_dataset("@local/images", index=index, split="train", verify=True)
    with pytest.raises(atdata.DataError, match="SHA-256") as raised:
        list(dataset)
    assert raised.value.kind == "checksum"
    with pytest.raises(atdata.DataError, match="SHA-256"):
        dataset.get("000000012")
    Path(entry.data_urls[2]).unlink()
    verdict = index.verify("images")
    assert not verdict
    assert [shard.state for shard in verdict.shards] == ["right", "wrong", "wrong"]
    assert "SHA-256" in verdict.problems[0]
    assert "no such file" in verdict.problems[1]


def test_garbage_is_shown_and_then_removed(index: atdata.Index, store: Any, tmp_path: Path) -> None:
    index.write(images(25), name="kept", maxcount=10)
    index.write(images(5), name="gone")

    def failing() -> Any:
        yield from images(2000)
        raise KeyError("stop")

    with pytest.raises(KeyError):
        index.write(failing(), name="never", maxcount=500)
    index.delete("gone")
    assert index.gc().urls == []  # too young
    found = index.gc(grace=datetime.timedelta(0))
    assert not found.removed
    assert len([url for url in found.urls if url.endswith(".tar")]) == 4
    assert any("gone/" in url for url in found.urls)
    assert index.gc(grace=0).urls == found.urls
    assert index.gc(grace=0, remove=True).urls == found.urls
    assert index.gc(grace=0).urls == []
    assert index.verify("kept")


def test_write_shards_as_the_pages_have_it(store: Any, tmp_path: Path) -> None:
    dataset = atdata.write_samples(images(25), tmp_path / "a.tar")
    urls = store.write_shards(dataset, prefix="some/where", maxcount=10)
    assert len(urls) == 3
    assert all("some/where/data--" in url for url in urls)
    assert isinstance(store, atdata.AbstractDataStore)
    assert store.supports_streaming() is True
    assert all(store.holds(url) for url in urls)
    assert not store.holds("/elsewhere/a.tar")


def test_a_store_goes_to_another_process(store: Any) -> None:
    again = pickle.loads(pickle.dumps(store))
    assert again.address == store.address


def test_a_dataset_goes_to_another_process(index: atdata.Index) -> None:
    index.write(images(5), name="images")
    dataset = atdata.load_dataset("@local/images", Image, index=index, split="train")
    assert list(pickle.loads(pickle.dumps(dataset))) == images(5)


class Elsewhere:
    """A store of a user's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_shards(self, ds: Any, *, prefix: str, maxcount: int | None = None) -> list[str]:
        written = atdata.write_samples(ds, self.folder / prefix / "x.tar", maxcount=maxcount)
        return written.list_shards()

    def read_url(self, url: str) -> str:
        return url

    def supports_streaming(self) -> bool:
        return True


def test_a_store_of_the_users_own(tmp_path: Path) -> None:
    index = atdata.Index(path=tmp_path / "index.db", data_store=Elsewhere(tmp_path))
    entry = index.write(images(25), name="images", maxcount=10, tags=["x"])
    assert [Path(url).name for url in entry.data_urls] == [f"x-{n:06d}.tar" for n in range(3)]
    assert len(atdata.load_dataset("@local/images", index=index, split="train")) == 25
    assert index.search(tags=["x"])[0].cid == entry.cid


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    keys = {**backends.credentials(), "AWS_SECRET_ACCESS_KEY": "very-secret-key"}
    store = atdata.S3DataStore(keys, bucket=backends.BUCKET)
    said = [repr(store), str(store.credentials), store.address]
    for act in (store.check, lambda: store.read_url("s3://elsewhere/x")):
        with pytest.raises(atdata.AtdataError) as raised:
            act()
        said += [str(raised.value), repr(raised.value)]
    with pytest.raises(PermissionError) as denied:
        store.check()
    assert "tests" in str(denied.value)
    assert not any("very-secret-key" in text for text in said)
    url = "redis://user:very-secret-key@127.0.0.1:1/0"
    with pytest.raises(ConnectionError) as unreachable:
        atdata.Index(provider=url).list_datasets()
    assert "very-secret-key" not in str(unreachable.value) + repr(atdata.Index(provider=url))
    dsn = "postgresql://user:very-secret-key@127.0.0.1:1/db"
    with pytest.raises(ConnectionError) as unreachable:
        atdata.Index(provider="postgres", dsn=dsn).list_datasets()
    text = str(unreachable.value) + repr(atdata.Index(provider="postgres", dsn=dsn))
    assert "very-secret-key" not in text


def test_credentials_in_all_their_spellings(tmp_path: Path, monkeypatch: Any) -> None:
    keys = backends.credentials()
    file = tmp_path / ".env"
    file.write_text("".join(f"export {name}='{value}'\n" for name, value in keys.items()))
    endpoint = keys.pop("AWS_ENDPOINT")
    stores = [
        atdata.S3DataStore(str(file), bucket=backends.BUCKET),
        atdata.S3DataStore(file, bucket=backends.BUCKET),
        atdata.S3DataStore(keys, bucket=backends.BUCKET, endpoint_url=endpoint),
        atdata.stores.S3DataStore(credentials=keys, bucket=backends.BUCKET, endpoint=endpoint),
    ]
    for name, value in {**keys, "AWS_ENDPOINT": endpoint}.items():
        monkeypatch.setenv(name, value)
    stores.append(atdata.S3DataStore(bucket=backends.BUCKET))
    stores.append(atdata.open_store(f"s3://{backends.BUCKET}"))
    for store in stores:
        store.check()
    for name in keys:
        monkeypatch.delenv(name)
    profiles = tmp_path / "credentials"
    profiles.write_text(
        "[team]\naws_access_key_id = minioadmin\naws_secret_access_key = minioadmin\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profiles))
    atdata.S3DataStore(bucket=backends.BUCKET, profile="team").check()


def test_s3_sources_in_all_their_spellings(tmp_path: Path) -> None:
    store = backends.store("s3", tmp_path)
    (url,) = store.write_shards(
        atdata.write_samples(images(5), tmp_path / "a.tar"), prefix="source"
    )
    key = url.removeprefix(f"s3://{backends.BUCKET}/")
    keys = backends.credentials()
    named = {"access_key": "minioadmin", "secret_key": "minioadmin"}
    endpoint = keys["AWS_ENDPOINT"]
    for source in (
        atdata.S3Source(backends.BUCKET, [key], endpoint, **named),
        atdata.S3Source(backends.BUCKET, [key], credentials=keys),
        atdata.S3Source.from_credentials(keys, backends.BUCKET, [key]),
        atdata.S3Source.from_urls([url], endpoint=endpoint, **named),
        atdata.S3Source.from_urls([url], endpoint_url=endpoint, **named),
    ):
        assert source.list_shards() == [url]
        assert list(atdata.Dataset[Image](source)) == images(5)
        ((name, stream),) = source.shards
        assert (name, len(stream.read()) % 512) == (url, 0)
    with pytest.raises(KeyError):
        source.open_shard("s3://other/x.tar")
    with pytest.raises(ValueError, match="one bucket"):
        atdata.S3Source.from_urls(["s3://a/x.tar", "s3://b/x.tar"])
    with pytest.raises(TypeError, match="_client"):
        atdata.S3Source("a", ["x"], _client=None)
