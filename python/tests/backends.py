"""Indexes over every provider, and every store, for tests that hold for all of them."""

import itertools
import subprocess
from pathlib import Path
from typing import Any

from servers import serve

import atdata

PROVIDERS = ["memory", "sqlite", "redis", "redis-tls", "redis-cluster", "postgres"]
STORES = ["disk", "s3"]
BUCKET = "tests"

_databases = itertools.count(1)


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

    server = serve(kind)
    if kind == "redis-cluster":
        cluster = redis.RedisCluster(host=server.host, port=server.ports[0])
        cluster.flushall(target_nodes=redis.RedisCluster.PRIMARIES)
        return cluster
    tls = {"ssl": True, "ssl_ca_certs": server.ca} if kind == "redis-tls" else {}
    password = server.said.get("password")
    client = redis.Redis(host=server.host, port=server.port, password=password, **tls)
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
