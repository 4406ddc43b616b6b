"""A network for the check: two PDSs, a proxy for the original, and a web server for shards."""

import contextlib
import functools
import json
import os
import subprocess
import sys
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from check_index import Run
from profile_proxy import Proxy, serving
from serve_atproto import NETWORK, node
from servers import Server

from atdata.atmosphere import Atmosphere

HERE = Path(__file__).parent
LEXICONS = HERE.parents[1] / "lexicons"
READ = "read-records.mjs"
# Ours in each of its lexicons, and the original. The last two are reached by the proxy.
ACCOUNTS = {"ac.foundation": "alice.test", "science.alt": "dave.test", "original": "carol.test"}
PROXIED = ("science.alt", "original")
# A PDS tells the SDK where an account's server is, as the directory says it, and remembers that.
FORGETFUL = {"PDS_DID_CACHE_STALE_TTL": "1", "PDS_DID_CACHE_MAX_TTL": "1"}


class Shards(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Place:
    """The network, from the start of its `with` block to its end; ours is led to it."""

    def __init__(self, folder: Path, original: str) -> None:
        self.folder, self.files, self.original = folder, folder / "files", original
        (self.files / "bucket").mkdir(parents=True)
        self.stack, self.runs = contextlib.ExitStack(), 0

    def __enter__(self) -> "Place":
        os.environ.update(FORGETFUL)
        options = (word for who in ACCOUNTS.values() for word in ("--account", f"{who}:{who}"))
        with self.stack:
            network = self.stack.enter_context(Server("atproto", *options)).about
            self.accounts = {account["handle"]: account for account in network["accounts"]}
            dids = {handle: account["did"] for handle, account in self.accounts.items()}
            proxy = Proxy(network["url"], dids)
            handler = functools.partial(Shards, directory=self.files)
            shards = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            for server in (proxy, shards):
                self.stack.enter_context(serving(server))
            self.server, self.proxy, self.plc = network["url"], proxy.url, network["plc"]
            self.shards_url = f"http://127.0.0.1:{shards.server_port}"
            self.lead(network["environment"])
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def lead(self, environment: dict[str, str]) -> None:
        """Have this process take the network for the world's, and the proxied find the proxy."""
        for url in (self.proxy, self.shards_url):
            environment["ATDATA_ALLOW_PRIVATE"] += "," + url.partition("://")[2]
        os.environ.update(environment, ATDATA_HOME=str(self.folder / "home"))
        for who in PROXIED:
            where = f"{self.plc}/{self.account(who)['did']}"
            with urllib.request.urlopen(where) as answer:
                document = json.load(answer)
            document["service"][0]["serviceEndpoint"] = self.proxy
            changed = urllib.request.Request(where, json.dumps(document).encode(), method="PUT")
            urllib.request.urlopen(changed).close()

    def account(self, who: str) -> dict[str, str]:
        """An account, as `serve.py` tells it."""
        return self.accounts[ACCOUNTS[who]]

    def login(self, lexicons: str) -> Atmosphere:
        """Our account that writes these."""
        account = self.account(lexicons)
        return Atmosphere.login(account["handle"], account["app_password"], lexicons=lexicons)

    def begin(self, script: str, *words: str, **settings: Any) -> Run:
        """Start a script of this folder beside the original."""
        outcome = self.outcome()
        command = [self.original, str(HERE / script), *words, json.dumps(settings), str(outcome)]
        home = {"HOME": str(self.folder)}
        environment = {**os.environ, **home}
        # Which may lead to our package; the original must find its own.
        environment.pop("PYTHONPATH", None)
        with open(outcome.with_suffix(".log"), "wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        return Run(f"{script} {' '.join(words)} failed", process, outcome)

    def begin_original(self, action: str, who: str, **settings: Any) -> Run:
        """Start the original, logged in."""
        account = self.account(who)
        login = {"server": self.proxy, "handle": account["handle"], "password": account["password"]}
        return self.begin("original_network.py", action, **login, **settings)

    def begin_js(self, who: str, collections: list[str]) -> "Reading":
        """Start the reference client and its validator."""
        words = [self.server, self.account(who)["did"], *collections, "--lexicons", str(LEXICONS)]
        return Reading([node(), str(NETWORK / READ), *words], self.outcome())

    def outcome(self) -> Path:
        """A new file."""
        self.runs += 1
        return self.folder / f"{self.runs}.json"


class Reading:
    """The reference client at work."""

    def __init__(self, command: list[str], outcome: Path) -> None:
        self.outcome = outcome
        with open(outcome, "wb") as found:
            self.process = subprocess.Popen(command, stdout=found)

    def end(self) -> list[dict[str, Any]]:
        """What it read: a line each; those that break their lexicon are among them."""
        if self.process.wait() not in (0, 1):
            sys.exit(f"compat: {READ} failed")
        return [json.loads(line) for line in self.outcome.read_text().splitlines()]
