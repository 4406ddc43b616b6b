"""Looks at an index and its store from outside, and notes what must not be."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from places import Place

import atdata

KEPT = 20  # entries that outlive a look at everything


@atdata.packable
class Known:
    """What a victim writes too."""

    data: bytes
    number: int


class Audit:
    """What was reported as written, and whether it is there and whole."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.wrong: list[str] = []
        self.committed: set[str] = set()
        self.current: dict[str, set[str]] = {}  # the entries that a name may point to
        self.writes = self.entries = self.shards = self.orphans = 0
        self.unreported = self.nameless = 0  # entries of writes that had not returned

    def after_kill(self, done: list[dict[str, str]], broken_off: str | None) -> bool:
        """What was reported is there; so is what a write that was broken off left. Tells whether
        that had put its entry into the index.
        """
        index = self.place.open()
        for write in done:
            self.writes += 1
            self.committed.add(write["cid"])
            self.current[write["name"]] = {write["cid"]}
        for cid in {write["cid"] for write in done}:
            self.check_entry(index, cid)
        for name in {write["name"] for write in done} - {broken_off}:
            self.check_name(index, name)
        return broken_off is not None and self.take_in(index, broken_off)

    def take_in(self, index: Any, name: str) -> bool:
        """A write may have got as far as its entry without anybody having heard of it."""
        known = self.current.get(name, set())
        try:
            found = index.get_entry_by_name(name).cid
        except KeyError:
            self.expect(not known, f"{name} is gone")
            return False
        self.current[name] = {found}
        if found in known:
            return False
        self.expect(found not in self.committed or name.startswith("small"), f"{name} went back")
        self.unreported += found not in self.committed
        self.committed.add(found)
        self.check_entry(index, found)
        return True

    def check_name(self, index: Any, name: str) -> None:
        """A name points to what was last written under it."""
        try:
            found = index.get_dataset(name).cid
        except KeyError:
            found = None
        self.expect(found in self.current[name], f"{name} points to {found}")

    def check_entry(self, index: Any, cid: str) -> None:
        """An entry is there, so is its schema, and its shards are what their checksums say."""
        try:
            entry = index.get_entry(cid)
            fields = [field["name"] for field in index.get_schema(entry.schema_ref)["fields"]]
            verified = index.verify(cid)
        except Exception as error:
            self.wrong.append(f"entry {cid}: {type(error).__name__}: {error}")
            return
        self.expect(fields == ["data", "number"], f"{entry.schema_ref} has the fields {fields}")
        for verdict in verified.shards:
            self.expect(verdict.state == "right", f"{entry.name}: {verdict}")
        self.entries += 1
        self.check_files(entry)

    def check_files(self, entry: Any) -> None:
        """The same without asking the product: the files' hashes are in the entry and its URLs."""
        checksums = (entry.metadata or {}).get("checksums", {})
        for url in entry.data_urls:
            path, self.shards = self.place.file_of(url), self.shards + 1
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
            right = checksums.get(url) == digest and digest[:32] in url
            self.expect(right, f"{entry.name}: {path.name} is {digest}, not {checksums.get(url)}")

    def everything(self) -> None:
        """All entries, all names, all files; then most entries go, and their shards with them."""
        index = self.place.open()
        entries = list(index.entries)
        cids = {entry.cid for entry in entries}
        self.expect(self.committed <= cids, f"{len(self.committed - cids)} entries are lost")
        # In a cluster an entry and its name are two steps.
        self.nameless += len(cids - self.committed)
        for name in self.current:
            self.check_name(index, name)
        self.make_twins(index)
        self.collect(index, "after kills")
        for name in sorted(self.current)[KEPT:]:
            index.delete(name)
        # Entries that no name points to any more went with `delete`, or were replaced.
        entries = list(index.entries)
        for entry in entries:
            if entry.cid not in {cid for cids in self.current.values() for cid in cids}:
                index.delete(entry.cid)
        self.current = {name: self.current[name] for name in sorted(self.current)[:KEPT]}
        self.collect(index, "after deleting")
        kept = {entry.cid for entry in index.entries}
        self.expect(
            {cid for cids in self.current.values() for cid in cids} <= kept, "a kept entry went"
        )
        self.committed = kept

    def make_twins(self, index: Any) -> None:
        """Two data sets have the same samples and one goes: its copy of the shard is an orphan."""
        for name in ("twin-a", "twin-b"):
            cid = index.write([Known(data=b"twin", number=0)], name=name).cid
        index.delete("twin-a")
        self.committed.add(cid)
        self.current["twin-b"] = {cid}

    def collect(self, index: Any, when: str) -> None:
        """`gc` finds the files that no entry names, no others, and removes them."""
        entries = list(index.entries)
        named = {self.place.file_of(url) for entry in entries for url in entry.data_urls}
        orphans = {path for path in self.place.all_files() if stem(path) not in named}
        self.orphans += len(orphans)
        shown = {self.place.file_of(url) for url in index.gc(grace=0).urls}
        self.same(f"orphans {when}", shown, orphans)
        removed = {self.place.file_of(url) for url in index.gc(grace=0, remove=True).urls}
        self.same(f"removed {when}", removed, orphans)
        left = {stem(path) for path in self.place.all_files()}
        self.same(f"files left {when}", left, named)
        for entry in entries:
            self.check_entry(index, entry.cid)

    def same(self, what: str, found: Iterable[Any], wanted: Iterable[Any]) -> None:
        """Two sets are one."""
        found, wanted = set(found), set(wanted)
        for word, some in (("missing", wanted - found), ("too many", found - wanted)):
            self.expect(not some, f"{what}: {len(some)} {word}, such as {next(iter(some), None)}")

    def expect(self, right: bool, otherwise: str) -> None:
        """Note what is wrong."""
        if not right:
            self.wrong.append(otherwise)

    def figures(self) -> list[str]:
        """What was looked at."""
        return [
            f"{self.writes} writes reported and there, {self.unreported} more there unreported, "
            f"{self.nameless} without a name yet",
            f"{self.entries} entries and {self.shards} shards verified, {self.orphans} orphans "
            f"found and removed",
        ]


def stem(path: Path) -> Path:
    """The shard that a file belongs to: itself, or the one it lies beside."""
    return path.with_name(path.name.split(".")[0] + ".tar")
