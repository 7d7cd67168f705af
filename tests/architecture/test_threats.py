"""Every threat of the table has tests that exist, in the file that it names; a threat of the check also says which ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.suites import PROJECT

_PAGE = (PROJECT / "docs" / "threats.md").read_text("utf-8")
_KNOWN = {f"T-{number:02d}" for number in range(1, 47)}
"""The threats of PROTOCOL 10."""

_OF_THE_CHECK = {f"T-{number:02d}" for number in (1, 2, 3, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 25, 26, 32, 35, 37, 38, 42, 43)}
_MARK = re.compile(r"`([\w/.-]+\.py)`|`(test_\w+)`")


@dataclass(frozen=True)
class Row:
    threat: str
    tests: str

    def named(self) -> Iterator[tuple[str, str | None]]:
        """Each file, and each test with the file before it; a file without a folder is beside the one before it."""
        file, folder = "", ""
        for path, test in _MARK.findall(self.tests):
            if test:
                yield file, test
                continue
            folder = path.rpartition("/")[0] or folder
            file = path if "/" in path else f"{folder}/{path}"
            yield file, None


def rows(begin: str, end: str) -> list[Row]:
    lines = _PAGE.partition(begin)[2].partition(end)[0].splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ") and not line.startswith(("| id", "| threat"))]
    return [Row(cell[0], cell[-1]) for cell in cells]


DONE = rows("## What this version does", "Threats we met")
MET = rows("Threats we met", "## Remaining limits")
LATER = rows("## Later", "\x00")


def ids(listed: list[Row]) -> set[str]:
    return {threat for row in listed for threat in re.findall(r"T-\d\d", row.threat)}


def missing(row: Row) -> list[str]:
    found = []
    for file, test in row.named():
        path = PROJECT / "tests" / file
        if not path.is_file():
            found.append(file)
        elif test is not None and not re.search(rf"^def {test}\(", path.read_text("utf-8"), re.MULTILINE):
            found.append(f"{file} {test}")
    return found


def test_each_threat_of_the_protocol_has_its_place() -> None:
    assert ids(DONE) | ids(LATER) == _KNOWN


@pytest.mark.parametrize("row", [*DONE, *MET], ids=lambda row: row.threat[:60])
def test_a_threat_names_tests_that_are_where_it_says(row: Row) -> None:
    assert list(row.named()), "a control without a test is a wish"
    assert missing(row) == []


@pytest.mark.parametrize("threat", sorted(_OF_THE_CHECK))
def test_a_threat_of_the_check_says_which_test_holds_it(threat: str) -> None:
    assert any(test for row in DONE if row.threat == threat for _, test in row.named())


def test_what_is_not_there_is_found() -> None:
    assert missing(Row("", "`security/test_fuzz.py` `test_that_nobody_wrote`, `test_nowhere.py`")) == [
        "security/test_fuzz.py test_that_nobody_wrote",
        "security/test_nowhere.py",
    ]
