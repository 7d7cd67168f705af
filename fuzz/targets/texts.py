"""JSON, base64url, the form of an upload, and what a process of ours that read hostile bytes sends back."""

import base64
import io
import json
import zlib
from collections.abc import Callable
from random import Random
from typing import NoReturn

import multipart

from blauweknop.checking.check_document import check_document
from blauweknop.checking.transport import MalformedTransport, verdict_from_bytes, verdict_to_bytes
from blauweknop.document.pdf_syntax import MalformedPdf, parse_object
from blauweknop.document.pdf_writing import decode_text, encode_text, write_object
from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.plain_json import NotPlain, read_plain
from blauweknop.standards.status_entries import StatusListProblem, decompress
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json
from blauweknop.web.upload import UploadRefused, file_of_form
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_base64url
from fuzz.mutators.octets import change_octets
from fuzz.mutators.packed import change_packed
from fuzz.mutators.pdf_tokens import change_program
from fuzz.target import Target
from tests.unit.checking import exercise_documents as x

__all__ = ["TEXT_TARGETS"]

_MOST_JSON = 8 * 1024 * 1024


def _check_json(data: bytes) -> str:
    """Both our readers and the one of Python agree, to the type of each value; what is written again reads as the same."""
    try:
        value = parse_json(data, max_bytes=_MOST_JSON)
    except MalformedJson as error:
        _assert_not_plain(data)
        return str(error)
    assert _told(json.loads(data, parse_float=_refuse, parse_constant=_refuse)) == _told(value)
    assert _told(parse_json(data, max_bytes=_MOST_JSON, max_depth=32)) == _told(value)
    try:
        again = canonical_json(value)
    except MalformedJson:
        return "accepted, with no canonical form"
    assert _told(parse_json(again, max_bytes=_MOST_JSON)) == _told(value)
    assert canonical_json(parse_json(again, max_bytes=_MOST_JSON)) == again
    return "accepted"


def _assert_not_plain(data: bytes) -> None:
    """What the careful reader refuses, the quick one never takes."""
    try:
        read_plain(data)
    except NotPlain:
        return
    raise AssertionError("the quick reader took what the careful one refuses")


def _refuse(_: str) -> NoReturn:
    raise AssertionError("a number that is not whole was accepted")


def _told(value: JsonValue) -> object:
    """A value in a form in which 1, true and 1.0 differ."""
    if isinstance(value, dict):
        return {name: _told(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_told(inner) for inner in value]
    return type(value), value


def _check_base64url(data: bytes) -> str:
    text = data.decode("latin-1")
    try:
        value = base64url.decode(text)
    except MalformedBase64:
        return "refused"
    assert base64url.encode(value) == text
    assert base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) == value
    assert base64url.decode_each([text, "QUJD", text]) == [value, b"ABC", value]
    return "accepted"


def _check_packed_list(data: bytes) -> str:
    try:
        found = decompress(data, 1)
    except StatusListProblem as problem:
        return problem.code
    assert found.entries == zlib.decompress(data)
    return "accepted"


_TYPE = "multipart/form-data; boundary=grens"


def _upload(content: bytes, name: bytes = b"bestand") -> bytes:
    head = b'Content-Disposition: form-data; name="%b"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n' % name
    return b"--grens\r\n" + head + content + b"\r\n--grens--\r\n"


def _check_upload(data: bytes) -> str:
    """The first line is the Content-Type; what we take for the file is what the reader of the framework takes for it too."""
    first, _, body = data.partition(b"\n")
    try:
        content = file_of_form(body, first.decode("latin-1"), "bestand")
    except UploadRefused as refused:
        return refused.code
    _, options = multipart.parse_options_header(first.decode("latin-1"))
    try:
        parts = list(multipart.MultipartParser(io.BytesIO(body), options["boundary"], strict=False, charset="latin-1"))
    except (KeyError, multipart.MultipartError):  # it knows no tab before a boundary
        return "accepted, by us alone"
    found = [part.raw for part in parts if part.name == "bestand"]
    assert not found or content in found
    return "accepted"


def _change_upload(random: Random, data: bytes) -> bytes:
    first, _, body = data.partition(b"\n")
    match random.randrange(4):
        case 0:
            first = change_octets(random, first)
        case 1:
            first += random.choice((b"; boundary=b", b'; x=";"', b"; boundary*0=gr", b"; " + b"x=y;" * 50, b'; charset="utf-8"'))
        case _:
            body = change_octets(random, body)
    return first.replace(b"\n", b"") + b"\n" + body


def _check_object(data: bytes) -> str:
    try:
        value = parse_object(data)
        again = write_object(value)
    except MalformedPdf as error:
        return error.code
    assert write_object(parse_object(again)) == again
    return "accepted"


def _check_text(data: bytes) -> str:
    try:
        text = decode_text(data)
    except MalformedPdf as error:
        return error.code
    if text.isprintable():
        assert decode_text(encode_text(text)) == text
    return "accepted"


def _check_verdict(data: bytes) -> str:
    try:
        verdict = verdict_from_bytes(data)
    except MalformedTransport:
        return "refused"
    assert verdict_from_bytes(verdict_to_bytes(verdict)) == verdict
    return verdict.colour.value


def _verdicts() -> list[bytes]:
    pdfs = (x.good_document(), x.good_document() + b"\n", b"", x.sealed(x.good_letter(), stamped=False))
    return [verdict_to_bytes(check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())) for pdf in pdfs]


def _texts(*seeds: bytes) -> Callable[[], list[bytes]]:
    return lambda: [*seeds]


_OBJECT = b"<</Type/Page/Kids[1 0 R 2 0 R]/Box[0 -1 1.50 +.5]/S(a\\(b\\)\\101(c))/H<48656C>/N null/T true/D<</A<</B[]>>>>>>"

TEXT_TARGETS = (
    Target(
        "json",
        "strict JSON, read quickly and carefully",
        lambda: [
            canonical_json(x.content()),
            b'{"a":[1,-1,true,null,"\\u00e9\xc3\xa9",{"b":{}}]}',
            b"[[[[[[[[[[[1]]]]]]]]]]]",
            b"9007199254740993",
        ],
        _check_json,
        change_json,
    ),
    Target("base64url", "base64url in its one form", _texts(b"", b"QQ", b"QUI", b"QUJD", b"-_-_" * 20), _check_base64url, change_base64url),
    Target(
        "packed-list",
        "the zlib stream of a status list",
        lambda: [zlib.compress(bytes(200)), zlib.compress(b"\x04\x00"), zlib.compress(bytes(range(256)) * 40, 0)],
        _check_packed_list,
        change_packed,
    ),
    Target("upload", "the form of an upload", lambda: [_TYPE.encode() + b"\n" + _upload(b"%PDF-1.7 x")], _check_upload, _change_upload),
    Target("pdf-object", "one PDF object", _texts(_OBJECT, b"[/A#20B<<>>(\\r\n)]", b"<FEFF00E9>"), _check_object, change_program),
    Target(
        "pdf-text", "a PDF text string", _texts(b"plain", b"\xfe\xff\x00A\x00\xe9", b"\xef\xbb\xbf\xc3\xa9"), _check_text, change_octets
    ),
    Target("verdict", "the verdict that a lost process sends", _verdicts, _check_verdict, change_json),
)
