"""Data sets as files of other formats."""

from typing import TYPE_CHECKING, Generic, TypeVar

from atdata import _atdata
from atdata._readable import Readable
from atdata._sources import PathLike
from atdata._to_hugging_face import to_hf
from atdata._told import PartProgress, told_of_all

if TYPE_CHECKING:
    import datasets

__all__ = ["WrittenOut"]

ST_co = TypeVar("ST_co", covariant=True)


class WrittenOut(Readable[ST_co], Generic[ST_co]):
    """What can be written in other formats."""

    def to_jsonl(
        self,
        path: PathLike,
        *,
        maxcount: int | None = None,
        progress: bool | PartProgress | None = None,
    ) -> list[str]:
        """Write all samples, in order, as a JSON object a line; returns the paths.

        With `maxcount` there are several files of at most so many samples each, named
        `{stem}-{segment:06d}.jsonl`. Nothing is visible before all is written, and memory does not
        grow with the data set. `progress=True` shows a line on a terminal; a function is called
        with the samples so far and all there are (None where that is not known).

        Bytes are `{"$bytes": base64}`, arrays `{"dtype": ..., "shape": ..., "data": ...}`, and NaN
        is `{"$float": "nan"}`: `from_jsonl` reads all of them as they were.

        >>> import atdata, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(2))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     [path] = dataset.to_jsonl(f"{folder}/numbers.jsonl")
        ...     pathlib.Path(path).read_text()
        '{"number": 0}\\n{"number": 1}\\n'
        """
        return self._to_files(path, "jsonl", maxcount, progress)

    def to_csv(
        self,
        path: PathLike,
        *,
        maxcount: int | None = None,
        progress: bool | PartProgress | None = None,
    ) -> list[str]:
        """Write all samples as text with a header, its columns between commas; see `to_jsonl`.

        A path that ends in `.tsv` has tabs. None is an empty cell, and so is an empty text; what is
        neither a text nor a number is JSON in its cell.

        >>> import atdata, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n, word="a, b") for n in range(2))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     [path] = dataset.to_csv(f"{folder}/numbers.csv")
        ...     pathlib.Path(path).read_text()
        'number,word\\n0,"a, b"\\n1,"a, b"\\n'
        """
        return self._to_files(
            path, "tsv" if str(path).endswith(".tsv") else "csv", maxcount, progress
        )

    def to_webdataset(
        self,
        path: PathLike,
        *,
        maxcount: int | None = None,
        progress: bool | PartProgress | None = None,
    ) -> list[str]:
        """Write all samples as plain tar archives for webdataset, a member a field.

        The arguments are those of `to_jsonl`. A field `jpg` of bytes is `{key}.jpg`, another one
        `{key}.{name}.{what its bytes are}`. Texts end in `txt`, whole numbers in `cls`, arrays in
        `npy`, anything else in `json`. None has no member. The keys are those of the samples, or
        their numbers where the dataset is a selection or is seen through a lens or a function.

        >>> import atdata, tarfile, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     cats = [atdata.DictSample(jpg=b"a picture", cls=3, name="Tom")]
        ...     dataset = atdata.write_samples(cats, f"{folder}/cats.tar")
        ...     [path] = dataset.to_webdataset(f"{folder}/plain.tar")
        ...     tarfile.open(path).getnames()
        ['000000000.jpg', '000000000.cls', '000000000.name.txt']
        """
        return self._to_files(path, "webdataset", maxcount, progress)

    def to_hf(
        self, path: PathLike | None = None, *, progress: bool | PartProgress | None = None
    ) -> "datasets.Dataset":
        """All samples, in order, as a `datasets.Dataset` of Hugging Face over an Arrow file.

        The file is written at `path`, or in a temporary folder (in `$TMPDIR`) that is gone when the
        process ends; it is mapped, not held in memory. The columns are those that `to_parquet`
        writes: arrays of one shape with two to five axes are `Array2D` to `Array5D`, others lists,
        and maps JSON text. Fields that are annotated as `atdata.Image` are `Image`, which
        `datasets` decodes with Pillow; those of `atdata.Audio` are `Audio(decode=False)`, since to
        decode it takes torchcodec. `from_hf` reads all of them as they were. `progress` is as in
        `to_jsonl`.

        Raises `NotSupportedError` without the packages `datasets` and `pyarrow`.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(3))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     dataset.to_hf().filter(lambda row: row["number"] > 1)[:]
        {'number': [2]}
        """
        with told_of_all(progress, "samples") as watch:
            found: datasets.Dataset = to_hf(self, path, watch)
            return found

    def _to_files(
        self,
        path: PathLike,
        kind: str,
        maxcount: int | None,
        progress: bool | PartProgress | None,
    ) -> list[str]:
        with told_of_all(progress, "samples") as watch:
            return self._export().to_files(str(path), kind, maxcount=maxcount, progress=watch)

    def _export(self) -> _atdata.Export:
        raise NotImplementedError
