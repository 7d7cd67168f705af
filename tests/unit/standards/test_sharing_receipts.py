from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import jose
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.json_members import MalformedMember
from blauweknop.standards.sharing_messages import SharingProblem, request_hash
from blauweknop.standards.sharing_receipts import (
    MAX_ERASURE,
    MAX_RECEIPT,
    Erasure,
    ErasureReason,
    KeptByLaw,
    Receipt,
    sign_erasure,
    sign_receipt,
    verify_erasure,
    verify_receipt,
)
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import AUTHORITY, NOW, certify

RECEIPT = sign_receipt(s.RECEIPT, r.RECEIVER.signer())
ERASURE = sign_erasure(s.ERASURE, r.RECEIVER.signer())
STRANGER = r.access_certificate(issuer=certify("een ander", None, AUTHORITY))
RENEWED = r.access_certificate()


def receipt(text: str, **changes: Any) -> Receipt:
    arguments: dict[str, Any] = {"client_id": s.CLIENT, "asked": s.ASKED, "consent": s.CONSENT, "trust_list": r.trust_list(), "at": NOW}
    return verify_receipt(text, **(arguments | changes))


def refused(text: str, **changes: Any) -> str:
    with pytest.raises(SharingProblem) as caught:
        receipt(text, **changes)
    return caught.value.code


def saying(**changes: Any) -> str:
    return s.told(RECEIPT, jose.SHARING_RECEIPT, **changes)


def other(**changes: Any) -> str:
    return sign_receipt(replace(s.RECEIPT, **changes), r.RECEIVER.signer())


def test_a_receipt_is_what_was_agreed_to_and_how_to_take_it_back() -> None:
    assert receipt(RECEIPT) == s.RECEIPT


def test_a_receipt_of_an_answer_without_consent_record_counts_too() -> None:
    assert receipt(other(record=s.purpose(purpose="Door de ontvanger gezegd")), consent=None).record.purposes[0].purpose.startswith("Door")


@pytest.mark.parametrize("text", ["", "a.b.c", "a" * (MAX_RECEIPT + 1), ERASURE, s.consent()])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    assert refused(text) == "receipt_malformed"


def test_a_receipt_of_who_is_on_no_list_is_refused() -> None:
    assert refused(sign_receipt(replace(s.RECEIPT, issuer=x509_hash(STRANGER.der)), STRANGER.signer())) == "access_chain"


def test_a_receipt_with_a_certificate_that_has_ended_is_refused() -> None:
    assert refused(RECEIPT, at=NOW + 365 * r.DAY) == "access_expired"


def test_a_receipt_signed_by_another_key_than_that_of_the_certificate_is_refused() -> None:
    body = RECEIPT.rpartition(".")[0]
    assert refused(f"{body}.{other(receipt_id='z' * 22).rpartition('.')[2]}") == "receipt_signature"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", None),
        ("receipt_id", None),
        ("receipt_id", "kort"),
        ("request_hash", "kort"),
        ("iat", None),
        ("erase_at", None),
        ("erase_at", "later"),
        ("withdrawal_uri", None),
        ("withdrawal_uri", "http://proef.example/intrekken"),
        ("withdrawal_uri", "https://gebruiker@proef.example/"),
        ("withdrawal_uri", "https://proef.example/#a"),
        ("record", None),
        ("record", {}),
    ],
)
def test_every_member_of_a_receipt_is_in_its_form(name: str, value: Any) -> None:
    assert refused(saying(**{name: value})) == "receipt_member"


def test_a_receipt_of_another_receiver_is_refused() -> None:
    assert refused(sign_receipt(replace(s.RECEIPT, issuer=x509_hash(RENEWED.der)), RENEWED.signer())) == "receipt_issuer"
    assert refused(other(issuer="x509_hash:ander")) == "receipt_issuer"


def test_a_receipt_of_the_future_is_refused() -> None:
    assert refused(other(issued_at=NOW + 61 * s.SECOND)) == "receipt_not_yet"


def test_a_receipt_for_another_request_or_another_record_is_refused() -> None:
    assert refused(RECEIPT, asked=request_hash("een.andere.vraag")) == "receipt_record"
    assert refused(other(record=s.purpose(retention="P50Y"))) == "receipt_record"


