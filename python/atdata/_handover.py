"""Batches for other libraries: dicts, tensors, data frames and Arrow, without copies of arrays."""

import dataclasses
import importlib
import types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atdata import _atdata
from atdata._dict_sample import DictSample
from atdata._encodings import Sound
from atdata._errors import NotSupportedError, UnsupportedTypeError
from atdata._fields import fields_of

if TYPE_CHECKING:
    import pandas
    import pyarrow

__all__ = ["HandedOver", "as_mapping", "frame", "without"]


class HandedOver:
    """What a batch can be handed over as."""

    @property
    def sample_type(self) -> type[Any]:
        """The class of the samples."""
        raise NotImplementedError

    def _names(self) -> list[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __getitem__(self, name: str) -> Any:
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The columns by name: arrays of one shape as one array, anything else as a list.

        >>> import atdata
        >>> atdata.SampleBatch([atdata.DictSample(label=1), atdata.DictSample(label=2)]).to_dict()
        {'label': [1, 2]}
        """
        return {name: self[name] for name in self._names()}

    def to_torch(self) -> dict[str, Any]:
        """The columns by name as PyTorch has them.

        An array becomes a tensor over the same memory, and a list of arrays a list of tensors; a
        list of numbers of one type becomes a tensor (int64, float64, bool). What PyTorch has no
        type for (text, bytes, dtypes it does not know, None) stays as it is. Raises
        `NotSupportedError` without PyTorch (`pip install torch`).
        """
        try:
            torch = importlib.import_module("torch")
        except ImportError as error:
            raise without("to_torch", "PyTorch", "torch") from error
        return {name: _tensor(torch, self[name]) for name in self._names()}

    def to_pandas(self) -> "pandas.DataFrame":
        """The batch as a pandas DataFrame, a row a sample; see `Dataset.to_pandas`.

        Raises `NotSupportedError` without pandas (`pip install atdata[pandas]`).

        >>> import atdata
        >>> atdata.SampleBatch([atdata.DictSample(label=1)]).to_pandas().columns.tolist()
        ['label']
        """
        return frame("to_pandas", self.to_dict(), len(self))

    def to_arrow(self) -> "pyarrow.RecordBatch":
        """The batch as a `pyarrow.RecordBatch`, its columns as `to_parquet` writes them.

        Columns of numeric arrays of one shape are looked at, not copied. A recording becomes its
        samples, and its rate a column beside them (`sound.rate`). Raises `NotSupportedError`
        without pyarrow (`pip install atdata[arrow]`).

        >>> import atdata
        >>> atdata.SampleBatch([atdata.DictSample(label=1)]).to_arrow().to_pydict()
        {'label': [1]}
        """
        try:
            import pyarrow
        except ImportError as error:
            raise without("to_arrow", "pyarrow", "arrow") from error
        columns = _flat(self.to_dict())
        looked_at = {name: column for name, column in columns.items() if _is_plain(column)}
        rest = {name: column for name, column in columns.items() if name not in looked_at}
        found = _exported(pyarrow, rest, len(self), self.sample_type)
        for name, column in looked_at.items():
            [(field, _)] = _exported(pyarrow, {name: column[:1]}, 1, self.sample_type)
            flat = pyarrow.array(column.reshape(-1))
            found.append((field, _boxed(pyarrow, flat, field.type)))
        order = {name: at for at, name in enumerate(columns)}
        found.sort(key=lambda pair: _place(pair[0].name, order))
        schema = pyarrow.schema([field for field, _ in found])
        return pyarrow.record_batch([column for _, column in found], schema=schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The batch as an Arrow stream: for other libraries to call."""
        export = _export(_flat(self.to_dict()), len(self), self.sample_type)
        return export.__arrow_c_stream__(requested_schema)


def _flat(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns in which recordings are two: samples and rates."""
    found: dict[str, Any] = {}
    for name, column in columns.items():
        if isinstance(column, list) and any(isinstance(value, Sound) for value in column):
            found[name] = [None if value is None else value.samples for value in column]
            found[f"{name}.rate"] = [None if value is None else value.rate for value in column]
        else:
            found[name] = column
    return found


def as_mapping(sample: Any) -> Mapping[str, Any]:
    """The fields of a sample of any class."""
    if isinstance(sample, DictSample):
        return _flat_sample(sample.to_dict())
    if dataclasses.is_dataclass(sample):
        found = {field.name: getattr(sample, field.name) for field in dataclasses.fields(sample)}
        return _flat_sample(found)
    if isinstance(sample, Mapping):
        return _flat_sample(sample)
    if not hasattr(sample, "__dict__"):
        name = type(sample).__qualname__
        raise UnsupportedTypeError(f"a value of type {name} has no fields to export as columns")
    fields: dict[str, Any] = vars(sample)
    return fields


def _flat_sample(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of one sample, a recording as two."""
    if not any(isinstance(value, Sound) for value in fields.values()):
        return fields
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Sound):
            found |= {name: value.samples, f"{name}.rate": value.rate}
        else:
            found[name] = value
    return found


def _is_plain(column: Any) -> bool:
    """Whether Arrow has these numbers just as they lie in memory."""
    if not (isinstance(column, np.ndarray) and column.ndim > 1 and column.size):
        return False
    return column.dtype.kind in "iuf" and column.dtype.isnative and column.flags.c_contiguous


def _export(columns: dict[str, Any], rows: int, sample_type: type[Any]) -> _atdata.Export:
    """What exports columns by way of rows."""
    typed = dataclasses.is_dataclass(sample_type) and hasattr(sample_type, "from_data")
    declared = {field.name: field.type for field in fields_of(sample_type)} if typed else {}
    if not columns or not columns.keys() <= declared.keys():
        return _atdata.export_samples(lambda: _rows(dict, columns, rows))
    fields = []
    for name, column in columns.items():
        arrays = any(isinstance(value, np.ndarray) for value in column)
        kind = "array" if arrays else declared[name].layout_kind
        fields.append((name, kind, declared[name].optional, _atdata.REQUIRED))
    layout = _atdata.Layout(types.SimpleNamespace, fields, False)
    return _atdata.export_samples(lambda: _rows(types.SimpleNamespace, columns, rows), layout)


def _rows(make: Any, columns: dict[str, Any], rows: int) -> Iterator[Any]:
    for row in range(rows):
        yield make(**{name: _cell(column, row) for name, column in columns.items()})


def _cell(column: Any, row: int) -> Any:
    return column[row, ...] if isinstance(column, np.ndarray) else column[row]


def _exported(
    pyarrow: Any, columns: dict[str, Any], rows: int, sample_type: type[Any]
) -> list[tuple[Any, Any]]:
    """Fields and columns of a table."""
    if not columns:
        return []
    table = pyarrow.table(_export(columns, rows, sample_type).read_all()).combine_chunks()
    chunks = (column.chunks for column in table.columns)
    empty = (pyarrow.array([], field.type) for field in table.schema)
    return [
        (field, found[0] if found else none)
        for field, found, none in zip(table.schema, chunks, empty, strict=True)
    ]


def _boxed(pyarrow: Any, flat: Any, kind: Any) -> Any:
    """Numbers as lists of a fixed size, nested by axis."""
    if not pyarrow.types.is_fixed_size_list(kind):
        return flat
    inner = _boxed(pyarrow, flat, kind.value_type)
    return pyarrow.FixedSizeListArray.from_arrays(inner, type=kind)


def _place(name: str, order: dict[str, int]) -> int:
    """Where a column stands: with the field that it is about."""
    return order.get(name, order.get(name.rpartition(".")[0], len(order)))


def _tensor(torch: Any, column: Any) -> Any:
    if isinstance(column, np.ndarray):
        try:
            return torch.from_numpy(column)
        except TypeError:  # a dtype that PyTorch does not know
            return column
    if any(isinstance(value, np.ndarray) for value in column):
        return [_tensor(torch, v) if isinstance(v, np.ndarray) else v for v in column]
    kinds = {type(value) for value in column}
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        try:
            return torch.from_numpy(np.array(column, dtype=_NUMBERS[kinds.pop()]))
        except OverflowError:  # a whole number of more than 64 bits
            return column
    return column


_NUMBERS: dict[type, str] = {bool: "?", int: "i8", float: "f8"}


def frame(method: str, columns: dict[str, Any], rows: int) -> "pandas.DataFrame":
    """Columns as a data frame."""
    try:
        import pandas
    except ImportError as error:
        raise without(method, "pandas", "pandas") from error
    made = {name: _series(pandas, values) for name, values in columns.items()}
    return pandas.DataFrame(made, index=pandas.RangeIndex(rows))


def _series(pandas: Any, values: Any) -> Any:
    """A column of a DataFrame in which no value is lost or rounded."""
    if isinstance(values, np.ndarray):
        return values if values.ndim == 1 else pandas.Series(list(values), dtype=object)
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and None in values:
        try:
            return pandas.array(values, dtype="Int64")
        except OverflowError:
            return pandas.Series(values, dtype=object)
    plain = len(kinds) == 1 and kinds <= {bool, int, float, str}
    return pandas.Series(values, dtype=None if plain and None not in values else object)


def without(method: str, library: str, extra: str) -> NotSupportedError:
    """The error for a library that is not there."""
    return NotSupportedError(f"{method}() needs {library}: pip install atdata[{extra}]")
