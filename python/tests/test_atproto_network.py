"""The network that the tests of federation stand on does what the real one does."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest
import serve_atproto
from servers import Server

COLLECTION = "ac.foundation.dataset.note"


def fetch(url: str, data: bytes | None = None, method: str | None = None, **headers: str) -> bytes:
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        body: bytes = answer.read()
    return body


def ask(service: str, name: str, **query: str) -> Any:
    return json.loads(fetch(f"{service}/xrpc/{name}?{urllib.parse.urlencode(query)}"))


class Login:
    """A session of an account, by its app password."""

    def __init__(self, account: dict[str, str]) -> None:
        self.pds, self.did = account["pds"], account["did"]
        named = {"identifier": account["handle"], "password": account["app_password"]}
        self.token = ""
        self.token = self.tell("com.atproto.server.createSession", named)["accessJwt"]

    def tell(self, name: str, what: Any, kind: str = "application/json") -> Any:
        data = what if isinstance(what, bytes) else json.dumps(what).encode()
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return json.loads(fetch(f"{self.pds}/xrpc/{name}", data, **headers))

    def write(self, **what: Any) -> Any:
        record = {"$type": COLLECTION, **what}
        given = {"repo": self.did, "collection": COLLECTION, "record": record}
        return self.tell("com.atproto.repo.createRecord", given)


def document_of(atproto: Server, did: str) -> Any:
    if did.startswith("did:web:"):
        host = urllib.parse.unquote(did.removeprefix("did:web:"))
        return json.loads(fetch(f"http://{host}/.well-known/did.json"))
    return json.loads(fetch(f"{atproto.about['plc']}/{did}"))


def test_every_handle_leads_to_its_pds_and_back(atproto: Server) -> None:
    for account in atproto.about["accounts"]:
        handle, did = account["handle"], account["did"]
        resolve = "com.atproto.identity.resolveHandle"
        assert ask(atproto.about["resolver"], resolve, handle=handle) == {"did": did}
        well_known = f"{atproto.about['resolver']}/.well-known/atproto-did"
        assert fetch(well_known, Host=handle).decode() == did
        document = document_of(atproto, did)
        assert document["alsoKnownAs"] == [f"at://{handle}"]
        assert [s["serviceEndpoint"] for s in document["service"]] == [account["pds"]]
        assert document["verificationMethod"][0]["type"] == "Multikey"
    assert {account["pds"] for account in atproto.about["accounts"]} == set(atproto.about["pds"])


def test_a_blob_comes_back_once_a_record_names_it(atproto: Server) -> None:
    login = Login(atproto.about["accounts"][1])
    blob = login.tell("com.atproto.repo.uploadBlob", b"hello", "application/x-tar")["blob"]
    query = urllib.parse.urlencode({"did": login.did, "cid": blob["ref"]["$link"]})
    url = f"{login.pds}/xrpc/com.atproto.sync.getBlob?{query}"
    with pytest.raises(urllib.error.HTTPError):
        fetch(url)
    login.write(blob=blob)
    assert fetch(url) == b"hello"


def test_a_restart_keeps_records_and_sessions(atproto: Server) -> None:
    login = Login(atproto.about["accounts"][0])
    written = login.write(text="before")
    atproto.tell("stop")
    with pytest.raises(urllib.error.URLError):
        login.write(text="nobody listens")
    atproto.tell("start")
    login.write(text="after")
    listed = ask(login.pds, "com.atproto.repo.listRecords", repo=login.did, collection=COLLECTION)
    assert {"before", "after"} <= {record["value"].get("text") for record in listed["records"]}
    assert written["cid"] in {record["cid"] for record in listed["records"]}


def test_the_reference_client_reads_what_was_written(atproto: Server) -> None:
    login = Login(atproto.about["accounts"][2])
    written = login.write(text="read me", count=3)
    script = str(serve_atproto.NETWORK / "read-records.mjs")
    command = [serve_atproto.node(), script, login.pds, "web.test", COLLECTION]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    read = [json.loads(line) for line in done.stdout.splitlines()]
    value = {"$type": COLLECTION, "text": "read me", "count": 3}
    assert {"uri": written["uri"], "cid": written["cid"], "value": value} in read


def test_a_directory_and_a_resolver_may_be_made_to_lie(atproto: Server) -> None:
    account, other = atproto.about["accounts"][:2]
    document = f"{atproto.about['plc']}/{account['did']}"
    handle = f"{atproto.about['resolver']}/handles/{account['handle']}"
    service = {"serviceEndpoint": "http://169.254.169.254"}
    fetch(document, json.dumps({"id": account["did"], "service": [service]}).encode(), "PUT")
    fetch(handle, other["did"].encode(), "PUT")
    resolve = "com.atproto.identity.resolveHandle"
    assert document_of(atproto, account["did"])["service"] == [service]
    assert ask(atproto.about["resolver"], resolve, handle=account["handle"]) == {
        "did": other["did"]
    }
    for lie in (document, handle):
        fetch(lie, method="DELETE")
    assert document_of(atproto, account["did"])["alsoKnownAs"] == [f"at://{account['handle']}"]
    assert ask(atproto.about["resolver"], resolve, handle=account["handle"]) == {
        "did": account["did"]
    }
