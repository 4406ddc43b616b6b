"""A provider as a user may write one: an index in dicts, in plain Python."""

import datetime
import re
import threading
from typing import Any

from atdata.providers import EntryRow, LabelRow


class Shelf:
    """Rows in dicts; nothing of atdata but the shapes of the rows is in it."""

    def __init__(self) -> None:
        self.rows: dict[str, EntryRow] = {}
        self.pointing: dict[tuple[str, str], LabelRow] = {}
        self.moments: dict[str, list[tuple[str, str]]] = {}
        self.papers: dict[tuple[str, str, str], str] = {}
        self.lock = threading.RLock()

    def put(self, entries: list[EntryRow], labels: list[LabelRow]) -> None:
        with self.lock:
            for row in entries:
                self.rows[row[0]] = merged(row, self.rows.get(row[0], row))
            for label in labels:
                self._point(label)

    def _point(self, label: LabelRow) -> None:
        name, version, cid, _ = label
        self.pointing[name, version] = label
        moments = self.moments.setdefault(name, [])
        if version == "" and (not moments or moments[0][0] != cid):
            moments.insert(0, (cid, datetime.datetime.now(datetime.UTC).isoformat()))

    def entry(self, cid: str) -> EntryRow | None:
        return self.rows.get(cid)

    def named(self, name: str, version: str) -> EntryRow | None:
        label = self.pointing.get((name, version))
        row = None if label is None else self.rows.get(label[2])
        return None if row is None else (row[0], name, *row[2:])

    def current(self, after: str | None, limit: int) -> list[EntryRow]:
        names = sorted(name for name, version in self.pointing if version == "")
        found = [self.named(name, "") for name in names if after is None or name > after]
        return [row for row in found if row is not None][:limit]

    def entries(self, after: str | None, limit: int) -> list[EntryRow]:
        return [self.rows[cid] for cid in sorted(self.rows) if after is None or cid > after][:limit]

    def search(self, query: dict[str, Any], after: str | None, limit: int) -> list[EntryRow]:
        return [row for row in self.current(after, len(self.rows)) if fits(row, query)][:limit]

    def history(self, name: str) -> list[tuple[str, str]]:
        return self.moments.get(name, [])

    def labels(self, cid: str) -> list[LabelRow]:
        return [label for label in self.pointing.values() if label[2] == cid]

    def remove_entry(self, cid: str) -> bool:
        with self.lock:
            for name, version, *_ in self.labels(cid):
                del self.pointing[name, version]
            return self.rows.pop(cid, None) is not None

    def remove_label(self, name: str, version: str) -> bool:
        return self.pointing.pop((name, version), None) is not None

    def create_document(self, kind: str, name: str, version: str, json: str) -> bool:
        with self.lock:
            return self.papers.setdefault((kind, name, version), json) is json

    def document(self, kind: str, name: str, version: str) -> str | None:
        return self.papers.get((kind, name, version))

    def versions(self, kind: str, name: str) -> list[str]:
        return [found[2] for found in self.papers if found[:2] == (kind, name)]

    def documents(self, kind: str, after: str | None, limit: int) -> list[tuple[str, str, str]]:
        found = [(key[1], key[2], text) for key, text in self.papers.items() if key[0] == kind]
        found.sort(key=lambda row: f"{row[0]}@{row[1]}")
        return [row for row in found if after is None or f"{row[0]}@{row[1]}" > after][:limit]


def merged(row: EntryRow, known: EntryRow) -> EntryRow:
    """A row that is put once more: it keeps its name, and what is not known anew."""
    content, samples, size = (
        new if new is not None else old for new, old in zip(row[5:], known[5:], strict=True)
    )
    return (row[0], known[1], row[2], row[3], row[4], content, samples, size)


def fits(row: EntryRow, query: dict[str, Any]) -> bool:
    """Whether a query finds a row."""
    about = row[4] or {}
    tags = about.get("tags") or []
    text = " ".join([row[1], about.get("description") or "", *tags]).lower()
    words = re.findall(r"[^\W_]+", text)
    schema = row[2].rpartition("/")[2].partition("@")[0]
    return (
        all(any(word.startswith(start) for word in words) for start in query["words"])
        and set(query["tags"]) <= set(tags)
        and query["schema"] in (None, schema)
        and query["license"] in (None, about.get("license"))
    )
