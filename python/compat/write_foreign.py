"""Write the folders of tests/fixtures/foreign with the packages whose formats they are.

    python write_foreign.py FOLDER

It needs mosaicml-streaming (0.13), litdata (0.2), torch, Pillow and transformers, which nothing
else here does; that is why what it writes is kept. What is in it, and is read of it, says
`python/tests/test_foreign_folders.py`.
"""

import io
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import torch
from litdata import optimize
from PIL import Image
from streaming import MDSWriter

MDS = {
    "number": "int",
    "small": "uint8",
    "large": "uint64",
    "ratio": "float32",
    "half": "float16",
    "text": "str",
    "data": "bytes",
    "any": "ndarray",
    "typed": "ndarray:float32",
    "shaped": "ndarray:int16:2,3",
    "tree": "json",
    "photo": "jpeg",
    "drawing": "png",
    "pixels": "pil",
    "digits": "str_int",
    "decimal": "str_decimal",
}


def jpeg() -> Image.Image:
    """A picture that has been JPEG all along."""
    data = io.BytesIO()
    Image.new("RGB", (2, 2), (200, 0, 0)).save(data, "JPEG")
    return Image.open(data)


def mds(n: int) -> dict[str, Any]:
    """A sample of an MDS folder."""
    return {
        "number": n - 1,
        "small": np.uint8(n),
        "large": np.uint64(2**64 - 1),
        "ratio": np.float32(n / 2),
        "half": np.float16(1.5),
        "text": "té" * n,
        "data": bytes([n, 0]),
        "any": np.arange(2 * n + 2, dtype="f8").reshape(n + 1, 2),
        "typed": np.ones((n + 1, 300), "f4"),
        "shaped": np.full((2, 3), n, "i2"),
        "tree": {"n": n, "items": [1, None]},
        "photo": jpeg(),
        "drawing": Image.new("RGB", (2, 2)),
        "pixels": Image.fromarray(np.full((4, 5, 3), n, "u1")),
        "digits": 10**12 + n,
        "decimal": Decimal("1.10"),
    }


def litdata(n: int) -> dict[str, Any]:
    """A sample of a LitData folder."""
    return {
        "number": n - 1,
        "ratio": n / 2,
        "text": "té" * n,
        "data": bytes([n, 0]),
        "even": n % 2 == 0,
        "matrix": np.full((2, 3), n, "i2"),
        "vector": np.full(n + 1, n, "f4"),
        "tensor": torch.full((n + 1, 2), float(n)),
        "steps": torch.arange(n + 1),
        "pixels": Image.fromarray(np.full((4, 5, 3), n, "u1")),
        "grey": Image.fromarray(np.full((4, 5), n, "u1")),
        "photo": jpeg(),
        "deep": {"n": n, "inner": {"text": "x"}},
    }


def main() -> None:
    """Write both."""
    folder = Path(sys.argv[1])
    for name in ("mds", "litdata"):
        shutil.rmtree(folder / name, ignore_errors=True)
    with MDSWriter(out=str(folder / "mds"), columns=MDS, size_limit=9000) as writer:
        for n in range(5):
            writer.write(mds(n))
    optimize(
        fn=litdata,
        inputs=list(range(5)),
        output_dir=str(folder / "litdata"),
        num_workers=1,
        chunk_size=2,
    )


if __name__ == "__main__":
    main()
