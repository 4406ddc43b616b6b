"""How fast blobs go to a personal data server and back: `federation.py [--gigabytes 2]`, with
`PYTHONPATH=scripts`. Beside curl, which uploads and fetches the same shards at the same server.

The server is that of scripts/serve.py, on this machine. Memory is the most that this process had.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from servers import Server

import atdata
from atdata.atmosphere import Atmosphere, AtmosphereIndex, PDSBlobStore

SHARD = 48_000_000
SAMPLE = 600_000


@atdata.packable
class Image:
    """600 kB of noise."""

    pixels: NDArray
    label: int


def images(count: int) -> Any:
    """So many images, one after the other."""
    noise = np.random.default_rng(0).integers(0, 256, SAMPLE, "u1")
    return (Image(np.roll(noise, n), n) for n in range(count))


def speed(nbytes: int, act: Callable[[], Any]) -> float:
    """Megabytes a second."""
    start = time.perf_counter()
    act()
    return nbytes / 1e6 / (time.perf_counter() - start)


def peak() -> float:
    """The most memory that this process had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def curl(*arguments: str) -> None:
    """Run it, quietly, to a success."""
    subprocess.run(["curl", "-sSf", *arguments], check=True, stdout=subprocess.DEVNULL)


def curl_up(account: dict[str, str], token: str, shards: list[str]) -> None:
    """Upload shards one after the other."""
    for shard in shards:
        url = f"{account['pds']}/xrpc/com.atproto.repo.uploadBlob"
        headers = ["-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/x-tar"]
        curl(*headers, "-H", "Expect:", "--data-binary", f"@{shard}", url)


def run(server: Server, gigabytes: float, folder: Path) -> None:
    """Up and down, each beside curl."""
    os.environ.update(server.about["environment"])
    account = server.about["accounts"][0]
    client = Atmosphere.login(account["handle"], account["app_password"])
    token = json.loads(client.export_session())["tokens"]["access"]
    store = PDSBlobStore(client)
    index = AtmosphereIndex(client, data_store=store)
    count = int(gigabytes * 1e9 / SAMPLE)
    local = atdata.write_samples(images(count), folder / "data.tar", maxsize=SHARD)
    nbytes = sum(Path(shard).stat().st_size for shard in local.list_shards())
    before = peak()
    print(f"{nbytes / 1e9:.2f} GB in {len(local.list_shards())} shards; {before:.0f} MB of memory")

    up = speed(nbytes, lambda: index.insert_dataset(local, name="images"))
    curl_speed = speed(nbytes, lambda: curl_up(account, token, local.list_shards()))
    print(f"up    {up:6.0f} MB/s, curl {curl_speed:6.0f} MB/s, ratio {up / curl_speed:.2f}")

    there = atdata.load_dataset(f"@{account['handle']}/images", Image, split="train")
    down = speed(nbytes, lambda: sum(len(batch.label) for batch in there.ordered(batch_size=16)))
    urls = [store.read_url(url) for url in there.list_shards()]
    curl_speed = speed(nbytes, lambda: [curl("-o", str(folder / "x"), url) for url in urls])
    print(f"down  {down:6.0f} MB/s, curl {curl_speed:6.0f} MB/s, ratio {down / curl_speed:.2f}")
    print(f"memory grew by {peak() - before:.0f} MB")


def main() -> None:
    """All of it, with a server of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2)
    options = parser.parse_args()
    account = ["--account", "bench.test:bench-password"]
    with (
        tempfile.TemporaryDirectory() as folder,
        Server("atproto", "--pds", "1", "--blob-limit", "60000000", *account) as server,
    ):
        os.environ["ATDATA_HOME"] = folder
        run(server, options.gigabytes, Path(folder))


if __name__ == "__main__":
    main()
