"""Small files of other makers that ask for much: by their tables, their predictors, their proofs and their certificates."""

import hashlib
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from blauweknop.checking.other_seals import check_other_seal
from blauweknop.document.foreign.packing import Unpacker
from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.pdf_file import FileLimits
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.domain.verdict import Rejected, Verdict
from blauweknop.standards import der
from tests.security.foreign_tampering import WHO, appended, dictionary_at, number_where, sealed_letter, with_cms
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import foreign_documents as f
from tests.unit.standards import messages

TRUST = f.trust_in(WHO)
MOST_SECONDS, MOST_BYTES = 5.0, 160 << 20  # while memory is traced, which takes three times as long


def judged(pdf: bytes) -> Verdict:
    found = check_other_seal(pdf, trust=TRUST, at=x.NOW)
    assert found is not None
    return found


def within_bounds(work: Callable[[], object]) -> None:
    started = time.process_time()
    tracemalloc.start()
    try:
        work()
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < MOST_SECONDS


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(MalformedPdf) as caught:
        work()
    return caught.value.code


# Tables


def with_table(**entries: PdfObject) -> bytes:
    """A file that is nothing but a table in a stream."""
    packed = zlib.compress(bytes(4))
    whole: dict[str, PdfObject] = {
        "Type": Name("XRef"),
        "Size": 2,
        "W": (1, 2, 1),
        "Root": Reference(1),
        "Filter": Name("FlateDecode"),
        **entries,
    }
    return b"%PDF-1.7\n1 0 obj\n" + write_object(Stream(dictionary(whole), packed)) + b"\nendobj\nstartxref\n9\n%%EOF\n"


def test_a_table_that_names_a_hundred_million_objects_is_refused_before_they_are_counted_out() -> None:
    pdf = with_table(Index=(0, 100_000) * 1000)
    within_bounds(lambda: refusal(lambda: read_foreign_file(pdf)))
    assert refusal(lambda: read_foreign_file(pdf)) == "xref_stream"


def test_tables_that_together_name_millions_of_objects_are_refused() -> None:
    whole: dict[str, PdfObject] = {
        "Type": Name("XRef"),
        "Size": 100_000,
        "W": (0, 1, 0),
        "Root": Reference(1),
        "Filter": Name("FlateDecode"),
    }
    table = write_object(Stream(dictionary(whole), zlib.compress(bytes(100_000))))
    tables = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, table) for number in range(1, 200))
    started = time.process_time()
    assert refusal(lambda: read_foreign_file(b"%PDF-1.7\n" + tables + b"startxref\n9\n%%EOF\n")) == "xref_stream"
    assert time.process_time() - started < MOST_SECONDS


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_a_stream_of_many_rows_with_predictors_is_read_in_little_time_or_refused(kind: int) -> None:
    rows = (bytes([kind]) + b"abcd") * (6 << 20)
    parameters = dictionary({"Predictor": 15, "Columns": 4})
    packed = Stream(dictionary({"Filter": Name("FlateDecode"), "DecodeParms": parameters}), zlib.compress(rows))
    limits = FileLimits(ratio_from=1 << 30)
    started = time.process_time()
    assert refusal(lambda: Unpacker(limits).unpack(packed)) == "inflate_limit"
    assert time.process_time() - started < MOST_SECONDS


# Proofs


def test_a_store_that_names_its_lists_a_million_times_is_looked_at_once() -> None:
    pdf = sealed_letter()
    count, first = 3000, 1000
    proofs = tuple(Reference(first + 2) for _ in range(count))
    entries = {f"S{number}": dictionary({"Cert": Reference(first + 1), "CRL": Reference(first + 1)}) for number in range(count)}
    catalog = number_where(pdf, "Type", "Catalog")
    objects: dict[int, PdfObject] = {
        catalog: dictionary({**dictionary_at(pdf, catalog), "DSS": Reference(first)}),
        first: dictionary({"Type": Name("DSS"), "VRI": dictionary(entries)}),
        first + 1: proofs,
        first + 2: Stream(dictionary({}), WHO.seal.der),
    }
    within_bounds(lambda: judged(appended(pdf, objects)))


# What the second judge cannot read


def test_a_text_that_only_one_of_two_readers_takes_is_a_fault_of_the_file_and_not_of_ours() -> None:
    catalog = number_where(sealed_letter(), "Type", "Catalog")
    extended = dictionary({**dictionary_at(sealed_letter(), catalog), "Extensions": dictionary({"Other": b"??"})})
    found = judged(appended(sealed_letter(), {catalog: extended}).replace(b"(??)", b"(\\e)"))
    assert isinstance(found, Rejected)
    assert [step.reason for step in found.facts.steps if step.id == "other_seal"] == ["seal_format"]


def test_a_certificate_with_a_curve_that_nobody_knows_is_a_fault_of_the_seal_and_not_of_ours() -> None:
    known, unknown = (der.encode_object_identifier(f"1.2.840.10045.3.1.{number}") for number in (7, 99))
    encoded = WHO.seal.der.replace(known, unknown)
    assert encoded != WHO.seal.der
    reference = der.encode_sequence(der.encode_sequence(der.encode_sequence(der.encode_octets(hashlib.sha256(encoded).digest()))))
    message = messages.Message(WHO.seal, hashlib.sha256(b"").digest(), certificates=[encoded])
    attributes = [*message.ordinary_attributes()[:2], messages.attribute(messages.REFERENCE_V2, reference)]
    found = judged(with_cms(sealed_letter(), message.but(attributes=attributes).encoded()))
    assert isinstance(found, Rejected)
    assert [step.reason for step in found.facts.steps if step.id == "other_seal"] == ["seal_format"]
