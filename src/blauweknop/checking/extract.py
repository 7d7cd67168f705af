"""The data of a document that passed, in the forms others take in: JSON, rows for a spreadsheet, and the credential."""

import csv
import io
import json
from collections.abc import Iterator, Mapping

from blauweknop.checking.content_steps import CREDENTIAL_NAME
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.domain.csv_cells import safe_cell
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verified

__all__ = ["as_csv", "as_json", "attached_credential"]


def as_json(verdict: Verified) -> str:
    """The content of `gegevens.json`, laid out for reading."""
    return json.dumps(verdict.content, ensure_ascii=False, indent=2) + "\n"


def as_csv(verdict: Verified) -> str:
    """Two columns, path and value, one row for each single value: `data.schuldonderdelen.0.bedrag`.

    Numbers stand as they are. A text that a spreadsheet could take for a formula gets a quote before it (ASVS 1.2.10).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("path", "value"))
    writer.writerows(_rows("", verdict.content))
    return out.getvalue()


def attached_credential(pdf: bytes) -> str:
    """The SD-JWT inside a document that passed the check.

    Raises:
        MalformedPdf, KeyError: the bytes are not those that were checked.
    """
    return embedded_files(read_file(pdf))[CREDENTIAL_NAME].content.decode("ascii")


def _rows(path: str, value: JsonValue | Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _rows(f"{path}.{name}" if path else name, item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _rows(f"{path}.{number}", item)
    else:
        yield safe_cell(path), _shown(value)


def _shown(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
    return safe_cell(str(value))
