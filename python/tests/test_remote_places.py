"""Shards and metadata in buckets, of commands, and at addresses that there is nothing for."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import backends
import numpy as np
import pytest
from sample_types import Image, images, numbers_in, write_images
from test_processes import all_numbers, outcome
from web import Web, web_of

import atdata
from atdata import Dataset, URLSource, _atdata


@pytest.fixture
def urls(tmp_path: Path) -> list[str]:
    """Twenty images in three shards in a bucket."""
    store = backends.store("s3", tmp_path)
    found = store.write_shards(write_images(tmp_path / "here", 20), prefix="images", maxcount=7)
    return list(found)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    (tmp_path / "web").mkdir()
    with web_of(tmp_path / "web") as web:
        yield web


# Buckets.


def test_every_way_through_a_bucket(urls: list[str]) -> None:
    dataset: Dataset[Image] = Dataset[Image](urls)
    assert all_numbers(dataset) == [list(range(20))] * 3
    assert numbers_in(dataset.select([19, 0, 7])) == [19, 0, 7]
    assert dataset.get("000000000").number == 0
    first = numbers_in(dataset.shuffled(seed=1))
    assert first == numbers_in(Dataset[Image](urls).shuffled(seed=1)) != list(range(20))
    parts = [numbers_in(dataset.shuffled(seed=1, worker=n, workers=2)) for n in (0, 1)]
    assert sorted(parts[0] + parts[1]) == list(range(20))
    assert outcome("fork", all_numbers, dataset) == [list(range(20))] * 3
    assert list(dataset) == list(images(20))


def test_a_pickled_source_keeps_its_credentials(urls: list[str]) -> None:
    keys = backends.credentials()
    source = atdata.S3Source.from_urls(urls, credentials=keys)
    dataset: Dataset[Image] = Dataset[Image](source)
    assert outcome("spawn", all_numbers, dataset) == [list(range(20))] * 3
    assert "minioadmin" not in repr(dataset) + repr(source)


def test_brace_patterns_name_objects(tmp_path: Path, urls: list[str]) -> None:
    pattern = f"s3://{backends.BUCKET}/{tmp_path.name}/images/{{{','.join(map(name_of, urls))}}}"
    dataset: Dataset[Image] = Dataset[Image](pattern)
    assert dataset.list_shards() == urls
    assert numbers_in(dataset) == list(range(20))


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_what_a_bucket_refuses_or_does_not_have(urls: list[str]) -> None:
    missing: Dataset[Image] = Dataset[Image](f"s3://{backends.BUCKET}/nothing.tar")
    with pytest.raises(FileNotFoundError, match=r"nothing\.tar: there is no such object"):
        numbers_in(missing)
    keys = {**backends.credentials(), "AWS_SECRET_ACCESS_KEY": "very-secret-wrong"}
    refused: Dataset[Image] = Dataset[Image](atdata.S3Source.from_urls(urls, credentials=keys))
    for read in (numbers_in, len, lambda found: found[0]):
        with pytest.raises(PermissionError, match="AWS_SECRET_ACCESS_KEY") as raised:
            read(refused)
        assert "very-secret" not in str(raised.value)


# Metadata.


def test_metadata_of_the_web(web: Web) -> None:
    about = {"name": "images", "counts": [1, 2.5, None]}
    (web.folder / "about.json").write_text(json.dumps(about))
    (web.folder / "about.msgpack").write_bytes(_atdata.pack({**about, "raw": b"\0"}))
    web.set(query="sig=1")

    def metadata(name: str) -> Any:
        return Dataset[Image]("a.tar", metadata_url=f"{web.url}/{name}?sig=1").metadata

    for ranges in (True, False):
        web.set(ranges=ranges)
        assert metadata("about.json") == about
        assert metadata("about.msgpack") == {**about, "raw": b"\0"}
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        metadata("none.json")


def test_metadata_is_read_once(web: Web) -> None:
    (web.folder / "about.json").write_text('{"a": 1}')
    dataset: Dataset[Image] = Dataset[Image]("a.tar", metadata_url=f"{web.url}/about.json")
    assert web.asked == []
    assert dataset.metadata == dataset.metadata == {"a": 1}
    asked = len(web.asked)
    assert dataset.metadata == {"a": 1}
    assert len(web.asked) == asked


def test_metadata_in_a_bucket(tmp_path: Path, urls: list[str]) -> None:
    place = f"{tmp_path.name}/about"
    server = backends.serve("s3", "--bucket", backends.BUCKET)
    bucket = Path(server.about["folder"]) / "data" / backends.BUCKET
    (bucket / place).mkdir(parents=True)
    (bucket / place / "a.json").write_text('{"a": [1]}')
    (bucket / place / "a.msgpack").write_bytes(_atdata.pack({"a": b"1"}))

    def metadata(name: str) -> Any:
        url = f"s3://{backends.BUCKET}/{place}/{name}"
        return Dataset[Image](urls, metadata_url=url).metadata

    assert (metadata("a.json"), metadata("a.msgpack")) == ({"a": [1]}, {"a": b"1"})
    with pytest.raises(FileNotFoundError, match=r"b\.json"):
        metadata("b.json")


# Commands.


def test_commands_run_only_when_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_images(tmp_path, 20, maxcount=7)
    url = f"pipe:cat {tmp_path}/images-{{000000..000002}}.tar"
    ran = tmp_path / "ran"
    (first, *_) = sorted(tmp_path.glob("*.tar"))
    command = f"pipe:touch {ran}"
    for refused in (Dataset[Image](command), Dataset[Image]([str(first), command])):
        for read in (numbers_in, len, lambda found: found[0], lambda found: list(found.shards)):
            with pytest.raises(ValueError, match=r"allow_pipe=True or ATDATA_ALLOW_PIPE=1"):
                read(refused)
    monkeypatch.setenv("ATDATA_ALLOW_PIPE", "0")
    with pytest.raises(ValueError, match="allow_pipe"):
        numbers_in(Dataset[Image](url))
    monkeypatch.setenv("ATDATA_ALLOW_PIPE", "1")
    assert numbers_in(Dataset[Image](url)) == list(range(20))
    monkeypatch.delenv("ATDATA_ALLOW_PIPE")
    assert numbers_in(Dataset[Image](URLSource(url, allow_pipe=True))) == list(range(20))
    assert not ran.exists()


def test_every_way_through_commands(tmp_path: Path) -> None:
    write_images(tmp_path, 20, maxcount=7)
    url = f"pipe:cat {tmp_path}/images-{{000000..000002}}.tar"
    source = URLSource(url, allow_pipe=True)
    assert all_numbers(Dataset[Image](source)) == [list(range(20))] * 3
    ((_, first), *_) = source.shards
    assert first.read() == (tmp_path / "images-000000.tar").read_bytes()


@pytest.mark.parametrize("command", ["cat {}; exit 3", "echo oh no >&2; exit 3", "no-such-program"])
def test_a_command_that_fails_is_an_error(tmp_path: Path, command: str) -> None:
    (path,) = write_images(tmp_path, 20).list_shards()
    source = URLSource(f"pipe:{command.format(path)}", allow_pipe=True)
    with pytest.raises(ConnectionError, match=r"the command ended with exit status: (3|127)"):
        numbers_in(Dataset[Image](source))


def test_what_a_command_needs_to_know_is_not_shown() -> None:
    command = f"pipe:{sys.executable} -c 'raise SystemExit(2)' --token very-secret"
    source = URLSource(command, allow_pipe=True)
    with pytest.raises(ConnectionError) as raised:
        numbers_in(Dataset[Image](source))
    assert "very-secret" not in str(raised.value) + repr(source) + repr(Dataset[Image](source))


# Addresses.


@pytest.mark.parametrize("scheme", ["sftp", "ftp", "ssh", "hdfs", "gopher"])
def test_unknown_schemes_say_what_there_is(scheme: str) -> None:
    url = f"{scheme}://me:very-secret@host/a.tar"
    for read in (numbers_in, len, lambda found: list(found.shards)):
        with pytest.raises(ValueError, match=r"there are paths, file://, http\(s\)://") as raised:
            read(Dataset[Image](url))
        assert scheme in str(raised.value)
        assert "very-secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("hf://datasets/lab/cats/a-{0..1}.tar", "lab/cats/resolve/main/a-0.tar"),
        ("hf://datasets/lab/cats@v1/b/a.tar", "lab/cats/resolve/v1/b/a.tar"),
        ("hf://lab/cats/a.tar", "lab/cats/resolve/main/a.tar"),
    ],
)
def test_hugging_face_is_the_web(url: str, wanted: str) -> None:
    assert _atdata.Shards([url]).names[0] == f"https://huggingface.co/datasets/{wanted}"


@pytest.mark.parametrize("url", ["http://", "https://[bad/a.tar", "s3://", "s3:///a.tar"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(atdata.InvalidError, match=r"is not a web address|names no bucket"):
        numbers_in(Dataset[Image](url))


def test_file_urls_are_paths(tmp_path: Path) -> None:
    write_images(tmp_path, 20, maxcount=7)
    dataset: Dataset[Image] = Dataset[Image](f"file://{tmp_path}/images-{{000000..000002}}.tar")
    assert all_numbers(dataset) == [list(range(20))] * 3
    assert np.array_equal(dataset[3].pixels, next(iter(dataset[3:])).pixels)
