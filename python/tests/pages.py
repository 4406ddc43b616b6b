"""Run the fenced Python blocks of a documentation page, in order, as a reader would.

`python pages.py` runs every page it finds and prints what it did; `python pages.py PAGE.md REPORT`
runs one page in this very process and writes a report (the tests start that, isolated).

What a page takes for granted stands in `pages*.toml`: preludes (lines run before a block), checks
(lines run after it, which hold the page to what it states) and excuses (blocks that cannot run,
each with its reason), and the servers that it takes for granted, on the ports that it names. The
table of a page is named after its file, without `.md`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import io
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import tomllib
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
TABLES: dict[str, dict[str, Any]] = {
    page: table
    for path in sorted(Path(__file__).parent.glob("pages*.toml"))
    for page, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
}
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
TIME_LIMIT = 300


@dataclasses.dataclass
class Block:
    """A fenced block: its number on the page from 0, the page's line it starts at, its code."""

    number: int
    line: int
    code: str


@dataclasses.dataclass
class Report:
    """What came of a page."""

    page: str
    run: int = 0
    excused: list[str] = dataclasses.field(default_factory=list)
    preludes: list[str] = dataclasses.field(default_factory=list)
    checks: int = 0
    isolated: bool = True
    error: str = ""

    def lines(self) -> list[str]:
        """The report as text: every prelude line, every excuse, then the count."""
        text = [f"    before {line}" for line in self.preludes]
        text += [f"    excused {line}" for line in self.excused]
        if not self.isolated:
            text.append("    without a network namespace: unshare does not work here")
        return [f"{self.page}: {self.count()}", *text]

    def count(self) -> str:
        """For example `10 run, 3 excused (12 prelude lines, 4 checks)`."""
        extras = f" ({len(self.preludes)} prelude lines, {self.checks} checks)"
        return f"{self.run} run, {len(self.excused)} excused" + extras


def blocks(text: str) -> list[Block]:
    """The page's fenced Python blocks."""
    found = enumerate(FENCE.finditer(text))
    return [Block(n, text.count("\n", 0, m.start(1)), m[1]) for n, m in found]


def documented_pages() -> list[str]:
    """The pages of the user documentation that this version is held to."""
    return [name for name, table in TABLES.items() if table.get("documented")]


def documentation() -> Path | None:
    """The folder of the user documentation, or None: it does not come with the repository."""
    named = os.environ.get("ATDATA_PAGES")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "spec" / "seeds"
    return folder if named or folder.is_dir() else None  # a folder that was named must be there


def own_pages() -> list[Path]:
    """The repository's own documents that hold Python blocks."""
    found = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
    return [page for page in found if FENCE.search(page.read_text(encoding="utf-8"))]


def run_here(page: Path) -> Report:
    """Run a page in this process; the first block that fails ends it."""
    table = TABLES.get(page.stem, {})
    excused = table.get("excused", {})
    report = Report(page.stem)
    main = types.ModuleType("__main__")  # as in a script: pickle and get_type_hints find it there
    sys.modules["__main__"] = main
    for block in blocks(page.read_text(encoding="utf-8")):
        number = str(block.number)
        if number in excused:
            report.excused.append(f"block {number}: {excused[number]}")
            continue
        try:
            run_block(block, page, table, main.__dict__, report)
        except BaseException:
            report.error = f"block {number} (line {block.line + 1})\n{traceback.format_exc()}"
            break
        report.run += 1
    return report


def wake_loopback() -> None:
    """In a network of its own, a process finds even its own machine asleep."""
    with socket.socket() as probe:
        name = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(probe, 0x8913, name))  # SIOCGIFFLAGS
        if not flags & 1:
            fcntl.ioctl(probe, 0x8914, struct.pack("16sH14x", b"lo", flags | 1))  # SIOCSIFFLAGS


@contextlib.contextmanager
def servers(page: Path) -> Iterator[None]:
    """The servers that a page takes for granted, each a line of arguments of scripts/serve.py.

    What a server says of the environment (where its network is) becomes the page's.
    """
    from servers import Server  # which only the process of a page finds

    with contextlib.ExitStack() as stack:
        for line in TABLES.get(page.stem, {}).get("servers", []):
            server = stack.enter_context(Server(*line.split()))
            os.environ.update(server.about.get("environment", {}))
        yield


def run_block(
    block: Block, page: Path, table: dict[str, Any], names: dict[str, Any], report: Report
) -> None:
    """Run a block between its prelude and its checks."""
    number = str(block.number)
    prelude = table.get("prelude", {}).get(number, "").strip()
    check = table.get("check", {}).get(number, "").strip()
    report.preludes += [f"block {number}: {line}" for line in prelude.splitlines()]
    execute(prelude, f"<prelude of block {number}>", names)
    with contextlib.redirect_stdout(io.StringIO()):
        # Pushed down to its place, so that a traceback shows the page's own lines.
        execute("\n" * block.line + block.code, str(page), names)
    execute(check, f"<check of block {number}>", names)
    report.checks += len(check.splitlines())


def execute(code: str, filename: str, names: dict[str, Any]) -> None:
    """Run code in the page's namespace; `dont_inherit` keeps this file's imports out of it."""
    exec(compile(code, filename, "exec", dont_inherit=True), names)


@functools.cache
def isolation() -> tuple[str, ...]:
    """The command that gives a page a network of its own; empty where the system refuses."""
    for command in (("unshare", "-rn"), ("unshare", "-n")):
        probe = [*command, "true"]
        if shutil.which("unshare") and not subprocess.run(probe, capture_output=True).returncode:
            return command
    return ()


def run_apart(page: Path) -> Report:
    """Run a page in a fresh process, home folder, working folder and network."""
    with tempfile.TemporaryDirectory(prefix="atdata-page-") as scratch:
        folders = [Path(scratch, name) for name in ("home", "atdata-home", "work")]
        for folder in folders:
            folder.mkdir()
        home, atdata_home, work = folders
        own = {"HOME": home, "XDG_CACHE_HOME": home / ".cache", "ATDATA_HOME": atdata_home}
        own["PYTHONPATH"] = REPOSITORY / "scripts"
        environment = {**os.environ, **{name: str(folder) for name, folder in own.items()}}
        answer = Path(scratch, "report.json")
        command = [*isolation(), sys.executable, "-P", __file__, str(page), str(answer)]
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT
        )
        if done.returncode:
            return Report(page.stem, error=f"exit code {done.returncode}\n{done.stderr}")
        return Report(**{**json.loads(answer.read_text()), "isolated": bool(isolation())})


def total(reports: list[Report]) -> str:
    """The last line: `N run, M excused`."""
    run, excused = sum(r.run for r in reports), sum(len(r.excused) for r in reports)
    return f"pages: {run} run, {excused} excused"


def main() -> int:
    """Run every page and print what came of it."""
    folder = documentation()
    pages = [folder / f"{name}.md" for name in documented_pages()] if folder else []
    reports = []
    for page in [*pages, *own_pages()]:
        report = run_apart(page)
        reports.append(report)
        print(*report.lines(), *filter(None, [report.error]), sep="\n")
    print(total(reports))
    return int(any(report.error for report in reports))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        wake_loopback()
        with servers(Path(sys.argv[1])):
            found = run_here(Path(sys.argv[1]))
        Path(sys.argv[2]).write_text(json.dumps(dataclasses.asdict(found)))
    else:
        sys.exit(main())
