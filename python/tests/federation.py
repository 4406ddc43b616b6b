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
from atdata.atmosphere import Atmosphere, AtmosphereIndex, AtmosphereIndexEntry, PDSBlobStore

COLLECTION = "ac.foundation.dataset.note"

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


def published(client: Atmosphere, folder: Path, **how: Any) -> AtmosphereIndexEntry:
    """A dataset in blobs."""
    index = AtmosphereIndex(client, data_store=PDSBlobStore(client))
    how = {"name": new_name("features"), **how}
    return index.insert_dataset(dataset(folder), **how)


def labels(dataset: atdata.Dataset[Any]) -> list[int]:
    """The labels of all samples, in order."""
    return [sample.label for sample in dataset.ordered()]


def new_name(word: str) -> str:
    """A name that no test before has published."""
    return f"{word}-{secrets.token_hex(4)}"


def note(**members: Any) -> dict[str, Any]:
    """A record of a collection that no lexicon describes."""
    return {"$type": COLLECTION, **members}


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
