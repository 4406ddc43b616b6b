"""Reads what an export wrote, cell by cell, and compares it with the samples."""

import base64
import decimal
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import atdata


def unjson(value: Any) -> Any:
    """A value that was written as JSON text."""
    if isinstance(value, list):
        return [unjson(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    if value.keys() == {"$float"}:
        return float(value["$float"])
    if value.keys() == {"$map"}:
        return {unjson(name): unjson(item) for name, item in value["$map"]}
    if value.keys() == {"dtype", "shape", "data"}:
        data = unjson(value["data"])
        return np.frombuffer(data, value["dtype"]).reshape(value["shape"])
    return {name: unjson(item) for name, item in value.items()}


def flat(items: Any, axes: int) -> list[Any]:
    """The elements of nested lists."""
    for _ in range(axes):
        items = [item for inner in items for item in inner]
    return list(items)


def array(items: Any, dtype: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    """The array whose elements these are."""
    if items and isinstance(items[0], bytes):
        return np.frombuffer(b"".join(items), dtype).reshape(shape)
    if dtype.kind in "mM":
        unit = np.datetime_data(dtype)[0]
        exact = {"s": "ms"}.get(unit, unit) if dtype.kind == "M" else unit
        ticks = [np.iinfo("i8").min if item is None else item for item in items]
        return np.array(ticks, "i8").view(f"{dtype.kind}8[{exact}]").astype(dtype).reshape(shape)
    return np.array(items, dtype.newbyteorder("=")).astype(dtype).reshape(shape)


def ticks(kind: pa.DataType) -> pa.DataType:
    """A type as whole numbers where it is one of times, whose Python objects are not exact."""
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(ticks(kind.value_type), kind.list_size)
    if pa.types.is_list(kind):
        return pa.list_(ticks(kind.value_type))
    if pa.types.is_date32(kind):
        return pa.int32()
    return pa.int64() if pa.types.is_temporal(kind) else kind


def cells(table: pa.Table, name: str) -> list[Any]:
    """A column as what was exported."""
    field, column = table.schema.field(name), table.column(name)
    said = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    if said.get("atdata.encoding") == "json":
        return [None if text is None else unjson(json.loads(text)) for text in column.to_pylist()]
    beside = {
        end: table.column(said[f"atdata.{end}_column"]).to_pylist()
        for end in ("shape", "dtype")
        if f"atdata.{end}_column" in said
    }
    if "atdata.dtype" not in said and not beside:
        return [int(v) if isinstance(v, decimal.Decimal) else v for v in column.to_pylist()]
    if ticks(field.type) != field.type:
        column = pa.chunked_array([pa.array(raw(chunk)) for chunk in column.chunks])
    found: list[Any] = []
    for row, items in enumerate(column.to_pylist()):
        if items is None:
            found.append(None)
        elif "dtype" in beside:
            dtype = np.dtype(beside["dtype"][row])
            found.append(np.frombuffer(items, dtype).reshape(beside["shape"][row]))
        else:
            dtype = described(said["atdata.dtype"])
            known = json.loads(said["atdata.shape"]) if "atdata.shape" in said else None
            axes = 1 if known is None else len(known)
            shape = beside["shape"][row] if "shape" in beside else known
            if None in shape:
                shape = shape_of(items, axes)
            found.append(array(flat([items], axes), dtype, shape))
    return found


def raw(chunk: pa.Array) -> list[Any]:
    """Times as numbers, at any depth."""
    kind = chunk.type
    if pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind):
        return [None if not item.is_valid else raw(item.values) for item in chunk]
    return chunk.cast(ticks(kind)).to_pylist()  # type: ignore[no-any-return]


def shape_of(items: Any, axes: int) -> list[int]:
    """The shape that nested lists have."""
    shape = []
    for _ in range(axes):
        shape.append(len(items))
        items = items[0] if items else []
    return shape


def described(text: str) -> np.dtype[Any]:
    if not text.startswith("["):
        return np.dtype(text)
    return np.lib.format.descr_to_dtype(eval(text))


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, np.ndarray):
        if not isinstance(found, np.ndarray):
            return False
        alike = (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        return alike and (found.tobytes() == wanted.tobytes() or equal(found, wanted))
    if isinstance(wanted, float):
        return bool(found == wanted or (found != found and wanted != wanted))
    if isinstance(wanted, (list, tuple)) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return found.keys() == wanted.keys() and all(same(found[k], wanted[k]) for k in wanted)
    return bool(found == wanted)


def equal(found: NDArray[Any], wanted: NDArray[Any]) -> bool:
    numbers = wanted.dtype.kind in "fcmM"
    return bool(np.array_equal(found, wanted, equal_nan=numbers))


def check(table: pa.Table, samples: list[Any], fields: Callable[[Any], dict[str, Any]]) -> None:
    wanted = [fields(sample) for sample in samples]
    assert table.num_rows == len(samples)
    for name in dict.fromkeys(name for row in wanted for name in row):
        found = cells(table, name)
        for row, sample in enumerate(wanted):
            value = sample.get(name)
            assert same(found[row], value), (name, row, found[row], value)


def fields_of(sample: Any) -> dict[str, Any]:
    return sample.to_dict() if isinstance(sample, atdata.DictSample) else dict(vars(sample))
