"""Lenses on the network: published as references to code, found, and never run."""

import importlib.util
import logging
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import federation
import pytest
from federation import Feature, new_name

import atdata
from atdata.atmosphere import Atmosphere, AtmosphereClient, LensLoader, LensPublisher
from atdata.lens import Lens

CODE = {"repository": "https://github.com/org/repo", "commit": "abc123", "path": "t/s.py:get"}
MODULE = '''
import atdata

@atdata.packable
class Long:
    text: str
    more: str

@atdata.packable
class Short:
    text: str

@atdata.lens
def shorten(long: Long) -> Short:
    """Keeps the text."""
    return Short(long.text)

@shorten.putter
def lengthen(short: Short, long: Long) -> Long:
    return Long(short.text, long.more)
'''


@atdata.packable
class Label:
    label: int


@pytest.fixture
def schemas(alice: Atmosphere) -> tuple[str, str]:
    return alice.publish_schema(Feature), alice.publish_schema(Label)


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def module_in(folder: Path) -> ModuleType:
    path = folder / "src" / f"{new_name('lenses').replace('-', '_')}.py"
    path.parent.mkdir()
    path.write_text(MODULE)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_both_spellings_publish_the_same(alice: Atmosphere, schemas: tuple[str, str]) -> None:
    publisher, (source, target) = LensPublisher(alice), schemas
    by_dict = publisher.publish(
        name="simplify",
        source_schema=source,
        target_schema=target,
        description="Labels only",
        getter_code=CODE,
        putter_code={**CODE, "path": "t/s.py:put"},
    )
    by_words = publisher.publish(
        "simplify",
        source,
        target,
        "Labels only",
        CODE["repository"],
        CODE["commit"],
        "t/s.py:get",
        "t/s.py:put",
    )
    loader = LensLoader(AtmosphereClient())
    one, other = loader.get(by_dict), loader.get(str(by_words))
    assert {**one, "createdAt": ""} == {**other, "createdAt": ""}
    assert (one["getterCode"], one["sourceSchema"]) == (CODE, source)
    assert one["sourceSchemaCid"] == alice.get_record(source).cid
    assert one["language"] == "python"


def test_lenses_are_found_by_their_schemas_to_the_end(
    bob: Atmosphere, alice: Atmosphere, schemas: tuple[str, str]
) -> None:
    source, target = schemas
    lens = LensPublisher(bob).publish("one", source, target)
    record = {key: value for key, value in bob.get_record(lens).items() if key != "name"}
    change = {"action": "create", "collection": lens.collection}
    bob.apply_writes({**change, "record": {**record, "name": f"n{n}"}} for n in range(104))
    loader = LensLoader(AtmosphereClient())
    assert len(loader.find_by_schemas(source, target, repo="bob.test")) == 105
    assert len(loader.find_by_schemas(source_schema_uri=source, repo=bob.did)) == 105
    assert loader.find_by_schemas(target, source, repo="bob.test") == []
    assert len(loader.list_all("bob.test")) == 100
    assert len(LensLoader(bob).list(limit=None)) >= 105


def test_code_of_which_something_is_missing(alice: Atmosphere, schemas: tuple[str, str]) -> None:
    publisher = LensPublisher(alice)
    with pytest.raises(ValueError, match="getter has no repository and no commit"):
        publisher.publish("n", *schemas, getter_path="m:f")
    with pytest.raises(ValueError, match="putter has no path"):
        publisher.publish("n", *schemas, putter_code={"repository": "r", "commit": "c"})
    with pytest.raises(ValueError, match="give target_schema"):
        publisher.publish("n", schemas[0])
    missing = schemas[0].rpartition("/")[0] + "/nothing"
    with pytest.raises(KeyError):
        publisher.publish("n", missing, schemas[1])


def test_a_lens_is_published_from_its_git_work_tree(
    alice: Atmosphere, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    module = module_in(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "https://me:secret@example.com/org/repo.git")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    with caplog.at_level(logging.WARNING, "atdata"):
        uri = LensPublisher(alice).publish_from_lens(module.shorten)
    assert not caplog.records
    record = LensLoader(alice).get(uri)
    file = f"src/{module.__name__}.py"
    place = {
        "repository": "https://example.com/org/repo.git",
        "commit": git(tmp_path, "rev-parse", "HEAD"),
    }
    assert (record["name"], record["description"]) == ("shorten", "Keeps the text.")
    assert record["getterCode"] == {**place, "path": f"{file}:shorten"}
    assert record["putterCode"] == {**place, "path": f"{file}:lengthen"}
    assert alice.get_record(record["sourceSchema"])["name"] == "Long"
    (tmp_path / file).write_text(MODULE + "\n")
    with caplog.at_level(logging.WARNING, "atdata"):
        LensPublisher(alice).publish_from_lens(module.shorten, name="changed")
    assert "not committed" in caplog.text


def test_code_that_is_nowhere_is_left_out_with_a_warning(
    alice: Atmosphere, schemas: tuple[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    module = module_in(tmp_path)
    publisher, loader = LensPublisher(alice), LensLoader(alice)
    with caplog.at_level(logging.WARNING, "atdata"):
        uri = publisher.publish_from_lens(module.shorten)
    assert "a git repository" in caplog.text
    assert "getterCode" not in loader.get(uri)
    given: dict[str, Any] = {"code_repository": "https://example.com/r", "code_commit": "c1"}
    uri = publisher.publish_from_lens(
        module.shorten, name="given", source_schema=schemas[0], target_schema=schemas[1], **given
    )
    record = loader.get(uri)
    assert record["getterCode"]["path"] == f"{module.__name__}:shorten"
    assert record["sourceSchema"] == schemas[0]
    with pytest.raises(TypeError, match="no lens"):
        publisher.publish_from_lens(federation.features)  # type: ignore[arg-type]


def test_a_lens_without_a_name_has_that_of_its_function(
    alice: Atmosphere, schemas: tuple[str, str]
) -> None:
    lens = Lens(lambda s: Label(s.label), source_type=Feature, view_type=Label)
    uri = LensPublisher(alice).publish_from_lens(lens, name="by-hand")
    assert LensLoader(alice).get(uri)["name"] == "by-hand"
