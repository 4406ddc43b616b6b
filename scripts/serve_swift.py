"""An object store that speaks S3 and lists unfinished uploads: OpenStack Swift, with its s3api."""

import base64
import email.utils
import hmac
import os
import pwd
import subprocess
import urllib.request
from pathlib import Path

from serve_process import HOST, Missing, Server, free_port, listens

PYTHON = "/usr/bin/python3"  # Debian's, which has its packages
RUN = str(Path(__file__).with_name("swift_run.py"))
NAMES = ("proxy", "account", "container", "object")

# One process each. What is written is listed at once: no update is left for later.
SERVER = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/disks
mount_check = false
fallocate_reserve = 0
bind_ip = {host}
bind_port = {port}
workers = 0
log_level = ERROR
user = {user}

[pipeline:main]
pipeline = {pipeline}

[app:{name}-server]
use = egg:swift#{name}
allow_account_management = true
account_autocreate = true
conn_timeout = 30
node_timeout = 60
container_update_timeout = 60
"""

# Without a cache, of which nobody listens at the port, tempauth refuses to work.
FILTERS = """
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1

[filter:s3api]
use = egg:swift#s3api
location = us-east-1

[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin

[filter:slo]
use = egg:swift#slo
"""


class Swift(Server):
    """Its access key is `account:user`, of which both are the access key that was given."""

    def __init__(self, folder, options):
        super().__init__(folder, options)
        self.ports += [free_port() for _ in NAMES[1:]]
        self.access, self.secret = options.access_key, options.secret_key
        self.buckets = options.bucket

    def prepare(self):
        if subprocess.run([PYTHON, "-c", "import swift"], capture_output=True).returncode != 0:
            raise Missing("swift")
        (self.folder / "disks/disk").mkdir(parents=True)
        (self.folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\n")
        for name, port in zip(NAMES, self.ports, strict=True):
            (self.folder / f"{name}.conf").write_text(self.configuration(name, port))
        self.run_to_end([PYTHON, RUN, str(self.folder), "rings", *map(str, self.ports[1:])])

    def configuration(self, name, port):
        user = pwd.getpwuid(os.getuid()).pw_name
        last = f"{name}-server"
        of_it = {"name": name, "port": port, "host": HOST, "user": user, "folder": self.folder}
        if name != "proxy":
            return SERVER.format(pipeline=last, **of_it)
        filters = FILTERS.format(account=self.access, user=self.access, secret=self.secret)
        return SERVER.format(pipeline=f"cache s3api tempauth slo {last}", **of_it) + filters

    def commands(self):
        return [[PYTHON, RUN, str(self.folder), name] for name in NAMES]

    def start(self):
        super().start()
        while self.buckets:
            self.make_bucket(self.buckets.pop())

    def answers(self):
        return all(map(listens, self.ports))

    def make_bucket(self, name):
        date = email.utils.formatdate(usegmt=True)
        signed = hmac.digest(self.secret.encode(), f"PUT\n\n\n{date}\n/{name}".encode(), "sha1")
        key = f"AWS {self.access}:{self.access}:{base64.b64encode(signed).decode()}"
        headers = {"Date": date, "Authorization": key}
        request = urllib.request.Request(f"{self.url()}/{name}", method="PUT", headers=headers)
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except OSError as error:
            raise RuntimeError(f"the bucket {name} could not be made: {error}") from error

    def url(self):
        return f"http://{HOST}:{self.port}"
