"""The network in memory, as users' own tests use it: no server, no connection."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import atdata
from atdata.atmosphere import AtmosphereClient, AtmosphereIndex, PDSBlobStore
from atdata.testing import LocalAtmosphere


@atdata.packable
class Digit:
    pixels: NDArray
    label: int


def digits(count: int) -> list[Digit]:
    return [Digit(np.full((4, 4), n, "u1"), n) for n in range(count)]


def published(network: LocalAtmosphere) -> tuple[AtmosphereClient, str]:
    network.account("alice.test", "password")
    alice = network.login("alice.test", "password")
    index = AtmosphereIndex(alice, data_store=PDSBlobStore(alice))
    return alice, index.write(digits(20), name="digits", maxcount=8).data_urls[0]


def load(network: LocalAtmosphere) -> atdata.Dataset[Digit]:
    index = AtmosphereIndex(network.reader())
    return atdata.load_dataset("@alice.test/digits", Digit, index=index, split="train")


def test_what_one_publishes_another_loads_and_checks() -> None:
    network = LocalAtmosphere()
    published(network)
    dataset = load(network)
    assert [sample.label for sample in dataset.ordered()] == list(range(20))
    index = AtmosphereIndex(network.reader())
    index.verify("@alice.test/digits")
    assert index.list_schemas(repo="alice.test")[0]["name"] == "Digit"


def test_faults_can_be_had_on_purpose() -> None:
    network = LocalAtmosphere()
    alice, url = published(network)
    network.expire_tokens(alice.did)
    assert AtmosphereIndex(alice).publish_schema(Digit, version="2.0.0").startswith("at://")
    network.fail_next(2, 503)
    with pytest.raises(atdata.UnreachableError, match="503"):
        load(network)
    assert len(load(network)) == 20
    assert network.corrupt_blob(url)
    with pytest.raises(atdata.UnverifiedError, match=url.rsplit("/")[-1]):
        load(network)[0]
    network.revoke(alice.did)
    with pytest.raises(atdata.DeniedError):
        AtmosphereIndex(alice).publish_schema(Digit, version="3.0.0")
    with pytest.raises(atdata.DeniedError):
        network.login("alice.test", "wrong")


def test_shards_are_cut_to_what_the_server_takes() -> None:
    network = LocalAtmosphere()
    network.limit_blobs(20_000)
    network.account("alice.test", "password", "https://small.test")
    alice = network.login("alice.test", "password")
    index = AtmosphereIndex(alice, data_store=PDSBlobStore(alice))
    assert len(index.write(digits(100), name="digits").data_urls) > 5
    assert len(load(network)) == 100


def test_what_is_uploaded_there_is_noted_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATDATA_HOME", str(tmp_path))
    published(LocalAtmosphere())
    assert list(tmp_path.iterdir()) == []
