"""Import rules cannot see a call of the clock or the environment: the core is read for those."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.suites import PROJECT

_CORE = ("domain", "standards", "document", "checking", "insight")
_FORBIDDEN = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.monotonic",
    "os.environ",
    "os.getenv",
    "os.urandom",
    "uuid4",
    "uuid.uuid4",
    "print",
    "input",
    "open",
}


def _modules() -> list[Path]:
    return [path for folder in _CORE for path in sorted((PROJECT / "src" / "blauweknop" / folder).rglob("*.py"))]


def _names_used(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


@pytest.mark.parametrize("module", _modules(), ids=lambda path: path.relative_to(PROJECT / "src" / "blauweknop").as_posix())
def test_the_core_gets_time_chance_and_environment_as_arguments(module: Path) -> None:
    assert _FORBIDDEN & set(_names_used(module.read_text(encoding="utf-8"))) == set()


def test_the_reader_of_the_core_sees_a_call_of_the_clock() -> None:
    assert "datetime.now" in set(_names_used("from datetime import UTC, datetime\nmoment = datetime.now(UTC)"))
