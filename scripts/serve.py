#!/usr/bin/env python3
"""Starts a server for tests on 127.0.0.1, and stops it when its stdin closes or on SIGTERM.

    python3 scripts/serve.py redis | redis-tls | redis-cluster | postgres | s3 | swift | atproto

One JSON line on stdout says where it is. On stdin the lines `stop` and `start` stop and start it
again on the same port, with what it holds; each is answered by a JSON line, {"done": "stop"}.
A program that is not there: {"missing": ..., "install": ...} and exit code 3.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

import serve_atproto
from serve_postgres import Postgres
from serve_process import INSTALL, Missing, obey, say
from serve_redis import Redis, RedisCluster, RedisTls
from serve_s3 import S3
from serve_swift import Swift

KINDS = {
    "redis": Redis, "redis-tls": RedisTls, "redis-cluster": RedisCluster,
    "postgres": Postgres, "s3": S3, "swift": Swift,
}  # fmt: skip


def serve(options, folder):
    server = KINDS[options.kind](folder, options)
    try:
        server.prepare()
        server.start()
        say(kind=options.kind, **server.about())
        obey(server)
    except RuntimeError as error:
        log = folder / "log"
        told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        say(failed=str(error), log=told)
        return 1
    finally:
        server.stop()
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int)
    parser.add_argument("--password")
    parser.add_argument("--access-key", default="minioadmin")
    parser.add_argument("--secret-key", default="minioadmin")
    parser.add_argument("--bucket", action="append", default=[], help="may be given several times")
    return parser.parse_args()


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="atdata-server-", ignore_cleanup_errors=True) as folder:
        try:
            return serve(arguments(), Path(folder))
        except Missing as missing:
            name = str(missing)
            say(missing=name, install=INSTALL[name])
            return 3


if __name__ == "__main__":
    if sys.argv[1:2] == ["atproto"]:  # which has options of its own
        sys.exit(serve_atproto.main(sys.argv[2:]))
    sys.exit(main())
