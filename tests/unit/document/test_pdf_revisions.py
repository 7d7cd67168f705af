from collections.abc import Callable

import pytest

from blauweknop.document.augmenting import TimeStampTooLarge, add_document_time_stamp, add_security_store
from blauweknop.document.pdf_file import FileLimits, read_file
from blauweknop.document.pdf_revisions import MAX_REVISIONS, DocumentTimeStamp, SecurityStore
from blauweknop.document.pdf_signature_bytes import covered_digest
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, Stream, dictionary
from tests.unit.document import pdf_samples
from tests.unit.document.pdf_samples import sealed_letter, stand_in_cms, typeset
from tests.unit.document.revision_samples import DER, catalog_with, field_objects, history_of, store_objects, with_revision

SEALED = sealed_letter()
STORED = add_security_store(SEALED, certificates=[DER], crls=[b"\x30\x03\x02\x01\x07"])
STAMPED = add_document_time_stamp(STORED, stand_in_cms, size=64)


def code_of(pdf: bytes) -> str:
    with pytest.raises(MalformedPdf) as caught:
        read_file(pdf)
    return caught.value.code


# What may be added.


def test_what_was_added_is_read_back() -> None:
    again = add_document_time_stamp(add_security_store(STAMPED, certificates=[DER], crls=[DER]), stand_in_cms, size=64)
    store, stamp, second, last = read_file(again).later
    assert isinstance(store, SecurityStore)
    assert isinstance(stamp, DocumentTimeStamp)
    assert isinstance(second, SecurityStore)
    assert isinstance(last, DocumentTimeStamp)
    assert (store.certificates, store.crls) == ((DER,), (b"\x30\x03\x02\x01\x07",))
    assert (second.certificates, second.crls) == ((DER,), (b"\x30\x03\x02\x01\x07", DER))
    assert last.token == stand_in_cms(covered_digest(again, last.byte_range))


def test_the_sealed_bytes_stay_as_they_are() -> None:
    assert STAMPED.startswith(STORED)
    assert STORED.startswith(SEALED)


def test_objects_and_trailer_stay_those_under_the_seal() -> None:
    before, after = read_file(SEALED), read_file(STAMPED)
    assert (after.objects, after.trailer, after.root) == (before.objects, before.trailer, before.root)
    assert pdf_samples.outcome(STAMPED) == "accepted"


def test_a_store_written_by_hand_is_accepted() -> None:
    assert [type(step) for step in read_file(with_revision(SEALED, store_objects(SEALED))).later] == [SecurityStore]


def test_a_time_stamp_that_does_not_fit_is_not_added() -> None:
    with pytest.raises(TimeStampTooLarge):
        add_document_time_stamp(SEALED, stand_in_cms, size=8)


@pytest.mark.parametrize("pdf", [typeset(), STORED + b" x"], ids=["without seal", "not in order"])
def test_nothing_is_added_to_what_is_no_sealed_document(pdf: bytes) -> None:
    with pytest.raises(MalformedPdf):
        add_security_store(pdf, certificates=[DER], crls=[DER])


# The frame of a revision.


def test_a_letter_without_seal_has_no_later_revision() -> None:
    pdf = typeset()
    added = pdf + b"xref\ntrailer\n<<>>\nstartxref\n%d\n%%%%EOF\n" % len(pdf)
    assert code_of(added) == "revision_after_seal"


def number_of_page() -> int:
    return pdf_samples.number_of(read_file(SEALED), "Type", "Page")


@pytest.mark.parametrize(
    "trailer",
    [
        {"Prev": 0},
        {"Prev": len(SEALED)},
        {"Prev": read_file(SEALED).sealed.table + 1},
        {"Root": Reference(1)},
        {"Size": 9999},
        {"Encrypt": Reference(1)},
        {"XRefStm": 15},
        {"ID": (b"another", b"file")},
        {"Info": Reference(2)},
    ],
    ids=lambda entries: " ".join(entries),
)
def test_a_trailer_that_does_not_follow_is_refused(trailer: dict[str, PdfObject]) -> None:
    assert code_of(with_revision(SEALED, store_objects(SEALED), trailer=trailer)) == "revision_after_seal"


def test_a_table_that_points_to_itself_is_refused() -> None:
    good = with_revision(SEALED, store_objects(SEALED))
    own_table = int(good.rsplit(b"startxref\n", 1)[1].split()[0])
    assert code_of(with_revision(SEALED, store_objects(SEALED), trailer={"Prev": own_table})) == "revision_after_seal"


@pytest.mark.parametrize("table", [b"", b"xref\n", b"xref\n0 1\n0000000000 65535 f \n"], ids=["none", "empty", "only free"])
def test_a_table_that_leaves_objects_out_is_refused(table: bytes) -> None:
    assert code_of(with_revision(SEALED, store_objects(SEALED), table=table)) == "revision_after_seal"


