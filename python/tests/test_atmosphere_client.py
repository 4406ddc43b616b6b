"""Accounts on the AT Protocol: sessions, records, blobs."""

import json
import logging
import pickle
import subprocess
from pathlib import Path
from typing import Any

import federation
import pytest
import serve_atproto
from federation import COLLECTION, note

import atdata
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereClient,
    AtmosphereIndex,
    Client,
    DatasetPublisher,
    LensLoader,
    PDSBlobStore,
    SchemaPublisher,
)

Network = dict[str, Any]


def test_a_client_has_three_names() -> None:
    assert Atmosphere is AtmosphereClient is Client


def test_login_is_a_factory_and_in_place(network: Network) -> None:
    account = network["alice.test"]
    made = Atmosphere.login("alice.test", account["app_password"])
    client = AtmosphereClient()
    assert not client.is_authenticated
    assert client.login("@alice.test", account["app_password"]) is client
    for one in (made, client):
        assert (one.did, one.handle, one.is_authenticated) == (account["did"], "alice.test", True)


def test_a_did_web_and_a_named_server(network: Network) -> None:
    account = network["web.test"]
    client = AtmosphereClient(base_url=account["pds"]).login("web.test", account["app_password"])
    assert client.did.startswith("did:web:")
    assert client.handle == "web.test"


def test_who_is_not_logged_in_gets_a_value_error(network: Network) -> None:
    client = AtmosphereClient()
    for ask in (
        lambda: client.did,
        lambda: client.handle,
        client.export_session,
        client.logout,
        client.list_schemas,
        lambda: client.list_records(COLLECTION),
        lambda: client.create_record(COLLECTION, note()),
        lambda: client.upload_blob(b"bytes"),
        lambda: SchemaPublisher(client).publish(federation.Feature),
        lambda: AtmosphereIndex(client).list_datasets(),
        lambda: LensLoader(client).list_all(),
        lambda: PDSBlobStore(client).address,
        lambda: DatasetPublisher(client).publish_with_urls(["s3://b/a.tar"], "at://x", name="n"),
    ):
        with pytest.raises(ValueError, match="log"):
            ask()


def test_a_wrong_password_is_denied_and_never_shown(network: Network) -> None:
    with pytest.raises(PermissionError) as raised:
        Atmosphere.login("alice.test", "wrong-secret-word")
    assert isinstance(raised.value, atdata.DeniedError)
    assert "wrong-secret-word" not in f"{raised.value!r} {raised.value}"
    with pytest.raises(ValueError, match="empty"):
        Atmosphere.login("alice.test", "")


def test_a_handle_that_nobody_has(network: Network) -> None:
    with pytest.raises(KeyError, match=r"nobody\.test"):
        AtmosphereClient().list_datasets("nobody.test")


def test_a_session_goes_on_elsewhere(alice: Atmosphere, tmp_path: Path) -> None:
    text = alice.export_session()
    assert AtmosphereClient().login_with_session(text).did == alice.did
    assert Atmosphere.login_with_session(text).create_record(COLLECTION, note(n=1))
    file = tmp_path / "saved" / "session"
    alice.save_session(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Atmosphere.load_session(file).did == alice.did
    file.chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        Atmosphere.load_session(file)
    with pytest.raises(FileNotFoundError, match="no session"):
        Atmosphere.load_session(tmp_path / "nothing")
    with pytest.raises(ValueError, match="not an exported session"):
        Atmosphere.login_with_session("{}")


def test_a_session_that_ended_is_denied(network: Network) -> None:
    client = federation.login(network, "bob.test")
    text = client.export_session()
    client.logout()
    assert not client.is_authenticated
    session = json.loads(text)
    tokens = session["tokens"]
    session["tokens"] |= {
        name: "of.another.time" for name in tokens if isinstance(tokens[name], str)
    }
    with pytest.raises(atdata.DeniedError):
        Atmosphere.login_with_session(json.dumps(session))


def test_a_login_with_the_browser(network: Network, tmp_path: Path) -> None:
    account = network["bob.test"]
    script = str(serve_atproto.NETWORK / "oauth-headless.mjs")

    def person(url: str, *more: str) -> None:
        command = [serve_atproto.node(), script, url, "bob.test", account["password"], *more]
        subprocess.Popen(command, stdout=subprocess.DEVNULL)

    client = Atmosphere.login_oauth("bob.test", open_browser=person, timeout=60)
    assert (client.did, client.handle) == (account["did"], "bob.test")
    schema = client.publish_schema(federation.Feature)
    entry = AtmosphereIndex(client).write(federation.features(3), name=federation.new_name("oauth"))
    assert entry.schema_ref == schema
    with pytest.raises(PermissionError):
        client.create_record(COLLECTION, note(n=1))
    client.save_session(tmp_path / "session")
    again = Atmosphere.load_session(tmp_path / "session")
    assert again.publish_schema(federation.Feature) == schema
    again.logout()
    with pytest.raises(PermissionError):
        Atmosphere.login_oauth(
            "bob.test", open_browser=lambda url: person(url, "--reject"), timeout=60
        )


def test_the_environment_names_an_account(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="ATPROTO_HANDLE and ATPROTO_APP_PASSWORD"):
        Atmosphere.from_env()
    account = network["bob.test"]
    monkeypatch.setenv("ATPROTO_HANDLE", "bob.test")
    monkeypatch.setenv("ATPROTO_APP_PASSWORD", account["app_password"])
    monkeypatch.setenv("ATPROTO_PDS", account["pds"])
    assert Atmosphere.from_env().did == account["did"]


def test_secrets_are_never_shown(
    network: Network, alice: Atmosphere, caplog: pytest.LogCaptureFixture
) -> None:
    session = alice.export_session()
    with caplog.at_level(logging.DEBUG):
        shown = [repr(alice), str(alice), repr(PDSBlobStore(alice)), repr(AtmosphereIndex(alice))]
        for wrong in (session[:-9], session.replace("password", "pass")):
            with pytest.raises(atdata.AtdataError) as raised:
                AtmosphereClient().login_with_session(wrong)
            shown.append(f"{raised.value!r} {raised.value}")
    secrets = [part for part in session.split('"') if len(part) > 40]
    secrets.append(network["alice.test"]["app_password"])
    assert len(secrets) >= 3
    assert not [
        secret for secret in secrets if any(secret in text for text in [*shown, caplog.text])
    ]


def test_a_client_is_not_pickled(alice: Atmosphere) -> None:
    for thing in (alice, PDSBlobStore(alice), AtmosphereIndex(alice)):
        with pytest.raises(TypeError, match="session"):
            pickle.dumps(thing)


def test_an_app_password_that_was_revoked(network: Network) -> None:
    account = network["bob.test"]
    token = federation.session(account)
    made = federation.tell(
        account["pds"], "com.atproto.server.createAppPassword", {"name": "brief"}, token
    )
    client = Atmosphere.login("bob.test", made["password"])
    assert client.create_record(COLLECTION, note(n=1))
    federation.tell(
        account["pds"], "com.atproto.server.revokeAppPassword", {"name": "brief"}, token
    )
    with pytest.raises(atdata.DeniedError) as raised:
        Atmosphere.login("bob.test", made["password"])
    assert made["password"] not in str(raised.value)


def test_another_library_s_client_is_refused() -> None:
    with pytest.raises(ValueError, match="_client="):
        AtmosphereClient(_client=object())
    with pytest.raises(ValueError, match=r"science\.alt"):
        AtmosphereClient(lexicons="other")
