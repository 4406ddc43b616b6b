"""Redis: alone, with TLS, and as a cluster of three."""

import os
import secrets
import socket
import ssl

from serve_process import HOST, Server, free_port, is_free, program, wait_until


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
