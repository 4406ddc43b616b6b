"""Others' opinions of our records, and the original's records: `check_atmosphere.py PYTHON`.

PYTHON is an interpreter in whose environment the original and the Python SDK are installed. On a
network of its own, ours publishes every kind of record in both lexicons, which the reference
JavaScript client, its validator and the SDK read; the original publishes too, ours reads that, and
the original what ours has published.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import network_original
import network_publish
import network_reading
from network_opinions import Opinions
from network_place import Place
from serve_process import Missing
from servers import NotThereError, is_strict

FAMILIES = ("ac.foundation", "science.alt")


def main(original: str) -> int:
    """The exit code: 0 if all agree."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder, Place(Path(folder), original) as place:
            wrong = list(check(place))
    except (NotThereError, Missing) as reason:
        print(f"compat: the AT Protocol was not checked: {reason}", file=sys.stderr)
        return 1 if is_strict() else 0
    for line in wrong[:40]:
        print(f"compat: {line[:600]}", file=sys.stderr)
    came_out = f"{len(wrong)} differences" if wrong else "all alike"
    print(f"compat: the AT Protocol in {time.monotonic() - began:.0f} s: {came_out}")
    return 1 if wrong else 0


def check(place: Place) -> Iterator[str]:
    """What goes wrong; prints what was compared."""
    theirs = network_original.Records(place)
    clients = {lexicons: place.login(lexicons) for lexicons in FAMILIES}
    ours = {
        lexicons: network_publish.publish(client, place.files, place.shards_url)
        for lexicons, client in clients.items()
    }
    theirs.written()
    opinions = [Opinions(place, clients[lexicons], ours[lexicons]) for lexicons in FAMILIES]
    reading = network_reading.Reading(place, clients["science.alt"], ours["science.alt"])
    yield from theirs.differences()
    print(f"compat: ours on the original's records: {theirs.told()}")
    for opinion in opinions:
        yield from opinion.differences()
    counts = {what: sum(getattr(one, what) for one in opinions) for what in COUNTED}
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"compat: ours, the JavaScript client and the Python SDK: {told} compared")
    yield from reading.differences()
    print(f"compat: the original on our records: {reading.told()}")


COUNTED = ("records", "fields", "blobs")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
