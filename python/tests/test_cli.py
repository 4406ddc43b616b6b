"""The command of the wheel is the engine's."""

import signal
import sys

import pytest

from atdata import _atdata, _cli


def test_it_hands_over_and_exits_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(sys, "argv", ["atdata", "inspect", "a.tar"])
    monkeypatch.setattr(_atdata, "main", lambda arguments: given.append(arguments) or 3)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(SystemExit) as left:
            _cli.main()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)
    assert (given, left.value.code) == ([["atdata", "inspect", "a.tar"]], 3)
