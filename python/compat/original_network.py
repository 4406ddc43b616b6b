"""The original on the network: `original_network.py publish|read SETTINGS OUTCOME`.

SETTINGS is JSON: `server`, `handle` and `password` to log in with. For `publish` also `folder`, for
files that are served at `shards_url`; for `read` the `uris` of records that ours has published, by
names, which of them is the data set that is `external`, which that in `blobs`, and the `label` of
one: its name and version. OUTCOME is the file for what came of it, as JSON: what it cannot do is
told as an error.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import original_publishes
import original_reads

from atdata.atmosphere import Atmosphere


def main(action: str, settings: dict[str, Any], outcome: Path) -> None:
    """Do what was asked for."""
    warnings.simplefilter("ignore")
    who = (settings["handle"], settings["password"])
    client = Atmosphere.login(*who, base_url=settings["server"])
    do = original_publishes.publish if action == "publish" else original_reads.read
    outcome.write_text(json.dumps(do(client, settings), default=str))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]))
