"""Twice the input, about twice the work: no parser takes the square of what it is sent.

Each input is the dearest that its parser accepts or nearly accepts.
"""

import gc
import json
import random
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from blauweknop.checking.page_step import find_page_difference
from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_syntax import MalformedPdf, Reference, Stream, dictionary, operations, parse_object
from blauweknop.document.reduction import read_lists, write_lists
from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, der, jose
from blauweknop.standards.der import MalformedDer
from blauweknop.standards.disclosures import resolve
from blauweknop.standards.lote import lote_from_json, lote_to_json
from blauweknop.standards.revocation import check_revocation
from blauweknop.standards.sd_jwt_json import compact_form
from blauweknop.standards.status_entries import decompress
from blauweknop.standards.strict_cbor import read_cbor, write_cbor
from blauweknop.standards.strict_json import canonical_json, parse_json
from blauweknop.standards.webhook_signature import WebhookRefused, verify_webhook
from blauweknop.web.upload import UploadRefused, file_of_form
from tests.growth import TIMES, grows_with_its_input, took
from tests.security.test_attacks_pdf import packed
from tests.unit.checking import exercise_documents as x
from tests.unit.document import pdf_samples
from tests.unit.document.test_page_text import content_number
from tests.unit.standards.pki import NOW, certify, revocation_list

ROOT = certify("wortel")
LEAF = certify("blad", ROOT)


@dataclass(frozen=True)
class Growth:
    """`make` gives the work on an input of so many parts; `size` takes some ten milliseconds, and lies between small and large."""

    make: Callable[[int], Callable[[], object]]
    size: int


def of(read: Callable[[bytes], object], write: Callable[[int], bytes], size: int) -> Growth:
    def make(count: int) -> Callable[[], object]:
        data = write(count)
        return lambda: read(data)

    return Growth(make, size)


def json_text(data: bytes) -> object:
    return parse_json(data, max_bytes=1 << 26)


def tower(levels: int, width: int) -> bytes:
    """Lists in lists, each with more than one."""
    text = b"1"
    for _ in range(levels):
        text = b"[" + text + b",2]"
    return b"[" + b",".join([text] * width) + b"]"


def deep(levels: int) -> bytes:
    value = der.encode(der.NULL)
    for _ in range(levels):
        value = der.encode_sequence(value)
    return value


def inside(data: bytes) -> None:
    with suppress(MalformedDer):
        der.require_der(der.parse(data))


def set_of(count: int) -> bytes:
    return der.encode_set_of(*(der.encode_integer(number * 7919 % 1_000_003) for number in range(count)))


def crl_work(count: int) -> Callable[[], object]:
    crl = revocation_list(ROOT, [(certify("weg", ROOT, key=LEAF.key), NOW)] * count)
    return lambda: check_revocation((LEAF.certificate, ROOT.certificate), [crl], NOW)


def hidden(count: int) -> Callable[[], object]:
    digests: list[JsonValue] = [f"{number:043d}" for number in range(count)]
    payload: dict[str, JsonValue] = {"_sd": digests, "a": [{"...": f"a{number:042d}"} for number in range(count)]}
    return lambda: resolve(payload, [], ())


def trust_lists(count: int) -> Callable[[], object]:
    whole = json.loads(json.dumps(lote_to_json(x.trust_list())))
    first = whole["LoTE"]["TrustedEntitiesList"][1]
    entities = []
    for number in range(count):
        one = json.loads(json.dumps(first))
        one["TrustedEntityInformation"]["TEInformationExtensions"][0]["BlauweKnop"]["oin"] = f"000000990000{number:08d}"
        one["TrustedEntityServices"] = []
        entities.append(one)
    whole["LoTE"]["TrustedEntitiesList"] = entities
    return lambda: lote_from_json(whole)


def objects(count: int) -> bytes:
    changes = {900 + number: dictionary({"A": Reference(900 + number + 1), "B": (1, 2, b"text")}) for number in range(count)}
    letter = pdf_samples.typeset()
    first = max(read_file(letter).objects) + 1
    return pdf_samples.rewritten(letter, {first + number: value for number, value in enumerate(changes.values())})


def whole_file(data: bytes) -> None:
    content_problems(read_file(data))


def page_work(program: Callable[[int], bytes]) -> Callable[[int], Callable[[], object]]:
    def make(count: int) -> Callable[[], object]:
        letter = pdf_samples.typeset("Zin")
        pdf = pdf_samples.rewritten(letter, {content_number(letter): packed(program(count))})
        return lambda: page_text(read_file(pdf))

    return make


