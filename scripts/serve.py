#!/usr/bin/env python3
"""Starts a server for tests on 127.0.0.1, and stops it when its stdin closes or on SIGTERM.

    python3 scripts/serve.py redis | redis-tls | redis-cluster | postgres | s3 | atproto

One JSON line on stdout says where it is. On stdin the lines `stop` and `start` stop and start it
again on the same port, with what it holds; each is answered by a JSON line, {"done": "stop"}.
A program that is not there: {"missing": ..., "install": ...} and exit code 3.
"""

import argparse
import glob
import json
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import serve_atproto

HOST = "127.0.0.1"
TOOLS = Path(__file__).resolve().parent.parent / "target/tools/bin"
PATIENCE = 30  # seconds until a server that does not answer has failed
INSTALL = {
    "redis-server": "apt-get install redis-server",
    "redis-cli": "apt-get install redis-tools",
    "openssl": "apt-get install openssl",
    "initdb": "apt-get install postgresql",
    "s3s-fs": "cargo install --locked --version 0.14.1 --features binary s3s-fs",
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


def wait_until(answers, processes=()):
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if any(process.poll() is not None for process in processes):
            raise RuntimeError("the server ended by itself")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server did not answer within {PATIENCE} s")
        time.sleep(0.02)


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


class Redis(Server):
    scheme = "redis"

    def prepare(self):
        program("redis-server")

    def commands(self):
        return [self.command(port) for port in self.ports]

    def command(self, port):
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        # Kept in an append-only file, so that a restart finds what was written.
        kept = ["--save", "", "--appendonly", "yes", "--appendfsync", "no"]
        secret = ["--requirepass", self.password] if self.password else []
        base = [program("redis-server"), "--bind", HOST, "--dir", str(folder)]
        return base + kept + secret + self.listening(port)

    def listening(self, port):
        return ["--port", str(port)]

    def answers(self):
        return all(b"+PONG" in self.ask(port, "PING") for port in self.ports)

    def ask(self, port, command):
        try:
            with self.connect(port) as connection:
                secret = f"AUTH {self.password}\r\n" if self.password else ""
                connection.sendall(f"{secret}{command}\r\nQUIT\r\n".encode())
                return connection.makefile("rb").read()
        except OSError:
            return b""

    def connect(self, port):
        return socket.create_connection((HOST, port), timeout=2)

    def url(self):
        secret = f":{self.password}@" if self.password else ""
        return f"{self.scheme}://{secret}{HOST}:{self.port}"


class RedisTls(Redis):
    scheme = "rediss"

    def prepare(self):
        super().prepare()
        self.password = self.password or secrets.token_hex(12)
        self.ca = str(self.folder / "ca.pem")
        self.make_ca()
        self.make_certificate()

    def make_ca(self):
        self.openssl("req -x509 -nodes -days 7 -subj /CN=atdata-tests", self.new_key("ca"),
                     "-addext keyUsage=critical,keyCertSign -out ca.pem")  # fmt: skip

    def make_certificate(self):
        (self.folder / "names").write_text(f"subjectAltName=DNS:localhost,IP:{HOST}\n")
        self.openssl("req -nodes -subj /CN=localhost -out server.csr", self.new_key("server"))
        self.openssl("x509 -req -days 7 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial",
                     "-extfile names -out server.pem")  # fmt: skip

    def new_key(self, name):
        return f"-newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout {name}.key"

    def openssl(self, *arguments):
        self.run_to_end([program("openssl"), *" ".join(arguments).split()])

    def listening(self, port):
        names = {"cert": "server.pem", "key": "server.key", "ca-cert": "ca.pem"}
        files = [(f"--tls-{name}-file", str(self.folder / file)) for name, file in names.items()]
        options = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
        return options + [word for pair in files for word in pair]

    def connect(self, port):
        plain = super().connect(port)
        return ssl.create_default_context(cafile=self.ca).wrap_socket(plain, server_hostname=HOST)


class RedisCluster(Redis):
    scheme = "redis+cluster"

    def prepare(self):
        super().prepare()
        first = self.port
        while not all(is_free(port) and is_free(port + 10_000) for port in self.three(first)):
            first = free_port()
        self.port, self.ports, self.joined = first, self.three(first), False
        program("redis-cli")

    def three(self, first):
        return [first, first + 1, first + 2]

    def listening(self, port):
        secret = ["--masterauth", self.password] if self.password else []
        cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
        return ["--port", str(port), *cluster, *secret]

    def environment(self):
        return {**os.environ, "REDISCLI_AUTH": self.password} if self.password else None

    def start(self):
        super().start()
        if not self.joined:
            nodes = [f"{HOST}:{port}" for port in self.ports]
            options = ["--cluster-replicas", "0", "--cluster-yes"]
            self.run_to_end([program("redis-cli"), "--cluster", "create", *nodes, *options])
            self.joined = True
        wait_until(self.is_whole, self.processes)

    def is_whole(self):
        return all(b"cluster_state:ok" in self.ask(port, "CLUSTER INFO") for port in self.ports)


class Postgres(Server):
    stop_signal = signal.SIGINT  # ends connections, and does not wait for them

    def prepare(self):
        initdb = program("initdb")
        self.password = self.password or secrets.token_hex(12)
        secret = self.folder / "secret"
        secret.write_text(self.password)
        if os.getuid() == 0:  # which PostgreSQL refuses to run as
            self.user = pwd.getpwnam("postgres")
            for path in (self.folder, secret):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        options = ["-U", "atdata", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        self.run_to_end([initdb, "-D", self.data(), "-E", "UTF8", *self.locale(initdb), *options])

    def locale(self, initdb):
        """Names sorted as people do, where that can be had: what relies on bytes' order shows."""
        known = subprocess.run([initdb, "--help"], capture_output=True, text=True).stdout
        icu = ["--locale-provider=icu", "--icu-locale=en-US"] if "--icu-locale" in known else []
        return ["--locale=C.UTF-8", *icu]

    def data(self):
        return str(self.folder / "data")

    def commands(self):
        settings = [f"listen_addresses={HOST}", f"port={self.port}", "unix_socket_directories=",
                    "fsync=off", "max_connections=200"]  # fmt: skip
        options = [word for setting in settings for word in ("-c", setting)]
        return [[program("postgres"), "-D", self.data(), *options]]

    def answers(self):
        asked = [program("pg_isready"), "-q", "-h", HOST, "-p", str(self.port), "-d", "postgres"]
        return subprocess.run(asked).returncode == 0

    def url(self):
        return f"postgres://atdata:{self.password}@{HOST}:{self.port}/postgres"


class S3(Server):
    def __init__(self, folder, options):
        super().__init__(folder, options)
        self.keys = options.access_key, options.secret_key
        self.buckets = options.bucket

    def prepare(self):
        program("s3s-fs")
        for bucket in self.buckets:
            (self.folder / "data" / bucket).mkdir(parents=True)
        (self.folder / "data").mkdir(exist_ok=True)

    def commands(self):
        access, secret = self.keys
        listening = ["--host", HOST, "--port", str(self.port)]
        keys = ["--access-key", access, "--secret-key", secret]
        return [[program("s3s-fs"), *listening, *keys, str(self.folder / "data")]]

    def answers(self):
        try:
            socket.create_connection((HOST, self.port), timeout=2).close()
        except OSError:
            return False
        return True

    def url(self):
        return f"http://{HOST}:{self.port}"


KINDS = {
    "redis": Redis, "redis-tls": RedisTls, "redis-cluster": RedisCluster,
    "postgres": Postgres, "s3": S3,
}  # fmt: skip


def say(**what):
    print(json.dumps(what), flush=True)


def obey(server):
    """Until stdin closes."""
    for line in sys.stdin:
        command = line.strip()
        if command in ("stop", "start"):
            getattr(server, command)()
            say(done=command)


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
