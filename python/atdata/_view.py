"""How the samples of a dataset are seen: the type they are decoded as, and a lens on top."""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

from atdata import _atdata
from atdata._dict_sample import DictSample
from atdata._errors import MalformedSampleError, NoLensError, UnsupportedTypeError
from atdata._fields import layout_of
from atdata._lens import Lens
from atdata._lens_derived import by_name, chained, misfits
from atdata.lens import LensNetwork

__all__ = ["View"]


@dataclasses.dataclass(frozen=True)
class View:
    """Samples decoded as `stored`, then seen through `lens` if there is one."""

    stored: type[Any]
    lens: Lens[Any, Any] | None = None

    @property
    def sample_type(self) -> type[Any]:
        """The class of the samples that come out."""
        return self.stored if self.lens is None else self.lens.view_type

    @property
    def layout(self) -> _atdata.Layout:
        """How the engine decodes the stored samples."""
        return layout_of(self.stored)

    @property
    def has_columns(self) -> bool:
        """Whether the engine can decode batches: fields are known and nothing is to be mapped."""
        return self.lens is None and self.layout.has_columns

    def seen(self, sample: Any) -> Any:
        """A decoded sample as it comes out."""
        return sample if self.lens is None else self.lens.get(sample)

    def unwrapped(self, raw: Mapping[str, Any]) -> Any:
        """The sample in a raw webdataset sample."""
        return self.seen(self.layout.decode(bytes(payload_of(raw))))

    def as_type(self, other: type[Any]) -> "View":
        """The same samples seen as another type.

        That is through a registered lens, or the only shortest chain of lenses; else the fields
        of `other` are read by name where all of them are there. Raises `NoLensError`.
        """
        other = typing.get_origin(other) or other
        if not isinstance(other, type):
            raise UnsupportedTypeError(f"{other!r} is not a sample type: it is not a class")
        mine, network = self.sample_type, LensNetwork()
        if other is mine:
            return self
        if mine is DictSample and self.lens is None and not network.is_registered(mine, other):
            layout_of(other)  # says so at once if it is no sample type
            return View(other)
        if found := network.find(mine, other):
            return self._through(found)
        if other is DictSample and self.lens is None:
            return View(other)
        return self._by_name(other)

    def _through(self, lens: Lens[Any, Any]) -> "View":
        return View(self.stored, lens if self.lens is None else chained(self.lens, lens))

    def _by_name(self, other: type[Any]) -> "View":
        wrong = misfits(self.sample_type, other)
        if wrong:
            try:
                LensNetwork().transform(self.sample_type, other)
            except NoLensError as error:
                raise NoLensError(f"{error}. By name: {'; '.join(wrong)}") from None
        return View(other) if self.lens is None else self._through(by_name(self.sample_type, other))


def payload_of(raw: Mapping[str, Any]) -> Any:
    """The payload of a raw webdataset sample or batch."""
    try:
        return raw["msgpack"]
    except KeyError:
        raise MalformedSampleError(
            f"Malformed sample: 'msgpack' field not found; it has {', '.join(map(str, raw))}"
        ) from None
