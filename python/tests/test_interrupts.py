"""Ctrl-C ends whatever the engine waits for."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from interrupting import interrupt
from web import Web, web_of

from atdata import (
    Dataset,
    DictSample,
    Index,
    InvalidError,
    S3DataStore,
    S3Source,
    URLSource,
    write_samples,
)
from atdata.atmosphere import AtmosphereClient

FOREVER = 120  # seconds


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Four shards on a server."""
    folder = tmp_path_factory.mktemp("slow")
    write_samples((DictSample(number=n) for n in range(40)), folder / "n.tar", maxcount=10)
    with web_of(folder) as web:
        yield web


def shards(web: Web, **options: Any) -> Dataset[DictSample]:
    return Dataset[DictSample](f"{web.url}/n-{{000000..000003}}.tar", **options)


@pytest.mark.parametrize("how", ["delay", "stall"])
@pytest.mark.parametrize(
    "read",
    [
        pytest.param(list, id="one by one"),
        pytest.param(lambda dataset: list(dataset.ordered(batch_size=4)), id="batches"),
        pytest.param(lambda dataset: list(dataset.shuffled(batch_size=4)), id="shuffled"),
        pytest.param(lambda dataset: dataset.filter("number > 3").count(), id="counting"),
        pytest.param(lambda dataset: dataset.get("nowhere"), id="by key"),
    ],
)
def test_a_web_server_that_does_not_go_on(
    web: Web, how: str, read: Callable[[Dataset[DictSample]], object]
) -> None:
    web.set(**{"delay": {}, "stall": {}, how: {f"n-{n:06d}.tar": FOREVER for n in range(4)}})
    for on_error in ("raise", "skip"):
        dataset = shards(web, on_error=on_error)
        interrupt(lambda dataset=dataset: read(dataset))
    web.set(delay={}, stall={})
    assert sorted(sample["number"] for sample in dataset) == list(range(40))


@pytest.mark.parametrize("read", [len, lambda dataset: dataset[7]], ids=["len", "by number"])
def test_a_web_server_that_does_not_answer(
    web: Web, read: Callable[[Dataset[DictSample]], object]
) -> None:
    web.set(delay={f"n-{n:06d}.tar": FOREVER for n in range(4)})
    interrupt(lambda: read(shards(web)))


def test_many_answers_that_are_quick(web: Web) -> None:
    web.set(delay={f"n-{n:06d}.tar": 0.05 for n in range(4)}, stall={})
    dataset = Dataset[DictSample]([f"{web.url}/n-{n % 4:06d}.tar?{n}" for n in range(400)])
    interrupt(lambda: len(dataset))


def test_an_answer_that_is_not_missed(web: Web) -> None:
    """The index is believed only after a look at the shard; who cannot look makes a new one."""
    web.set(delay={}, stall={"n-000001.tar": 1.0})
    interrupt(lambda: len(shards(web)))
    web.set(stall={})
    with pytest.raises(KeyError):  # nothing of the interrupt is left
        shards(web).get("nowhere")


@pytest.mark.parametrize("rows", [None, 4])
def test_an_interrupted_pass_is_not_at_its_end(web: Web, rows: int | None) -> None:
    web.set(delay={}, stall={"n-000002.tar": FOREVER})
    passing = iter(shards(web).ordered(batch_size=rows))
    given: list[object] = []
    interrupt(lambda: given.extend(passing))
    assert len(given) < 40
    with pytest.raises(InvalidError, match="interrupted"):
        next(passing)
    web.set(stall={})


def test_a_handler_may_read_itself(web: Web) -> None:
    web.set(delay={"n-000001.tar": FOREVER}, stall={})
    seen: list[int] = []

    def look(*_: object) -> None:
        seen.append(len(list(Dataset[DictSample](f"{web.url}/n-000000.tar"))))
        raise KeyboardInterrupt

    interrupt(lambda: len(list(shards(web))), look)
    assert seen == [10]
    web.set(delay={})


def test_verifying_gives_no_verdict(web: Web, tmp_path: Path) -> None:
    team = Index(path=tmp_path / "index.db")
    web.set(delay={}, stall={})
    entry = team.add_entry(shards(web), name="numbers")
    web.set(stall={"n-000001.tar": FOREVER})
    interrupt(lambda: team.verify(entry.name))
    web.set(stall={})


def test_an_arrow_stream(web: Web) -> None:
    web.set(delay={}, stall={"n-000001.tar": FOREVER})
    interrupt(lambda: pa.RecordBatchReader.from_stream(shards(web)).read_all())
    web.set(stall={})


def test_pauses_between_tries() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/n.tar"
        interrupt(lambda: list(Dataset[DictSample](url)))


def test_a_walk_through_a_stream_without_end(tmp_path: Path) -> None:
    shard = tmp_path / "n.tar"
    write_samples((DictSample(number=n) for n in range(2)), shard)
    (tmp_path / "endless").write_bytes(shard.read_bytes()[:2048])  # without the blocks at the end
    command = f"pipe:while cat '{tmp_path}/endless'; do :; done"
    dataset = Dataset[DictSample](URLSource(command, allow_pipe=True))
    interrupt(lambda: dataset.get("nowhere"))
    interrupt(lambda: len(dataset))


class Busy(BaseHTTPRequestHandler):
    """Asks everybody to come back in half a minute."""

    def do_GET(self) -> None:
        """Refuse."""
        self.send_response(429)
        self.send_header("Retry-After", "30")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_server_that_asks_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("ATDATA_PLC", url)
        client = AtmosphereClient(url)
        interrupt(lambda: client.login("did:plc:ewvi7nxzyoun6zhxrhs64oiz", "aaaa-bbbb-cccc-dddd"))
        server.shutdown()


def test_a_bucket_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        keys = {"AWS_ENDPOINT": endpoint, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        team = Index(path=tmp_path / "index.db", data_store=S3DataStore(keys, bucket="shards"))
        samples = [DictSample(number=n) for n in range(40)]
        local = write_samples(samples, tmp_path / "n.tar", maxcount=10)
        interrupt(lambda: team.insert_dataset(local, name="numbers"))
        interrupt(lambda: team.write(samples, name="numbers"))
        interrupt(
            lambda: len(Dataset[DictSample](S3Source("shards", ["n.tar"], endpoint, "a", "b")))
        )