def characters(count: int) -> Callable[[], object]:
    letter = pdf_samples.typeset("Zin")
    file = read_file(letter)
    font = file.dictionary(Reference(pdf_samples.number_of(file, "Subtype", "Type0")), "the font")
    listed = font["ToUnicode"]
    assert isinstance(listed, Reference)
    lines = b"".join(b"<%04x> <0041> " % number for number in range(1000, 1000 + count))
    cmap = b"begincodespacerange <0000> <FFFF> endcodespacerange\n1 beginbfchar " + lines + b"endbfchar\n"
    pdf = pdf_samples.rewritten(letter, {listed.number: Stream(dictionary({}), cmap)})
    return lambda: page_text(read_file(pdf))


def rows_on_pages(count: int) -> Callable[[], object]:
    rows: list[JsonValue] = [{"soort": "lening", "bedrag": 100 * number} for number in range(count)]
    said = x.content(data={"schuldonderdelen": rows})
    shown = page_text(read_file(x.typeset(x.letter(said), x.attachments(said))))
    letter = x.letter(said)
    return lambda: find_page_difference(letter, shown)


def foreign(body: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def write(count: int) -> bytes:
        pieces = b"".join(body(number) for number in range(1, count + 1))
        return b"%PDF-1.7\n" + pieces + b"startxref\n9\n%%EOF\n"

    return write


def foreign_file(data: bytes) -> None:
    with suppress(MalformedPdf):
        read_foreign_file(data)


def form(body: bytes, content_type: str = "multipart/form-data; boundary=b") -> None:
    with suppress(UploadRefused):
        file_of_form(body, content_type, "bestand")


def webhook(count: int) -> Callable[[], object]:
    headers = {"webhook-id": "a", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-signature": "v1,AAAA " * count}

    def work() -> None:
        with suppress(WebhookRefused):
            verify_webhook(headers, b"", b"s" * 32, now=NOW)

    return work


def jws_work(count: int) -> Callable[[], object]:
    text = jose.sign_jws(b"a" * count, x.exercise().credentials["duo"], jose.SD_JWT_VC)
    return lambda: jose.parse_jws(text, jose.SD_JWT_VC)


SIGNED = b'"payload":"QQ","protected":"QQ","signature":"QQ"}'
NOISE = random.Random(7).randbytes(1 << 22)
PARSERS = {
    "json: numbers": of(json_text, lambda count: b"[" + b"12," * count + b"1]", 100_000),
    "json: names": of(json_text, lambda count: b"{" + b",".join(b'"%d":1' % number for number in range(count)) + b"}", 30_000),
    "json: escapes": of(json_text, lambda count: b'"' + b"\\u00e9" * count + b'"', 100_000),
    "json: with spaces, the careful way": of(json_text, lambda count: b"[" + b"1 ," * count + b"1]", 100_000),
    "json: towers": of(json_text, lambda count: tower(30, count), 1000),
    "json: written": Growth(lambda count: lambda: canonical_json({f"é{number}": [number, "x"] for number in range(count)}), 20_000),
    "base64url: long": of(lambda data: base64url.decode(data.decode()), lambda count: b"QUJD" * count, 500_000),
    "base64url: many": Growth(lambda count: lambda: base64url.decode_each(["QUJD"] * count), 100_000),
    "der: wide": of(inside, lambda count: der.encode_sequence(*[der.encode_integer(5)] * count), 50_000),
    "der: sets": of(inside, set_of, 50_000),
    "der: deep": of(inside, lambda count: der.encode_sequence(*[deep(60)] * count), 500),
    "der: children": of(
        lambda data: der.parse(data).children(), lambda count: der.encode_sequence(*[der.encode(der.NULL)] * count), 40_000
    ),
    "revocation: a long list": Growth(crl_work, 6000),
    "revocation: pem": of(read_lists, lambda count: write_lists([NOISE[: 100 * count]] * 10), 2000),
    "messages: payload": Growth(jws_work, 90_000),
    "disclosures: digests without one": Growth(hidden, 20_000),
    "sd-jwt: as json": of(compact_form, lambda count: b'{"header":{"disclosures":[' + b'"QQ",' * count + b'"QQ"]},' + SIGNED, 20_000),
    "status list": of(lambda data: decompress(data, 1), lambda count: zlib.compress(NOISE[: 1000 * count], 1), 1000),
    "trust list: organisations": Growth(trust_lists, 1000),
    "cbor: list": of(
        lambda data: read_cbor(data, max_bytes=1 << 26, max_items=1 << 22), lambda count: write_cbor([7, "a"] * count), 20_000
    ),
    "cbor: map": of(
        lambda data: read_cbor(data, max_bytes=1 << 26, max_items=1 << 22),
        lambda count: write_cbor(dict.fromkeys(range(count), b"x")),
        20_000,
    ),
    "cbor: pieces of a string": of(
        lambda data: read_cbor(data, max_bytes=1 << 26, max_items=1 << 22, any_lengths=True),
        lambda count: b"\x5f" + b"\x41a" * count + b"\xff",
        20_000,
    ),
    "pdf: numbers": of(parse_object, lambda count: b"[" + b"1 " * count + b"]", 20_000),
    "pdf: numbers that look like references": of(parse_object, lambda count: b"[" + b"1 1 1 1 " * count + b"]", 10_000),
    "pdf: white space after numbers": of(parse_object, lambda count: b"[1" + (b" " * 5000 + b"1") * count + b"]", 1000),
    "pdf: names with escapes": of(
        parse_object, lambda count: b"[" + b"".join(b"/#41%d " % number for number in range(count)) + b"]", 40_000
    ),
    "pdf: brackets in a string": of(parse_object, lambda count: b"(" + b"()" * count + b")", 100_000),
    "pdf: strings with brackets": of(parse_object, lambda count: b"[" + b"(a(b)c)" * count + b"]", 10_000),
    "pdf: escapes in a string": of(parse_object, lambda count: b"(" + b"\\101" * count + b")", 50_000),
    "pdf: dictionaries": of(parse_object, lambda count: b"[" + b"<</A<</B 1>>>>" * count + b"]", 10_000),
    "pdf: objects of a file": of(whole_file, objects, 2000),
    "pdf: operators": of(lambda data: list(operations(data)), lambda count: b"1 0 0 1 5 5 cm " * count, 5000),
    "pdf: text on a page": Growth(page_work(lambda count: b"/Artifact BMC BT /f0 11 Tf " + b"<0001>Tj 9 0 Td " * count + b"ET EMC"), 2000),
    "pdf: marks within marks": Growth(page_work(lambda count: b"/Artifact BMC " * count + b"EMC " * count), 2000),
    "pdf: saved states": Growth(page_work(lambda count: b"q " * count + b"Q " * count), 2000),
    "pdf: characters of a font": Growth(characters, 5000),
    "pdf: rows against pages": Growth(rows_on_pages, 200),
    "foreign: objects": of(foreign_file, foreign(lambda number: b"%d 0 obj\n<</A 1>>\nendobj\n" % number), 3000),
    "foreign: streams with their length elsewhere": of(
        foreign_file,
        foreign(lambda number: b"%d 0 obj\n<</Length 1 0 R>>\nstream\nendstream endstream\nendstream\nendobj\n" % (number + 1)),
        2000,
    ),
    "foreign: false ends of streams": of(
        foreign_file,
        lambda count: b"%PDF-1.7\n1 0 obj\n<</Length 2 0 R>>\nstream\n" + b"endstream \n" * count + b"startxref\n9\n%%EOF\n",
        50_000,
    ),
    "upload: boundaries": of(form, lambda count: b"--b\r\n" + b"\r\n--" * count, 500_000),
    "upload: a head of semicolons": of(form, lambda count: b"--b\r\nContent-Disposition:" + b"; " * count + b"\r\n\r\nx\r\n--b--", 500_000),
    "upload: a type of semicolons": Growth(lambda count: lambda: form(b"--b", 'multipart/form-data; x="' + ";" * count), 5_000_000),
    "webhook: signatures": Growth(webhook, 10_000),
}


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    """A collection looks at everything there is, also at what other tests left."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", PARSERS)
def test_twice_the_input_costs_about_twice_the_work(name: str) -> None:
    growth = PARSERS[name]
    small, large = growth.make(growth.size // 4), growth.make(growth.size // 4 * TIMES)
    assert took(large) > 0.0002, "refused before it was read: nothing is measured"
    assert grows_with_its_input(small, large)


def test_the_square_is_seen() -> None:
    def work(count: int) -> Callable[[], object]:
        return lambda: sum(1 for one in range(count) for other in range(count))

    assert not grows_with_its_input(work(200), work(200 * TIMES))
