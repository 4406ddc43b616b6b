"""A server is restarted under an index in use: what fails says so, and the handle goes on."""

import threading
import time
from collections import Counter
from typing import Any

from audit import Audit
from places import Place
from servers import Server

import atdata

DOWN = (1.5, 0.0, 0.5)  # seconds that the server is away, each time
UP = 1.0
LONGEST = 30.0  # seconds that one operation may take
BACK = 20.0  # seconds within which the handle works again


@atdata.packable
class Tiny:
    """What is written."""

    text: str


class Worker:
    """Uses one index without a pause."""

    def __init__(self, place: Place) -> None:
        self.index = place.open()
        self.written: dict[str, str] = {}
        self.failed: Counter[str] = Counter()
        self.unclear: list[str] = []
        self.longest = 0.0
        self.is_over = False

    def run(self) -> None:
        """Write, find, list, again and again."""
        number = 0
        while not self.is_over:
            number += 1
            self.attempt(self.write, f"name-{number}")
            self.attempt(self.find, f"name-{number // 2}")
            self.attempt(self.index.search, "name", limit=5)

    def attempt(self, operation: Any, *arguments: Any, **options: Any) -> None:
        """An error is one of ours, of a server that cannot be reached; and it comes in time."""
        began = time.monotonic()
        try:
            operation(*arguments, **options)
        except atdata.UnreachableError as error:
            self.failed[type(error).__name__] += 1
            time.sleep(0.05)
        except Exception as error:
            self.unclear.append(f"{type(error).__name__}: {error}")
        self.longest = max(self.longest, time.monotonic() - began)

    def write(self, name: str) -> None:
        """Only what was reported as written must be there later."""
        cid = self.index.write([Tiny(text=name)], name=name).cid
        self.written[name] = cid

    def find(self, name: str) -> None:
        """What was written is found at any time that anything is."""
        if name in self.written and self.index.get_entry_by_name(name).cid != self.written[name]:
            self.unclear.append(f"{name} is another entry")


def restarts(place: Place, server: Server) -> tuple[list[str], list[str]]:
    """What is wrong, and the figures."""
    worker, audit = Worker(place), Audit(place)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        slowest = max(one_round(audit, worker, server, down) for down in DOWN)
    finally:
        worker.is_over = True
        thread.join(2 * LONGEST)
    audit.expect(not thread.is_alive(), "an operation did not end")
    audit.expect(worker.longest < LONGEST, f"an operation took {worker.longest:.1f} s")
    audit.wrong += worker.unclear
    found = {entry.name: entry.cid for entry in worker.index.datasets}
    lost = [name for name, cid in worker.written.items() if found.get(name) != cid]
    audit.expect(not lost, f"{len(lost)} writes are lost, such as {lost[:1]}")
    errors = ", ".join(f"{count} {name}" for name, count in worker.failed.items()) or "none failed"
    return audit.wrong, [
        f"{len(DOWN)} restarts: {len(worker.written)} writes there, {errors}, the longest "
        f"operation {worker.longest:.1f} s, working again {slowest:.2f} s after the server"
    ]


def one_round(audit: Audit, worker: Worker, server: Server, down: float) -> float:
    """Down and up; gives how long it took until the same handle wrote again."""
    time.sleep(UP)
    server.tell("stop")
    time.sleep(down)
    server.tell("start")
    began, before = time.monotonic(), len(worker.written)
    while len(worker.written) == before and time.monotonic() - began < BACK:
        time.sleep(0.01)
    took = time.monotonic() - began
    audit.expect(took < BACK, f"the handle did not work again within {BACK:.0f} s")
    return took
