"""Our records of `science.alt` as the original reads them."""

from collections.abc import Iterator
from typing import Any

import content
import network_types
from network_opinions import unlike
from network_place import Place
from network_publish import BLOBS, EXTERNAL, PLAIN, TYPES, VERSION, Uris

from atdata.atmosphere import Atmosphere, AtmosphereIndex

Json = dict[str, Any]
# What the original cannot do, and what it then says.
CANNOT = {
    # A record's keys are sorted, so that a field with a default comes first. Nor one of its own.
    "thing: class": "non-default argument",
    # It knows the public directory of accounts only. Nor blobs of its own.
    f"{BLOBS}: samples": "Could not resolve PDS endpoint",
    f"{BLOBS}: samples by name": "Could not resolve PDS endpoint",
    # Bytes come without the padding of base64, so that it reads only every third length of them.
    f"{BLOBS}: typed": "Incorrect padding",
    f"{BLOBS}: metadata": "Incorrect padding",
    "lens without code: typed": "getterCode",
}


class Reading:
    """What the original makes of ours."""

    def __init__(self, place: Place, client: Atmosphere, uris: Uris) -> None:
        self.client, self.uris, self.answers = client, uris, 0
        label = [EXTERNAL, VERSION]
        settings = {"uris": uris, "external": EXTERNAL, "blobs": BLOBS, "label": label}
        self.run = place.begin_original("read", "science.alt", **settings)

    def told(self) -> str:
        """What was compared."""
        cannot = ", ".join(CANNOT)
        return f"{self.answers} answers are right; as known, it cannot tell: {cannot}"

    def differences(self) -> Iterator[str]:
        """Where the original reads something else than ours has written."""
        found = self.run.end()
        wanted = {**self.records(), **self.datasets(), **self.samples(), **self.others()}
        for question in sorted(found.keys() | wanted.keys() | CANNOT.keys()):
            answer = found.get(question, {"error": "nobody asked"})
            error = answer.get("error") if isinstance(answer, dict) else None
            if question in CANNOT:
                if CANNOT[question] not in str(error):
                    yield f"the original: {question}: {answer}, which it could not tell before"
            elif question not in wanted:
                yield f"the original: {question}: {answer}, which nobody knows"
            else:
                self.answers += 1
                yield from unlike(wanted[question], answer, f"the original: {question}")

    def records(self) -> Json:
        """Records as they are."""
        names = ("every", "thing", "brief", EXTERNAL, BLOBS)
        return {f"{name}: record": dict(self.client.get_record(self.uris[name])) for name in names}

    def datasets(self) -> Json:
        """What is said of data sets."""
        index = AtmosphereIndex(self.client)
        external = index.get_dataset(self.uris[EXTERNAL])
        blobs = index.get_dataset(self.uris[BLOBS])
        return {
            "listed": sorted([EXTERNAL, BLOBS]),
            f"{EXTERNAL}: typed": EXTERNAL,
            f"{EXTERNAL}: metadata": PLAIN,
            f"{EXTERNAL}: storage": "http",
            f"{BLOBS}: storage": "blobs",
            "urls": external.data_urls,
            "blobs": [shard["blob"] for shard in blobs.record["storage"]["blobs"]],
        }

    def samples(self) -> Json:
        """The samples."""
        external = [content.fields_of(thing) for thing in network_types.things(3, 12)]
        blobs = [content.fields_of(thing) for thing in network_types.things(0, 25)]
        return {
            f"{EXTERNAL}: samples": external,
            f"{EXTERNAL}: samples by name": external,
            "samples of blobs": blobs,
        }

    def others(self) -> Json:
        """Schemas, lenses, labels."""
        every = sorted(name + end for name in TYPES for end in ("", "_or_none"))
        return {
            "every: typed": VERSION,
            "every: class": every,
            "thing: typed": "1.0.0",
            "brief: typed": "10.20.30",
            "brief: class": ["name"],
            "brief: by name": "Brief",
            "lens: typed": "brief é",
            "lens: metadata": PLAIN,
            "lens: by schemas": ["brief é", "least"],
            "label: typed": self.uris[EXTERNAL],
            "label: by name": self.uris[EXTERNAL],
        }
