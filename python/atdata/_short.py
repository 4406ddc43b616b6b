"""Values of others in messages of ours."""

import reprlib
from typing import Any

__all__ = ["short"]


def short(value: Any) -> str:
    """A value as one would write it, cut where it is long or deep.

    >>> short({"a": [1, [2, [3, [4, [5, [6, [7]]]]]]]}), short("x" * 1000)
    ("{'a': [1, [2, [3, [4, [5, [...]]]]]]}", "'xxxxxxxxxxxx...xxxxxxxxxxxxx'")
    """
    try:
        return reprlib.repr(value)
    except ValueError:  # an integer of thousands of digits
        return type(value).__name__
