"""Which part of the samples this process reads, where several share them."""

import dataclasses
import operator
import os
import sys
import warnings
from typing import Any, Literal

from atdata._errors import InvalidError

__all__ = ["Part", "Rank", "part_of", "worker_seed"]

Rank = int | Literal["auto"] | None
_warned: list[bool] = []


@dataclasses.dataclass(frozen=True)
class Part:
    """One of `world` ranks, and in it one of `workers`; None asks PyTorch at each pass."""

    rank: int = 0
    world: int = 1
    worker: int | None = None
    workers: int | None = None

    def shares(self) -> tuple[int, int, int, int]:
        """(rank, world, worker, workers) as they are in this process now."""
        worker, workers = self.worker, self.workers
        if worker is None or workers is None:
            info = _worker_info()
            worker, workers = (0, 1) if info is None else (int(info.id), int(info.num_workers))
        return self.rank, self.world, worker, workers


def part_of(rank: Rank, world: int | None, worker: int | None, workers: int | None) -> Part:
    """The part that the arguments of `ordered` and `shuffled` ask for.

    Raises `InvalidError` for numbers that make no sense.
    """
    if rank == "auto":
        found = _process_group() or _from_environment()
        if world is not None and world != found[1]:
            raise InvalidError(f"world={world}, but rank='auto' found {found[1]} processes")
        rank, world = found
    elif rank is None and world is None:
        _warn_if_distributed()
    rank, world = _pair("rank", rank, "world", world) or (0, 1)
    mine = _pair("worker", worker, "workers", workers) or (None, None)
    return Part(rank, world, *mine)


def _pair(
    name: str, number: int | None, total_name: str, total: int | None
) -> tuple[int, int] | None:
    """A number and how many there are: both or neither."""
    if number is None and total is None:
        return None
    if number is None or total is None:
        raise InvalidError(f"{name}= and {total_name}= go together")
    number, total = operator.index(number), operator.index(total)
    if not 0 <= number < total:
        raise InvalidError(f"{name}={number} is not from 0 to {total_name} - 1 = {total - 1}")
    return number, total


def _process_group() -> tuple[int, int] | None:
    """Rank and size of the process group of PyTorch, if one is up."""
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is None or not (distributed.is_available() and distributed.is_initialized()):
        return None
    return int(distributed.get_rank()), int(distributed.get_world_size())


def _from_environment() -> tuple[int, int]:
    """Rank and size as launchers leave them in the environment; one process without them."""
    rank, world = os.environ.get("RANK"), os.environ.get("WORLD_SIZE")
    if rank is None or world is None:
        return 0, 1
    try:
        return int(rank), int(world)
    except ValueError:
        raise InvalidError(f"RANK={rank!r} and WORLD_SIZE={world!r} are not numbers") from None


def _warn_if_distributed() -> None:
    """Say once that every process reads everything, where that is probably not meant."""
    found = _process_group()
    if found is None or found[1] == 1 or _warned:
        return
    _warned.append(True)
    warnings.warn(
        f"torch.distributed runs {found[1]} processes and each of them reads all samples; "
        f"pass rank='auto' to share them, or rank=0, world=1 to keep it so",
        stacklevel=4,
    )


def _worker_info() -> Any:
    """What PyTorch says about the DataLoader worker that this process is, if it is one."""
    data: Any = sys.modules.get("torch.utils.data")
    return None if data is None else data.get_worker_info()


def worker_seed() -> int | None:
    """A number that the workers of one pass of a DataLoader share; None outside of workers."""
    info = _worker_info()
    return None if info is None else (int(info.seed) - int(info.id)) % 2**32