def test_a_receipt_that_keeps_data_longer_than_agreed_is_refused() -> None:
    assert refused(other(erase_at=s.CONSENT.ends_at + s.SECOND)) == "receipt_end"
    assert refused(other(erase_at=NOW)) == "receipt_end"
    assert receipt(other(erase_at=NOW + s.SECOND)).erase_at == NOW + s.SECOND


def test_an_exercise_may_withdraw_on_this_machine() -> None:
    here = other(withdrawal_uri="http://127.0.0.1:8000/intrekken")
    assert refused(here) == "receipt_member"
    assert receipt(here, trust_list=replace(r.trust_list(), exercise=True)).withdrawal_uri.startswith("http://127.0.0.1")


def test_a_receiver_of_which_only_the_identifier_was_known_is_known_by_that() -> None:
    assert receipt(RECEIPT, client_id=r.IDENTIFIER).issuer == s.CLIENT
    with pytest.raises(SharingProblem, match="receiver that was answered"):
        receipt(RECEIPT, client_id="NTRNL-90001002")


def test_a_receipt_that_lacks_what_the_standard_demands_cannot_be_signed() -> None:
    with pytest.raises(MalformedMember):
        other(record=s.purpose(purpose=""))


def proof(text: str, **changes: Any) -> Erasure:
    arguments: dict[str, Any] = {"receiver": r.IDENTIFIER, "receipt_id": s.RECEIPT_ID, "trust_list": r.trust_list(), "at": NOW}
    return verify_erasure(text, **(arguments | changes))


def no_proof(text: str, **changes: Any) -> str:
    with pytest.raises(SharingProblem) as caught:
        proof(text, **changes)
    return caught.value.code


def erasing(**changes: Any) -> str:
    return s.told(ERASURE, jose.SHARING_ERASURE, **changes)


@pytest.mark.parametrize("reason", list(ErasureReason))
def test_a_proof_says_that_and_why_the_data_are_gone_and_what_a_law_keeps(reason: ErasureReason) -> None:
    said = replace(s.ERASURE, reason=reason, kept=(KeptByLaw("Dat er een besluit was", "Archiefwet 1995"),))
    assert proof(sign_erasure(said, r.RECEIVER.signer())) == said


@pytest.mark.parametrize("text", ["", "a.b.c", "a" * (MAX_ERASURE + 1), RECEIPT])
def test_what_is_no_proof_is_refused(text: str) -> None:
    assert no_proof(text) == "erasure_malformed"


def test_a_proof_of_who_is_on_no_list_is_refused() -> None:
    assert no_proof(sign_erasure(s.ERASURE, STRANGER.signer())) == "access_chain"


def test_a_proof_that_was_changed_is_refused() -> None:
    body = ERASURE.rpartition(".")[0]
    assert no_proof(f"{body}.{erasing(reason='retention').rpartition('.')[2]}") == "erasure_signature"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", None),
        ("receipt_id", None),
        ("iat", None),
        ("iat", -1),
        ("reason", None),
        ("reason", "moe"),
        ("kept", None),
        ("kept", [{"what": "iets"}]),
        ("kept", [{"what": "iets", "law": ""}]),
        ("kept", [{"what": "iets", "law": "wet"}] * 51),
    ],
)
def test_every_member_of_a_proof_is_in_its_form(name: str, value: Any) -> None:
    assert no_proof(erasing(**{name: value})) == "erasure_member"


def test_a_proof_of_another_receiver_is_refused() -> None:
    assert no_proof(ERASURE, receiver="NTRNL-00000000") == "erasure_issuer"
    assert no_proof(sign_erasure(replace(s.ERASURE, issuer="x509_hash:ander"), r.RECEIVER.signer())) == "erasure_issuer"


def test_a_receiver_with_a_renewed_certificate_can_prove_too() -> None:
    said = replace(s.ERASURE, issuer=x509_hash(RENEWED.der))
    assert proof(sign_erasure(said, RENEWED.signer())) == said


def test_a_proof_of_the_future_is_refused() -> None:
    assert no_proof(sign_erasure(replace(s.ERASURE, erased_at=NOW + 61 * s.SECOND), r.RECEIVER.signer())) == "erasure_not_yet"


def test_a_proof_about_another_receipt_is_refused() -> None:
    assert no_proof(ERASURE, receipt_id="z" * 22) == "erasure_receipt"


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused_with_one_error(text: str) -> None:
    assert refused(text) == "receipt_malformed"
    assert no_proof(text) == "erasure_malformed"
