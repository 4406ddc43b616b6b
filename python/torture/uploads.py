"""Ends a process while it uploads large shards, and looks for what that leaves on the server."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from audit import Audit, stem
from crowd import forked
from places import BUCKET, Place
from servers import Server

import atdata

MIB = 1 << 20
LARGE = (17, 48)  # MiB of a shard: more than 16 are sent in parts of 8
NAMES = 3
LONGEST = 1.0  # seconds that a writer lives at most where nothing is aimed at
LATER = 0.15  # seconds after an upload has begun within which it is ended, where that is aimed at
AIMING = 10.0  # seconds after which aiming is given up
AIMED = 0.75  # of the kills
LEAST = 0.4  # of the kills leave an upload behind
ROUNDED = 1.0  # seconds by which Swift's times may lie ahead
CHECK_EVERY = 10  # kills, between two looks at everything
PREFIX = "data"
THEIRS = (f"{PREFIX}/theirs.bin", f"data--{'0' * 32}--000000.tar")  # no shard; outside of the store


@atdata.packable
class Large:
    """What is written."""

    data: bytes


class Uploads:
    """What comes of ending writers so many times; the server is asked by a client of others."""

    def __init__(self, server: Server, folder: Path, seed: int) -> None:
        key, where = "minioadmin", f"s3://{BUCKET}/{PREFIX}"
        both = f"{key}:{key}"  # what an access key is to Swift
        index = f"sqlite://{folder}/index.db"
        self.place = Place("swift + sqlite", index, where, server.url, "", both)
        self.s3 = boto3.client(
            "s3",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=both,
            aws_secret_access_key=key,
        )
        self.told, self.audit = folder / "told", Audit(self.place)
        self.chance = random.Random(seed)
        self.kills = self.left = self.ended = self.orphans = 0
        self.theirs = {self.begin(key) for key in THEIRS}

    def begin(self, key: str) -> str:
        """An upload of somebody else; gives its URL."""
        begun = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key)
        return url_of(begun)

    def unfinished(self) -> set[str]:
        """Uploads that are not finished, but for those of others."""
        pages = self.s3.get_paginator("list_multipart_uploads").paginate(Bucket=BUCKET)
        found = {url_of(upload) for page in pages for upload in page.get("Uploads", [])}
        self.audit.expect(found >= self.theirs, "an upload of others is gone")
        return found - self.theirs

    def objects(self) -> Iterator[str]:
        """The URLs of all there is."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            yield from (f"s3://{BUCKET}/{found['Key']}" for found in page.get("Contents", []))

    def kill_one(self) -> None:
        """One writer from its beginning to its end."""
        before, seed = self.unfinished(), self.chance.randrange(10**9)
        child = forked(lambda: write_on(self.place, self.told, seed))
        if self.chance.random() < AIMED:
            end = time.monotonic() + AIMING
            while self.unfinished() <= before and time.monotonic() < end:
                time.sleep(0.005)
            time.sleep(self.chance.uniform(0, LATER))
        else:
            time.sleep(self.chance.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        self.audit.expect(os.WIFSIGNALED(status), "a writer ended by itself")
        self.kills += 1
        self.left += self.unfinished() > before

    def look(self) -> None:
        """What was reported is there and whole, and `gc` leaves nothing else."""
        index = self.place.open()
        entries = {entry.cid: entry for entry in index.entries}
        reported = set(self.told.read_text().split()) if self.told.exists() else set()
        self.audit.expect(reported <= set(entries), "a write that was reported is lost")
        for cid in entries:
            self.audit.expect(bool(index.verify(cid)), f"{cid} is not whole")
        self.collect(index, {url for entry in entries.values() for url in entry.data_urls})
        for name in {entry.name for entry in entries.values()}:
            index.delete(name)
        for entry in list(index.entries):
            index.delete(entry.cid)
        self.collect(index, set())
        self.told.unlink(missing_ok=True)

    def collect(self, index: Any, named: set[str]) -> None:
        """`gc` finds what no entry names and what was cut off, nothing else, and removes it."""
        time.sleep(ROUNDED)
        uploads = self.unfinished()
        orphans = {url for url in self.objects() if str(stem(Path(url))) not in paths(named)}
        self.audit.same("old garbage", index.gc().urls, set())
        found = index.gc(grace=0)
        self.audit.same("garbage", found.urls, orphans | uploads)
        self.audit.same("unfinished uploads", found.uploads, uploads)
        self.audit.same("removed", index.gc(grace=0, remove=True).urls, orphans | uploads)
        self.audit.same("uploads left", self.unfinished(), set())
        left = {str(stem(Path(url))) for url in self.objects()}
        self.audit.same("shards left", left, paths(named))
        self.ended, self.orphans = self.ended + len(uploads), self.orphans + len(orphans)


def url_of(upload: dict[str, Any]) -> str:
    """An upload as `gc` names it."""
    return f"s3://{BUCKET}/{upload['Key']}?uploadId={upload['UploadId']}"


def paths(urls: set[str]) -> set[str]:
    """In the form that `Path` makes of URLs."""
    return {str(Path(url)) for url in urls}


def write_on(place: Place, told: Path, seed: int) -> None:
    """Write after write, until somebody ends it."""
    chance, index = random.Random(seed), place.open()
    for number in range(1_000_000):
        samples = (Large(data=chance.randbytes(MIB)) for _ in range(chance.randint(*LARGE)))
        entry = index.write(samples, name=f"large-{number % NAMES}")
        with told.open("a") as report:
            report.write(f"{entry.cid}\n")


def uploads(folder: Path, kills: int, seed: int) -> tuple[list[str], list[str]]:
    """What is wrong, and the figures."""
    with Server("swift", "--bucket", BUCKET) as server:
        cut = Uploads(server, folder, seed)
        for number in range(1, kills + 1):
            cut.kill_one()
            if number % CHECK_EVERY == 0 or number == kills:
                cut.look()
    cut.audit.expect(cut.left >= LEAST * kills, f"only {cut.left} kills left an upload behind")
    return cut.audit.wrong, [
        f"{cut.kills} kills of writers of large shards left {cut.ended} unfinished uploads and "
        f"{cut.orphans} files that nothing names: found and removed, none is left"
    ]
