"""Where an index is: by words, URLs and arguments, where none is given, and where it cannot be."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import backends
import pytest
from sample_types import Image, images

import atdata
from atdata.providers import (
    MemoryProvider,
    PostgresProvider,
    RedisProvider,
    SqliteProvider,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no place of its own goes below the test's folder."""
    monkeypatch.setenv("ATDATA_HOME", str(tmp_path / "home"))


def test_words_and_urls(tmp_path: Path) -> None:
    places: dict[str, tuple[type[Any], str]] = {
        "memory": (MemoryProvider, "memory:"),
        "redis": (RedisProvider, "redis://localhost:6379"),
        "redis://me:very-secret@host:1/2": (RedisProvider, "redis://me@host:1/2"),
        "rediss://host": (RedisProvider, "rediss://host:6379"),
        "redis+cluster://host": (RedisProvider, "redis+cluster://host:6379"),
        "postgres://me:very-secret@host/db": (PostgresProvider, "postgres://me@host:5432/db"),
        "postgresql://host/db": (PostgresProvider, "postgres://host:5432/db"),
        f"sqlite://{tmp_path}/a.db": (SqliteProvider, f"sqlite://{tmp_path}/a.db"),
        f"{tmp_path}/b.db": (SqliteProvider, f"sqlite://{tmp_path}/b.db"),
    }
    for word, (cls, address) in places.items():
        index = atdata.Index(provider=word)
        assert isinstance(index.provider, cls)
        assert "very-secret" not in repr(index) + repr(index.provider) + str(index.repos)
        assert index.provider.address in (address, address.replace("me@", ""))
    assert not list(tmp_path.iterdir())  # nothing is made before it is used


def test_the_same_file_by_all_its_spellings(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    first = atdata.Index(path=path)
    first.add_entry(atdata.Dataset[Image]("a.tar"), name="a")
    for index in (
        atdata.Index(path=str(path)),
        atdata.Index(provider=f"sqlite://{path}"),
        atdata.Index(provider="sqlite", path=path),
        atdata.Index(provider=SqliteProvider(path)),
        atdata.Index(provider=str(path)),
    ):
        assert [entry.name for entry in index.datasets] == ["a"]


def test_postgres_and_redis_by_url() -> None:
    for server in ("postgres", "redis"):
        place = backends.provider(server, Path())
        word = place.get("dsn") or RedisProvider.of(place["redis"])
        index = atdata.Index(provider=word)
        index.add_entry(atdata.Dataset[Image]("a.tar"), name="a")
        assert [entry.name for entry in atdata.Index(**place).datasets] == ["a"]


@pytest.mark.parametrize(
    "word", ["nothing", "", "SQLite", "http://host/x", "mongodb://h", "s3://b"]
)
def test_unknown_places_say_what_there_is(word: str) -> None:
    with pytest.raises(ValueError, match="redis") as raised:
        atdata.Index(provider=word)
    assert isinstance(raised.value, atdata.AtdataError)


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": "a.db", "dsn": "postgres://h/d"},
        {"path": "a.db", "host": "h"},
        {"path": "a.db", "redis": object()},
        {"dsn": "postgres://h/d", "host": "h"},
        {"dsn": "postgres://h/d", "redis": object()},
    ],
)
def test_places_exclude_each_other(arguments: dict[str, Any]) -> None:
    with pytest.raises(atdata.InvalidError, match="exclude each other"):
        atdata.Index(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"provider": "memory", "path": "a.db"},
        {"provider": "sqlite", "dsn": "postgres://h/d"},
        {"provider": "redis", "path": "a.db"},
        {"provider": "postgres", "dsn": "postgres://h/d", "path": "a.db"},
        {"provider": MemoryProvider(), "path": "a.db"},
        {"provider": "redis://h", "port": 3},
    ],
)
def test_what_does_not_go_with_a_provider_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(atdata.InvalidError):
        atdata.Index(**arguments)


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="no argument 'hots'"):
        atdata.Index(hots="localhost")
    with pytest.raises(ValueError, match="needs dsn="):
        atdata.Index(provider="postgres")
    with pytest.raises(TypeError, match=r"redis\.Redis"):
        atdata.Index(redis=object())
    with pytest.raises(TypeError, match=r"Atmosphere\.login"):
        atdata.Index(atmosphere=object())


# Where nothing answers.


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_local_index_without_its_server_says_what_to_do(tmp_path: Path) -> None:
    port = free_port()
    store = atdata.LocalDiskStore(tmp_path / "data")
    assert repr(atdata.LocalIndex()) == "LocalIndex('redis://localhost:6379')"
    index = atdata.LocalIndex(host="127.0.0.1", port=port, data_store=store)
    for ask in (
        index.list_datasets,
        lambda: index.get_dataset("x"),
        lambda: index.write(images(3), name="x"),
        lambda: index.publish_schema(Image),
    ):
        with pytest.raises(ConnectionError, match=f"redis://127.0.0.1:{port}") as raised:
            ask()
        assert isinstance(raised.value, atdata.UnreachableError)
        assert "atdata.Index(path=" in str(raised.value)


# Where none is given: in a process of its own, whose state is new.

