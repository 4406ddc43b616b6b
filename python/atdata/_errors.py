"""What can go wrong: one tree under `AtdataError`, each class also the builtin one would catch."""

__all__ = [
    "AtProtocolError",
    "AtdataError",
    "BadIdentityError",
    "ConflictError",
    "DataError",
    "DeniedError",
    "ForbiddenAddressError",
    "InvalidError",
    "MalformedSampleError",
    "NoLensError",
    "NotFoundError",
    "NotLoggedInError",
    "NotSupportedError",
    "OutOfRangeError",
    "RateLimitedError",
    "RecordNotFoundError",
    "SplitNotFoundError",
    "StoppedError",
    "StorageError",
    "UnknownLengthError",
    "UnknownNameError",
    "UnreachableError",
    "UnsupportedTypeError",
    "UnverifiedError",
]


class AtdataError(Exception):
    """Every error of this package: what is wrong, a stable code, and where.

    `kind` is a code for programs; codes are only ever added. `shard`, `key`, `field` and `offset`
    (a byte offset in the shard) say where it is wrong, each None where it is not known.

    >>> from atdata import DictSample
    >>> try:
    ...     DictSample.from_bytes(b"")
    ... except ValueError as error:
    ...     print(error.kind)
    payload_cut_short
    """

    kind: str = "error"
    shard: str | None = None
    key: str | None = None
    field: str | None = None
    offset: int | None = None

    def __init__(
        self,
        message: str = "",
        *,
        kind: str | None = None,
        shard: str | None = None,
        key: str | None = None,
        field: str | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(message)
        if kind is not None:
            self.kind = kind
        self.shard, self.key, self.field, self.offset = shard, key, field, offset

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""  # a KeyError would show it quoted


class DataError(AtdataError, ValueError):
    """Bytes do not follow the format, or do not fit the sample type."""

    kind = "data"


class MalformedSampleError(AtdataError, RuntimeError):
    """A sample of a shard has no `msgpack` member: it is not one of ours."""

    kind = "malformed_sample"


class NotFoundError(AtdataError, FileNotFoundError):
    """There is nothing at a path, or no file fits a pattern."""

    kind = "not_found"


class SplitNotFoundError(AtdataError, ValueError):
    """The data has no such split."""

    kind = "split_not_found"


class UnknownNameError(AtdataError, KeyError):
    """Nothing has that name: a shard, a split or a field."""

    kind = "unknown_name"


class NoLensError(AtdataError, ValueError):
    """No lens leads from one sample type to another, or more than one way does."""

    kind = "no_lens"


class UnsupportedTypeError(AtdataError, TypeError):
    """A class cannot be a sample type, or a field has a type that cannot be stored."""

    kind = "unsupported_type"


class InvalidError(AtdataError, ValueError):
    """An argument makes no sense."""

    kind = "invalid_argument"


class OutOfRangeError(AtdataError, IndexError):
    """There is no sample with that number."""

    kind = "out_of_range"


class NotSupportedError(AtdataError, ValueError):
    """This release does not do that."""

    kind = "unsupported"


class StorageError(AtdataError, OSError):
    """The operating system refused to read or write."""

    kind = "io"


class ConflictError(AtdataError, ValueError):
    """Something is there already and must not change, such as a published schema."""

    kind = "conflict"


class UnreachableError(AtdataError, ConnectionError):
    """A server cannot be reached, or went away."""

    kind = "unreachable"


class DeniedError(AtdataError, PermissionError):
    """A server refused the credentials, or what they may do."""

    kind = "denied"


class UnverifiedError(DataError):
    """Bytes are not those that a checksum or CID names, or a signature does not fit."""

    kind = "unverified"


class AtProtocolError(AtdataError, OSError):
    """A server of the AT Protocol says no, or answers what makes no sense."""

    kind = "refused"


class RecordNotFoundError(AtProtocolError, KeyError):
    """There is no such record, blob, account or handle on the network."""

    kind = "not_on_network"


class RateLimitedError(AtProtocolError):
    """A server asks to wait for longer than makes sense to wait."""

    kind = "rate_limited"


class BadIdentityError(AtProtocolError, ValueError):
    """A handle and a DID do not belong together, or a DID document makes no sense."""

    kind = "bad_identity"


class ForbiddenAddressError(AtdataError, PermissionError):
    """An address that was learnt from the network is private: nothing is asked there."""

    kind = "forbidden_address"


class NotLoggedInError(AtdataError, ValueError):
    """Nobody is logged in."""

    kind = "not_logged_in"


class StoppedError(AtdataError, RuntimeError):
    """A callback asked to stop."""

    kind = "stopped"


class UnknownLengthError(AtdataError, TypeError):
    """A dataset cannot be counted because a shard is broken; its good samples can be read.

    It is a TypeError so that `list(dataset)`, which asks for the length first, reads on.
    """

    kind = "unknown_length"


_CLASSES: dict[str, type[AtdataError]] = {
    cls.kind: cls
    for cls in (
        MalformedSampleError,
        NotFoundError,
        SplitNotFoundError,
        UnknownNameError,
        NoLensError,
        UnsupportedTypeError,
        InvalidError,
        OutOfRangeError,
        NotSupportedError,
        StorageError,
        ConflictError,
        UnreachableError,
        DeniedError,
        UnverifiedError,
        AtProtocolError,
        RecordNotFoundError,
        RateLimitedError,
        BadIdentityError,
        ForbiddenAddressError,
        NotLoggedInError,
        StoppedError,
        UnknownLengthError,
    )
} | {
    "unknown_key": UnknownNameError,
    "not_a_tar": DataError,
    "shard_cut_short": DataError,
    "bad_tar_header": DataError,
    "member_too_large": DataError,
    "member_twice": DataError,
    "payload_cut_short": DataError,
    "not_a_map": DataError,
    "trailing_bytes": DataError,
    "too_deep": DataError,
    "length_too_large": DataError,
    "bad_utf8": DataError,
    "bad_msgpack": DataError,
    "missing_field": DataError,
    "wrong_type": DataError,
    "bad_array": DataError,
    "object_array": DataError,
    "integer_range": DataError,
    "bad_key": InvalidError,
    "bad_pattern": InvalidError,
    "bad_reference": InvalidError,
    "unknown_field": UnknownNameError,
    "bad_expression": InvalidError,
    "bad_image": DataError,
    "bad_audio": DataError,
    "bad_schema": DataError,
    "bad_shard_index": DataError,
    "bad_manifest": DataError,
    "bad_cid": DataError,
    "bad_index": DataError,
    "bad_input": DataError,
    "checksum": UnverifiedError,
    "syntax": InvalidError,
    "bad_record": InvalidError,
    "bad_answer": AtProtocolError,
    "too_large": DataError,
}


def error_for(
    kind: str,
    message: str,
    shard: str | None = None,
    key: str | None = None,
    field: str | None = None,
    offset: int | None = None,
) -> AtdataError:
    """The exception for an error of the engine, which calls this to make it.

    >>> error = error_for("not_found", "no such file: a.tar", None, None, None, None)
    >>> isinstance(error, FileNotFoundError), str(error)
    (True, 'no such file: a.tar')
    """
    cls = _CLASSES.get(kind, DataError)
    return cls(message, kind=kind, shard=shard, key=key, field=field, offset=offset)
