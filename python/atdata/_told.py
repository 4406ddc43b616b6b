"""Telling how far something is: a function of the caller's, or a line on the terminal."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

__all__ = ["PartProgress", "Progress", "told", "told_of_all"]

Progress = Callable[[int, int], object]
PartProgress = Callable[[int, int | None], object]
SECONDS_BETWEEN_LINES = 0.2


@contextlib.contextmanager
def told(progress: bool | Progress | None) -> Iterator[Progress | None]:
    """Who is told how far a write is: a function, or a line on the terminal."""
    line = _Written() if progress is True and sys.stderr.isatty() else None
    try:
        yield progress if callable(progress) else line
    finally:
        if line is not None:
            line.end()


@contextlib.contextmanager
def told_of_all(
    progress: bool | Callable[..., object] | None, unit: str
) -> Iterator[Callable[..., object] | None]:
    """The same for what is told as (done, all there is) of a unit."""
    line = _Part(unit) if progress is True and sys.stderr.isatty() else None
    try:
        yield progress if callable(progress) else line
    finally:
        if line is not None:
            line.end()


class _Line:
    """One line on the terminal."""

    def __init__(self) -> None:
        self._started = self._shown = time.monotonic()
        self._text = ""

    def _show(self, text: str) -> None:
        self._text = f"\r{text} "
        now = time.monotonic()
        if now - self._shown > SECONDS_BETWEEN_LINES:
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
