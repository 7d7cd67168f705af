"""Changes of a PDF by its tokens: names, numbers, references, lengths, objects and streams; then its table is put right again.

Written apart from the product's own reader, so that both do not share a mistake.
"""

import re
import zlib
from random import Random

from fuzz.mutators.octets import change_octets, some_number

__all__ = ["change_pdf", "change_program", "with_right_table"]

_TOKEN = re.compile(rb"/[^\s()<>\[\]{}/%]*|\d+ \d+ R|[+-]?\d*\.?\d+|\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]+>|<<|>>|\[|\]|[A-Za-z'\"*]+")
_OBJECT = re.compile(rb"(?:^|(?<=[\r\n]))(\d+) 0 obj.*?endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)
_NAMES = (
    b"/Type /Catalog /Pages /Page /Kids /Parent /Count /Contents /Resources /Font /XObject /Annots /AcroForm /Fields /Sig /ByteRange "
    b"/SubFilter /DocMDP /Perms /ObjStm /XRef /Prev /XRefStm /Encrypt /Length /Filter /FlateDecode /DCTDecode /DecodeParms /F /EF /UF "
    b"/Names /AF /AA /OpenAction /JS /JavaScript /S /URI /GoTo /Next /Title /OC /SMask /MediaBox /CropBox /StructParents /MCID "
    b"/ParentTree /Nums /RoleMap /ToUnicode /W /DW /DescendantFonts /Identity-H /Subtype /Form /Image /Width /Height /Matrix /BBox "
    b"/ActualText /#41 /#00 /#zz"
).split()
_PIECES = (b"null", b"true", b"[]", b"<<>>", b"()", b"<>", b"<0>", b"(\\777)", b"/", b"1.5", b"-0", b"+1", b"1 0 R", b"99999 0 R", b"1 1 R")


def change_pdf(random: Random, pdf: bytes) -> bytes:
    """The file with one to three changes; four times out of five its table and trailer fit again."""
    for _ in range(random.randint(1, 3)):
        pdf = random.choice((_token, _token, _token, _object, _stream, change_octets))(random, pdf)
    return with_right_table(pdf) if random.randrange(5) else pdf


def change_program(random: Random, program: bytes) -> bytes:
    """The operators of a page with some changed."""
    for _ in range(random.randint(1, 4)):
        program = random.choice((_token, _token, change_octets))(random, program)
    return program


def with_right_table(pdf: bytes) -> bytes:
    """The last table, trailer size and start made anew over the objects that a plain scan finds; as it is when there is no table."""
    start = pdf.rfind(b"xref\n0 ")
    end = pdf.find(b"trailer", start)
    if start < 0 or end < 0:
        return pdf
    places = {int(match[1]): match.start() for match in _OBJECT.finditer(pdf[:start])}
    size = max(places, default=0) + 1
    if size > 70_000:
        return pdf
    rows = b"".join(b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, size))
    tail = re.sub(rb"/Size \d+", b"/Size %d" % size, pdf[end:], count=1)
    tail = re.sub(rb"startxref(\s+)\d+", b"startxref\\g<1>%d" % start, tail, count=1)
    return pdf[:start] + b"xref\n0 %d\n0000000000 65535 f \n" % size + rows + tail


def _token(random: Random, pdf: bytes) -> bytes:
    """Another value for one token, chosen near a random place so that big files cost no more than small ones."""
    token = _TOKEN.search(pdf, random.randrange(len(pdf) + 1))
    if token is None:
        return change_octets(random, pdf)
    return pdf[: token.start()] + _other(random, token[0], pdf) + pdf[token.end() :]


def _other(random: Random, token: bytes, pdf: bytes) -> bytes:
    elsewhere = _TOKEN.search(pdf, random.randrange(len(pdf) + 1))
    match random.randrange(8):
        case 0:
            return token + b" " + token
        case 1:
            return b""
        case 2:
            depth = random.choice((1, 5, 99, 101, 3000))
            return b"[" * depth + token + b"]" * depth
        case 3:
            return random.choice(_PIECES)
        case 4 if elsewhere is not None:
            return elsewhere[0]
        case 5:
            return b"<<" + random.choice(_NAMES) + b" " + token + b">>"
        case _ if token.startswith(b"/"):
            return random.choice(_NAMES)
        case _ if token.endswith(b" R"):
            return b"%d 0 R" % random.randrange(60)
    return b"%d" % some_number(random)


def _object(random: Random, pdf: bytes) -> bytes:
    objects = list(_OBJECT.finditer(pdf))
    if not objects:
        return change_octets(random, pdf)
    one, other = random.choice(objects), random.choice(objects)
    match random.randrange(4):
        case 0:
            return pdf[: one.start()] + other[0] + pdf[one.end() :]
        case 1:
            return pdf[: one.start()] + pdf[one.end() :]
        case 2:
            body = other[0].partition(b" ")[2]
            return pdf[: one.end()] + b"\n%d " % (len(objects) + 1) + body + pdf[one.end() :]
    return pdf[: one.end()] + b"\n" + one[0] + pdf[one.end() :]


def _stream(random: Random, pdf: bytes) -> bytes:
    """Another content of a packed stream, with the length that it then has."""
    objects = [match for match in _OBJECT.finditer(pdf) if b"FlateDecode" in match[0]]
    if not objects:
        return change_octets(random, pdf)
    chosen = random.choice(objects)
    stream = _STREAM.search(chosen[0])
    if stream is None:
        return change_octets(random, pdf)
    try:
        content = zlib.decompress(stream[1])
    except zlib.error:
        return change_octets(random, pdf)
    packed = zlib.compress(random.choice((change_octets, change_program))(random, content))
    body = chosen[0][: stream.start(1)] + packed + chosen[0][stream.end(1) :]
    body = re.sub(rb"/Length \d+", b"/Length %d" % len(packed), body, count=1)
    return pdf[: chosen.start()] + body + pdf[chosen.end() :]
