"""How the samples of a dataset are seen: the type they are decoded as, and the steps after that."""

import dataclasses
import functools
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from atdata import _atdata
from atdata._condition import Condition, fields_known, holds, no_field
from atdata._dict_sample import DictSample
from atdata._errors import (
    MalformedSampleError,
    NoLensError,
    UnknownNameError,
    UnsupportedTypeError,
)
from atdata._fields import fields_of, layout_of
from atdata._lens import Lens
from atdata._lens_derived import by_name, misfits
from atdata._projection import is_projected, projected
from atdata.lens import LensNetwork

__all__ = ["Keep", "Make", "View", "Where"]


@dataclasses.dataclass(frozen=True)
class Keep:
    """Leaves out the samples that a function does not want."""

    wanted: Callable[[Any], object]


@dataclasses.dataclass(frozen=True)
class Make:
    """Puts what a function, or the getter of a lens, makes of a sample in its place."""

    function: Callable[[Any], Any]
    view_type: type[Any]


@dataclasses.dataclass(frozen=True)
class Where:
    """Leaves out the samples of which a condition does not hold."""

    condition: Condition

    def wanted(self, sample: Any) -> bool:
        """Whether it holds of a sample that Python has made."""
        return holds(self.condition, sample)


Step = Keep | Make | Where


@dataclasses.dataclass(frozen=True)
class View:
    """Samples decoded as `stored`, then put through `steps`, one after the other.

    Before they are decoded the engine asks of each all conditions of `matching`, each with the
    type that its fields are those of. Of a `DictSample`, `only` names the fields that are read.
    """

    stored: type[Any]
    steps: tuple[Step, ...] = ()
    matching: tuple[tuple[type[Any], Condition], ...] = ()
    only: tuple[str, ...] | None = None

    @property
    def sample_type(self) -> type[Any]:
        """The class of the samples that come out."""
        made = [step.view_type for step in self.steps if isinstance(step, Make)]
        return made[-1] if made else self.stored

    @property
    def layout(self) -> _atdata.Layout:
        """How the engine decodes the stored samples."""
        if self.only is not None:
            return _atdata.Layout.open(self.stored, list(self.only))
        return layout_of(self.stored)

    def over(self, shards: _atdata.Shards) -> _atdata.Shards:
        """The samples of the shards that the engine keeps."""
        for cls, condition in self.matching:
            shards = shards.matching(layout_of(cls), condition)
        return shards

    @property
    def has_columns(self) -> bool:
        """Whether the engine can decode batches: fields are known and nothing is to be done."""
        return not self.steps and self.layout.has_columns

    @property
    def filters(self) -> bool:
        """Whether samples are left out: their number is not known before they are read."""
        return bool(self.matching) or any(isinstance(step, Keep | Where) for step in self.steps)

    def then(self, step: Step) -> "View":
        """The same, and one more step."""
        return dataclasses.replace(self, steps=(*self.steps, step))

    def where(self, condition: Condition) -> "View":
        """The same, only samples of which a condition holds; asked by the engine where nothing
        was made of them before."""
        if self.steps:
            fields_known(condition, self.sample_type)
            return self.then(Where(condition))
        if self.only is not None and not set(condition.fields) <= set(self.only):
            missing = min(set(condition.fields) - set(self.only))
            raise no_field(missing, list(self.only))
        return dataclasses.replace(self, matching=(*self.matching, (self.stored, condition)))

    def narrowed(self, names: tuple[str, ...]) -> "View":
        """The same samples with only these fields."""
        sample_type = self.sample_type
        if sample_type is DictSample:
            if not self.steps:
                own = [name for name in names if self.only is None or name in self.only]
                return dataclasses.replace(self, only=tuple(own))
            return self.then(Make(functools.partial(_only, names), DictSample))
        other = projected(sample_type, names)
        if not self.steps:
            return dataclasses.replace(self, stored=other)
        return self._through(by_name(sample_type, other))

    def all_seen(self, samples: Iterator[Any]) -> Iterator[Any]:
        """Decoded samples as they come out, those that are left out missing."""
        for step in self.steps:
            if isinstance(step, Keep | Where):
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
            return dataclasses.replace(self, stored=other, only=None)
        if found := network.find(mine, other):
            return self._through(found)
        if other is DictSample and not self.steps:
            names = [field.name for field in fields_of(mine)] if is_projected(mine) else None
            only = None if names is None else tuple(names)
            return dataclasses.replace(self, stored=other, only=only)
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
        if self.steps:
            return self._through(by_name(self.sample_type, other))
        return dataclasses.replace(self, stored=other, only=None)


def _only(names: tuple[str, ...], sample: Any) -> DictSample:
    return DictSample.from_data({name: sample[name] for name in names if name in sample})


def payload_of(raw: Mapping[str, Any]) -> Any:
    """The payload of a raw webdataset sample or batch."""
    try:
        return raw["msgpack"]
    except KeyError:
        raise MalformedSampleError(
            f"Malformed sample: 'msgpack' field not found; it has {', '.join(map(str, raw))}"
        ) from None
