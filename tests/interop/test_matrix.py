"""docs/interop.md says what the suite does: the software and versions of now, and only what was run and passed."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from tests.interop.conformance_modules import MODULES, lines_of_modules
from tests.interop.matrix import DOCUMENT, FILES, ROWS, Row, lines_of, modules_in, table_in
from tests.suites import PROJECT

FOLDER = PROJECT / "tests" / "interop"
TABLE = table_in(DOCUMENT.read_text("utf-8"))


def cells() -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines()[2:]]


def test_the_table_is_what_the_suite_would_write_today_but_for_results_and_day() -> None:
    written = cells()
    assert len(written) == len(ROWS), "run: make interop"
    results = dict(zip(ROWS, [row[-2] for row in written], strict=True))
    (day,) = {row[-1] for row in written}
    assert lines_of(results, day) == TABLE, "run: make interop"


def test_everything_in_the_table_was_run_and_passed() -> None:
    assert all(re.fullmatch(r"[1-9][0-9]* passed", row[-2]) for row in cells()), "run: make interop"


def test_the_table_has_a_day() -> None:
    assert all(date.fromisoformat(row[-1]) for row in cells())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.packages[0])
def test_each_row_stands_for_tests_that_exist(row: Row) -> None:
    assert row.file in FILES
    wallets = row.part.startswith("[")
    assert wallets or any(row.part in name for name in names_in(FOLDER / row.file))


def names_in(file: Path) -> frozenset[str]:
    functions = (node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


def test_the_table_of_conformance_modules_is_that_of_the_suite() -> None:
    assert modules_in(DOCUMENT.read_text("utf-8")) == lines_of_modules(), "run: make interop"


@pytest.mark.parametrize("module", MODULES)
def test_each_conformance_module_has_tests_that_exist_or_a_reason(module: str) -> None:
    cover = MODULES[module]
    assert cover.tests or cover.but
    for test in cover.tests:
        file, _, name = test.partition("::")
        assert name in names_in(PROJECT / "tests" / file), test
