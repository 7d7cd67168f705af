import re
import zlib
from itertools import pairwise
from pathlib import Path

import pytest

from blauweknop.document.pdf_file import FileLimits, Inflater, read_file
from blauweknop.document.pdf_syntax import MalformedPdf, Name, Reference, Stream, dictionary
from tests.unit.document.pdf_samples import entries_of, number_of, replaced, rewritten, typeset


def code_of(document: bytes, limits: FileLimits | None = None) -> str:
    with pytest.raises(MalformedPdf) as caught:
        read_file(document, limits)
    return caught.value.code


def moved_table(document: bytes, extra: bytes) -> bytes:
    """The document with bytes put before the table, and startxref set right."""
    table = document.rindex(b"\nxref") + 1
    changed = document[:table] + extra + document[table:]
    return re.sub(rb"startxref\n\d+", b"startxref\n%d" % (table + len(extra)), changed)


def test_a_typeset_letter_is_read_whole() -> None:
    file = read_file(typeset())
    assert file.root["Type"] == "Catalog"
    assert sorted(file.objects) == list(range(1, len(file.objects) + 1))


def test_the_objects_and_their_gaps_fill_the_file() -> None:
    file = read_file(typeset())
    ends = sorted(file.spans.values())
    gaps = [typeset()[end:start] for (_, end), (start, _) in pairwise(ends)]
    assert set(b"".join(gaps)) <= set(b"\r\n")


@pytest.mark.parametrize(
    "data",
    [b"", b" %PDF-1.7\n%\x80\x80\x80\x80\n", b"%PDF-2.0\n%\x80\x80\x80\x80\n", b"%PDF-1.7\n1 0 obj", b"%PDF-1.7\n%abcd\n", b"MZ%PDF-1.7"],
)
def test_a_file_that_does_not_begin_as_pdf_is_refused(data: bytes) -> None:
    assert code_of(data) == "header"


def test_a_file_above_the_limit_is_refused_unread() -> None:
    assert code_of(b"%PDF-1.7" * 10, FileLimits(file_size=79)) == "file_size"


@pytest.mark.parametrize("tail", [b"\n\n", b" ", b"\x00", b"% remark", b"extra"])
def test_bytes_after_the_end_mark_are_refused(tail: bytes) -> None:
    assert code_of(typeset().rstrip() + b"\n" + tail) == "trailing_bytes"


def test_one_end_of_line_after_the_end_mark_is_allowed() -> None:
    assert read_file(typeset().rstrip() + b"\n").sealed.start == 0


def test_a_second_revision_has_its_own_code() -> None:
    more = b"\n1 0 obj\n<<>>\nendobj\nxref\n0 0\ntrailer\n<</Prev 9>>\nstartxref\n9\n%%EOF\n"
    assert code_of(typeset() + more) == "revision_after_seal"


def test_an_object_defined_twice_is_refused() -> None:
    assert code_of(moved_table(typeset(), b"5 0 obj\n[]\nendobj\n")) == "duplicate_object"


def test_an_object_that_is_not_in_the_table_is_refused() -> None:
    assert code_of(moved_table(typeset(), b"9999 0 obj\n[]\nendobj\n")) == "xref_mismatch"


def test_a_table_that_points_elsewhere_is_refused() -> None:
    first = re.search(rb"\d{10} 00000 n", typeset())
    assert first is not None
    assert code_of(replaced(typeset(), first[0], b"%010d 00000 n" % 17)) == "xref_mismatch"


def test_a_free_entry_beside_the_first_is_refused() -> None:
    first = re.search(rb"\d{10} 00000 n", typeset())
    assert first is not None
    assert code_of(replaced(typeset(), first[0], b"0000000000 00001 f")) == "xref_entry"


@pytest.mark.parametrize("extra", [b"% remark\n", b"junk\n", b"0 0 obj\n[]\nendobj\n", b"05 0 obj\n[]\nendobj\n", b"7 1 obj\n[]\nendobj\n"])
def test_bytes_that_are_no_object_are_refused(extra: bytes) -> None:
    assert code_of(moved_table(typeset(), extra)) in {"stray_bytes", "object_number"}


@pytest.mark.parametrize(
    ("entry", "code"),
    [(b"/Prev 9", "incremental_update"), (b"/XRefStm 9", "hybrid_xref"), (b"/Encrypt 1 0 R", "encrypted"), (b"/Foo 1", "trailer")],
)
def test_a_trailer_with_more_than_it_may_have_is_refused(entry: bytes, code: str) -> None:
    assert code_of(typeset().replace(b"trailer\n<<", b"trailer\n<<" + entry)) == code


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [(rb"/Size \d+", b"/Size 3"), (rb"/Root \d+ 0 R", b"/Root []"), (rb"/ID\[.*\]>>\n", b">>\n"), (rb"trailer", b"treiler")],
)
def test_a_trailer_without_what_it_must_have_is_refused(pattern: bytes, replacement: bytes) -> None:
    table = typeset().rindex(b"\nxref")
    assert code_of(typeset()[:table] + re.sub(pattern, replacement, typeset()[table:], count=1)) == "trailer"


