"""Uploads that were cut off are garbage: shown, and ended when that is asked for. What others do in
the same bucket stays.
"""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import backends
import boto3
import numpy as np
import pytest
from sample_types import images
from test_cli import PROGRAM

import atdata

BUCKET, KEY, SECRET = "uploads", "minioadmin:minioadmin", "minioadmin"
NAME = f"data--{'7' * 32}--000000.tar"
KEYS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture
def url() -> str:
    """Where a server is that lists uploads."""
    return backends.serve("swift", "--bucket", BUCKET).url


class Bucket:
    """What others see of a bucket."""

    def __init__(self, url: str) -> None:
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def begin(self, key: str) -> str:
        """An upload with a part; gives its id."""
        begun = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key)
        which = {"Bucket": BUCKET, "Key": key, "UploadId": begun["UploadId"]}
        self.s3.upload_part(**which, PartNumber=1, Body=b"half")
        return str(begun["UploadId"])

    def unfinished(self, prefix: str) -> set[str]:
        told = self.s3.list_multipart_uploads(Bucket=BUCKET, Prefix=prefix)
        return {upload["Key"] for upload in told.get("Uploads", [])}


def wait_a_second() -> None:
    """The server rounds times up."""
    time.sleep(1)


def test_what_was_cut_off_is_shown_and_then_removed(url: str, tmp_path: Path) -> None:
    bucket, prefix = Bucket(url), f"{tmp_path.name}/a b"
    store = atdata.S3DataStore(KEYS, bucket=BUCKET, prefix=prefix, endpoint_url=url)
    index = atdata.Index(path=tmp_path / "index.db", data_store=store)
    index.write(images(3), name="kept")
    upload = bucket.begin(f"{prefix}/kept/{NAME}")
    theirs = {f"{prefix}/notes.bin", f"{prefix}2/{NAME}", f"{prefix}/x{NAME}"}
    for key in theirs:
        bucket.begin(key)
    wait_a_second()
    assert index.gc().found == []  # too young
    found = index.gc(grace=0)
    assert found.urls == found.uploads == [f"s3://{BUCKET}/{prefix}/kept/{NAME}?uploadId={upload}"]
    assert (found.num_bytes, found.unseen, found.removed) == (0, None, False)
    assert 0 < time.time() - found.found[0][2] < 3600
    assert bucket.unfinished(tmp_path.name) == {f"{prefix}/kept/{NAME}", *theirs}
    assert index.gc(grace=0, remove=True).urls == found.urls
    assert bucket.unfinished(tmp_path.name) == theirs
    assert index.gc(grace=0).urls == []
    assert index.verify("kept")


def test_a_large_shard_leaves_nothing(url: str, tmp_path: Path) -> None:
    store = atdata.S3DataStore(KEYS, bucket=BUCKET, prefix=tmp_path.name, endpoint_url=url)
    index = atdata.Index(path=tmp_path / "index.db", data_store=store)
    sample = {"data": np.zeros((20, 1 << 20), "u1")}
    index.write([atdata.DictSample(sample)], name="large")
    wait_a_second()
    assert index.gc(grace=0).found == []
    assert Bucket(url).unfinished(tmp_path.name) == set()
    assert index.verify("large")


def test_a_server_that_cannot_tell_is_named(tmp_path: Path) -> None:
    index = atdata.Index(path=tmp_path / "index.db", data_store=backends.store("s3", tmp_path))
    index.write(images(3), name="gone")
    index.delete("gone")
    found = index.gc(grace=0, remove=True)
    assert len(found.urls) == 2
    assert found.unseen is not None
    assert "501" in found.unseen
    assert backends.BUCKET in found.unseen


def test_the_command_shows_and_removes_them(url: str, tmp_path: Path) -> None:
    bucket = Bucket(url)
    bucket.begin(f"{tmp_path.name}/set/{NAME}")
    wait_a_second()
    options = ["--index", str(tmp_path / "i.db"), "--store", f"s3://{BUCKET}/{tmp_path.name}"]
    environment = {**KEYS, "AWS_ENDPOINT_URL": url, "HOME": str(tmp_path)}

    def gc(*arguments: str) -> str:
        command = [PROGRAM, "gc", *options, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "nothing to remove" in gc()
    shown = gc("--grace", "0")
    assert f"set/{NAME} (unfinished upload)" in shown
    assert "1 unfinished upload of 1 in s3://" in shown
    told = json.loads(gc("--grace", "0", "--json"))
    assert "?uploadId=" in told["files"][0]["url"]
    assert told["unseen"] is None
    assert "removed 1 unfinished upload" in gc("--grace", "0", "--remove")
    assert bucket.unfinished(tmp_path.name) == set()
