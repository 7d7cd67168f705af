"""Reading an archive that somebody gives: hostile until it is read to its end, and what is in it is trusted no more after that (T-35).

1 a ZIP, not too large, of one part, not too many files
2 every name is one that `archive.write_archive` makes, each once; no folder, link, encryption, or way of packing but the usual one
3 no file is larger than allowed, whatever it says of itself; nor all together
4 the list is JSON of our format and version, and names every file once, and no other
5 every item has a head of an object with a kind, and the files that its kind has
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Literal

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.archive import ARCHIVE_FORMAT, ARCHIVE_VERSION, MANIFEST, Archived
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["MOST_ARCHIVE_BYTES", "ArchiveRefused", "read_archive"]

MOST_ARCHIVE_BYTES = 64 * 1024 * 1024
_MOST_FILES = 2000
_MOST_FILE = 32 * 1024 * 1024
_MOST_ALL = 256 * 1024 * 1024
_MOST_LIST = 8 * 1024 * 1024
_NAME = re.compile(r"(documenten|bewijzen|eigen-papieren|overig)/[0-9]{4}[a-z0-9._-]{0,80}")
_README = "LEES-MIJ.txt"
_ROLES: Mapping[str, tuple[frozenset[str], ...]] = {
    "document": (frozenset({"pdf", "data"}), frozenset({"pdf"})),
    "unchecked": (frozenset({"pdf"}),),
    "own_paper": (frozenset({"paper"}),),
    "credential": (frozenset({"copies"}),),
    "connection": (frozenset(),),
    "correction": (frozenset(),),
    "log": (frozenset({"body"}),),
    "request": (frozenset({"body"}),),
    "link": (frozenset({"body"}),),
}

RefusalCode = Literal["not_an_archive", "too_large", "other_version"]


class ArchiveRefused(BlauweKnopError):
    """The whole archive is refused; `code` is why, in words the texts `holder.import.refused.<code>`."""

    def __init__(self, code: RefusalCode, problem: str) -> None:
        super().__init__(problem)
        self.code = code


def read_archive(data: bytes) -> tuple[Archived, ...]:
    """The items of an archive, of the kinds known here; nothing of them was checked but their form.

    Raises:
        ArchiveRefused: it is no archive of ours, whole and as it should be.
    """
    if len(data) > MOST_ARCHIVE_BYTES:
        raise ArchiveRefused("too_large", "expected a smaller archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _read_files(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError, UnicodeError, RuntimeError) as error:
        raise ArchiveRefused("not_an_archive", "expected a ZIP that can be read") from error
    return tuple(_items(files))


def _read_files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > _MOST_FILES:
        raise ArchiveRefused("too_large", f"expected at most {_MOST_FILES} files")
    files: dict[str, bytes] = {}
    room = _MOST_ALL
    for entry in entries:
        _require_plain(entry, files)
        most = min(_MOST_LIST if entry.filename == MANIFEST else _MOST_FILE, room)
        if entry.file_size > most:
            raise ArchiveRefused("too_large", "expected smaller files")
        with archive.open(entry) as opened:
            content = opened.read(most + 1)
        if len(content) > most:
            raise ArchiveRefused("too_large", "expected files that are no larger than they say")
        files[entry.filename] = content
        room -= len(content)
    return files


def _require_plain(entry: zipfile.ZipInfo, files: Mapping[str, bytes]) -> None:
    if entry.filename not in (MANIFEST, _README) and not _NAME.fullmatch(entry.filename):
        raise ArchiveRefused("not_an_archive", "expected names of files as we give them")
    if entry.filename in files or entry.orig_filename != entry.filename:
        raise ArchiveRefused("not_an_archive", "expected each name once")
    is_link = (entry.external_attr >> 16) & 0o170000 not in (0, 0o100000)
    if entry.flag_bits & 0x1 or is_link or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveRefused("not_an_archive", "expected plain files")


def _items(files: dict[str, bytes]) -> list[Archived]:
    if MANIFEST not in files:
        raise ArchiveRefused("not_an_archive", f"expected {MANIFEST}")
    try:
        manifest = parse_json_object(files[MANIFEST], max_bytes=_MOST_LIST)
    except MalformedJson as error:
        raise ArchiveRefused("not_an_archive", "expected a list that can be read") from error
    if manifest.get("format") != ARCHIVE_FORMAT:
        raise ArchiveRefused("not_an_archive", "expected our format")
    if manifest.get("version") != ARCHIVE_VERSION:
        raise ArchiveRefused("other_version", f"expected version {ARCHIVE_VERSION}")
    listed = manifest.get("items")
    if not isinstance(listed, list):
        raise ArchiveRefused("not_an_archive", "expected a list of items")
    left = {name: content for name, content in files.items() if name not in (MANIFEST, _README)}
    items = [_item(entry, left) for entry in listed]
    if left:
        raise ArchiveRefused("not_an_archive", "expected no files beside those of the list")
    return [item for item in items if item.kind in _ROLES]


def _item(entry: JsonValue, left: dict[str, bytes]) -> Archived:
    """Takes its files away from those that are left."""
    match entry:
        case {"head": dict(head), "files": dict(names)} if isinstance(head.get("kind"), str):
            files = {role: left.pop(name, None) for role, name in names.items() if isinstance(name, str)}
            known = {role: content for role, content in files.items() if content is not None}
            roles = _ROLES.get(str(head["kind"]))
            if len(known) == len(names) and (roles is None or frozenset(known) in roles):
                return Archived(head, known)
    raise ArchiveRefused("not_an_archive", "expected each item with its files")
