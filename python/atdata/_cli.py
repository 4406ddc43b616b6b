"""The `atdata` command: the engine's own, run from Python."""

import signal
import sys

from atdata import _atdata

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once, without a traceback
    sys.exit(_atdata.main(sys.argv))
