"""Attacks on our own certified documents, most of them with the real key of a source: each is refused, for its own reason."""

import functools
import re
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.checking.trust import Trust
from blauweknop.document.attachment import Attachment
from blauweknop.document.content import Content
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import Name, dictionary
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour, Rejected, Undecided, Verified
from blauweknop.register.exercise_keys import KeyHolder, new_exercise_scheme
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.trust_list import ServiceStatus, StatusPeriod, write_trust_list
from tests.security.attack_verdicts import orange, reasons, red, verdict
from tests.unit.checking import exercise_documents as x
from tests.unit.document import pdf_samples

NOW = x.NOW


def changed_letter(number_of: tuple[str, str], **entries: object) -> bytes:
    """The typeset letter with entries added to one of its objects, then sealed with the real key."""
    letter = x.good_letter()
    number = pdf_samples.number_of(read_file(letter), *number_of)
    return x.sealed(pdf_samples.with_entries(letter, number, entries))  # type: ignore[arg-type] # PDF objects, named per test


def other_data(**data: JsonValue) -> Content:
    return x.content(data=data)


@functools.cache
def foreign_signer() -> KeySigner:
    with tempfile.TemporaryDirectory() as folder:
        identity = KeyHolder(x.DUO.oin, x.DUO.legal_name, "NTRNL-90000001", "duo")
        return new_exercise_scheme(Path(folder) / "other", [identity], now=NOW - timedelta(days=30)).seal_signer("duo")


# The document itself is good, also in English, with fewer parts, and with the number of the person.


def test_an_untouched_document_is_green() -> None:
    assert isinstance(verdict(x.good_document()), Verified)


@pytest.mark.parametrize(
    "said", [x.content(language="en"), x.content(parts=("schuld",)), x.content(with_bsn=True)], ids=["english", "fewer parts", "bsn"]
)
def test_each_variant_of_a_document_is_green(said: Content) -> None:
    assert isinstance(verdict(x.document_saying(said)), Verified)


def test_a_table_over_several_pages_is_green() -> None:
    rows: list[JsonValue] = [{"soort": "lening", "bedrag": 100 * number} for number in range(120)]
    assert isinstance(verdict(x.document_saying(other_data(schuldonderdelen=rows))), Verified)


# Bytes changed after sealing.


def test_an_appended_newline() -> None:
    assert red(x.good_document() + b"\n")["container"] == "trailing_bytes"


def test_appended_bytes() -> None:
    assert red(x.good_document() + b"% harmless comment")["container"] == "trailing_bytes"


def test_bytes_before_the_header() -> None:
    assert red(b"\n" + x.good_document())["container"] == "not_a_pdf"


