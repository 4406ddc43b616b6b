"""What the reference JavaScript client, its validator and the Python SDK read of our records."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import content
from network_place import Place
from network_publish import TYPES, Uris

from atdata.atmosphere import Atmosphere, AtmosphereIndex, AtUri, DatasetLoader

Json = dict[str, Any]


class Opinions:
    """Both at work on what an account has published."""

    def __init__(self, place: Place, client: Atmosphere, uris: Uris) -> None:
        self.client, self.uris = client, uris
        collections = sorted({AtUri.parse(uri).collection for uri in uris.values()})
        self.js = place.begin_js(client.lexicons, collections)
        self.sdk = place.begin(
            "sdk_side.py", service=place.server, repository=client.did, collections=collections
        )
        self.records = self.fields = self.blobs = 0

    def differences(self) -> Iterator[str]:
        """Where they and ours disagree; counts what was compared."""
        js = {record["uri"]: record for record in self.js.end()}
        sdk = {record["uri"]: record for record in self.sdk.end()}
        wanted = set(self.uris.values())
        for who, found in (("the JavaScript client", js), ("the SDK", sdk)):
            if set(found) != wanted:
                yield f"{who} lists {len(found)} records of {len(wanted)}"
        for name, uri in self.uris.items():
            if uri in js and uri in sdk:
                lines = self.record(uri, js[uri], sdk[uri])
                yield from (f"{self.client.lexicons}: {name}: {line}" for line in lines)
        yield from self.types()

    def record(self, uri: str, js: Json, sdk: Json) -> Iterator[str]:
        """One record, as each has it."""
        ours = self.client.get_record(uri)
        self.records += 1
        self.fields += leaves(ours)
        if js.get("problem"):
            yield f"it does not follow its lexicon: {js['problem']}"
        views = {"JavaScript": js["value"], "SDK": sdk["value"], "SDK, block": sdk["block"]}
        for who, value in views.items():
            yield from (f"{who}: {line}" for line in unlike(dict(ours), value))
        cids = {"JavaScript": js["cid"], "SDK": sdk["cid"], "SDK, block": sdk["block_cid"]}
        yield from (f"{who}: CID {cid}" for who, cid in cids.items() if cid not in (ours.cid, None))
        yield from self.metadata(uri, ours, sdk["metadata"])
        yield from self.contents(sdk["blobs"])

    def metadata(self, uri: str, record: Json, unpacked: Any) -> Iterator[str]:
        """What msgpack holds, exactly."""
        if AtUri.parse(uri).collection.endswith((".record", ".entry")):
            ours = DatasetLoader(self.client).get_metadata(uri)
            if "$bytes" in record.get("metadata", {}) and content.described(ours) != unpacked:
                yield f"metadata: {content.described(ours)}, unpacked by msgpack {unpacked}"

    def contents(self, blobs: dict[str, str]) -> Iterator[str]:
        """The bytes of blobs."""
        for cid, digest in blobs.items():
            self.blobs += 1
            data = self.client.get_blob(self.client.did, cid)
            if data.startswith(b"{"):  # a manifest, which the SDK parses
                data = content.canonical(json.loads(data))
            if hashlib.sha256(data).hexdigest() != digest:
                yield f"the blob {cid} has other bytes"

    def types(self) -> Iterator[str]:
        """The schema with every type comes back as it was."""
        found = AtmosphereIndex(self.client).get_schema(self.uris["every"])
        got = {field["name"]: (field["fieldType"], field["optional"]) for field in found["fields"]}
        for name, field_type in TYPES.items():
            is_array = field_type["$type"] == "local#ndarray"
            wanted = {"dtype": "float32", **field_type} if is_array else field_type
            for field, optional in ((name, False), (f"{name}_or_none", True)):
                if got.get(field) != (wanted, optional):
                    yield f"{self.client.lexicons}: {field} is {got.get(field)}, not {wanted}"


def leaves(value: Any) -> int:
    """How many values there are that hold no others."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def unlike(ours: Any, theirs: Any, where: str = "") -> Iterator[str]:
    """The fields in which two records differ; objects have no order, and true is not 1."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours or key not in theirs:
                yield f"{where}/{key} is in one only"
            else:
                yield from unlike(ours[key], theirs[key], f"{where}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from unlike(*pair, f"{where}/{number}")
    elif type(ours) is not type(theirs) or ours != theirs:
        yield f"{where} is {theirs!r}, ours {ours!r}"
