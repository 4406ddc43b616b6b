"""The network finds the only shortest path, in any graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

import atdata
from atdata.lens import Lens, LensNetwork

NODES = 6


def step(source: int, view: int) -> Lens[Any, Any]:
    """A lens between two nodes of a graph; what it shows is the way that was gone."""
    return Lens(
        lambda way: (*way, view),
        lambda way, before: way[:-1],
        source_type=KINDS[source],
        view_type=KINDS[view],
    )


KINDS = [type(f"Node{number}", (tuple,), {}) for number in range(NODES)]
edges = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=12)


def simple_paths(known: set[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, ...]]:
    """All ways from one node to another that pass no node twice."""
    open_: list[tuple[int, ...]] = [(start,)]
    while open_:
        path = open_.pop()
        for node in range(NODES):
            if (path[-1], node) in known and node not in path:
                if node == end:
                    yield (*path, node)
                else:
                    open_.append((*path, node))


@given(edges)
def test_paths_are_those_of_a_plain_search(graph: list[tuple[int, int]]) -> None:
    with mock.patch.object(LensNetwork(), "_registry", {}):
        for source, view in graph:
            LensNetwork().register(step(source, view))
        for start in range(NODES):
            for end in set(range(NODES)) - {start}:
                check(set(graph), start, end)


def check(graph: set[tuple[int, int]], start: int, end: int) -> None:
    """Compare what the network finds with a plain search."""
    network = LensNetwork()
    paths = sorted(simple_paths(graph, start, end), key=len)
    shortest = [path for path in paths if len(path) == len(paths[0])]
    if len(shortest) == 1:
        found = network.transform(KINDS[start], KINDS[end])
        assert found((start,)) == shortest[0]
        assert found.put(shortest[0], (start,)) == (start,)
        return
    said = "More than one way" if shortest else "No lens from"
    with pytest.raises(atdata.NoLensError, match=said):
        network.transform(KINDS[start], KINDS[end])