def test_startxref_to_another_place_is_refused() -> None:
    assert code_of(re.sub(rb"startxref\n\d+", b"startxref\n0", typeset())) == "startxref"


def test_a_file_cut_off_is_refused() -> None:
    assert code_of(typeset()[:-3]) == "file_end"


def test_a_file_without_a_table_is_refused() -> None:
    assert code_of(typeset()[: typeset().rindex(b"\nxref") + 1]) == "xref_missing"


@pytest.mark.parametrize(("kind", "code"), [("ObjStm", "object_stream"), ("XRef", "xref_stream")])
def test_objects_inside_streams_are_refused(kind: str, code: str) -> None:
    assert code_of(rewritten(typeset(), {5: Stream(dictionary({"Type": Name(kind)}), b"")})) == code


def test_a_stream_in_another_file_is_refused() -> None:
    assert code_of(rewritten(typeset(), {5: Stream(dictionary({"F": b"http://example.nl"}), b"")})) == "external_stream"


@pytest.mark.parametrize("length", [b"1", b"3", b"-1", b"4 0 R", b"99999999", b"2.0"])
def test_a_stream_of_another_length_than_it_says_is_refused(length: bytes) -> None:
    extra = b"9999 0 obj\n<</Length " + length + b">>\nstream\nab\nendstream\nendobj\n"
    assert code_of(moved_table(typeset(), extra)) == "stream_length"


@pytest.mark.parametrize("value", [b"7", b"(text)", b"/Name", b"true", b"null", b"1 0 R"])
def test_an_object_that_is_one_bare_value_is_refused(value: bytes) -> None:
    assert code_of(moved_table(typeset(), b"9999 0 obj\n" + value + b"\nendobj\n")) == "object_kind"


def test_an_object_without_end_is_refused() -> None:
    assert code_of(moved_table(typeset(), b"9999 0 obj\n[] []\nendobj\n")) == "object_end"


def test_more_objects_than_the_limit_are_refused() -> None:
    assert code_of(typeset(), FileLimits(objects=10)) == "too_many_objects"


def test_a_reference_to_nothing_is_refused() -> None:
    with pytest.raises(MalformedPdf, match="not there"):
        read_file(typeset()).resolve(Reference(9999))


def test_a_reference_to_another_generation_is_refused() -> None:
    with pytest.raises(MalformedPdf, match="not there"):
        read_file(typeset()).resolve(Reference(1, 1))


def test_a_packed_stream_is_unpacked() -> None:
    file = read_file(typeset())
    page = entries_of(file.objects[number_of(file, "Type", "Page")])
    assert b"BT" in file.stream_data(file.stream(page["Contents"], "content"))


@pytest.mark.parametrize("entries", [{"Filter": Name("LZWDecode")}, {"Filter": Name("FlateDecode"), "DecodeParms": dictionary({})}])
def test_any_other_packing_is_refused(entries: dict[str, Name]) -> None:
    with pytest.raises(MalformedPdf) as caught:
        read_file(typeset()).stream_data(Stream(dictionary(entries), b""))
    assert caught.value.code == "stream_filter"


def inflate_code(packed: bytes, limits: FileLimits) -> str:
    with pytest.raises(MalformedPdf) as caught:
        Inflater(limits).inflate(packed)
    return caught.value.code


def test_a_stream_that_grows_too_large_is_refused() -> None:
    assert inflate_code(zlib.compress(bytes(2000)), FileLimits(stream_size=1999)) == "inflate_limit"


def test_a_stream_that_grows_too_many_times_is_refused() -> None:
    assert inflate_code(zlib.compress(bytes(2 << 20)), FileLimits()) == "inflate_ratio"


def test_streams_that_grow_too_large_together_are_refused() -> None:
    inflater = Inflater(FileLimits(inflated_size=150))
    inflater.inflate(zlib.compress(bytes(100)))
    with pytest.raises(MalformedPdf, match="unpack to more"):
        inflater.inflate(zlib.compress(bytes(100)))


@pytest.mark.parametrize("packed", [b"", b"nonsense", zlib.compress(b"abc")[:-1], zlib.compress(b"abc") + b"hidden"])
def test_a_stream_with_a_wrong_end_is_refused(packed: bytes) -> None:
    assert inflate_code(packed, FileLimits()) == "stream_data"


def test_every_published_attack_is_refused(shared_folder: Path) -> None:
    attacks = sorted((shared_folder / "vectors" / "pdf-attack").glob("*.pdf"))
    codes = {attack.name: code_of(attack.read_bytes()) for attack in attacks}
    assert len(codes) == 23
