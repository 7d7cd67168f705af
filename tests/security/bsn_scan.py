"""Finds burgerservicenummers where none belong: logs, addresses, file names, metadata, documents without BSN.

A finding is a standalone run of exactly nine digits that passes the 11-test; one in eleven nine-digit numbers does, so a number
of another kind (an RSIN, a loan) can be a false alarm and is then named in `allowed`. Digits behind a decimal point in a page
description and digits inside a digest or UUID are no runs of their own.

How it looks, in order: the bytes as text, the usual disguises of text (percent, HTML, JSON and UTF-16), hexadecimal strings,
base64url tokens (JWS, SD-JWT disclosures), then what is inside a ZIP, gzip or PDF. Everything found inside is looked at the same way.
"""

import base64
import binascii
import contextlib
import gzip
import html
import io
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pikepdf

from blauweknop.domain.identifiers import eleven_test

__all__ = ["Finding", "bsns_in", "bsns_in_file", "bsns_in_folder"]

_DEPTH = 6
_NINE = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")
_NO_FRACTION = re.compile(r"(?<![0-9])(?<![0-9]\.)(?<!\s\.)[0-9]{9}(?![0-9])")
_DIGEST = re.compile(r"[0-9A-Fa-f]{32,}|[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_HEX_STRING = re.compile(r"<((?:[0-9A-Fa-f]{2}\s*){9,4000})>")
_TOKEN = re.compile(r"[A-Za-z0-9_+/-]{12,}")
_WIDE = re.compile(rb"(?:\x00[\x20-\x7e]){9,}|(?:[\x20-\x7e]\x00){9,}")
_ESCAPED = re.compile(r"\\u00([2-7][0-9A-Fa-f])")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a number stands; the number itself stays out of messages."""

    place: str
    digits: str = field(repr=False)


def bsns_in_folder(folder: Path, *, allowed: Collection[str] = ()) -> tuple[Finding, ...]:
    """Look through the names and contents of all files under a folder."""
    found: list[Finding] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found.extend(bsns_in(name, place=f"a name in {folder.name}", allowed=allowed))
        if path.is_file():
            found.extend(bsns_in(path.read_bytes(), place=_quiet(name), allowed=allowed))
    return tuple(found)


def bsns_in_file(path: Path, *, allowed: Collection[str] = ()) -> tuple[Finding, ...]:
    """Look through the name and the content of one file."""
    return bsns_in(path.name, place="the file name", allowed=allowed) + bsns_in(path.read_bytes(), place=_quiet(path.name), allowed=allowed)


def bsns_in(data: bytes | str, *, place: str = "data", allowed: Collection[str] = ()) -> tuple[Finding, ...]:
    """Every distinct number found in a text or in bytes of any kind, with the place inside."""
    content = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    unique = dict.fromkeys(_search(content, place, _DEPTH, _NINE))
    return tuple(finding for finding in unique if finding.digits not in allowed)


def _search(data: bytes, place: str, depth: int, pattern: re.Pattern[str]) -> Iterator[Finding]:
    yield from _search_text(data.decode("latin-1"), place, depth, pattern)
    for wide in _WIDE.finditer(data):
        yield from _numbers(wide[0].replace(b"\x00", b"").decode("latin-1"), f"{place}, UTF-16", pattern)
    if depth > 0:
        for name, part, inner in _parts(data):
            yield from _search(part, f"{place}, {name}", depth - 1, inner)


def _search_text(text: str, place: str, depth: int, pattern: re.Pattern[str]) -> Iterator[Finding]:
    disguises = {text}
    if "%" in text:
        disguises.add(unquote(text, errors="replace"))
    if "&#" in text:
        disguises.add(html.unescape(text))
    if "\\u" in text:
        disguises.add(_ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text))
    for form in disguises:
        yield from _numbers(form, place, pattern)
    if depth <= 0:
        return
    for string in _HEX_STRING.finditer(text):
        yield from _search(bytes.fromhex(string[1]), f"{place}, a hexadecimal string", 0, pattern)
    for token in _TOKEN.finditer(text):
        decoded = _decoded(token[0])
        if decoded is not None:
            yield from _search(decoded, f"{place}, a base64 token", depth - 1, _NINE)


def _numbers(text: str, place: str, pattern: re.Pattern[str]) -> Iterator[Finding]:
    hits = [hit for hit in pattern.finditer(text) if eleven_test(hit[0])]
    if not hits:
        return
    digests = [digest.span() for digest in _DIGEST.finditer(text)]
    for hit in hits:
        if not any(start <= hit.start() and hit.end() <= end for start, end in digests):
            yield Finding(place, hit[0])


def _decoded(token: str) -> bytes | None:
    """The content of a base64 or base64url token that is readable text; other content has digits only by chance."""
    plain = token.translate(str.maketrans("+/", "-_"))
    try:
        content = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
        readable = content.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return content if all(character.isprintable() or character in "\r\n\t" for character in readable) else None


def _parts(data: bytes) -> Iterator[tuple[str, bytes, re.Pattern[str]]]:
    """What is packed inside; of a broken or encrypted pack only the bytes themselves can be looked at."""
    if data.startswith(b"PK\x03\x04"):
        with contextlib.suppress(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
            yield from _zip_parts(data)
    elif data.startswith(b"\x1f\x8b"):
        with contextlib.suppress(zlib.error, EOFError, OSError):
            yield "gzip", gzip.decompress(data), _NINE
    elif data.startswith(b"%PDF-"):
        yield from _pdf_parts(data)


def _zip_parts(data: bytes) -> Iterator[tuple[str, bytes, re.Pattern[str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for number, member in enumerate(archive.infolist()):
            yield "a ZIP member's name", member.filename.encode(), _NINE
            yield f"ZIP member {number}", archive.read(member), _NINE


def _pdf_parts(data: bytes) -> Iterator[tuple[str, bytes, re.Pattern[str]]]:
    """Streams inflated without trusting any table, streams and strings as a PDF library sees them, and the words on the pages."""
    for number, stream in enumerate(re.finditer(rb"stream\r?\n", data)):
        inflater = zlib.decompressobj()
        try:
            yield f"PDF stream {number}", inflater.decompress(data[stream.end() :], 64 * 1024 * 1024), _NO_FRACTION
        except zlib.error:
            continue  # not compressed this way: the bytes themselves were looked at
    yield from _pdf_objects(data)
    if shutil.which("pdftotext"):
        words = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=False, timeout=60).stdout
        yield "the words on the pages", words, _NINE


def _pdf_objects(data: bytes) -> Iterator[tuple[str, bytes, re.Pattern[str]]]:
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PdfError:
        return  # a broken file: its raw bytes and streams were looked at
    with pdf:
        for number, item in enumerate(pdf.objects, start=1):
            if isinstance(item, pikepdf.Stream):
                try:
                    yield f"PDF object {number}", item.read_bytes(), _NO_FRACTION
                except pikepdf.PdfError:
                    yield f"PDF object {number}", item.read_raw_bytes(), _NO_FRACTION
            for text in _strings(item):
                yield f"a string of PDF object {number}", text, _NINE


def _strings(item: object, depth: int = 20) -> Iterator[bytes]:
    """The strings of an object, not those of other objects it refers to: they have their own turn."""
    if isinstance(item, pikepdf.String):
        yield str(item).encode("utf-8", "replace")
        return
    members: Iterable[object] = ()
    if isinstance(item, pikepdf.Array):
        members = item.as_list()
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        members = item.as_dict().values() if isinstance(item, pikepdf.Dictionary) else item.stream_dict.as_dict().values()
    for member in members:
        if depth > 0 and isinstance(member, pikepdf.Object) and not member.is_indirect:
            yield from _strings(member, depth - 1)


def _quiet(name: str) -> str:
    return _NINE.sub("(number)", name)
