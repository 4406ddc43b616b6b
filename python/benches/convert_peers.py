"""The work of convert.py done by others: pandas, Hugging Face's datasets, LitData.

Each goes between the same file and what it keeps data in itself: pandas and pyarrow between the
file and its own table files or memory, `datasets` its Arrow cache, LitData its chunks. The way in
ends on disk where theirs does; pandas has nothing of the kind, so it ends in Parquet.
"""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Work = Callable[[], Any]


def importable(name: str, kind: str) -> bool:
    """Whether a peer is installed, with all that it needs."""
    needs = ["pyarrow", name, *(["PIL"] if kind == "images" else [])]
    return all(importlib.util.find_spec(package) for package in needs)


def pandas_in(kind: str) -> Callable[[Path, Path], Work]:
    """Reads all rows into a frame, and keeps them as Parquet."""

    def prepare(source: Path, target: Path) -> Work:
        import pandas

        read = {
            "csv": pandas.read_csv,
            "jsonl": lambda path: pandas.read_json(path, lines=True),
            "parquet": pandas.read_parquet,
            "arrow": pandas.read_feather,
        }[kind]
        return lambda: read(source).to_parquet(target)

    return prepare


def pandas_out(kind: str) -> Callable[[Path, Path], Work]:
    """Reads what ours wrote, and writes it again: the time of writing alone."""

    def prepare(source: Path, target: Path) -> Work:
        import pandas

        if kind == "csv":
            frame = pandas.read_csv(source)
            return lambda: frame.to_csv(target, index=False)
        if kind == "jsonl":
            frame = pandas.read_json(source, lines=True)
            return lambda: frame.to_json(target, orient="records", lines=True)
        frame = pandas.read_parquet(source)
        return lambda: frame.to_parquet(target)

    return prepare


def datasets_in(kind: str) -> Callable[[Path, Path], Work]:
    """Makes the Arrow cache of `datasets`."""

    def prepare(source: Path, target: Path) -> Work:
        import datasets

        loader = {"csv": "csv", "jsonl": "json", "parquet": "parquet", "images": "imagefolder"}
        options = {"data_dir" if kind == "images" else "data_files": str(source)}
        return lambda: datasets.load_dataset(loader[kind], cache_dir=str(target), **options)

    return prepare


def datasets_out(kind: str) -> Callable[[Path, Path], Work]:
    """Writes rows of its Arrow cache, made of what ours wrote."""

    def prepare(source: Path, target: Path) -> Work:
        found = datasets_in(kind)(source, target.with_name("peer-cache"))()["train"]
        names = {"csv": "to_csv", "jsonl": "to_json", "parquet": "to_parquet"}
        return lambda: getattr(found, names[kind])(str(target))

    return prepare


def litdata_in(source: Path, target: Path) -> Work:
    """Makes LitData's chunks of Parquet, by its `optimize` with one worker."""
    import litdata

    return lambda: litdata.optimize(
        fn=parquet_rows,
        inputs=[str(source)],
        output_dir=str(target),
        num_workers=1,
        chunk_bytes="64MB",
    )


def parquet_rows(path: str) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file."""
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(path).iter_batches(batch_size=1000):
        yield from batch.to_pylist()


PEERS: dict[tuple[str, str, str], Callable[[Path, Path], Work]] = {
    **{(kind, "in", "pandas"): pandas_in(kind) for kind in ("csv", "jsonl", "parquet", "arrow")},
    **{(kind, "out", "pandas"): pandas_out(kind) for kind in ("csv", "jsonl", "parquet")},
    **{
        (kind, "in", "datasets"): datasets_in(kind)
        for kind in ("csv", "jsonl", "parquet", "images")
    },
    **{(kind, "out", "datasets"): datasets_out(kind) for kind in ("csv", "jsonl", "parquet")},
    ("parquet", "in", "litdata"): litdata_in,
}
