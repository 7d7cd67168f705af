"""Code tables of registers: code and description, in CSV. The product ships some of the population register."""

import csv
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["CodeTableProblem", "described", "read_code_table", "shipped_table"]


class CodeTableProblem(BlauweKnopError):
    """A code table is not there or not readable."""


def read_code_table(path: Path) -> Mapping[str, str]:
    """Descriptions by code, from a CSV with columns `code;omschrijving` in UTF-8.

    Raises:
        CodeTableProblem: another kind of file.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";", strict=True))
        return {row["code"]: row["omschrijving"] for row in rows}
    except (OSError, KeyError, csv.Error, UnicodeDecodeError) as error:
        raise CodeTableProblem("a code table is not readable", remedy="it needs columns code;omschrijving in UTF-8") from error


def shipped_table(name: str) -> Path:
    """Where a table of the product stands, whether it exists or not."""
    return Path(str(files(__package__))) / "code_tables" / name


@cache
def _shipped(name: str) -> Mapping[str, str]:
    return read_code_table(shipped_table(name))


def described(table: str, code: str) -> str:
    """The description of a code in a shipped table; a code that is not in it stays readable as such."""
    return _shipped(table).get(code, f"onbekend (code {code})")
