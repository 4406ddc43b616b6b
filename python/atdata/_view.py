"""How the samples of a dataset are seen: the type they are decoded as, and the steps after that."""

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from atdata import _atdata
from atdata._dict_sample import DictSample
from atdata._errors import (
    MalformedSampleError,
    NoLensError,
    UnknownNameError,
    UnsupportedTypeError,
)
from atdata._fields import layout_of
from atdata._lens import Lens
from atdata._lens_derived import by_name, misfits
from atdata.lens import LensNetwork

__all__ = ["Keep", "Make", "View"]


@dataclasses.dataclass(frozen=True)
class Keep:
    """Leaves out the samples that a function does not want."""

    wanted: Callable[[Any], object]


@dataclasses.dataclass(frozen=True)
class Make:
    """Puts what a function, or the getter of a lens, makes of a sample in its place."""

    function: Callable[[Any], Any]
    view_type: type[Any]


Step = Keep | Make


@dataclasses.dataclass(frozen=True)
class View:
    """Samples decoded as `stored`, then put through `steps`, one after the other."""

    stored: type[Any]
    steps: tuple[Step, ...] = ()

    @property
    def sample_type(self) -> type[Any]:
        """The class of the samples that come out."""
        made = [step.view_type for step in self.steps if isinstance(step, Make)]
        return made[-1] if made else self.stored

    @property
    def layout(self) -> _atdata.Layout:
        """How the engine decodes the stored samples."""
        return layout_of(self.stored)

    @property
    def has_columns(self) -> bool:
        """Whether the engine can decode batches: fields are known and nothing is to be done."""
        return not self.steps and self.layout.has_columns

    @property
    def filters(self) -> bool:
        """Whether samples are left out: their number is not known before they are read."""
        return any(isinstance(step, Keep) for step in self.steps)

    def then(self, step: Step) -> "View":
        """The same, and one more step."""
        return View(self.stored, (*self.steps, step))

    def all_seen(self, samples: Iterator[Any]) -> Iterator[Any]:
        """Decoded samples as they come out, those that are left out missing."""
        for step in self.steps:
            if isinstance(step, Keep):
                samples = filter(step.wanted, samples)
            else:
                samples = map(step.function, samples)
        return samples

    def seen(self, sample: Any) -> Any:
        """One decoded sample as it comes out; `UnknownNameError` when it is left out."""
        for found in self.all_seen(iter((sample,))):
            return found
        raise UnknownNameError("the filter leaves this sample out")

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
        if mine is DictSample and not self.steps and not network.is_registered(mine, other):
            layout_of(other)  # says so at once if it is no sample type
            return View(other)
        if found := network.find(mine, other):
            return self._through(found)
        if other is DictSample and not self.steps:
            return View(other)
        return self._by_name(other)

    def _through(self, lens: Lens[Any, Any]) -> "View":
        return self.then(Make(lens.get, lens.view_type))

    def _by_name(self, other: type[Any]) -> "View":
        wrong = misfits(self.sample_type, other)
        if wrong:
            try:
                LensNetwork().transform(self.sample_type, other)
            except NoLensError as error:
                raise NoLensError(f"{error}. By name: {'; '.join(wrong)}") from None
        return View(other) if not self.steps else self._through(by_name(self.sample_type, other))


def payload_of(raw: Mapping[str, Any]) -> Any:
    """The payload of a raw webdataset sample or batch."""
    try:
        return raw["msgpack"]
    except KeyError:
        raise MalformedSampleError(
            f"Malformed sample: 'msgpack' field not found; it has {', '.join(map(str, raw))}"
        ) from None