def test_an_object_that_is_there_twice_is_refused() -> None:
    objects = store_objects(SEALED)
    first = history_of(SEALED).next_number
    doubled = b"<</Type/DSS>>\nendobj\n%d 0 obj\n<</Type/DSS>>" % first
    assert code_of(with_revision(SEALED, {**objects, first: doubled})) == "revision_after_seal"


def test_an_empty_revision_is_refused() -> None:
    assert code_of(with_revision(SEALED, {}, table=b"xref\n")) == "revision_after_seal"


def test_bytes_between_revisions_are_refused() -> None:
    assert code_of(STORED + b"% more" + STAMPED[len(STORED) :]) == "revision_after_seal"


def test_bytes_after_the_last_revision_are_refused() -> None:
    assert code_of(STAMPED + b"\n") == "revision_after_seal"


def test_more_revisions_than_anybody_needs_are_refused() -> None:
    pdf = SEALED
    for _ in range(MAX_REVISIONS):
        pdf = with_revision(pdf, store_objects(pdf))
    one_more = with_revision(pdf, store_objects(pdf))
    assert len(read_file(pdf).later) == MAX_REVISIONS
    assert code_of(one_more) == "revision_after_seal"


def test_objects_count_over_all_revisions() -> None:
    most = len(read_file(SEALED).objects) + 3
    with pytest.raises(MalformedPdf):
        read_file(STORED, FileLimits(objects=most))


# What a revision may change.


def changes() -> dict[str, dict[int, PdfObject | bytes]]:
    """Revisions that are a right store but for one change."""
    objects, history = store_objects(SEALED), history_of(SEALED)
    file, root, first = read_file(SEALED), history.catalog_number, history.next_number
    page = pdf_samples.entries_of(file.objects[number_of_page()])
    seal = pdf_samples.number_of(file, "Type", "Sig")
    store = {"DSS": Reference(first)}
    annotation = dictionary({"Type": Name("Annot"), "Subtype": Name("FreeText"), "Rect": (0, 0, 99, 99), "Contents": b"Betaald"})
    metadata = file.root["Metadata"]
    assert isinstance(metadata, Reference)
    return {
        "a page written anew": {**objects, number_of_page(): page},
        "an annotation on a page": {
            **objects,
            number_of_page(): dictionary({**page, "Annots": (Reference(first + 3),)}),
            first + 3: annotation,
        },
        "the seal written anew": {**objects, seal: file.objects[seal]},
        "metadata written anew": {**objects, metadata.number: file.objects[metadata.number]},
        "an object that nothing uses": {**objects, first + 3: annotation},
        "a number left out": {**{k: v for k, v in objects.items() if k != first + 2}, first + 3: Stream(dictionary({}), DER)},
        "no catalog": {number: value for number, value in objects.items() if number != root},
        "another language": {**objects, root: catalog_with(SEALED, {**store, "Lang": b"fr"})},
        "an action at opening": {**objects, root: catalog_with(SEALED, {**store, "OpenAction": dictionary({"S": Name("Named")})})},
        "no permissions": {**objects, root: catalog_with(SEALED, store, without=["Perms"])},
        "marked 1 for true": {**objects, root: catalog_with(SEALED, {**store, "MarkInfo": dictionary({"Marked": 1})})},
        "another extension": {**objects, root: catalog_with(SEALED, {**store, "Extensions": dictionary({})})},
        "a catalog without store": {**objects, root: catalog_with(SEALED, {})},
        "a store and a field": {
            **objects,
            root: catalog_with(SEALED, {**store, "AcroForm": dictionary({"Fields": (), "SigFlags": 3})}),
        },
    }


@pytest.mark.parametrize("name", list(changes()))
def test_any_other_change_is_refused(name: str) -> None:
    assert code_of(with_revision(SEALED, changes()[name])) == "revision_after_seal"


def with_store(change: Callable[[dict[int, PdfObject | bytes], int], None], **entries: PdfObject) -> bytes:
    objects = store_objects(SEALED, **entries)
    change(objects, history_of(SEALED).next_number)
    return with_revision(SEALED, objects)


@pytest.mark.parametrize(
    "stream",
    [
        Stream(dictionary({}), DER + b"\x00"),
        Stream(dictionary({}), b"\x04\x01\x05"),
        Stream(dictionary({}), b""),
        Stream(dictionary({"Filter": Name("FlateDecode")}), DER),
        dictionary({"Type": Name("Annot")}),
    ],
    ids=["more than one value", "no sequence", "empty", "packed", "no stream"],
)
def test_a_store_of_anything_but_plain_der_is_refused(stream: PdfObject) -> None:
    assert code_of(with_store(lambda objects, first: objects.update({first + 1: stream}))) == "security_store"


