"""What tests of the AT Protocol share: accounts, a sample type, names that nobody has used."""

import itertools
import json
import secrets
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import atdata
from atdata.atmosphere import Atmosphere

_names = itertools.count(1)


@atdata.packable
class Feature:
    """Something that was measured."""

    features: NDArray[np.float32]
    label: int
    note: str | None = None


def features(count: int, start: int = 0) -> list[Feature]:
    """So many samples, each of another label."""
    numbers = range(start, start + count)
    return [Feature(np.full(4, n, "f4"), n) for n in numbers]


def dataset(folder: Path, count: int = 20, **limits: Any) -> atdata.Dataset[Feature]:
    """A dataset in files of its own."""
    path = folder / f"features-{next(_names)}.tar"
    return atdata.write_samples(features(count), path, **limits)


def new_name(word: str) -> str:
    """A name that no test before has published."""
    return f"{word}-{secrets.token_hex(4)}"


def login(network: dict[str, Any], handle: str, **how: Any) -> Atmosphere:
    """An account, logged in with its app password."""
    return Atmosphere.login(handle, network[handle]["app_password"], **how)


def tell(pds: str, method: str, what: Any, token: str | None = None) -> Any:
    """A procedure of a PDS, asked by hand."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = None if what is None else json.dumps(what).encode()
    request = urllib.request.Request(f"{pds}/xrpc/{method}", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def session(account: dict[str, str]) -> str:
    """The token of a session with the account's own password."""
    named = {"identifier": account["handle"], "password": account["password"]}
    token: str = tell(account["pds"], "com.atproto.server.createSession", named)["accessJwt"]
    return token
