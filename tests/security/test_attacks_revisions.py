"""Attacks on what follows the seal: only proofs may, each whole, in order, and about this document."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.document.augmenting import add_document_time_stamp, add_security_store
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_revisions import DocumentTimeStamp
from blauweknop.document.pdf_syntax import Name, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.domain.verdict import Rejected, Verified
from tests.unit.checking import archived_documents as a
from tests.unit.document import pdf_samples
from tests.unit.document.revision_samples import catalog_with, history_of, store_objects, with_revision

SOON = a.NEXT_DAY + timedelta(hours=1)


def reason(pdf: bytes, step: str) -> str | None:
    found = a.verdict(pdf, SOON)
    assert isinstance(found, Rejected)
    return next((one.reason for one in found.facts.steps if one.id == step), None)


@pytest.mark.parametrize("pdf", [a.document(), a.kept()], ids=["sealed", "kept"])
@pytest.mark.parametrize("kind", ["Page", "Sig", "StructTreeRoot"])
def test_an_object_under_the_seal_that_is_written_anew(pdf: bytes, kind: str) -> None:
    file = read_file(pdf)
    number = pdf_samples.number_of(file, "Type", kind)
    assert reason(with_revision(pdf, {**store_objects(pdf), number: file.objects[number]}), "container") == "revision_after_seal"


@pytest.mark.parametrize("pdf", [a.document(), a.kept()], ids=["sealed", "kept"])
def test_another_page_tree_in_the_catalog(pdf: bytes) -> None:
    history = history_of(pdf)
    first = history.next_number
    objects: dict[int, PdfObject | bytes] = {
        **store_objects(pdf),
        history.catalog_number: catalog_with(pdf, {"DSS": Reference(first), "Pages": Reference(first + 3)}),
        first + 3: dictionary({"Type": Name("Pages"), "Kids": (), "Count": 0}),
    }
    assert reason(with_revision(pdf, objects), "container") == "revision_after_seal"


def test_a_page_hidden_among_the_streams_of_the_store() -> None:
    pdf = a.document()
    first = history_of(pdf).next_number
    page = dictionary({"Type": Name("Page"), "MediaBox": (0, 0, 9, 9)})
    assert reason(with_revision(pdf, {**store_objects(pdf), first + 1: page}), "container") == "security_store"


def test_a_text_hidden_behind_a_certificate() -> None:
    pdf = a.document()
    first = history_of(pdf).next_number
    hidden = Stream(dictionary({}), a.scheme().seal.certificate + b"Betaald")
    assert reason(with_revision(pdf, {**store_objects(pdf), first + 1: hidden}), "container") == "security_store"


def test_two_revisions_behind_one_table() -> None:
    pdf = a.document()
    first = add_security_store(pdf, certificates=(), crls=a.scheme().lists[a.NEXT_DAY])
    both = first[: first.rindex(b"xref\n", 0, first.rindex(b"trailer"))] + a.kept()[len(a.kept("B-LT")) :]
    assert reason(both, "container") == "revision_after_seal"


def proofs_of(pdf: bytes) -> bytes:
    other = a.archived(pdf, a.NEXT_DAY)
    return other[read_file(other).sealed.end :]


def test_the_proofs_of_another_document() -> None:
    other = a.sealed(a.letter("en"))
    assert len(other) != len(a.document())
    assert reason(a.document() + proofs_of(other), "container") == "revision_after_seal"


def test_the_proofs_of_another_document_that_is_just_as_long() -> None:
    other = a.sealed(a.letter())
    assert len(other) == len(a.document())
    assert other != a.document()
    assert reason(a.document() + proofs_of(other), "time_stamp") == "time_stamp_imprint"


def test_the_time_stamp_of_another_document() -> None:
    taken = next(step for step in read_file(a.kept()).later if isinstance(step, DocumentTimeStamp))
    forged = add_document_time_stamp(a.kept("B-LT"), lambda digest: taken.token)
    assert a.verdict(forged, SOON).colour == "green"  # the same bytes give the same time stamp
    assert reason(add_document_time_stamp(a.document(), lambda digest: taken.token), "time_stamp") == "time_stamp_imprint"


def test_a_revision_after_the_last_time_stamp_that_is_no_proof() -> None:
    pdf = a.kept()
    history = history_of(pdf)
    plain = with_revision(pdf, {history.catalog_number: write_object(history.catalog)})
    assert reason(plain, "container") == "revision_after_seal"


def test_a_removed_time_stamp_field() -> None:
    pdf = a.kept()
    history = history_of(pdf)
    before = read_file(pdf).root["AcroForm"]
    removed = with_revision(pdf, {history.catalog_number: catalog_with(pdf, {"AcroForm": before})})
    assert reason(removed, "container") == "revision_after_seal"


@settings(max_examples=80)
@given(data=st.data())
def test_no_flipped_bit_after_the_seal_stays_unseen(data: st.DataObject) -> None:
    # In the last time stamp itself only what its authority signed is fixed: what may stand beside that, proves and shows nothing.
    pdf = bytearray(a.kept())
    first, second = pdf.rindex(b"/Contents <"), pdf.rindex(b"> /ByteRange")
    place = data.draw(st.integers(len(a.document()), first) | st.integers(second, len(pdf) - 1))
    pdf[place] ^= 1 << data.draw(st.integers(0, 7))
    assert not isinstance(a.verdict(bytes(pdf), SOON), Verified)


@settings(max_examples=30)
@given(end=st.integers(len(a.document()) + 2, len(a.kept()) - 2))
def test_a_document_cut_within_its_proofs_is_refused(end: int) -> None:
    whole = {len(a.document()), len(a.kept("B-LT"))}
    if not {end, end + 1, end - 1} & whole:
        assert isinstance(a.verdict(a.kept()[:end], SOON), Rejected)
