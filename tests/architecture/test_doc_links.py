import re
from pathlib import Path

import pytest

from tests.suites import PROJECT

PAGES = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "bench").glob("*.md"), *(PROJECT / "deploy").rglob("*.md")]
)
TABLES = [PROJECT / "docs" / name for name in ("threats.md", "standards.md")]


def named_files(page: Path) -> set[str]:
    """Names in code quotes that are files; a name without a folder is beside the one before it."""
    found: set[str] = set()
    for line in page.read_text("utf-8").splitlines():
        folder = ""
        for name in re.findall(r"`([\w/.-]+\.(?:py|yaml))`", line):
            folder = name.rpartition("/")[0] or folder
            found.add(name if "/" in name else f"{folder}/{name}")
    return found


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(PROJECT))) for page in PAGES])
def test_links_to_files_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", TABLES, ids=lambda page: page.name)
def test_files_named_in_tables_are_there(page: Path) -> None:
    roots = (PROJECT / "src" / "blauweknop", PROJECT / "tests", PROJECT)
    assert sorted(name for name in named_files(page) if not any((root / name).exists() for root in roots)) == []
