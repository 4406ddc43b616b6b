"""What manifests say of a sample type's fields."""

import dataclasses
import typing
from typing import Any, Literal

from atdata._errors import InvalidError
from atdata._fields import Field, fields_of

__all__ = ["ManifestField", "manifest_of"]

_USUAL = {
    "str": "categorical",
    "bool": "categorical",
    "int": "numeric",
    "float": "numeric",
    "list": "set",
}
Described = tuple[str, str, list[tuple[str, str, str]]]


@dataclasses.dataclass(frozen=True)
class ManifestField:
    """Says in a field's annotation how manifests sum the field up, or that they leave it out.

    `categorical` counts how often each value comes, `numeric` keeps the smallest, the largest and
    the mean, `set` keeps the values that lists hold. Without one, text and truth values are
    categorical, numbers numeric, and lists of those sets; other fields are left out.

    >>> import atdata
    >>> from typing import Annotated
    >>> @atdata.packable
    ... class Sample:
    ...     label: Annotated[int, ManifestField("categorical")]
    ...     text: Annotated[str, ManifestField("categorical", exclude=True)]
    >>> manifest_of(Sample)
    ('Sample', '1.0.0', [('label', 'int', 'categorical')])
    """

    aggregate: Literal["categorical", "numeric", "set"]
    exclude: bool = False

    def __post_init__(self) -> None:
        if self.aggregate not in typing.get_args(ManifestField.__annotations__["aggregate"]):
            raise InvalidError(
                f"ManifestField({self.aggregate!r}): it is 'categorical', 'numeric' or 'set'"
            )


def manifest_of(cls: type[Any]) -> Described:
    """A sample type's name and version, and the fields that its manifests tell of, each with its
    kind and how it is summed up."""
    fields = fields_of(cls) if dataclasses.is_dataclass(cls) else ()
    hints = _annotations(cls)
    found = [(field, _said(hints.get(field.name))) for field in fields]
    told = [(field, _aggregate(field, said)) for field, said in found]
    rows = [(f.name, f.type.layout_kind, how) for f, how in told if how is not None]
    return cls.__name__, "1.0.0", rows


def _annotations(cls: type[Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError):  # a name that only a function's body knows
        return {}


def _said(annotation: Any) -> ManifestField | None:
    """The `ManifestField` in an annotation."""
    given = getattr(annotation, "__metadata__", ())
    return next((item for item in given if isinstance(item, ManifestField)), None)


def _aggregate(field: Field, said: ManifestField | None) -> str | None:
    """How a field is summed up, if it is."""
    kind = field.type.kind
    storable = kind in _USUAL and (field.type.items is None or field.type.items.kind in _USUAL)
    if said is None:
        return _USUAL.get(kind) if storable else None
    if said.exclude:
        return None
    if not storable:
        raise InvalidError(
            f"the field {field.name!r} cannot be in a manifest: it holds neither text, numbers, "
            f"truth values nor lists of those; use ManifestField(..., exclude=True)"
        )
    return said.aggregate
