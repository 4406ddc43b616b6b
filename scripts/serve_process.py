"""What runs a server: processes, a folder that they keep things in, what a client must know."""

import glob
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HOST = "127.0.0.1"
TOOLS = Path(__file__).resolve().parent.parent / "target/tools/bin"
PATIENCE = 30  # seconds until a server that does not answer has failed
INSTALL = {
    "redis-server": "apt-get install redis-server",
    "redis-cli": "apt-get install redis-tools",
    "openssl": "apt-get install openssl",
    "initdb": "apt-get install postgresql",
    "s3s-fs": "cargo install --locked --version 0.14.1 --features binary s3s-fs",
    "swift": "apt-get install python3-swift",
}


class Missing(Exception):
    """A program that is needed is not there."""


def program(name):
    postgres = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    folders = [str(TOOLS), os.environ.get("PATH", ""), *postgres]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if not found:
        raise Missing(name)
    return found


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port():
    """A port below those that outgoing connections take, whose cluster bus port is free too."""
    while True:
        port = random.randrange(10_000, 22_000)
        if is_free(port) and is_free(port + 10_000):
            return port


def listens(port):
    """Whether somebody does."""
    try:
        socket.create_connection((HOST, port), timeout=2).close()
    except OSError:
        return False
    return True


def wait_until(answers, processes=()):
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if any(process.poll() is not None for process in processes):
            raise RuntimeError("the server ended by itself")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server did not answer within {PATIENCE} s")
        time.sleep(0.02)


def say(**what):
    """One line of JSON."""
    print(json.dumps(what), flush=True)


def obey(server):
    """Stop and start, as stdin says, until it closes."""
    for line in sys.stdin:
        command = line.strip()
        if command in ("stop", "start"):
            getattr(server, command)()
            say(done=command)


class Server:
    """Processes, what they keep in a folder, and what a client must know of them."""

    def __init__(self, folder, options):
        self.folder, self.password = folder, options.password
        self.port = options.port or free_port()
        self.ports, self.ca = [self.port], None
        self.processes, self.user = [], None

    def start(self):
        for command in self.commands():
            self.processes.append(self.run(command))
        wait_until(self.answers, self.processes)

    def run(self, command, name="log"):
        # A session of its own: an interrupt at the terminal is for us, and we stop it in order.
        with open(self.folder / name, "ab") as log:
            return subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=self.environment(), **self.as_user(),
            )  # fmt: skip

    def run_to_end(self, command):
        if self.run(command).wait() != 0:
            raise RuntimeError(f"{Path(command[0]).name} failed")

    def as_user(self):
        if not self.user:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def environment(self):
        return None

    def stop(self):
        for process in self.processes:
            process.send_signal(self.stop_signal)
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []

    stop_signal = signal.SIGTERM

    def about(self):
        pids = [process.pid for process in self.processes]
        return {
            "url": self.url(), "host": HOST, "port": self.port, "ports": self.ports,
            "password": self.password, "ca": self.ca, "pid": pids[0], "pids": pids,
            "folder": str(self.folder),
        }  # fmt: skip
