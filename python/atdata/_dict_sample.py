"""A sample of any fields, for data whose type is not known or not wanted."""

import reprlib
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from atdata import _atdata
from atdata._errors import UnknownNameError
from atdata._sample import same_value

__all__ = ["DictSample"]


class DictSample:
    """A sample as it was stored: fields by attribute, by item, or all at once.

    The default sample type of `Dataset` and `load_dataset`. Arrays stay the bytes that were
    stored; view the dataset `.as_type(MySample)` to get them as arrays. A field whose name is
    also a method's (`keys`, `items`, ...) is read as an item.

    >>> sample = DictSample(text="hello", label=3)
    >>> sample.text, sample["label"], "colour" in sample, sample.keys()
    ('hello', 3, False, ['text', 'label'])
    >>> DictSample.from_bytes(sample.packed) == sample
    True
    """

    __slots__ = ("_data",)
    __hash__ = None  # type: ignore[assignment]
    _data: dict[str, Any]

    def __init__(self, _data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self._data = {**(_data or {}), **kwargs}

    @classmethod
    def from_bytes(cls, bs: bytes) -> "DictSample":
        """The sample that was packed into these bytes.

        Raises `DataError` when they are not a packed sample.
        """
        return cls.from_data(_atdata.unpack(bytes(bs)))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "DictSample":
        """A sample of these fields; a dict is kept as it is, not copied.

        >>> DictSample.from_data({"label": 3})
        DictSample(label=3)
        """
        sample = cls.__new__(cls)
        sample._data = data if type(data) is dict else dict(data)
        return sample

    def _repr_html_(self) -> str:
        from atdata._notebook import sample_html  # needed in notebooks only

        return sample_html(self)

    @property
    def packed(self) -> bytes:
        """The sample as bytes: a msgpack map of its fields, arrays as the format stores them."""
        return _atdata.pack(self._data)

    @property
    def as_wds(self) -> dict[str, Any]:
        """The sample as webdataset's writers want it: `__key__` (new and unique) and `msgpack`."""
        return {"__key__": uuid.uuid4().hex, "msgpack": self.packed}

    def keys(self) -> list[str]:
        """The names of the fields."""
        return list(self._data)

    def values(self) -> list[Any]:
        """The values of the fields, in the order of their names."""
        return list(self._data.values())

    def items(self) -> list[tuple[str, Any]]:
        """Pairs of name and value."""
        return list(self._data.items())

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a field, or the default if there is no such field.

        >>> DictSample(label=3).get("colour", "none")
        'none'
        """
        return self._data.get(key, default)

    def to_dict(self) -> dict[str, Any]:
        """All fields as a dict of their own.

        >>> DictSample(label=3).to_dict()
        {'label': 3}
        """
        return dict(self._data)

    def __getattr__(self, name: str) -> Any:
        if name in DictSample.__slots__ or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)  # asked while a copy is being made
        try:
            return self._data[name]
        except KeyError:
            raise AttributeError(self._no_field(name), name=name, obj=self) from None

    def __getitem__(self, name: str) -> Any:
        try:
            return self._data[name]
        except KeyError:
            meant = _atdata.did_you_mean(name, list(self._data))
            raise UnknownNameError(self._no_field(name, meant), field=name) from None

    def _no_field(self, name: str, meant: str = "") -> str:
        return f"no field {name!r}{meant}; the fields are {', '.join(self._data) or 'none'}"

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DictSample):
            return NotImplemented
        mine, its = self._data, other._data
        return mine.keys() == its.keys() and all(same_value(mine[name], its[name]) for name in mine)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._data]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={reprlib.repr(value)}" for name, value in self._data.items())
        return f"{type(self).__name__}({fields})"