def flipped(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def test_a_changed_byte_in_the_stream_of_a_page() -> None:
    pdf = x.good_document()
    file = read_file(pdf)
    page = next(value for value in file.objects.values() if pdf_samples.entries_of(value).get("Type") == "Page")
    reference = pdf_samples.entries_of(page)["Contents"]
    start, end = file.spans[reference.number]  # type: ignore[union-attr] # a page of ours refers to its content
    assert red(flipped(pdf, (start + end) // 2))["seal"] == "seal_hash"


def test_a_changed_digit_in_the_metadata() -> None:
    pdf = x.good_document()
    assert pdf.count(b"<xmp:CreateDate>2026") == 1
    assert red(pdf.replace(b"<xmp:CreateDate>2026", b"<xmp:CreateDate>2025"))["seal"] == "seal_hash"


def test_a_changed_byte_in_the_data() -> None:
    pdf = x.good_document()
    assert "seal" in red(flipped(pdf, pdf.index(b"application#2Fjson") + 200))


def test_rebuilt_around_another_amount_with_the_byte_range_put_right() -> None:
    # Everything an attacker without a key can do: other pages and data, and a range that fits the new file.
    forged, real = x.document_saying(other_data(achterstand=1)), x.good_document()
    start, end = (forged.index(mark) for mark in (b"/Contents <", b"> /ByteRange"))
    contents = real[real.index(b"/Contents <") : real.index(b"> /ByteRange")]
    assert red(forged[:start] + contents + forged[end:])["seal"] == "seal_hash"


@pytest.mark.parametrize("place", [0, 1], ids=["in the seal", "in its time stamp"])
def test_a_changed_certificate_that_only_lies_in_the_seal(place: int) -> None:
    pdf, written = x.good_document(), x.exercise().seals["duo"].chain[0].hex().encode()
    parts = pdf.split(written)
    assert len(parts) == 3
    other = written[:-1] + (b"0" if written[-1:] != b"0" else b"1")
    forged = written.join(parts[: place + 1]) + other + written.join(parts[place + 1 :])
    assert red(forged) == {"chain": "chain_constraints"}


@settings(max_examples=60)
@given(place=st.integers(0, 1 << 20), bit=st.integers(0, 7))
def test_no_flipped_bit_stays_green(place: int, bit: int) -> None:
    pdf = bytearray(x.good_document())
    pdf[place % len(pdf)] ^= 1 << bit
    found = verdict(bytes(pdf))
    # Hexadecimal digits of the seal may be written in capitals; then nothing was said differently.
    if isinstance(found, Verified):
        assert read_file(bytes(pdf)).objects == read_file(x.good_document()).objects
    else:
        assert found.colour in (Colour.RED, Colour.ORANGE)


@settings(max_examples=40)
@given(end=st.integers(0, 1 << 20))
def test_no_cut_document_is_green(end: int) -> None:
    pdf = x.good_document()
    assert isinstance(verdict(pdf[: end % len(pdf)]), Rejected)


# Structure.


def test_a_second_revision_with_an_annotation() -> None:
    pdf = x.good_document()
    old_table = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    added = b"9999 0 obj\n<</Type/Annot/Subtype/FreeText/Rect[0 0 99 99]/Contents(Betaald)>>\nendobj\n"
    table = b"xref\n9999 1\n%010d 00000 n \ntrailer\n<</Size 10000/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    assert red(pdf + added + table % (len(pdf), old_table, len(pdf) + len(added)))["container"] == "revision_after_seal"


def test_an_object_defined_twice() -> None:
    pdf = x.good_document()
    place = pdf.rindex(b"xref\n0 ")
    assert red(pdf[:place] + b"1 0 obj\n<</Type/Catalog>>\nendobj\n" + pdf[place:])["structure"] == "duplicate_object"


def test_a_hybrid_cross_reference() -> None:
    pdf = x.good_document()
    place = pdf.rindex(b"trailer\n<<") + len(b"trailer\n<<")
    assert red(pdf[:place] + b"/XRefStm 15 " + pdf[place:])["structure"] == "hybrid_xref"


def test_an_unreachable_object_under_the_seal() -> None:
    letter = x.good_letter()
    hidden = {max(read_file(letter).objects) + 1: dictionary({"Type": Name("Hidden")})}
    assert red(x.sealed(pdf_samples.rewritten(letter, hidden)))["active_content"] == "unreachable_object"


def test_a_script_under_the_seal() -> None:
    script = dictionary({"S": Name("JavaScript"), "JS": b"app.alert(1)"})
    assert red(changed_letter(("Type", "Catalog"), OpenAction=script))["active_content"] in ("action", "script", "catalog_entry")


def test_an_action_of_a_page_under_the_seal() -> None:
    action = dictionary({"O": dictionary({"S": Name("URI"), "URI": b"https://elders.example"})})
    assert red(changed_letter(("Type", "Page"), AA=action))["active_content"] in ("action", "page_entry")


def test_an_extra_attachment_under_the_seal() -> None:
    extra = Attachment("rekening.json", b"{}", "application/json", "data", "extra")
    pdf = x.sealed(x.typeset(x.letter(x.content()), [*x.attachments(x.content()), extra]))
    assert red(pdf)["active_content"] == "attachment_name"


# The seal and what it covers.


def test_a_letter_without_seal() -> None:
    assert red(x.good_letter())["seal_coverage"] == "no_seal"


def byte_range(pdf: bytes) -> re.Match[bytes]:
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+) *\]", pdf)
    assert found is not None
    return found


def with_byte_range(pdf: bytes, first: int, second: int, length: int) -> bytes:
    found = byte_range(pdf)
    text = b"/ByteRange [0 %d %d %d" % (first, second, length)
    return pdf[: found.start()] + text.ljust(len(found[0]) - 1) + b"]" + pdf[found.end() :]


def test_a_byte_range_that_stops_before_the_end() -> None:
    first, second, length = map(int, byte_range(x.good_document()).groups())
    assert red(with_byte_range(x.good_document(), first, second, length - 100))["seal_coverage"] == "seal_coverage"


def test_a_byte_range_with_a_hole() -> None:
    first, second, length = map(int, byte_range(x.good_document()).groups())
    assert red(with_byte_range(x.good_document(), first - 50, second, length))["seal_coverage"] == "seal_coverage"


def test_bytes_hidden_behind_the_signature() -> None:
    pdf = x.good_document()
    place = pdf.index(b"> /ByteRange")
    assert red(pdf[: place - 2] + b"41" + pdf[place:])["seal_coverage"] == "contents"


def test_the_seal_of_another_document() -> None:
    other, pdf = x.document_saying(other_data(achterstand=5)), x.good_document()
    seal = re.search(rb"/Contents <([0-9a-f]+)>", other)
    own = re.search(rb"/Contents <([0-9a-f]+)>", pdf)
    assert seal is not None
    assert own is not None
    assert red(pdf[: own.start(1)] + seal[1] + pdf[own.end(1) :])["seal"] == "seal_hash"


# Who sealed, and when.


def test_sealed_by_an_issuer_that_may_not_say_this() -> None:
    assert red(x.sealed(x.good_letter(), signer=x.exercise().seals["uwv"]))["issuer"] == "issuer_not_entitled"


def test_sealed_by_another_issuer_of_the_same_data_set() -> None:
    trust = x.trust(x.entity(x.DUO), x.entity(x.UWV))
    assert red(x.sealed(x.good_letter(), signer=x.exercise().seals["uwv"]), trust=trust)["issuer"] == "source_oin"


def test_another_name_with_the_own_number() -> None:
    said = x.changed(x.content(), source={"oin": x.DUO.oin.digits, "name": "Belastingdienst"})
    assert red(x.document_saying(said))["issuer"] == "source_name"


def test_another_number_in_the_data() -> None:
    said = x.changed(x.content(), source={"oin": x.UWV.oin.digits, "name": "DUO"})
    assert red(x.document_saying(said))["issuer"] == "source_oin"


def test_sealed_by_a_stranger_with_the_same_names() -> None:
    found = verdict(x.sealed(x.good_letter(), signer=foreign_signer()))
    assert isinstance(found, Undecided)
    assert reasons(found)["chain"] == "signer_unknown"
    assert found.facts.issuer_name is None


def test_sealed_with_a_key_for_credentials() -> None:
    assert red(x.sealed(x.good_letter(), signer=x.exercise().credentials["duo"]))["chain"] == "signer_wrong_use"


def test_sealed_after_the_certificate_was_taken_back() -> None:
    assert red(x.sealed(x.good_letter(), crls=x.exercise().revoked_crls))["revocation"] == "certificate_revoked"


def test_no_revocation_lists() -> None:
    assert orange(x.sealed(x.good_letter(), crls=()))["revocation"] == "no_crl"


def test_old_revocation_lists() -> None:
    assert orange(x.sealed(x.good_letter(), crls=x.exercise().stale_crls))["revocation"] == "crl_stale"


def test_sealed_after_the_service_was_withdrawn() -> None:
    gone = x.entity(x.DUO, status=ServiceStatus.WITHDRAWN, since=x.ISSUED - timedelta(minutes=1))
    assert red(x.good_document(), trust=x.trust(gone))["issuer"] == "service_withdrawn"


def test_a_service_withdrawn_after_the_sealing_leaves_older_documents_good() -> None:
    granted = StatusPeriod(ServiceStatus.GRANTED, NOW - timedelta(days=300))
    gone = x.entity(x.DUO, status=ServiceStatus.WITHDRAWN, since=x.ISSUED + timedelta(minutes=1))
    services = (replace(gone.services[0], history=(granted,)), gone.services[1])
    assert isinstance(verdict(x.good_document(), trust=x.trust(replace(gone, services=services))), Verified)


def test_sealed_before_the_service_began() -> None:
    early = x.entity(x.DUO, since=x.ISSUED + timedelta(minutes=1))
    assert red(x.good_document(), trust=x.trust(early))["issuer"] == "service_not_started"


def test_no_time_stamp() -> None:
    assert orange(x.sealed(x.good_letter(), stamped=False))["time_stamp"] == "time_stamp_missing"


def test_the_time_stamp_of_another_signature() -> None:
    stray = x.time_stamps()
    assert red(x.sealed(x.good_letter(), stamp=lambda _: stray(b"\x07" * 32)))["time_stamp"] == "time_stamp_imprint"


def test_a_time_stamp_of_an_authority_that_is_not_on_the_list() -> None:
    assert orange(x.good_document(), trust=x.without_time_stamp_service())["chain"] == "time_stamp_unknown"


def test_a_stranger_cannot_date_a_seal_back_before_its_revocation() -> None:
    # The time stamp is not trusted, so the seal counts as made now, after the certificate was taken back.
    pdf = x.sealed(x.good_letter(), crls=x.exercise().revoked_crls, stamp=x.time_stamps(NOW - timedelta(days=20)))
    assert orange(pdf, trust=x.without_time_stamp_service())["chain"] == "time_stamp_unknown"


def test_a_time_stamp_from_the_future() -> None:
    assert orange(x.good_document(), at=x.ISSUED - timedelta(hours=2))["time_stamp"] == "time_stamp_future"


# The trust list.


def test_no_trust_list() -> None:
    assert orange(x.good_document(), trust=Trust(None, "no_trust_list")) == {"trust_list": "no_trust_list"}


def test_a_stale_trust_list() -> None:
    old = Trust(x.trust_list(issued=NOW - timedelta(days=40)))
    assert orange(x.good_document(), trust=old) == {"trust_list": "trust_list_stale"}


def test_a_rolled_back_trust_list(tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.pem"
    anchor.write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    found = []
    for sequence in (8, 7):
        listed = tmp_path / f"list-{sequence}.jws"
        listed.write_text(write_trust_list(x.trust_list(sequence=sequence), signer=x.exercise().list_signer, at=NOW))
        trust = load_trust(TrustPlaces(str(listed), anchor), now=NOW, state=tmp_path / "state", fetch=None)
        found.append(verdict(x.good_document(), trust=trust))
    assert isinstance(found[0], Verified)
    assert reasons(found[1]) == {"trust_list": "trust_list_rollback"}
