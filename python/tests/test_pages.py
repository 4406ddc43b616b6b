"""Every fenced Python block of the documentation runs as printed (see pages.py)."""

import os
from pathlib import Path
from typing import Any

import pages
import pytest


@pytest.mark.parametrize("name", pages.documented_pages())
def test_documented_page(name: str, page_reports: list[pages.Report]) -> None:
    folder = pages.documentation()
    if folder is None:
        return  # the terminal summary says that they were passed over
    check(folder / f"{name}.md", page_reports)


def test_own_pages(page_reports: list[pages.Report]) -> None:
    for page in pages.own_pages():
        check(page, page_reports)


def check(page: Path, page_reports: list[pages.Report]) -> None:
    report = pages.run_apart(page)
    page_reports.append(report)
    assert not report.error, f"{page.name}: {report.error}"
    table = pages.TABLES.get(page.stem, {})
    unused = unknown_blocks(table, len(pages.blocks(page.read_text(encoding="utf-8"))))
    assert not unused, f"pages.toml speaks of blocks that {page.name} does not have: {unused}"
    if os.environ.get("CI"):
        assert report.isolated, "with CI set, pages run in a network namespace (unshare -rn)"


def unknown_blocks(table: dict[str, Any], count: int) -> list[str]:
    kinds = ("prelude", "check", "excused")
    return [f"{kind} {n}" for kind in kinds for n in table.get(kind, {}) if int(n) >= count]


def test_blocks_are_found_with_their_lines() -> None:
    text = "# Title\n\n```python\na = 1\n```\n```bash\nls\n```\n```python\nb = 2\n\nc = 3\n```\n"
    found = pages.blocks(text)
    assert [(b.number, b.line, b.code) for b in found] == [
        (0, 3, "a = 1\n"),
        (1, 9, "b = 2\n\nc = 3\n"),
    ]


def test_a_failing_block_is_reported_with_its_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("words\n\n```python\nx = 1\n```\n\n```python\nx += 1\nraise KeyError(x)\n```\n")
    report = pages.run_apart(page)
    assert report.run == 1
    assert "block 1 (line 8)" in report.error
    assert "line 9" in report.error
    assert "KeyError: 2" in report.error
