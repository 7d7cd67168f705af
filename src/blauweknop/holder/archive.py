"""Everything of an account in one ZIP, in an open form: `mijn-blauwe-knop.json` lists the items, the files stand beside it.

Format version 1. An entry of `items` has the `head` of the item and the names of its `files` by role: of a document its `pdf` and its
`data`, of an own paper its `paper`, of a credential its `copies` with the private keys. A connection to a source has none: what opens the
source stays here, and elsewhere the person connects again. docs/roles/holder.md describes the format for others.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.document import JsonValue
from blauweknop.holder.items import split_document
from blauweknop.holder.own_papers import PAPER_ENDINGS
from blauweknop.holder.vault import MOST_HEAD_BYTES
from blauweknop.standards.strict_json import canonical_json, parse_json_object

__all__ = ["ARCHIVE_FORMAT", "ARCHIVE_VERSION", "MANIFEST", "Archived", "write_archive"]

ARCHIVE_FORMAT, ARCHIVE_VERSION = "blauweknop-holder", 1
MANIFEST = "mijn-blauwe-knop.json"
_README = "LEES-MIJ.txt"


@dataclass(frozen=True, slots=True)
class Archived:
    """An item as the archive has it: its head, and its files by role."""

    head: Mapping[str, JsonValue] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def kind(self) -> str:
        return str(self.head.get("kind"))


def write_archive(items: Iterable[tuple[bytes, bytes]], *, made_at: datetime, language: str, left_out: int = 0) -> bytes:
    """The archive of these items, each a head and a body of the vault; so many more could not be opened, which the page for people says."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        listed: list[JsonValue] = []
        for number, (head, body) in enumerate(items, start=1):
            archived = _archived(parse_json_object(head, max_bytes=MOST_HEAD_BYTES), body)
            names: dict[str, JsonValue] = {}
            for role, content in archived.files.items():
                names[role] = _name(archived, role, number)
                _put(archive, str(names[role]), content, made_at)
            listed.append({"head": {**archived.head}, "files": names})
        manifest: JsonValue = {"format": ARCHIVE_FORMAT, "version": ARCHIVE_VERSION, "made_at": made_at.isoformat(), "items": listed}
        _put(archive, MANIFEST, canonical_json(manifest), made_at)
        told = [sentence("holder.rights.readme", language)]
        told += [sentence("holder.rights.readme.left_out", language, count=left_out)] if left_out else []
        _put(archive, _README, "\n\n".join(told).encode("utf-8"), made_at)
    return out.getvalue()


def _archived(head: dict[str, JsonValue], body: bytes) -> Archived:
    match head.get("kind"):
        case "document":
            data, pdf = split_document(body)
            return Archived(head, {"pdf": pdf, "data": canonical_json({**data})})
        case "unchecked":
            return Archived(head, {"pdf": body})
        case "own_paper":
            return Archived(head, {"paper": body})
        case "credential":
            return Archived(head, {"copies": body})
        case "connection":
            return Archived(head, {})
    return Archived(head, {"body": body} if body else {})


def _name(archived: Archived, role: str, number: int) -> str:
    """Says nothing of the person; the names of data sets are ours."""
    kind = archived.kind
    if kind in ("document", "unchecked"):
        about = str(archived.head.get("dataset")) if kind == "document" else "niet-gecontroleerd"
        return f"documenten/{number:04d}-{about}.{'pdf' if role == 'pdf' else 'json'}"
    if kind == "own_paper":
        return f"eigen-papieren/{number:04d}.{PAPER_ENDINGS.get(str(archived.head.get('media_type')), 'bin')}"
    if kind == "credential":
        return f"bewijzen/{number:04d}.json"
    return f"overig/{number:04d}-{role}.json"


def _put(archive: zipfile.ZipFile, name: str, content: bytes, made_at: datetime) -> None:
    entry = zipfile.ZipInfo(name, (made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, content)
