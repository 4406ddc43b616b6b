"""Threads run while the engine works; datasets work in forked and in spawned processes."""

import collections
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_types import Brightness, Image, Label, numbers_in, write_images

import atdata

TIME_LIMIT = 60


class Counter:
    """A thread that counts as long as it is let."""

    def __init__(self) -> None:
        self.count = 0
        self._end = False
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._end:
            self.count += 1
            time.sleep(0)  # lets the interpreter go

    def __enter__(self) -> "Counter":
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(1000)  # nobody is made to let the interpreter go
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end = True
        sys.setswitchinterval(self._interval)
        self._thread.join()


def runs_beside(work: Callable[[], object]) -> bool:
    """Whether another thread gets to run while work is done, in one of many tries."""
    with Counter() as counter:
        for _ in range(100):
            before = counter.count
            work()
            if counter.count > before:
                return True
    return False


def large_images(count: int) -> Iterator[Image]:
    return (Image(np.full((256, 256, 3), n % 256, "u1"), "large", n) for n in range(count))


def test_work_that_keeps_the_interpreter_is_noticed() -> None:
    assert not runs_beside(lambda: collections.deque(map(str, range(10_000)), maxlen=0))


@pytest.mark.parametrize("batch_size", [None, 64])
def test_threads_run_while_reading(tmp_path: Path, batch_size: int | None) -> None:
    dataset = atdata.write_samples(large_images(64), tmp_path / "large.tar")
    assert runs_beside(lambda: collections.deque(dataset.ordered(batch_size), maxlen=0))


def test_threads_run_while_writing(tmp_path: Path) -> None:
    samples = list(large_images(64))
    assert runs_beside(lambda: atdata.write_samples(samples, tmp_path / "large.tar"))


def outcome(method: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives in another process, within the time limit."""
    context = multiprocessing.get_context(method)
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=report, args=(theirs, work, arguments))
    process.start()
    try:
        assert mine.poll(TIME_LIMIT), f"the {method}ed process did not answer in time"
        return mine.recv()
    finally:
        process.kill()
        process.join()


def report(pipe: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        pipe.send(work(*arguments))
    except BaseException as error:
        pipe.send(error)


def all_numbers(dataset: Any) -> list[list[int]]:
    """The numbers of all images, by every way through a dataset."""
    batches = dataset.shuffled(batch_size=4, seed=0)
    shuffled = sorted(number for batch in batches for number in batch.number)
    return [numbers_in(dataset), shuffled, [dataset[n].number for n in range(len(dataset))]]


def labels(dataset: Any) -> list[str]:
    return [sample.label for sample in dataset]


def rest_of(iterator: Iterator[Any]) -> int:
    return len(list(iterator))


def test_a_forked_child_reads_after_its_parent(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 20, maxcount=7)
    mine = all_numbers(dataset)
    assert mine == [list(range(20))] * 3
    assert outcome("fork", all_numbers, dataset) == mine
    assert all_numbers(dataset) == mine


def test_a_forked_child_reads_while_its_parent_reads(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 20)
    iterator = iter(dataset.ordered(batch_size=3))
    next(iterator)
    assert outcome("fork", all_numbers, dataset) == [list(range(20))] * 3
    assert [n for batch in iterator for n in batch.number] == list(range(3, 20))


@pytest.mark.parametrize("batch_size", [None, 2])
def test_an_inherited_iterator_is_refused(tmp_path: Path, batch_size: int | None) -> None:
    iterator = iter(write_images(tmp_path, 20).ordered(batch_size))
    next(iterator)
    error = outcome("fork", rest_of, iterator)
    assert isinstance(error, RuntimeError)
    assert "fork" in str(error)


def test_a_pickled_dataset_reads_in_a_spawned_process(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 20, maxcount=7)
    assert outcome("spawn", all_numbers, dataset) == all_numbers(dataset)


@pytest.mark.parametrize("view", [Brightness, Label])
def test_a_pickled_view_reads_in_a_spawned_process(tmp_path: Path, view: type[Any]) -> None:
    dataset = write_images(tmp_path, 5).as_type(view)
    assert outcome("spawn", labels, dataset.ordered()) == labels(dataset)
