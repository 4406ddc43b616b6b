"""Getters and putters as an index stores them: a mapping whole, code only by its name."""

import importlib
import types
from typing import Any

from atdata._errors import DataError, NotSupportedError
from atdata._lens import Lens, _found
from atdata._lens_records import Document, LensRecord, bad
from atdata._mapping import FieldMapping

__all__ = ["AnyLens", "imported", "imported_put", "mapped", "sides"]

_OPAQUE = {"kind": "opaque"}

AnyLens = Lens[Any, Any]


def sides(lens: AnyLens) -> Document:
    """How the lens is stored. Only what was declared as a mapping is called one."""
    if isinstance(lens, FieldMapping):
        return {"getter": lens.to_json(), "putter": lens.putter_json()}
    return {"getter": _code(lens._get), "putter": _code(lens._put)}


def _code(function: Any) -> Document:
    """A function by module and name, if it can be imported by them."""
    if isinstance(function, types.FunctionType):
        module, name = function.__module__, function.__qualname__
        found = _found(module, name) if _is_path(module) and _is_path(name) else None
        if found is function or (isinstance(found, Lens) and found._get is function):
            return {"kind": "code_reference", "module": module, "qualname": name}
    return _OPAQUE


def _is_path(text: Any) -> bool:
    """Whether it is a dotted name; not of `__main__`, which is another module in every process."""
    parts = text.split(".") if isinstance(text, str) and len(text) <= 500 else [""]
    return all(part.isidentifier() and not part.startswith("__") for part in parts)


def imported(record: LensRecord, side: str, allow_import: bool) -> Any:
    """The function or lens that a record names; nothing is imported unless that is allowed."""
    code = record._part(side)
    module, name = code.get("module"), code.get("qualname")
    if not (_is_path(module) and _is_path(name)):
        raise bad(record.ref, f"its {side} names no function that could be imported")
    if not allow_import:
        raise NotSupportedError(
            f"the {side} of {record.ref} is the code {name} of the module {module}; to import and "
            f"run it, if you trust it, give load_lens(..., allow_import=True)"
        )
    try:
        importlib.import_module(str(module))
    except Exception as error:  # whatever the module does
        raise NotSupportedError(
            f"the {side} of {record.ref} needs the module {module}, which cannot be imported: "
            f"{error}"
        ) from error
    found = _found(str(module), str(name))
    is_own = isinstance(found, types.FunctionType) and found.__module__ == module
    if isinstance(found, Lens) or is_own:
        return found
    raise bad(record.ref, f"{module} defines no lens or function {name}")


def imported_put(record: LensRecord, allow_import: bool) -> Any:
    """The function or lens that a record names as the way back, as a function."""
    found = imported(record, "putter", allow_import)
    return found.put if isinstance(found, Lens) else found


def mapped(
    record: LensRecord, getter: Document, between: tuple[type[Any], type[Any]], allow_import: bool
) -> AnyLens:
    """The lens of a mapping, with the way back that its record says."""
    try:
        mapping: FieldMapping[Any, Any] = FieldMapping.from_json(getter, *between)
    except DataError as error:
        raise bad(record.ref, str(error)) from error
    putter = record._part("putter")
    if putter["kind"] == "code_reference":
        put = imported_put(record, allow_import)
        return Lens(mapping.get, put, source_type=between[0], view_type=between[1])
    lines = putter.get("mappings", [])
    if putter["kind"] == "field_mapping" and not _same_lines(lines, mapping.back_lines):
        raise NotSupportedError(f"{record.ref}: its putter is not the way back of its getter")
    return mapping


def _same_lines(lines: Any, others: list[Document]) -> bool:
    return (
        isinstance(lines, list)
        and all(line in others for line in lines)
        and len(lines) == len(others)
    )
