"""`atdata convert` of folders that only Python reads: MDS and LitData."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atdata._errors import AtdataError, ConflictError, NotFoundError

__all__ = ["convert_folder", "folder_kind"]

OK, USAGE, NOT_FOUND, DATA = 0, 2, 3, 4  # as the engine has them
UNITS = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}
UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def folder_kind(arguments: list[str]) -> str | None:
    """`mds` or `litdata`, where `convert` is asked to read such a folder."""
    if "convert" not in arguments[1:]:
        return None
    for argument in arguments[arguments.index("convert") + 1 :]:
        kind = _kind(Path(argument)) if not argument.startswith("-") else None
        if kind is not None:
            return kind
    return None


def _kind(folder: Path) -> str | None:
    """What the first index in a folder, or in the folders of its splits, is."""
    for path in [folder / "index.json", *sorted(folder.glob("*/index.json"))]:
        try:
            index = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(index, dict):
            kinds = {"mds": index.get("shards"), "litdata": index.get("chunks")}
            return next((kind for kind, found in kinds.items() if isinstance(found, list)), None)
    return None


def convert_folder(kind: str, arguments: list[str], type_of: Callable[[str], type[Any]]) -> int:
    """Run the command on such a folder; gives its exit code."""
    options = _parser().parse_args(arguments[arguments.index("convert") + 1 :])
    import atdata

    into: Callable[..., atdata.Dataset[Any]] = getattr(atdata, f"from_{kind}")
    try:
        made = into(
            options.source,
            options.target,
            sample_type=type_of(options.type) if options.type else None,
            split=options.split,
            maxcount=options.maxcount,
            maxsize=options.maxsize,
            overwrite=options.overwrite,
            progress=sys.stderr.isatty(),
        )
    except AtdataError as error:
        print(f"error: {error}", file=sys.stderr)
        if isinstance(error, ConflictError):
            print("hint: --overwrite replaces it", file=sys.stderr)
            return USAGE
        return NOT_FOUND if isinstance(error, NotFoundError) else DATA
    shards = made.list_shards()
    counted = f"{_counted(len(made), 'sample')} in {_counted(len(shards), 'shard')}"
    print(f"ok: {kind} to shards: {counted}")
    print(*(f"  {shard}" for shard in shards), sep="\n")
    return OK


def _parser() -> argparse.ArgumentParser:
    about = "Shards of a folder of MDS or LitData, of which these options are understood."
    parser = argparse.ArgumentParser("atdata convert", description=about)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--type", metavar="MODULE:CLASS")
    parser.add_argument("--split")
    parser.add_argument("--maxcount", type=int)
    parser.add_argument("--maxsize", type=_size, help="bytes, or such as 500MB or 1GiB")
    parser.add_argument("--overwrite", action="store_true")
    return parser


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _size(text: str) -> int:
    number = text.rstrip("BKMGik")
    return int(number) * UNITS[text[len(number) :] or "B"]
