"""Somebody who waits and has had enough."""

import signal
import time
from collections.abc import Callable

import pytest

SOON = 0.2  # seconds
LATE = 10  # seconds; what does not hear of it goes on for far longer


def say_so(*_: object) -> None:
    """Handle a signal as Python handles Ctrl-C."""
    raise KeyboardInterrupt


def interrupt(search: Callable[[], object], handler: Callable[..., object] = say_so) -> None:
    """Check that what would go on for long ends when somebody says so."""
    before = signal.signal(signal.SIGALRM, handler)
    start = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, SOON)
        with pytest.raises(KeyboardInterrupt):
            search()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - start < LATE
