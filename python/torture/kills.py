"""Ends a writing process at points of its work that differ, and looks at what is left each time."""

import collections
import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from audit import Audit
from notes import Notes
from phases import BETWEEN, PHASES, phase_of
from places import Place

WRITES = 2  # that a victim finishes before it is aimed at, at most
LONGEST = 0.1  # seconds that it then lives at most where nothing is aimed at
AIMING = 3.0  # seconds after which aiming is given up
PATIENCE = 60.0  # seconds after which a victim that says nothing is a deadlock
CHECK_EVERY = 30  # kills, between two looks at everything
LEAST = 0.05  # of the kills, in each phase


class Victims:
    """The process that forks victims, and what they say."""

    def __init__(self, place: Place, notes: Path) -> None:
        command = [sys.executable, str(Path(__file__).with_name("victim.py")), json.dumps(place)]
        self._process = subprocess.Popen(
            [*command, str(notes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._said = b""

    def begin(self, seed: int) -> int:
        """A new victim; gives its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seed}\n".encode())
        word, rest = self.hear()
        assert word == "pid", (word, rest)
        return int(rest)

    def hear(self) -> tuple[str, str]:
        """The next word and what belongs to it."""
        assert self._process.stdout is not None
        while b"\n" not in self._said:
            if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
                raise TimeoutError(f"nothing was heard of the victims for {PATIENCE:.0f} s")
            more = os.read(self._process.stdout.fileno(), 65536)
            if not more:
                raise EOFError("the process that forks victims has ended")
            self._said += more
        line, self._said = self._said.split(b"\n", 1)
        word, _, rest = line.decode().partition(" ")
        return word, rest

    def close(self) -> None:
        """No more victims."""
        # The group: a victim may be alive when something went wrong.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


class Killing:
    """What comes of killing so many times."""

    def __init__(self, place: Place, folder: Path, kills: int, seed: int) -> None:
        self.place, self.kills = place, kills
        self.notes = Notes(folder / "notes")
        self.victims = Victims(place, folder / "notes")
        self.audit = Audit(place)
        self.chance = random.Random(seed)
        self.hits: collections.Counter[str] = collections.Counter()
        self.entry_was_there = 0

    def run(self) -> None:
        """Kill, look, and look at everything now and then."""
        writes = 0
        with contextlib.closing(self.victims):
            for number in range(1, self.kills + 1):
                self.kill_one(number)
                if number % CHECK_EVERY == 0 or number == self.kills:
                    self.audit.everything()
                    stuck = self.audit.writes == writes
                    self.audit.expect(not stuck, "nobody could write after a kill")
                    writes = self.audit.writes
        few = [phase for phase in PHASES if self.hits[phase] < LEAST * self.kills]
        self.audit.wrong += [f"only {self.hits[phase]} kills while {phase}" for phase in few]

    def kill_one(self, number: int) -> None:
        """One victim from its beginning to its end."""
        self.notes.clear()
        pid, phase = self.victims.begin(number), BETWEEN
        self.wait_for(pid)
        with contextlib.suppress(ProcessLookupError):  # it should not have ended: that is noted
            os.kill(pid, signal.SIGSTOP)
            until_stopped(pid)
            phase = phase_of(pid, self.place, self.notes)
            os.kill(pid, signal.SIGKILL)
        self.hits[phase] += 1
        done = list(self.told_before_the_end())
        name = self.notes.read().name
        there = self.audit.after_kill(done, name if phase != BETWEEN else None)
        self.entry_was_there += phase == "indexing" and there

    def wait_for(self, pid: int) -> None:
        """Half the time at random, else until the phase that was hit least."""
        end, writes = time.monotonic() + AIMING, self.chance.randint(0, WRITES)
        while self.notes.read().number < writes and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, LONGEST))
        if self.chance.random() < 0.5:
            return
        wanted = min(PHASES, key=lambda phase: self.hits[phase])
        while phase_of(pid, self.place, self.notes) != wanted and time.monotonic() < end:
            pass
        time.sleep(self.chance.choice([0, 0, 0.0005, 0.002]))

    def told_before_the_end(self) -> Iterator[dict[str, str]]:
        """The writes that had returned."""
        while True:
            word, rest = self.victims.hear()
            if word == "ended":
                if int(rest) != signal.SIGKILL:
                    self.audit.wrong.append("a victim ended by itself")
                return
            yield json.loads(rest)

    def figures(self) -> list[str]:
        """The histogram, and what was looked at."""
        every = max(sum(self.hits.values()), 1)
        rows = [f"{phase} {self.hits[phase]} ({self.hits[phase] / every:.0%})" for phase in PHASES]
        rows.append(f"between writes {self.hits[BETWEEN]} ({self.hits[BETWEEN] / every:.0%})")
        seen = f"the entry was there already in {self.entry_was_there} of those while indexing"
        return [f"{every} kills: {', '.join(rows)}", seen, *self.audit.figures()]


def until_stopped(pid: int) -> None:
    """A signal takes effect a little later."""
    while Path(f"/proc/{pid}/stat").exists():
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "TZX":
            return
        time.sleep(0.0001)
