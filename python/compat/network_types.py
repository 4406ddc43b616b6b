"""Sample types and samples that are published on the AT Protocol, under either package."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import atdata


@atdata.packable
class Thing:
    """What both packages can publish and make a class of."""

    name: str
    count: int
    score: float
    active: bool
    data: bytes
    image: NDArray
    tags: list[str]
    numbers: list[int]
    note: str | None = None
    mask: NDArray | None = None


@atdata.packable
class Brief:
    """What a lens leaves of a thing."""

    name: str


@atdata.lens
def brief(thing: Thing) -> Brief:
    """Only the name."""
    return Brief(name=thing.name)


@brief.putter
def brief_put(view: Brief, thing: Thing) -> Thing:
    """The name put back."""
    return Thing(**{**vars(thing), "name": view.name})


def things(start: int, count: int) -> list[Thing]:
    """So many samples, each another one."""
    return [thing(number) for number in range(start, start + count)]


def thing(number: int) -> Thing:
    """A sample; the odd ones have no note and no mask."""
    even = number % 2 == 0
    fields: dict[str, Any] = {
        "name": f"é漢字🎉 {number}",
        "count": number - 2**40,
        "score": number / 3,
        "active": even,
        "data": bytes(range(number)),
        "image": np.full((4, 3, 3), number, "u1"),
        "tags": [f"t{number}", ""],
        "numbers": list(range(number)),
    }
    mask = np.arange(number, dtype=">f8")
    return Thing(**fields, **({"note": "ü", "mask": mask} if even else {}))


FIELDS = list(Thing.__annotations__)
