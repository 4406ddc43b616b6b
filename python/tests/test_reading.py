"""Passes over a dataset: order, epochs, and who reads which part."""

import itertools
import pickle
import sys
import types
import warnings
from typing import Any

import pytest
from sample_types import Image, images, numbers_in

import atdata
from atdata import Dataset, _part

COUNT = 100


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset[Image]:
    path = tmp_path_factory.mktemp("reading") / "images.tar"
    return atdata.write_samples(images(COUNT), path, maxcount=15)


def test_in_order(dataset: Dataset[Image]) -> None:
    samples = dataset.ordered()
    assert len(samples) == COUNT
    assert numbers_in(samples) == numbers_in(samples) == list(range(COUNT))
    assert len(dataset.ordered(batch_size=32)) == 4
    assert [len(batch) for batch in dataset.ordered(32)] == [32, 32, 32, 4]


def test_shuffled_is_every_sample_once(dataset: Dataset[Image]) -> None:
    for buffers in [{}, {"buffer_shards": 1}, {"buffer_samples": 10}, {"initial": 10}]:
        numbers = numbers_in(dataset.shuffled(**buffers))
        assert numbers != list(range(COUNT))
        assert sorted(numbers) == list(range(COUNT))


def test_a_seed_and_an_epoch_fix_the_order(dataset: Dataset[Image]) -> None:
    samples = dataset.shuffled(seed=7)
    first, second = numbers_in(samples), numbers_in(samples)
    assert first != second
    again = dataset.shuffled(seed=7)
    assert [numbers_in(again), numbers_in(again)] == [first, second]
    fixed = dataset.shuffled(seed=7, epoch=1)
    assert numbers_in(fixed) == numbers_in(fixed) == second
    assert numbers_in(dataset.shuffled(seed=8)) != first
    assert numbers_in(dataset.shuffled(seed=-7)) != first


def test_without_a_seed_each_object_has_its_own(dataset: Dataset[Image]) -> None:
    assert numbers_in(dataset.shuffled()) != numbers_in(dataset.shuffled())
    samples = dataset.shuffled(epoch=0)
    assert numbers_in(samples) == numbers_in(samples)


def test_batches_are_the_samples_in_the_same_order(dataset: Dataset[Image]) -> None:
    numbers = [n for batch in dataset.shuffled(batch_size=7, seed=3) for n in batch.number]
    assert numbers == numbers_in(dataset.shuffled(seed=3))


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("shuffle", [False, True])
def test_ranks_and_workers_share_the_samples(
    dataset: Dataset[Image], batch_size: int | None, shuffle: bool
) -> None:
    def part(**shares: int) -> Any:
        if shuffle:
            return dataset.shuffled(batch_size=batch_size, seed=1, **shares)
        return dataset.ordered(batch_size, **shares)

    def numbers(passes: Any) -> list[int]:
        return [n for one in passes for n in (one.number if batch_size else [one.number])]

    shares = itertools.product(range(2), range(3))
    parts = [part(rank=r, world=2, worker=w, workers=3) for r, w in shares]
    found = [numbers(one) for one in parts]
    assert sorted(n for one in found for n in one) == list(range(COUNT))
    assert all(len(list(one)) == len(one) for one in parts)


@pytest.mark.parametrize(
    "shares",
    [
        {"rank": 0},
        {"world": 2},
        {"rank": 2, "world": 2},
        {"rank": -1, "world": 2},
        {"worker": 1},
        {"worker": 3, "workers": 3},
    ],
)
def test_shares_that_make_no_sense(dataset: Dataset[Image], shares: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="="):
        dataset.ordered(**shares)


