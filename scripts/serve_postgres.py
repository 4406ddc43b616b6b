"""PostgreSQL."""

import os
import pwd
import secrets
import signal
import subprocess

from serve_process import HOST, Server, program


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
