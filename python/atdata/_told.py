"""Telling how far something is: a function of the caller's, tqdm's bar, or a line of text."""

import contextlib
import importlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["PartProgress", "Progress", "told", "told_of_all", "told_of_bytes"]

Progress = Callable[[int, int], object]
PartProgress = Callable[[int, int | None], object]
SECONDS_BETWEEN_LINES = 0.2


@contextlib.contextmanager
def told(progress: bool | Progress | None) -> Iterator[Progress | None]:
    """Who is told how far a write is, in samples and bytes: a function, a bar, or a line."""
    with _watching(progress, lambda: _bar(_WriteBar, "samples") or _Written()) as watch:
        yield watch


@contextlib.contextmanager
def told_of_all(
    progress: bool | Callable[..., object] | None, unit: str
) -> Iterator[Callable[..., object] | None]:
    """The same for what is told as (done, all there is) of a unit."""
    with _watching(progress, lambda: _bar(_Bar, unit) or _Part(unit)) as watch:
        yield watch


@contextlib.contextmanager
def told_of_bytes(progress: bool | Progress | None) -> Iterator[Progress | None]:
    """The same for what is told as (number of the shard, its bytes so far)."""
    if progress is not True:
        yield progress if callable(progress) else None
        return
    before, shard, last = 0, -1, 0

    with told_of_all(True, "bytes") as watch:

        def tell(number: int, done: int) -> None:
            nonlocal before, shard, last
            if number != shard:
                before, shard = before + last, number
            last = done
            if watch is not None:
                watch(before + done, None)

        yield tell


@contextlib.contextmanager
def _watching(progress: Any, make: Callable[[], Any]) -> Iterator[Any]:
    if progress is not True:
        yield progress if callable(progress) else None
        return
    watch = make()
    try:
        yield watch
    finally:
        watch.end()


def _bar(kind: "type[_Bar]", unit: str) -> "_Bar | None":
    """tqdm's bar, where tqdm is installed: in notebooks it is a widget."""
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        return None
    return kind(tqdm, unit)


class _Bar:
    """A bar of tqdm's, told (done, all there is)."""

    def __init__(self, tqdm: Any, unit: str) -> None:
        named = {"unit": "B", "unit_scale": True} if unit == "bytes" else {"unit": f" {unit}"}
        self._bar = tqdm(total=None, **named)

    def __call__(self, done: int, total: int | None) -> None:
        if self._bar.total != total:
            self._bar.total = total
        self._bar.update(done - self._bar.n)

    def end(self) -> None:
        """Leave the last state standing."""
        self._bar.refresh()
        self._bar.close()


class _WriteBar(_Bar):
    """A bar that is told (samples, bytes)."""

    def __call__(self, samples: int, size: int | None) -> None:
        self._bar.set_postfix_str(f"{(size or 0) / 1e6:,.1f} MB", refresh=False)
        super().__call__(samples, None)


class _Line:
    """One line of text; on a terminal it changes, elsewhere only its last state is written."""

    def __init__(self) -> None:
        self._started = self._shown = time.monotonic()
        self._text = ""
        self._live = sys.stderr.isatty()

    def _show(self, text: str) -> None:
        self._text = f"\r{text} " if self._live else text
        now = time.monotonic()
        if self._live and now - self._shown > SECONDS_BETWEEN_LINES:
            self._shown = now
            sys.stderr.write(self._text)
            sys.stderr.flush()

    def _rate(self, done: float) -> float:
        return done / max(time.monotonic() - self._started, 1e-9)

    def end(self) -> None:
        """Leave the last state standing."""
        if self._text:
            print(self._text, file=sys.stderr)


class _Written(_Line):
    def __call__(self, samples: int, size: int) -> None:
        rate = self._rate(samples)
        self._show(f"{samples:,} samples, {size / 1e6:,.1f} MB, {rate:,.0f} samples/s")


class _Part(_Line):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def __call__(self, done: int, total: int | None) -> None:
        scale, unit = (1e6, "MB") if self._unit == "bytes" else (1, self._unit)
        of_all = f" of {total / scale:,.0f}, {done / total:.0%}" if total else ""
        self._show(f"{done / scale:,.0f}{of_all}, {self._rate(done / scale):,.0f} {unit}/s")
