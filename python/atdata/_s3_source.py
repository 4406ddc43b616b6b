"""Shards in a bucket of S3, with credentials of their own."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from atdata._errors import InvalidError, UnsupportedTypeError
from atdata._sources import URLSource
from atdata.stores import S3DataStore

__all__ = ["S3Source"]


class S3Source(URLSource):
    """Objects of one bucket of S3, or of what speaks S3, read with these credentials.

    What is not given is looked up in the environment and the profile; without keys the role of the
    machine is used. `endpoint_url` is another name of `endpoint`; `credentials` is a dict with the
    names of the environment (`AWS_ACCESS_KEY_ID`, ...).

    >>> source = S3Source("data", ["a-000.tar"], access_key="key", secret_key="secret")
    >>> source.list_shards()
    ['s3://data/a-000.tar']
    """

    def __init__(
        self,
        bucket: str,
        keys: Sequence[str],
        endpoint: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        region: str | None = None,
        *,
        endpoint_url: str | None = None,
        credentials: Mapping[str, str] | None = None,
        **other: Any,
    ) -> None:
        if other:
            raise UnsupportedTypeError(f"S3Source() has no argument {min(other)!r}")
        self.bucket, self.keys = bucket, list(keys)
        self.endpoint, self.region = endpoint or endpoint_url, region
        given = dict(credentials or {})
        named = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}
        given.update({name: value for name, value in named.items() if value is not None})
        store = S3DataStore(given, bucket=bucket, endpoint=self.endpoint, region=region)
        super().__init__([f"s3://{bucket}/{key}" for key in self.keys], store=store)

    @classmethod
    def from_credentials(
        cls, credentials: Mapping[str, str], bucket: str, keys: Sequence[str]
    ) -> Self:
        """A source with a dict of credentials, as `S3DataStore` takes it."""
        return cls(bucket, keys, credentials=credentials)

    @classmethod
    def from_urls(
        cls,
        urls: Sequence[str],
        *,
        endpoint: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> Self:
        """A source of `s3://bucket/key` URLs, all of one bucket.

        Raises `InvalidError` (a ValueError) for other URLs and for several buckets.
        """
        buckets, keys = [], []
        for url in urls:
            scheme, _, rest = url.partition("://")
            bucket, _, key = rest.partition("/")
            if scheme != "s3" or not bucket or not key:
                raise InvalidError(f"{url!r} is no s3://bucket/key URL")
            buckets.append(bucket)
            keys.append(key)
        if len(set(buckets)) != 1:
            raise InvalidError(f"one bucket is needed, these are {sorted(set(buckets))}")
        return cls(
            buckets[0],
            keys,
            endpoint,
            access_key,
            secret_key,
            region,
            endpoint_url=endpoint_url,
            credentials=credentials,
        )

    def __repr__(self) -> str:
        return f"S3Source({self.url!r})"
