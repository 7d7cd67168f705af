import contextlib
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.holder.archive import ARCHIVE_FORMAT, MANIFEST, write_archive
from blauweknop.holder.archive_reading import ArchiveRefused, read_archive
from blauweknop.holder.items import joined_document
from blauweknop.standards.strict_json import canonical_json

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
PDF = b"%PDF-1.7 a document"
PLACE = "documenten/0001-duo.studieschuld.pdf"
ENTRY: dict[str, Any] = {"head": {"form": 1, "kind": "document"}, "files": {"pdf": PLACE}}


def head(kind: str, **more: Any) -> bytes:
    return canonical_json({"form": 1, "kind": kind, **more})


def manifest(*items: Any, version: Any = 1) -> bytes:
    return canonical_json({"format": ARCHIVE_FORMAT, "version": version, "made_at": AT.isoformat(), "items": list(items)})


def packed(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(data)
    return refused.value.code


def test_what_is_written_can_be_read_again() -> None:
    items = [
        (head("document", dataset="duo.studieschuld"), joined_document({"data": {"bedrag": 1}}, PDF)),
        (head("own_paper", media_type="image/png"), b"picture"),
        (head("credential"), b'{"copies":[]}'),
        (head("log"), b'{"lines":[]}'),
        (head("correction"), b""),
    ]
    read = read_archive(write_archive(items, made_at=AT, language="nl"))
    assert [(item.kind, dict(item.files)) for item in read] == [
        ("document", {"pdf": PDF, "data": b'{"data":{"bedrag":1}}'}),
        ("own_paper", {"paper": b"picture"}),
        ("credential", {"copies": b'{"copies":[]}'}),
        ("log", {"body": b'{"lines":[]}'}),
        ("correction", {}),
    ]


def test_what_opens_a_source_is_not_in_the_archive() -> None:
    archive = write_archive([(head("connection"), b"a token")], made_at=AT, language="nl")
    assert read_archive(archive)[0].files == {}
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert all(b"a token" not in opened.read(name) for name in opened.namelist())


def test_a_kind_of_item_of_a_later_version_goes_along_and_is_left_out_where_it_is_not_known() -> None:
    archive = write_archive([(head("later"), b"{}")], made_at=AT, language="nl")
    assert "overig/0001-body.json" in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert read_archive(archive) == ()


def test_the_archive_says_in_words_what_it_is() -> None:
    archive = write_archive([], made_at=AT, language="en")
    assert b"everything that you kept" in zipfile.ZipFile(io.BytesIO(archive)).read("LEES-MIJ.txt")


def test_a_document_needs_only_its_pdf_since_the_rest_follows_from_it() -> None:
    assert read_archive(packed({MANIFEST: manifest(ENTRY), PLACE: PDF}))[0].files == {"pdf": PDF}


@pytest.mark.parametrize(
    "name",
    [
        "../0001.pdf",
        "/documenten/0001.pdf",
        "documenten/../0001.pdf",
        "documenten\\0001.pdf",
        "documenten/0001\x00.pdf",
        "x.pdf",
        "documenten/",
    ],
)
def test_a_name_that_is_not_ours_is_refused(name: str) -> None:
    assert refusal(packed({MANIFEST: manifest(), name: PDF})) == "not_an_archive"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for content in (manifest(), manifest(ENTRY)):
            archive.writestr(MANIFEST, content)
    assert refusal(out.getvalue()) == "not_an_archive"


def test_a_link_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(MANIFEST, manifest(ENTRY))
        link = zipfile.ZipInfo(PLACE)
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(out.getvalue()) == "not_an_archive"


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_way_of_packing_is_refused(way: int) -> None:
    assert refusal(packed({MANIFEST: manifest()}, way)) == "not_an_archive"


def test_an_encrypted_file_is_refused() -> None:
    data = bytearray(packed({MANIFEST: manifest()}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) == "not_an_archive"


def test_a_file_that_grows_beyond_its_limit_is_refused_before_it_is_read_whole() -> None:
    assert refusal(packed({MANIFEST: manifest(ENTRY), PLACE: bytes(33 * 1024 * 1024)})) == "too_large"


def test_a_file_that_is_larger_than_it_says_is_refused() -> None:
    data = bytearray(packed({MANIFEST: manifest(ENTRY), PLACE: bytes(40 * 1024 * 1024)}))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (100).to_bytes(4, "little")
    assert refusal(bytes(data)) in ("too_large", "not_an_archive")


def test_files_that_are_too_large_together_are_refused() -> None:
    names = [f"documenten/{number:04d}.pdf" for number in range(9)]
    entries = [{"head": {"kind": "document"}, "files": {"pdf": name}} for name in names]
    assert refusal(packed({MANIFEST: manifest(*entries), **{name: bytes(31 * 1024 * 1024) for name in names}})) == "too_large"


def test_too_many_files_are_refused() -> None:
    assert refusal(packed({f"overig/{number:04d}.json": b"" for number in range(2001)})) == "too_large"


def test_an_archive_that_is_too_large_is_not_opened() -> None:
    assert refusal(bytes(64 * 1024 * 1024 + 1)) == "too_large"


def test_an_archive_of_a_later_version_is_refused_with_that_reason() -> None:
    assert refusal(packed({MANIFEST: manifest(version=2)})) == "other_version"


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        {"head": {"kind": "document"}},
        {"head": {"kind": 1}, "files": {"pdf": PLACE}},
        {"head": {"kind": "document"}, "files": {"pdf": "documenten/0002.pdf"}},
        {"head": {"kind": "document"}, "files": {"paper": PLACE}},
        {"head": {"kind": "document"}, "files": {"pdf": [PLACE]}},
    ],
)
def test_an_item_of_another_form_is_refused(entry: Any) -> None:
    assert refusal(packed({MANIFEST: manifest(entry), PLACE: PDF})) == "not_an_archive"


def test_a_file_that_the_list_does_not_name_is_refused() -> None:
    assert refusal(packed({MANIFEST: manifest(), PLACE: PDF})) == "not_an_archive"


def test_one_file_for_two_items_is_refused() -> None:
    assert refusal(packed({MANIFEST: manifest(ENTRY, ENTRY), PLACE: PDF})) == "not_an_archive"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"format":"blauweknop-holder","format":"x"}', b'{"format":"other","version":1,"items":[]}']
)
def test_a_list_that_is_not_ours_is_refused(content: bytes) -> None:
    assert refusal(packed({MANIFEST: content})) == "not_an_archive"


def test_without_a_list_it_is_refused() -> None:
    assert refusal(packed({})) == "not_an_archive"


@given(st.binary(max_size=300))
def test_bytes_that_are_no_zip_are_refused(data: bytes) -> None:
    assert refusal(data) == "not_an_archive"


@given(st.data())
def test_a_damaged_archive_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(packed({MANIFEST: manifest(ENTRY), PLACE: PDF}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ArchiveRefused):
        read_archive(bytes(whole))