START = """
import atdata
@atdata.packable
class Text:
    text: str
def add(index, name):
    return index.add_entry(atdata.Dataset[Text](f"{name}.tar"), name=name)
def known(name):
    try:
        return atdata.load_dataset(f"@local/{name}", split="train").list_shards()
    except KeyError:
        return None
"""


def run(home: Path, script: str, **environment: str) -> str:
    """What a script says, on stdout and then on stderr."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("ATDATA_")}
    done = subprocess.run(
        [sys.executable, "-c", START + script],
        env={**known, "ATDATA_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_indexes_in_memory_are_one(tmp_path: Path) -> None:
    script = """
add(atdata.Index(), "a")
print(len(atdata.Index().list_datasets()), known("a"), known("b"))
print(len(atdata.Index(provider="memory").list_datasets()), atdata.get_default_index())
"""
    assert run(tmp_path, script) == "1 ['a.tar'] None\n0 None\n"
    assert not (tmp_path / "index.db").exists()


def test_a_default_index_can_be_set(tmp_path: Path) -> None:
    script = f"""
add(atdata.Index(), "a")
mine = atdata.Index(path={str(tmp_path / "mine.db")!r})
add(mine, "b")
atdata.set_default_index(mine)
print(known("a"), known("b"), atdata.get_default_index() is mine)
atdata.set_default_index(None)
print(known("a"), known("b"), atdata.get_default_index())
"""
    assert run(tmp_path, script) == "None ['b.tar'] True\n['a.tar'] None None\n"


def test_without_any_it_is_the_file_of_the_command_line(tmp_path: Path) -> None:
    add = "add(atdata.Index(path={!r}), 'a')"
    run(tmp_path, add.format(str(tmp_path / "index.db")))
    run(tmp_path, add.format(str(tmp_path / "named.db")).replace("'a')", "'b')"))
    ask = "print(known('a'), known('b'))"
    assert run(tmp_path, ask) == "['a.tar'] None\n"
    assert run(tmp_path, ask, ATDATA_INDEX=str(tmp_path / "named.db")) == "None ['b.tar']\n"
    assert run(tmp_path / "other", ask) == "None None\n"


def test_an_index_in_memory_over_a_disk_warns_once(tmp_path: Path) -> None:
    script = f"""
for folder in ("one", "two"):
    store = atdata.LocalDiskStore({str(tmp_path)!r} + "/" + folder)
    for n in range(2):
        atdata.Index(data_store=store).write([Text("x")], name=f"x{{n}}")
"""
    assert run(tmp_path, script).count("this index is in memory") == 1
    kept = script.replace("atdata.Index(", f"atdata.Index(path={str(tmp_path / 'a.db')!r}, ")
    assert run(tmp_path, kept) == ""


# Databases of a later release.


def test_a_newer_layout_of_sqlite_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    atdata.Index(path=path).add_entry(atdata.Dataset[Image]("a.tar"), name="a")
    with sqlite3.connect(path) as rows:
        rows.execute("UPDATE atdata_meta SET value = '99' WHERE key = 'layout'")
    rows.close()
    before = dump(path)
    refused(atdata.Index(path=path))
    assert dump(path) == before


def dump(path: Path) -> list[str]:
    rows = sqlite3.connect(path)
    found = list(rows.iterdump())
    rows.close()
    return found


@pytest.mark.parametrize("kind", ["redis", "redis-tls"])
def test_a_newer_layout_of_redis_is_refused_and_not_changed(kind: str, tmp_path: Path) -> None:
    client = backends.provider(kind, tmp_path)["redis"]
    atdata.Index(redis=client).add_entry(atdata.Dataset[Image]("a.tar"), name="a")
    (layout,) = (key for key in client.keys("*") if b"layout" in key)
    client.set(layout, "99")
    before = {key: client.dump(key) for key in client.keys("*")}
    refused(atdata.Index(redis=client))
    assert {key: client.dump(key) for key in client.keys("*")} == before


def test_a_newer_layout_of_postgres_is_refused(tmp_path: Path) -> None:
    dsn = backends.provider("postgres", tmp_path)["dsn"]
    atdata.Index(provider="postgres", dsn=dsn).add_entry(atdata.Dataset[Image]("a.tar"), name="a")
    psql(dsn, "UPDATE atdata_meta SET value = '99' WHERE key = 'layout'")
    before = psql(dsn, "SELECT * FROM index_entries", "SELECT * FROM atdata_meta")
    refused(atdata.Index(provider="postgres", dsn=dsn))
    assert psql(dsn, "SELECT * FROM index_entries", "SELECT * FROM atdata_meta") == before


def psql(dsn: str, *commands: str) -> str:
    asked = [word for command in commands for word in ("-c", command)]
    done = subprocess.run(["psql", "-X", dsn, *asked], check=True, capture_output=True, text=True)
    return done.stdout


def refused(index: atdata.Index) -> None:
    for ask in (
        index.provider.check,
        index.list_datasets,
        lambda: index.write(images(3), name="x"),
        lambda: index.delete("a"),
    ):
        with pytest.raises(atdata.DataError, match=r"newer atdata") as raised:
            ask()
        assert "99" in str(raised.value) or "greater" in str(raised.value)
