"""Files that ask for all the time and memory they can get, without a seal, under the seal of a stranger, and as files of other makers.

Each is small enough to be sent, and made to get past as many refusals as it can before it begins to cost.
"""

import functools
import zlib
from collections.abc import Callable, Mapping

from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import Name, PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.domain.document import JsonValue
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.strict_json import canonical_json
from tests.security.foreign_tampering import sealed_letter, start_of_table
from tests.security.test_own_attacks import foreign_signer
from tests.unit.checking import exercise_documents as x
from tests.unit.document import pdf_samples

__all__ = ["BOMBS", "packed", "with_page_program"]

_MIB = 1 << 20
_HEAD = b"%PDF-1.7\n%\x80\x80\x80\x80\n"


def packed(data: bytes, **entries: PdfObject) -> Stream:
    return Stream(dictionary({"Filter": Name("FlateDecode"), **entries}), zlib.compress(data, 9))


def _stranger() -> KeySigner:
    """With a seal that is right and of nobody on the list: the check goes on to the pages."""
    return foreign_signer()


def _sealed(changes: Mapping[int, PdfObject]) -> bytes:
    return x.sealed(pdf_samples.rewritten(x.good_letter(), changes), signer=_stranger())


@functools.cache
def _numbers() -> tuple[int, int, PdfDictionary]:
    """Of the letter: its first page, that page's content, and the entries of the page."""
    file = read_file(x.good_letter())
    number = pdf_samples.number_of(file, "Type", "Page")
    page = pdf_samples.entries_of(file.objects[number])
    contents = page["Contents"]
    assert isinstance(contents, Reference)
    return number, contents.number, page


def with_page_program(program: bytes) -> bytes:
    return _sealed({_numbers()[1]: packed(program)})


def _spread(operation: bytes, count: int) -> bytes:
    """So many operations with numbers that differ, so that they do not pack beyond the limit of growth."""
    return b"".join(operation % (number * 7919 % 65521) for number in range(count))


def _plain(*objects: bytes) -> bytes:
    """A file in good order with these objects, numbered from 1; the first is the catalog."""
    out, places = bytearray(_HEAD), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R/ID[(a)(b)]>>\nstartxref\n%d\n%%%%EOF\n" % (size, table)
    return bytes(out)


def _many_objects() -> bytes:
    return _plain(b"<</Type/Catalog/Pages 2 0 R>>", *[b"<<>>"] * 60_000)


