"""What a sample holds, written down exactly: the form of `tests/fixtures/expected.json`."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np


def described(value: Any) -> Any:
    """A value in JSON: floats and bytes in hexadecimal, an array by the hash of its elements."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        dtype = value.dtype.descr if value.dtype.names else value.dtype.str
        return {"ndarray": {"dtype": str(dtype), "shape": list(value.shape), "sha256": digest}}
    if isinstance(value, list):
        return {"list": [described(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": {name: described(item) for name, item in value.items()}}
    if isinstance(value, float):
        return {"float_hex": value.hex()}
    return {"bytes_hex": value.hex()} if isinstance(value, bytes) else value


def fields_of(sample: Any) -> dict[str, Any]:
    """The fields of a typed sample, or of a `DictSample`."""
    fields = sample.to_dict() if hasattr(sample, "to_dict") else vars(sample)
    return {name: described(value) for name, value in fields.items()}


def canonical(document: Any) -> bytes:
    """JSON without freedom."""
    return json.dumps(document, sort_keys=True).encode()


def attempt(do: Callable[..., Any], *arguments: Any) -> Any:
    """What comes of it, or the error."""
    try:
        return do(*arguments)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