@pytest.mark.parametrize(
    "entries",
    [
        {"VRI": dictionary({})},
        {"OCSPs": ()},
        {"Type": Name("Catalog")},
        {"Certs": (Reference(1),)},
        {"Certs": (Reference(1, 1),)},
        {"Certs": (b"text",)},
        {"Certs": dictionary({})},
    ],
    ids=["VRI", "OCSPs", "other type", "an object under the seal", "a generation", "no reference", "no list"],
)
def test_a_store_of_another_form_is_refused(entries: dict[str, PdfObject]) -> None:
    assert code_of(with_revision(SEALED, store_objects(SEALED, **entries))) == "security_store"


def test_a_store_that_names_an_object_twice_is_refused() -> None:
    twice = (Reference(history_of(SEALED).next_number + 1),) * 2
    assert code_of(with_revision(SEALED, store_objects(SEALED, Certs=twice))) == "security_store"


def test_a_store_that_names_an_object_as_two_things_is_refused() -> None:
    first = history_of(SEALED).next_number
    both = (Reference(first + 1), Reference(first + 2))
    assert code_of(with_revision(SEALED, store_objects(SEALED, Certs=both, CRLs=both))) == "security_store"


def test_a_store_that_forgets_an_earlier_list_is_refused() -> None:
    only_new = (Reference(history_of(STAMPED).next_number + 2),)
    assert code_of(with_revision(STAMPED, store_objects(STAMPED, CRLs=only_new))) == "security_store"


# Time stamps.


def shifted(pdf: bytes, place: int, change: int) -> bytes:
    """The last /ByteRange with one of its numbers changed, in as many characters."""
    start = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange [")
    end = pdf.index(b"]", start)
    numbers = [int(word) for word in pdf[start:end].split()]
    numbers[place] += change
    return pdf[:start] + b" ".join(b"%d" % number for number in numbers).ljust(end - start) + pdf[end:]


@pytest.mark.parametrize(("place", "change"), [(0, 1), (1, -10), (2, 10), (3, -1), (3, 1)])
def test_a_time_stamp_over_fewer_or_more_bytes_is_refused(place: int, change: int) -> None:
    assert code_of(shifted(STAMPED, place, change)) == "time_stamp_coverage"


def test_a_time_stamp_of_the_revision_before_is_refused() -> None:
    # Whoever puts bytes after a time stamp makes a revision of them, which must be one of ours.
    file = read_file(STAMPED)
    stamp = file.later[-1]
    assert isinstance(stamp, DocumentTimeStamp)
    objects = field_objects(STAMPED)
    signature = history_of(STAMPED).next_number + 1
    written = b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/Contents <3003020105>/ByteRange [%d %d %d %d]>>"
    assert code_of(with_revision(STAMPED, {**objects, signature: written % stamp.byte_range})) == "time_stamp_coverage"


@pytest.mark.parametrize(
    "change",
    [
        {"Subtype": Name("Widget"), "Rect": (0, 0, 0, 0)},
        {"FT": Name("Tx")},
        {"T": b"Tijdstempel 2"},
        {"TU": b"Betaald"},
        {"Kids": ()},
        {"AA": dictionary({})},
    ],
    ids=lambda entries: " ".join(entries),
)
def test_a_field_with_more_than_name_and_value_is_refused(change: dict[str, PdfObject]) -> None:
    plain: dict[str, PdfObject] = {"FT": Name("Sig"), "T": b"Tijdstempel 1", "V": Reference(history_of(SEALED).next_number + 1)}
    assert code_of(with_revision(SEALED, field_objects(SEALED, {**plain, **change}))) == "revision_after_seal"


@pytest.mark.parametrize(
    "change",
    [
        {"Type": Name("Sig")},
        {"SubFilter": Name("ETSI.CAdES.detached")},
        {"SubFilter": b"ETSI.RFC3161"},
        {"Reason": b"Betaald"},
        {"Reference": ()},
    ],
    ids=["type", "kind", "kind as text", "reason", "reference"],
)
def test_a_signature_that_is_no_document_time_stamp_is_refused(change: dict[str, PdfObject]) -> None:
    objects = field_objects(SEALED)
    number = history_of(SEALED).next_number + 1
    signature = objects[number]
    assert not isinstance(signature, bytes)
    objects[number] = dictionary({**pdf_samples.entries_of(signature), **change})
    assert code_of(with_revision(SEALED, objects)) == "revision_after_seal"


def test_a_form_that_loses_the_field_of_the_seal_is_refused() -> None:
    objects = field_objects(SEALED)
    history = history_of(SEALED)
    form = dictionary({"Fields": (Reference(history.next_number),), "SigFlags": 3})
    objects[history.catalog_number] = catalog_with(SEALED, {"AcroForm": form})
    assert code_of(with_revision(SEALED, objects)) == "revision_after_seal"