def _page_tree_loop() -> bytes:
    kids = [b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (number - 1, number + 1) for number in range(3, 60)]
    return _plain(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", *kids, b"<</Type/Pages/Kids[2 0 R]/Count 1>>")


def _page_tree_of_nothing() -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 45_000))
    return _plain(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[%b]>>" % kids, *[b"<</Type/Pages/Kids[]>>"] * 44_997)


def _object_stream_of_itself() -> bytes:
    body = zlib.compress(b"1 0 <</Type/ObjStm/N 1/First 4/Extends 1 0 R>>")
    head = b"<</Type/ObjStm/N 1/First 4/Extends 1 0 R/Filter/FlateDecode/Length %d>>" % len(body)
    return _plain(b"%b\nstream\n%b\nendstream" % (head, body))


def _huge_image() -> bytes:
    image = packed(bytes(100 * _MIB), Type=Name("XObject"), Subtype=Name("Image"), Width=1_000_000, Height=1_000_000)
    return _with_resources(XObject=dictionary({"x1": Reference(900)}), extra={900: image})


def _with_resources(*, extra: Mapping[int, PdfObject], program: bytes = b"/x1 Do", **resources: PdfObject) -> bytes:
    """A letter whose page has more resources; the added objects get the numbers after those of the letter."""
    page_number, content_number, page = _numbers()
    file = read_file(x.good_letter())
    first = max(file.objects) + 1

    def moved(value: PdfObject) -> PdfObject:
        if isinstance(value, Reference):
            return Reference(first + value.number - 900) if value.number >= 900 else value
        if isinstance(value, tuple):
            return tuple(map(moved, value))
        if isinstance(value, Stream):
            return Stream(_entries(moved(value.dictionary)), value.raw)
        if value is None or isinstance(value, bool | int | float | bytes | str):
            return value
        return dictionary({key: moved(item) for key, item in value.items()})

    old = file.dictionary(page["Resources"], "the resources")
    whole, changed = dict(old), dict[int, PdfObject]()
    for key, value in resources.items():
        before = old.get(key, dictionary({}))
        merged = dictionary({**file.dictionary(before, key), **_entries(moved(value))})
        if isinstance(before, Reference):
            changed[before.number] = merged
        else:
            whole[key] = merged
    if isinstance(page["Resources"], Reference):
        changed[page["Resources"].number] = dictionary(whole)
    else:
        changed[page_number] = dictionary({**page, "Resources": dictionary(whole)})
    changed[content_number] = packed(program)
    return _sealed({**changed, **{first + number - 900: moved(value) for number, value in extra.items()}})


def _entries(value: PdfObject) -> PdfDictionary:
    return pdf_samples.entries_of(value)


def _pictures_in_pictures() -> bytes:
    """Nine levels of pictures that each paint the next one hundreds of times."""
    listed = dictionary({f"x{number}": Reference(900 + number) for number in range(9)})
    form: dict[str, PdfObject] = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": (0, 0, 9, 9)}
    form["Resources"] = dictionary({"XObject": listed})
    pictures: dict[int, PdfObject] = {900 + number: packed(b"/x%d Do " % (number + 1) * 300, **form) for number in range(8)}
    return _with_resources(XObject=listed, extra={**pictures, 908: packed(b"q Q", **form)}, program=b"/x0 Do " * 300)


def _long_way_up() -> bytes:
    """Thousands of pieces of text, each with a hundred elements of the structure above it."""
    letter = read_file(x.good_letter())
    first, count, depth = max(letter.objects) + 1, 30_000, 99
    chain: dict[int, PdfObject] = {
        first + step: dictionary({"Type": Name("StructElem"), "S": Name("Span"), "P": Reference(first + step + 1)}) for step in range(depth)
    }
    chain[first + depth] = dictionary({"Type": Name("StructElem"), "S": Name("P"), "P": Reference(first + depth)})
    leaves: dict[int, PdfObject] = {
        first + depth + 1 + place: dictionary({"Type": Name("StructElem"), "S": Name("Span"), "P": Reference(first)})
        for place in range(count)
    }
    page_number, content_number, page = _numbers()
    numbers = letter.dictionary(letter.dictionary(letter.root["StructTreeRoot"], "the tree")["ParentTree"], "the parents")["Nums"]
    assert isinstance(numbers, tuple)
    parents = numbers[numbers.index(page["StructParents"]) + 1]
    assert isinstance(parents, Reference)
    program = b"".join(b"/Span<</MCID %d>>BDC EMC " % place for place in range(count))
    elements = tuple(Reference(number) for number in leaves)
    return _sealed({**chain, **leaves, parents.number: elements, content_number: packed(program), page_number: page})


def _many_revisions(count: int) -> bytes:
    pdf = bytearray(sealed_letter())
    before = start_of_table(sealed_letter())
    for _ in range(count):
        table = len(pdf)
        pdf += b"xref\n0 0\ntrailer\n<</Size 900/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (before, table)
        before = table
    return bytes(pdf)


def _data(data: bytes) -> bytes:
    letter = x.typeset(x.letter(x.content()), x.attachments(x.content(), data=data))
    return x.sealed(letter, signer=_stranger())


def _flooded_credential() -> bytes:
    sd_jwt = x.credential(x.content()).removesuffix("~")
    flood = "~".join(f"WyJzIiwgIm4iLCB{number:06d}" for number in range(20_000))
    letter = x.typeset(x.letter(x.content()), x.attachments(x.content(), sd_jwt=f"{sd_jwt}~{flood}~"))
    return x.sealed(letter, signer=_stranger())


def _many_rows() -> bytes:
    rows: list[JsonValue] = [{"soort": "lening", "bedrag": number} for number in range(60_000)]
    content = x.content()
    data = content["data"]
    assert isinstance(data, dict)
    return _data(canonical_json({**content, "data": {**data, "schuldonderdelen": rows}}))


def _characters() -> bytes:
    """A map of glyphs that is read for each font of fifty."""
    ranges = b"100 beginbfrange " + b"<0000> <FFFF> <0041> " * 100 + b"endbfrange "
    cmap = packed(b"begincodespacerange <0000> <FFFF> endcodespacerange " + ranges * 400)
    file = read_file(x.good_letter())
    number = pdf_samples.number_of(file, "Subtype", "Type0")
    listed = pdf_samples.entries_of(file.objects[number])["ToUnicode"]
    assert isinstance(listed, Reference)
    return _sealed({listed.number: cmap})


def _foreign_table(**entries: PdfObject) -> bytes:
    whole = {"Type": Name("XRef"), "Size": 2, "W": (1, 2, 1), "Root": Reference(1), **entries}
    return b"%PDF-1.7\n1 0 obj\n" + write_object(packed(bytes(_MIB), **whole)) + b"\nendobj\nstartxref\n9\n%%EOF\n"


BOMBS: Mapping[str, Callable[[], bytes]] = {
    # without a seal
    "60,000 objects": _many_objects,
    "a page tree that is a loop": _page_tree_loop,
    "a page tree of 45,000 nodes without a page": _page_tree_of_nothing,
    "a stream of objects that holds itself": _object_stream_of_itself,
    "a million levels of lists": lambda: _plain(b"[" * 1_000_000 + b"]" * 1_000_000),
    "a million numbers": lambda: _plain(b"[" + b"1 " * 999_000 + b"]"),
    "a million references that are none": lambda: _plain(b"[" + b"1 0 r " * 300_000 + b"]"),
    "brackets that never close": lambda: _plain(b"[" + b"(" * 5_000_000 + b"]"),
    "a name of twenty million letters": lambda: _plain(b"</" + b"A" * 19_000_000 + b" 1>>"),
    "a million escapes in a name": lambda: _plain(b"</" + b"#41" * 80 + b" 1>>" * 200_000),
    "white space without end": lambda: _plain(b"[1" + b" " * 19_000_000 + b"1" + b"]"),
    "comments without end": lambda: b"%PDF-1.7\n" + b"%\n" * 9_000_000,
    "thousands of revisions": lambda: _many_revisions(3000),
    "sixty revisions": lambda: _many_revisions(60),
    # under the seal of a stranger
    "a page that unpacks to gigabytes": lambda: with_page_program(bytes(200 * _MIB)),
    "a page of endless operations": lambda: with_page_program(b"q Q " * 4_000_000),
    "a page of a million saved states": lambda: with_page_program(b"q " * 900_000),
    "a page of a million marks": lambda: with_page_program(b"/Artifact BMC " * 500_000),
    "a page of a million operations that hardly pack": lambda: with_page_program(_spread(b"%d w ", 990_000)),
    "a page of a million letters": lambda: with_page_program(b"BT /f0 11 Tf " + _spread(b"<%04x>Tj ", 700_000) + b"ET"),
    "a page of a hundred thousand marks that hardly pack": lambda: with_page_program(_spread(b"/Artifact BMC %d w ", 300_000)),
    "a page of endless nesting": lambda: with_page_program(b"[" * 1_000_000),
    "an image of a terapixel": _huge_image,
    "pictures in pictures": _pictures_in_pictures,
    "a long way up in the structure": _long_way_up,
    "fonts with millions of characters": _characters,
    "data of endless nesting": lambda: _data(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "data of a million lists": lambda: _data(b'{"a":[' + b"[]," * 1_500_000 + b"1]}"),
    "data of a million names": lambda: _data(b"{" + b",".join(b'"%d":1' % number for number in range(500_000)) + b"}"),
    "data of sixty thousand rows": _many_rows,
    "a credential of twenty thousand disclosures": _flooded_credential,
    # of other makers
    "a table of a hundred million objects": lambda: _foreign_table(Index=(0, 100_000) * 1000),
    "a table with a predictor for each byte": lambda: _foreign_table(DecodeParms=dictionary({"Predictor": 15, "Columns": 1})),
}