@pytest.mark.parametrize("name", ["batch_size", "buffer_shards", "buffer_samples", "initial"])
def test_sizes_are_at_least_one(dataset: Dataset[Image], name: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        dataset.shuffled(**{name: 0})


def test_ranks_need_a_common_seed(dataset: Dataset[Image]) -> None:
    with pytest.raises(ValueError, match="seed"):
        dataset.shuffled(rank=0, world=2)


def test_unknown_keywords(dataset: Dataset[Image]) -> None:
    with pytest.raises(TypeError, match="sort"):
        dataset.ordered(sort=True)


def test_a_report_is_there_from_the_first_pass_on(dataset: Dataset[Image]) -> None:
    samples = dataset.ordered()
    with pytest.raises(ValueError, match="no pass yet"):
        _ = samples.report
    list(samples)
    assert (samples.report.skipped, samples.report.errors) == (0, [])


def test_passes_are_pickled_with_their_epoch(dataset: Dataset[Image]) -> None:
    samples = dataset.shuffled(seed=5)
    list(samples)
    again = pickle.loads(pickle.dumps(samples))
    assert numbers_in(again) == numbers_in(samples)


def test_repr(dataset: Dataset[Image]) -> None:
    assert repr(dataset.ordered()) == "<Samples of Image, ordered>"
    batches = dataset.shuffled(batch_size=4, seed=1)
    assert repr(batches) == "<Batches of Image, shuffled, seed 1, batches of 4>"


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """As much of PyTorch as we look at; nothing here may import the real one."""

    class IterableDataset:
        pass

    data, distributed = types.ModuleType("torch.utils.data"), types.ModuleType("torch.distributed")
    state = types.SimpleNamespace(worker=None, group=None, base=IterableDataset)
    vars(data).update(IterableDataset=IterableDataset, get_worker_info=lambda: state.worker)
    vars(distributed).update(
        is_available=lambda: True,
        is_initialized=lambda: state.group is not None,
        get_rank=lambda: state.group[0],
        get_world_size=lambda: state.group[1],
    )
    monkeypatch.setitem(sys.modules, "torch.utils.data", data)
    monkeypatch.setitem(sys.modules, "torch.distributed", distributed)
    monkeypatch.setattr(_part, "_warned", [])
    return state


def worker(number: int, of: int, base_seed: int = 0) -> Any:
    return types.SimpleNamespace(id=number, num_workers=of, seed=base_seed + number)


def test_torch_is_never_imported(dataset: Dataset[Image]) -> None:
    list(dataset.shuffled(batch_size=3))
    assert "torch" not in sys.modules


def test_passes_are_iterable_datasets_of_torch(dataset: Dataset[Image], torch: Any) -> None:
    for passes in (dataset.ordered(), dataset.shuffled(batch_size=3)):
        assert isinstance(passes, torch.base)
        assert isinstance(passes, (atdata.Samples, atdata.Batches))
        again = pickle.loads(pickle.dumps(passes))
        assert (type(again), len(again)) == (type(passes), len(passes))


def test_workers_of_a_data_loader_share_the_samples(dataset: Dataset[Image], torch: Any) -> None:
    samples, found = dataset.ordered(), []
    for number in range(3):
        torch.worker = worker(number, of=3)
        found += numbers_in(samples)
    assert sorted(found) == list(range(COUNT))
    torch.worker = worker(1, of=3)
    assert len(numbers_in(dataset.ordered(worker=0, workers=1))) == COUNT


def test_each_pass_of_a_data_loader_is_another_order(dataset: Dataset[Image], torch: Any) -> None:
    def one_pass(base_seed: int) -> list[int]:
        found = []
        for number in range(2):  # new workers for each pass, all with a fresh copy
            torch.worker = worker(number, 2, base_seed)
            found += numbers_in(dataset.shuffled(seed=1))
        return found

    assert sorted(one_pass(10)) == list(range(COUNT))
    assert one_pass(10) == one_pass(10) != one_pass(20)


def test_automatic_ranks(
    dataset: Dataset[Image], torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.group = (1, 2)
    mine = numbers_in(dataset.ordered(rank="auto"))
    assert mine == numbers_in(dataset.ordered(rank=1, world=2))
    torch.group = None
    assert numbers_in(dataset.ordered(rank="auto")) == list(range(COUNT))
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert numbers_in(dataset.ordered(rank="auto")) == mine
    with pytest.raises(ValueError, match="world=3"):
        dataset.ordered(rank="auto", world=3)
    monkeypatch.setenv("RANK", "one")
    with pytest.raises(ValueError, match="RANK='one'"):
        dataset.ordered(rank="auto")


def test_a_loop_over_everything_warns_once(dataset: Dataset[Image], torch: Any) -> None:
    torch.group = (1, 2)
    with pytest.warns(UserWarning, match="each of them reads all samples"):
        samples = dataset.ordered()
    assert numbers_in(samples) == list(range(COUNT))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset.ordered()


def test_who_says_the_rank_is_not_warned(dataset: Dataset[Image], torch: Any) -> None:
    torch.group = (1, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset.shuffled(rank=0, world=1)
