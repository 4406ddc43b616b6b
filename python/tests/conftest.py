"""Shared by all tests: the fixtures folder, no skips in CI, and what came of the pages."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import backends
import federation
import pages
import pytest
from servers import Server

REPOSITORY = Path(__file__).resolve().parents[2]
NETWORK = (
    "--account alice.test:alice-pass --account bob.test:bob-pass@1 --did-web web.test:web-pass"
)
PAGE_REPORTS = pytest.StashKey[list[pages.Report]]()


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Data files that every reader must agree on, with their expected content."""
    return REPOSITORY / "tests" / "fixtures"


@pytest.fixture(scope="session")
def page_reports(pytestconfig: pytest.Config) -> list[pages.Report]:
    """Where the pages' tests leave their reports for the terminal summary."""
    return pytestconfig.stash.setdefault(PAGE_REPORTS, [])


@pytest.fixture(scope="session", autouse=True)
def no_server_stays() -> Generator[None]:
    """Servers that tests have started end with them."""
    yield
    backends.close_all()


@pytest.fixture(params=backends.PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """The arguments of an `Index` over an empty database, of every kind."""
    return backends.provider(request.param, tmp_path)


@pytest.fixture(params=backends.STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A store, of every kind."""
    return backends.store(request.param, tmp_path)


@pytest.fixture(scope="session")
def atproto() -> Server:
    """Two PDSs, a PLC directory and a handle resolver: `accounts` are alice.test, bob.test on the
    second PDS, and web.test, whose DID is a did:web.
    """
    return backends.serve("atproto", *NETWORK.split())


@pytest.fixture
def network(atproto: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The accounts of a network by handle; it is that of this process, which has an empty home."""
    for name, value in atproto.about["environment"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ATDATA_HOME", str(tmp_path / "home"))
    return {account["handle"]: account for account in atproto.about["accounts"]}


@pytest.fixture
def alice(network: dict[str, Any]) -> Any:
    """alice.test, logged in."""
    return federation.login(network, "alice.test")


@pytest.fixture
def bob(network: dict[str, Any]) -> Any:
    """bob.test, on another PDS, logged in."""
    return federation.login(network, "bob.test")


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With CI set, a skip is a failure: what CI does not run, nobody has checked."""
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"With CI set nothing may be skipped, but this was: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    reports = config.stash.get(PAGE_REPORTS, None)
    if reports is None:
        return
    terminalreporter.section("documentation pages")
    for report in reports:
        for line in report.lines():
            terminalreporter.line(line)
    if pages.documentation() is None:
        terminalreporter.line("The user documentation is not here (ATDATA_PAGES): passed over.")
    terminalreporter.line(pages.total(reports))
