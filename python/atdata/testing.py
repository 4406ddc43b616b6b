"""What users' own tests can stand on, without a server and without a connection.

>>> from atdata.atmosphere import AtmosphereIndex, PDSBlobStore
>>> network = LocalAtmosphere()
>>> did = network.account("alice.test", "password")
>>> alice = network.login("alice.test", "password")
>>> alice.did == did
True
"""

from atdata import _atdata
from atdata._atmosphere_client import LEXICONS, AtmosphereClient

__all__ = ["LocalAtmosphere"]


class LocalAtmosphere:
    """An AT Protocol network in memory: accounts on servers, a directory, handles, records, blobs.

    It answers as the reference server does, and ends with the process. Nothing of it is reached
    over the network, so only clients of `login` and `reader` see it: give them to what is tested
    (`AtmosphereIndex(client)`, `load_dataset(..., index=AtmosphereIndex(client))`).
    """

    def __init__(self) -> None:
        self._network = _atdata.LocalAtmosphere()

    def account(self, handle: str, password: str, server: str | None = None) -> str:
        """Make an account, and give its DID. `server` is the URL of a server of its own, such as
        `https://other.test`; servers come into being when they are named.

        Raises `InvalidError` (a ValueError) if that is no handle, `ConflictError` if it is taken.
        """
        return self._network.account(handle, password, server)

    def login(self, handle: str, password: str, *, lexicons: str = LEXICONS) -> AtmosphereClient:
        """A client that is logged in to an account of this network.

        Raises `DeniedError` (a PermissionError) for a wrong password.
        """
        engine = self._network.login(handle, password, lexicons)
        return AtmosphereClient(lexicons=lexicons)._begun(engine)

    def reader(self, *, lexicons: str = LEXICONS) -> AtmosphereClient:
        """A client of this network that is not logged in."""
        return AtmosphereClient(lexicons=lexicons)._begun(self._network.reading(lexicons))

    def fail_next(self, count: int, status: int = 500) -> None:
        """Answer the next `count` requests with an HTTP status, without doing what they ask; a
        client asks twice.
        """
        self._network.fail_next(count, status)

    def expire_tokens(self, did: str) -> None:
        """Have an account's access tokens expire; clients renew them."""
        self._network.expire_tokens(did)

    def revoke(self, did: str) -> None:
        """End all sessions of an account: its clients have to log in again."""
        self._network.revoke(did)

    def limit_blobs(self, nbytes: int) -> None:
        """Take only blobs of so many bytes, in place of 5 MiB."""
        self._network.limit_blobs(nbytes)

    def corrupt_blob(self, url: str) -> bool:
        """Change a byte of the blob at `at://{did}/blob/{cid}`; False if there is none."""
        did, _, cid = url.removeprefix("at://").split("/")
        return self._network.corrupt_blob(did, cid)
