import base64
import gzip
import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.identifiers import eleven_test
from tests.security.bsn_scan import bsns_in, bsns_in_file, bsns_in_folder

BSN = "999993653"
_NUMBERS = st.integers(min_value=1, max_value=999_999_999).map(lambda number: f"{number:09d}")


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _zip(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def _pdf(*, title: str = "Brief", content: bytes = b"", attachment: bytes = b"{}", compact: bool = False) -> bytes:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.obj.Contents = pdf.make_stream(content)
        pdf.attachments["gegevens.json"] = attachment
        with pdf.open_metadata() as metadata:
            metadata["dc:title"] = title
        made = io.BytesIO()
        mode = pikepdf.ObjectStreamMode.generate if compact else pikepdf.ObjectStreamMode.disable
        pdf.save(made, object_stream_mode=mode, compress_streams=True)
    return made.getvalue()


def _annotated_pdf(text: str) -> bytes:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.obj.Annots = pikepdf.Array(
            [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Contents=pikepdf.String(text))]
        )
        made = io.BytesIO()
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


@pytest.mark.parametrize(
    "hiding",
    [
        f"subject {BSN}.",
        f"https://example.nl/mijn?bsn={BSN}&x=1",
        f"bsn{BSN}",
        f"_{BSN}_",
        "".join(f"%{ord(digit):02X}" for digit in BSN),
        "".join(f"&#{ord(digit)};" for digit in BSN),
        '{"s": "' + "".join(f"\\u{ord(digit):04x}" for digit in BSN) + '"}',
        "<" + BSN.encode().hex() + ">",
        "<FEFF" + BSN.encode("utf-16-be").hex() + ">",
        "eyJhbGciOiJFUzI1NiJ9." + _base64url(f'{{"sub":"{BSN}"}}') + ".c2ln",
        "aaaa.bbbb.cccc~" + _base64url(f'["salt", "bsn", "{BSN}"]') + "~",
        base64.b64encode(f"identity: {BSN}?>?>".encode()).decode(),
    ],
)
def test_a_number_is_found_in_text_however_it_is_written(hiding: str) -> None:
    assert [finding.digits for finding in bsns_in(hiding)] == [BSN]


@pytest.mark.parametrize(
    "container",
    [
        BSN.encode("utf-16-be"),
        BSN.encode("utf-16-le"),
        gzip.compress(BSN.encode(), mtime=0),
        _zip(f"{BSN}.pdf", b""),
        _zip("a.json", BSN.encode()),
        _zip("a.zip", _zip("b.txt", BSN.encode())),
        _zip("a.pdf", _pdf(attachment=BSN.encode())),
    ],
    ids=["UTF-16 big end first", "UTF-16 small end first", "gzip", "ZIP name", "ZIP member", "ZIP in ZIP", "PDF in ZIP"],
)
def test_a_number_is_found_inside_containers(container: bytes) -> None:
    assert {finding.digits for finding in bsns_in(container)} == {BSN}


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("part", ["title", "content", "attachment"])
def test_a_number_is_found_in_each_part_of_a_pdf(part: str, compact: bool) -> None:
    parts = {"title": "Brief", "content": "(Brief) Tj", "attachment": "{}"} | {part: f"({BSN}) Tj"}
    pdf = _pdf(title=parts["title"], content=parts["content"].encode(), attachment=parts["attachment"].encode(), compact=compact)

    assert {finding.digits for finding in bsns_in(pdf)} == {BSN}


@pytest.mark.parametrize("text", [f"over {BSN}", f"over {BSN} š"])
def test_a_number_is_found_in_a_compressed_string_of_a_pdf(text: str) -> None:
    assert {finding.digits for finding in bsns_in(_annotated_pdf(text))} == {BSN}


@pytest.mark.suite("poppler")
def test_a_number_is_found_among_the_words_of_a_page() -> None:
    letter: bytes = typst.compile(f'#set text(font: "New Computer Modern")\nBurger {BSN}'.encode(), format="pdf")

    assert [finding.digits for finding in bsns_in(letter)] == [BSN]


def test_a_number_is_found_in_file_names_and_said_without_the_number(tmp_path: Path) -> None:
    (tmp_path / f"map-{BSN}").mkdir()
    file = tmp_path / f"map-{BSN}" / f"{BSN}.log"
    file.write_text(f"login {BSN}")

    assert {finding.digits for finding in bsns_in_folder(tmp_path)} == {BSN}
    assert {finding.digits for finding in bsns_in_file(file)} == {BSN}
    assert BSN not in repr(bsns_in_folder(tmp_path))


@pytest.mark.parametrize(
    "innocent",
    [
        "999993654",
        f"1{BSN}",
        f"{BSN}0",
        f"00000001{BSN}000",
        "9999 93 653",
        f"a3{BSN}f" + "c0ffee" * 6,
        f"550e8400-e29b-41d4-a716-a{BSN}bc",
        "",
    ],
)
def test_other_numbers_are_left_alone(innocent: str) -> None:
    assert bsns_in(innocent) == ()


def test_a_coordinate_of_a_page_is_no_number() -> None:
    assert bsns_in(_pdf(content=f"1.{BSN} 0 0 .{BSN} 0 0 cm".encode())) == ()


def test_a_number_known_to_be_something_else_can_be_allowed() -> None:
    assert bsns_in(f"RSIN {BSN}", allowed={BSN}) == ()


@given(_NUMBERS, st.text(alphabet="abcx: ,.\n", max_size=8), st.text(alphabet="abcx: ,.\n", max_size=8))
def test_exactly_the_numbers_of_the_11_test_are_found(number: str, before: str, after: str) -> None:
    assert [finding.digits for finding in bsns_in(f"{before} {number} {after}")] == ([number] if eleven_test(number) else [])


@given(st.binary(max_size=400))
def test_any_bytes_can_be_looked_through(data: bytes) -> None:
    bsns_in(data)


@given(st.binary(max_size=200), st.sampled_from([b"%PDF-1.7\n", b"%PDF-1.7\nstream\n", b"PK\x03\x04", b"\x1f\x8b"]))
def test_broken_containers_can_be_looked_through(data: bytes, start: bytes) -> None:
    bsns_in(start + data)
