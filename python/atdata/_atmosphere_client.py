"""An account on the AT Protocol: logging in, and going on with a session."""

import functools
import os
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, Generic, NoReturn, ParamSpec, TypeVar

from atdata import _atdata
from atdata._atmosphere_records import Records
from atdata._errors import InvalidError, NotFoundError, NotSupportedError, UnsupportedTypeError

__all__ = ["LEXICONS", "AtmosphereClient"]

LEXICONS = "ac.foundation"
"""The lexicons that are written unless others are asked for."""

P = ParamSpec("P")
R = TypeVar("R")


class _Either(Generic[P, R]):
    """A method of a client; called on the class, it is that of a new client."""

    def __init__(self, function: Callable[Concatenate[Any, P], R]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, client: Any, owner: Any) -> Callable[P, R]:
        if client is not None:
            bound: Callable[P, R] = types.MethodType(self._function, client)
            return bound

        @functools.wraps(self._function)
        def begin(*arguments: P.args, **keywords: P.kwargs) -> R:
            return self._function(owner(), *arguments, **keywords)

        return begin


class AtmosphereClient(Records):
    """An account on the AT Protocol, or, before it logs in, a reader of everybody's.

    `Atmosphere.login(handle, app_password)` gives a client that is logged in;
    `client.login(...)` does it in place, and gives the client too. Use an app password, never the
    account's own. The account's server is found by its handle; `base_url` names one to log in at.
    What is written goes into collections of `ac.foundation.dataset`, or with
    `lexicons="science.alt"` of `science.alt.dataset`; both are read.

    Another network than the public one is named by the environment: `ATDATA_PLC`,
    `ATDATA_HANDLE_RESOLVER`, `ATDATA_PDS` and `ATDATA_ALLOW_PRIVATE`. Tokens are renewed when they
    expire; they and the password are never shown, and stored only by `save_session`. A client may
    be shared by threads, and a process that was forked goes on with it.

    >>> client = AtmosphereClient()
    >>> client.is_authenticated, client
    (False, <AtmosphereClient, not logged in>)
    """

    def __init__(
        self, base_url: str | None = None, *, lexicons: str = LEXICONS, _client: Any = None
    ) -> None:
        if _client is not None:
            raise NotSupportedError("_client= was for another library: log in with login()")
        self._base_url, self._lexicons = base_url, lexicons
        self._handle: str | None = None
        self._engine = _atdata.Atmosphere.reading(lexicons)

    @_Either
    def login(
        self,
        handle: str,
        password: str,
        *,
        base_url: str | None = None,
        lexicons: str | None = None,
    ) -> "AtmosphereClient":
        """Log in with a handle (or DID) and an app password; gives the client.

        Called on the class, it makes one. Raises `DeniedError` (a PermissionError) for a wrong
        password, `BadIdentityError` where the server speaks of another account than the handle
        names, `UnreachableError`.
        """
        self._base_url = base_url or self._base_url
        self._lexicons = lexicons or self._lexicons
        if not handle or not password:
            raise InvalidError("log in with a handle and an app password; one of them is empty")
        service, lexicons = self._base_url, self._lexicons
        return self._begun(_atdata.Atmosphere.login(handle, password, service, lexicons))

    @_Either
    def login_oauth(
        self,
        handle: str,
        *,
        open_browser: bool | Callable[[str], object] = True,
        timeout: float = 300,
    ) -> "AtmosphereClient":
        """Log in with the browser, in which the account's own server asks; gives the client.

        No password comes here, and the session may write datasets, schemas, lenses, labels and
        blobs, and nothing else. `open_browser=False` prints the page's address instead of opening
        it; a function is called with it. Raises `DeniedError` where the user refuses, or does
        nothing for `timeout` seconds, `BadIdentityError` where it is another account.
        """
        login = _atdata.BrowserLogin(handle, self._base_url, self._lexicons)
        _show(login.url, open_browser)
        return self._begun(login.wait(timeout))

    @_Either
    def login_with_session(self, session_string: str) -> "AtmosphereClient":
        """Go on with a session of `export_session`; gives the client.

        Raises `InvalidError` (a ValueError) for what is none, `DeniedError` for one that ended.
        """
        service, lexicons = self._base_url, self._lexicons
        return self._begun(_atdata.Atmosphere.restore(session_string, service, lexicons))

    @_Either
    def load_session(self, path: str | os.PathLike[str]) -> "AtmosphereClient":
        """Go on with a session of `save_session`; gives the client.

        Raises `NotFoundError` (a FileNotFoundError), `DeniedError` for a file that others can read,
        and as `login_with_session`.
        """
        session = _atdata.saved_session(Path(path).expanduser())
        if session is None:
            raise NotFoundError(f"{os.fspath(path)}: no session was saved there")
        service, lexicons = self._base_url, self._lexicons
        return self._begun(_atdata.Atmosphere.restore(session, service, lexicons))

    @classmethod
    def from_env(cls, *, lexicons: str = LEXICONS) -> "AtmosphereClient":
        """Log in as `ATPROTO_HANDLE` with `ATPROTO_APP_PASSWORD`, at `ATPROTO_PDS` if that is set.

        Raises `InvalidError` (a ValueError) where one of the first two is not set; as `login`.
        """
        names = ("ATPROTO_HANDLE", "ATPROTO_APP_PASSWORD")
        missing = [name for name in names if not os.environ.get(name)]
        if missing:
            raise InvalidError(f"set {' and '.join(missing)} in the environment to log in")
        client = cls(os.environ.get("ATPROTO_PDS") or None, lexicons=lexicons)
        return client.login(*(os.environ[name] for name in names))

    def export_session(self) -> str:
        """The session as a text for `login_with_session`. It is as secret as the password.

        Raises `NotLoggedInError` (a ValueError).
        """
        return self._engine.export()

    def save_session(self, path: str | os.PathLike[str]) -> None:
        """Keep the session in a file that only its owner can read, for `load_session`.

        Raises `NotLoggedInError` (a ValueError), `StorageError`.
        """
        _atdata.save_session(Path(path).expanduser(), self._engine.export())

    def logout(self) -> None:
        """End the session, on the server too; the client then only reads."""
        self._engine.logout()
        self._handle = None
        self._engine = _atdata.Atmosphere.reading(self._lexicons)

    def _begun(self, engine: _atdata.Atmosphere) -> "AtmosphereClient":
        self._engine, self._handle = engine, None
        return self

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody is logged in."""
        return self._engine.is_authenticated

    @property
    def did(self) -> str:
        """The account's DID, which never changes. Raises `NotLoggedInError` (a ValueError)."""
        return self._engine.did

    @property
    def handle(self) -> str | None:
        """The account's handle; None where it has none that leads back to it.

        Raises `NotLoggedInError` (a ValueError).
        """
        if self._handle is None:
            self._handle = self._engine.handle()
        return self._handle

    @property
    def lexicons(self) -> str:
        """Whose collections are written: `ac.foundation` or `science.alt`."""
        return self._lexicons

    def __reduce__(self) -> NoReturn:
        raise UnsupportedTypeError(
            "a client is not pickled, because it holds a session: give the other process "
            "export_session(), as secret as a password, and log in there with login_with_session()"
        )

    def __repr__(self) -> str:
        if not self.is_authenticated:
            return f"<{type(self).__name__}, not logged in>"
        named = f"@{self._handle}, " if self._handle else ""
        return f"<{type(self).__name__} {named}{self.did}>"


def _show(url: str, how: bool | Callable[[str], object]) -> None:
    """Bring the user to a page."""
    import webbrowser

    if callable(how):
        how(url)
    elif not (how and webbrowser.open(url)):
        print(f"Open this page to log in: {url}")
