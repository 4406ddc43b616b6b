"""What notebooks show of a dataset, a batch and a sample."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from atdata import _atdata
from atdata._errors import AtdataError
from atdata._fields import fields_of
from atdata._html import Page, Row, kind_of, type_text

if TYPE_CHECKING:
    from atdata._batch import SampleBatch
    from atdata._dataset import Dataset

__all__ = ["batch_html", "dataset_html", "sample_html"]

SHOWN = 3


def sample_html(sample: Any) -> str:
    """A sample: a row for each field."""
    cls, values = type(sample), _values(sample)
    types = _types(cls)
    rows = [Row(name, types.get(name) or kind_of(v), [v]) for name, v in values.items()]
    return Page(cls.__qualname__, []).table(rows, ["field", "type", "value"])


def batch_html(batch: "SampleBatch[Any]") -> str:
    """A batch: a row for each field, with what it is in the first samples."""
    rows = [_column(name, batch[name]) for name in batch._names()]
    shown = min(SHOWN, len(batch))
    title = f"SampleBatch[{batch.sample_type.__qualname__}]"
    facts = [f"{len(batch):,} samples"]
    return Page(title, facts).table(rows, ["field", "holds", *map(str, range(shown))])


def _column(name: str, column: Any) -> Row:
    if isinstance(column, np.ndarray):
        return Row(name, kind_of(column), [column[at, ...] for at in range(len(column))[:SHOWN]])
    kinds = list(dict.fromkeys(_item_kind(value) for value in column[:100]))
    return Row(name, f"list of {' | '.join(kinds[:4])}" if kinds else "list", column[:SHOWN])


def _item_kind(value: Any) -> str:
    return f"{value.dtype} array" if isinstance(value, np.ndarray) else kind_of(value)


def dataset_html(dataset: "Dataset[Any]") -> str:
    """A dataset: how much there is, and a row for each field with the first samples."""
    samples, facts = _first(dataset)
    values = [_values(sample) for sample in samples]
    types = _types(dataset.sample_type)
    names = list(types) or list(dict.fromkeys(name for found in values for name in found))
    rows = []
    for name in names:
        found = [sample.get(name) for sample in values]
        known = [value for value in found if value is not None]
        kind = types.get(name) or (kind_of(known[0]) if known else "")
        if types.get(name) and known and isinstance(known[0], np.ndarray):
            kind = kind_of(known[0])
        rows.append(Row(name, kind, found))
    title = f"Dataset[{dataset.sample_type.__qualname__}]"
    return Page(title, facts).table(rows, ["field", "type", *map(str, range(len(samples)))])


def _first(dataset: "Dataset[Any]") -> tuple[Sequence[Any], list[str]]:
    """The first samples, and what is known of all."""
    facts = []
    try:
        shards = dataset.list_shards()
        facts.append(f"{len(shards):,} shard{'' if len(shards) == 1 else 's'}")
        facts.append(_atdata.shown(dataset.url))
        if not dataset._seen.filters:
            facts.insert(0, f"{len(dataset):,} samples")
        return dataset.head(SHOWN), facts
    except (AtdataError, OSError, TypeError) as error:  # said where the samples would be
        return [], [*facts, f"cannot be read: {error}"]
    except Exception as error:  # a function of map or filter
        return [], [*facts, f"cannot be read: {type(error).__name__}: {error}"]


def _types(cls: type[Any]) -> dict[str, str]:
    """The types of the fields, where the class says them."""
    if not (dataclasses.is_dataclass(cls) and hasattr(cls, "from_data")):
        return {}
    return {field.name: type_text(field.type) for field in fields_of(cls)}


def _values(sample: Any) -> dict[str, Any]:
    """A sample's fields."""
    if hasattr(sample, "to_dict") and hasattr(sample, "from_data"):
        return dict(sample.to_dict())
    if isinstance(sample, Mapping):
        return {str(name): value for name, value in sample.items()}
    if dataclasses.is_dataclass(sample):
        return {field.name: getattr(sample, field.name) for field in dataclasses.fields(sample)}
    return dict(getattr(sample, "__dict__", {"value": sample}))
