"""Reading files of others: what ordinary programs write is read, and what two readers could take in two ways is not."""

import zlib
from contextlib import suppress
from io import BytesIO
from types import MappingProxyType

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.foreign.packing import Unpacker
from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.foreign.signatures import has_signature
from blauweknop.document.pdf_file import FileLimits
from blauweknop.document.pdf_syntax import MalformedPdf, Name, Stream, dictionary
from tests.unit.checking import foreign_documents as f


def saved(*, packed: bool = False, linearized: bool = False) -> bytes:
    out = BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pikepdf.open(BytesIO(f.letter())) as pdf:
        pdf.save(out, object_stream_mode=mode, linearize=linearized, deterministic_id=True)
    return out.getvalue()


def unpacked(raw: bytes, **entries: object) -> bytes:
    given = {"Filter": Name("FlateDecode")}
    if entries:
        given["DecodeParms"] = dictionary(entries)  # type: ignore[arg-type, assignment] # numbers
    return Unpacker(FileLimits()).unpack(Stream(dictionary(given), zlib.compress(raw)))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("linearized", [False, True])
def test_what_an_ordinary_program_writes_is_read(packed: bool, linearized: bool) -> None:
    file = read_foreign_file(saved(packed=packed, linearized=linearized))
    assert len(file.revisions) == 1
    assert any(isinstance(value, MappingProxyType) and value.get("Type") == "Page" for value in file.state(0).values())


def test_a_letter_without_a_signature_has_none() -> None:
    assert not has_signature(read_foreign_file(saved()))


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_with_one_byte_less_is_refused(packed: bool) -> None:
    pdf = saved(packed=packed).rstrip(b"\n")
    with pytest.raises(MalformedPdf):
        read_foreign_file(pdf[:-1])


@given(st.data())
def test_odd_bytes_are_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    pdf = bytearray(saved(packed=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        pdf[data.draw(st.integers(0, len(pdf) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MalformedPdf):
        read_foreign_file(bytes(pdf))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_pdf_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedPdf):
        read_foreign_file(b"%PDF-1.7\n" + data)


@pytest.mark.parametrize(
    ("coded", "plain"),
    [
        (b"\x00abcd", b"abcd"),
        (b"\x01\x61\x01\x01\x01", b"abcd"),
        (b"\x00abcd\x02\x01\x01\x01\x01", b"abcdbcde"),
        (b"\x00\x02\x02\x02\x02\x03\x01\x01\x01\x01", b"\x02\x02\x02\x02\x02\x03\x03\x03"),
        (b"\x00abcd\x04\x00\x00\x00\x00", b"abcdabcd"),
    ],
)
def test_the_predictors_of_png_are_undone(coded: bytes, plain: bytes) -> None:
    assert unpacked(coded, Predictor=12, Columns=4) == plain


@pytest.mark.parametrize(
    ("coded", "parameters"),
    [
        (b"\x05abcd", {"Predictor": 12, "Columns": 4}),
        (b"\x00abc", {"Predictor": 12, "Columns": 4}),
        (b"\x00abcd", {"Predictor": 2, "Columns": 4}),
        (b"\x00abcd", {"Predictor": 12, "Columns": 0}),
        (b"\x00abcd", {"Predictor": 12, "Columns": 4, "Colors": 3}),
    ],
)
def test_another_predictor_is_refused(coded: bytes, parameters: dict[str, int]) -> None:
    with pytest.raises(MalformedPdf):
        unpacked(coded, **parameters)


def test_a_stream_that_is_packed_twice_is_refused() -> None:
    twice = Stream(dictionary({"Filter": (Name("FlateDecode"), Name("FlateDecode"))}), b"")
    with pytest.raises(MalformedPdf):
        Unpacker(FileLimits()).measure(twice)
