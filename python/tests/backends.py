"""Indexes over every provider, and every store, for tests that hold for all of them. Their servers
are real, one of a kind for the whole run.
"""

import functools
import itertools
import subprocess
from pathlib import Path
from typing import Any

import pytest
from servers import NotThereError, Server

import atdata

PROVIDERS = ["memory", "sqlite", "redis", "redis-tls", "redis-cluster", "postgres"]
STORES = ["disk", "s3"]
BUCKET = "tests"

_databases = itertools.count(1)
_running: list[Server] = []


@functools.cache
def _started(*arguments: str) -> Server | NotThereError:
    try:
        _running.append(Server(*arguments))
    except NotThereError as reason:
        return reason
    return _running[-1]


def serve(*arguments: str) -> Server:
    """The server of these arguments, started once; without its program the test is skipped."""
    server = _started(*arguments)
    if isinstance(server, NotThereError):
        pytest.skip(str(server))
    return server


def close_all() -> None:
    """Stop all servers."""
    while _running:
        _running.pop().close()


def provider(kind: str, folder: Path) -> dict[str, Any]:
    """The arguments of an `Index` over an empty database of a kind."""
    if kind == "memory":
        return {"provider": "memory"}
    if kind == "sqlite":
        return {"path": folder / "index.db"}
    if kind == "postgres":
        return {"dsn": database(serve("postgres").url)}
    return {"redis": redis_client(kind)}


def redis_client(kind: str) -> Any:
    """A connection to a Redis without keys, as users have one."""
    import redis

    about = serve(kind).about
    if kind == "redis-cluster":
        cluster = redis.RedisCluster(host=about["host"], port=about["ports"][0])
        cluster.flushall(target_nodes=redis.RedisCluster.PRIMARIES)
        return cluster
    tls = {"ssl": True, "ssl_ca_certs": about["ca"]} if kind == "redis-tls" else {}
    password = about["password"]
    client = redis.Redis(host=about["host"], port=about["port"], password=password, **tls)
    client.flushall()
    return client


def database(url: str) -> str:
    """The URL of a new, empty database of a PostgreSQL server."""
    name = f"test_{next(_databases)}"
    command = ["psql", "--quiet", "--no-psqlrc", url, "-c", f"CREATE DATABASE {name}"]
    subprocess.run(command, check=True, capture_output=True)
    return url.rpartition("/")[0] + "/" + name


def credentials() -> dict[str, str]:
    """What an `S3DataStore` needs for the test server."""
    return {
        "AWS_ENDPOINT": serve("s3", "--bucket", BUCKET).url,
        "AWS_ACCESS_KEY_ID": "minioadmin",
        "AWS_SECRET_ACCESS_KEY": "minioadmin",
    }


def store(kind: str, folder: Path) -> Any:
    """A store of a kind, with a place of its own."""
    if kind == "disk":
        return atdata.LocalDiskStore(folder / "data")
    return atdata.S3DataStore(credentials(), bucket=BUCKET, prefix=folder.name)
