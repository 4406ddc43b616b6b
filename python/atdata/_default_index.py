"""The index that `@local/name` asks when none is given, and the one in memory."""

import functools
from typing import TYPE_CHECKING, Any

from atdata import _atdata

if TYPE_CHECKING:
    from atdata.providers import SqliteProvider

__all__ = ["default_index", "get_default_index", "set_default_index", "shared_memory"]

_chosen: Any = None
_made = False


def set_default_index(index: Any) -> None:
    """Let `load_dataset("@local/name")` ask this index; None clears that.

    >>> import atdata
    >>> atdata.set_default_index(atdata.Index())
    >>> atdata.set_default_index(None)
    """
    global _chosen
    _chosen = index


def get_default_index() -> Any:
    """The index that was set, or None."""
    return _chosen


def default_index() -> Any:
    """The index to ask: the one that was set, else the one in memory if this process has made one,
    else what the command line uses too: `$ATDATA_INDEX`, or the file in atdata's own folder.
    """
    from atdata._index import Index

    if _chosen is not None:
        return _chosen
    if _made:
        return Index()
    named, _ = _atdata.usual_places()
    usual = _atdata.home_folder() / "index.db"
    return Index(path=usual) if named is None else Index(provider=named)


@functools.cache
def _memory() -> "SqliteProvider":
    from atdata.providers import SqliteProvider as Provider

    return Provider()


def shared_memory() -> "SqliteProvider":
    """The provider of all indexes of this process that name no place."""
    global _made
    _made = True
    return _memory()
