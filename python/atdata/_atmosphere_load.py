"""Datasets of the network, loaded by what people call them."""

from collections.abc import Sequence
from typing import Any

from atdata import _atdata
from atdata._atmosphere_entry import AtmosphereIndexEntry
from atdata._atmosphere_schemas import Decoder
from atdata._errors import InvalidError
from atdata._sources import URLSource

__all__ = ["by_split", "from_network", "is_network"]


def from_network(
    text: str,
    sample_type: type[Any] | None,
    index: Any,
    verify: bool | str,
    mirrors: Sequence[str] = (),
) -> tuple[dict[str, URLSource], type[Any], dict[str, Any]]:
    """The splits, the sample type, and how shards are checked, of `@handle/name` or `at://...`."""
    if verify not in (False, True, "repo"):
        raise InvalidError(f"verify={verify!r} is neither False, True nor 'repo'")
    engine = engine_of(index)
    text = text.removeprefix("@local/")  # of an AtmosphereIndex: one of the account's own
    entry = AtmosphereIndexEntry._of(engine.dataset(text))
    if verify == "repo":
        engine.verify(entry.uri)
    if sample_type is None:
        sample_type = Decoder().decode(engine, entry.schema_ref, entry.schema_cid)
        if verify == "repo":
            engine.verify(entry.schema_ref)
    splits = by_split(entry.data_urls)
    sources: dict[str, URLSource] = {
        split: entry._source(urls, engine, mirrors) for split, urls in splits.items()
    }
    return sources, sample_type, entry._reading(bool(verify), mirrors)


def is_network(index: Any) -> bool:
    """Whether an index is the network itself: an `AtmosphereIndex`."""
    return isinstance(getattr(index, "_engine", None), _atdata.Atmosphere)


def engine_of(index: Any) -> _atdata.Atmosphere:
    """The network of an index that has an account, else that of the environment."""
    client = getattr(index, "client", None) or getattr(index, "atmosphere", None)
    found = getattr(client, "_engine", None)
    if isinstance(found, _atdata.Atmosphere):
        return found
    return _atdata.Atmosphere.reading("ac.foundation")


def by_split(urls: Sequence[str]) -> dict[str, list[str]]:
    """Shards by the splits that their names tell."""
    splits: dict[str, list[str]] = {}
    for url in urls:
        splits.setdefault(_split_of(url), []).append(url)
    return splits


def _split_of(url: str) -> str:
    """The split that a shard's name tells; the folders of a store are named by datasets."""
    if url.startswith("at://"):
        return "train"
    name = url.rpartition("/")[2]
    return "train" if name.startswith("data--") else _atdata.split_of(name)
