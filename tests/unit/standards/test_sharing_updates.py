"""What a holder says to a receiver that it keeps up to date, and every message that is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import jose
from blauweknop.standards.registration_claims import RegisteredUpdates
from blauweknop.standards.request_object import RequestProblem
from blauweknop.standards.sharing_composing import compose_record, is_record_of
from blauweknop.standards.sharing_messages import SharingProblem, verify_consent
from blauweknop.standards.sharing_receipts import sign_receipt
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.standards.sharing_updates import MAX_UPDATE, Update, Wish, read_update, sign_update, verify_update
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW
from tests.unit.standards.test_registration import code_of as code_of_registration
from tests.unit.standards.test_registration import verify as verified_registration
from tests.unit.standards.test_request_object import verify as verified_request
from tests.unit.standards.test_sharing_receipts import receipt as verified_receipt
from tests.unit.standards.test_sharing_receipts import refused as refused_receipt

NONCE = "n" * 22
SEND = Update(s.CLIENT, s.RECEIPT_ID, "u" * 22, NOW, Wish.SEND, NONCE)
RENEW = replace(SEND, wish=Wish.RENEW, wallet_nonce=None, until=NOW + 30 * r.DAY)
STOP = replace(SEND, wish=Wish.STOP, wallet_nonce=None)
TEXT = sign_update(SEND, s.holder())
UPDATES = RegisteredUpdates("P3M", (r.DEBT,))


def verified(text: str, **changes: Any) -> Update:
    arguments: dict[str, Any] = {"client_id": s.CLIENT, "receipt_id": s.RECEIPT_ID, "at": NOW} | changes
    return verify_update(read_update(text), s.KEY.public_key(), **arguments)


def code_of(text: str, **changes: Any) -> str:
    with pytest.raises(SharingProblem) as caught:
        verified(text, **changes)
    return caught.value.code


def saying(**changes: Any) -> str:
    return s.saying(TEXT, jose.SHARING_UPDATE, **changes)


@pytest.mark.parametrize("update", [SEND, RENEW, STOP], ids=["send", "renew", "stop"])
def test_a_wish_comes_back(update: Update) -> None:
    assert verified(sign_update(update, s.holder())) == update


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "a" * (MAX_UPDATE + 1),
        s.consent(),
        saying(receipt_id=None),
        saying(receipt_id="kort"),
        saying(aud=None),
        saying(jti=None),
        saying(iat="nu"),
        saying(wish=None),
        saying(wish="erase"),
        saying(wallet_nonce=None),
        saying(wallet_nonce="kort"),
        saying(wish="stop"),
        saying(wish="renew"),
        saying(until=1),
        saying(wish="renew", wallet_nonce=None, until="ooit"),
    ],
)
def test_what_is_no_wish_is_refused(text: str) -> None:
    assert code_of(text) == "update_malformed"


def test_a_wish_of_another_key_than_that_of_the_consent_is_refused() -> None:
    assert code_of(sign_update(SEND, s.holder(s.OTHER_KEY))) == "update_signature"


def test_a_wish_for_another_receiver_or_of_another_receipt_is_refused() -> None:
    assert code_of(TEXT, client_id="x509_hash:ander") == "update_audience"
    assert code_of(TEXT, receipt_id="z" * 22) == "update_receipt"


def test_a_wish_is_of_the_last_ten_minutes() -> None:
    assert code_of(TEXT, at=NOW - 61 * s.SECOND) == "update_not_yet"
    assert code_of(TEXT, at=NOW + 601 * s.SECOND) == "update_expired"
    assert verified(TEXT, at=NOW + 600 * s.SECOND) == SEND


@given(st.text(max_size=300))
def test_any_text_is_refused_with_one_error(text: str) -> None:
    assert code_of(text) == "update_malformed"


# The registration and the question.


def test_a_registration_for_updates_comes_back() -> None:
    assert verified_registration(r.registered(updates=UPDATES)).updates == UPDATES
    assert verified_registration(r.registered()).updates is None


@pytest.mark.parametrize(
    "updates", [RegisteredUpdates("altijd", (r.DEBT,)), RegisteredUpdates("P3M", ()), RegisteredUpdates("P3M", (r.INCOME,))]
)
def test_updates_are_registered_for_a_time_and_of_types_that_are(updates: RegisteredUpdates) -> None:
    assert code_of_registration(r.registered(updates=updates)) == "registration_member"


def asking(longest: Any, registered: RegisteredUpdates | None = UPDATES) -> str:
    return r.Question(registration=r.registered(updates=registered)).signed(bk_updates=longest)


def test_a_question_may_ask_for_updates_as_long_as_is_registered_or_shorter() -> None:
    assert verified_request(asking("P3M")).updates == UPDATES
    assert verified_request(asking("P2W")).updates == RegisteredUpdates("P2W", (r.DEBT,))
    assert verified_request(asking(None)).updates is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (asking("P3M", None), "request_updates"),
        (asking("P4M"), "request_updates"),
        (asking("altijd"), "request_form"),
        (asking(True), "request_form"),
    ],
)
def test_a_question_for_updates_beyond_the_registration_is_refused(text: str, code: str) -> None:
    with pytest.raises(RequestProblem) as caught:
        verified_request(text)
    assert caught.value.code == code


# The consent and the receipt.

RECORD = replace(s.RECORD, purposes=(s.RECORD.purposes[0], replace(s.RECORD.purposes[0], purpose_type="schuldhulp.intake#updates")))
UNTIL = NOW + 90 * r.DAY


def agreed_to(**changes: Any) -> Any:
    usual: dict[str, Any] = {"record": RECORD, "updates_until": UNTIL}
    return verify_consent(s.consent(**(usual | changes)), client_id=s.CLIENT, receiver=r.IDENTIFIER, asked=s.ASKED, at=NOW)


def test_a_consent_to_updates_has_their_end() -> None:
    assert agreed_to().consent.updates_until == UNTIL
    assert agreed_to(updates_until=s.CONSENT.ends_at).consent.updates_until == s.CONSENT.ends_at


@pytest.mark.parametrize(
    "changes",
    [
        {"updates_until": NOW},
        {"updates_until": s.CONSENT.ends_at + s.SECOND},
        {"updates_until": None},
        {"record": s.RECORD},
    ],
    ids=["past", "after the sharing", "no end", "no purpose"],
)
def test_updates_have_a_purpose_and_end_within_the_sharing(changes: dict[str, Any]) -> None:
    with pytest.raises(SharingProblem) as caught:
        agreed_to(**changes)
    assert caught.value.code == "consent_updates"


def test_a_record_with_updates_is_one_of_the_registration() -> None:
    shared = [PiiInformation(r.DEBT, "schuld")]
    composed: dict[str, Any] = {"record_id": s.RECORD_ID, "principal": s.RECORD.principal, "language": "nl", "at": NOW}
    record = compose_record(r.REGISTRATION, shared, **composed, updates=shared)
    assert [purpose.collection_method for purpose in record.purposes] == ["openid4vp", "bk-update"]
    assert is_record_of(record, r.REGISTRATION)
    other = replace(record.purposes[1], purpose="Doorverkopen")
    assert not is_record_of(replace(record, purposes=(record.purposes[0], other)), r.REGISTRATION)
    assert not is_record_of(replace(record, purposes=(*record.purposes, record.purposes[1])), r.REGISTRATION)


def receipt(until: Any = UNTIL, uri: str = "https://proef.example/bijwerken") -> str:
    return sign_receipt(replace(s.RECEIPT, update_uri=uri, updates_until=until), r.RECEIVER.signer())


def test_a_receipt_says_where_updates_go_and_until_when() -> None:
    agreed = replace(s.CONSENT, updates_until=UNTIL)
    found = verified_receipt(receipt(), consent=agreed)
    assert (found.update_uri, found.updates_until) == ("https://proef.example/bijwerken", UNTIL)


def test_a_receipt_does_not_take_updates_for_longer_than_was_agreed() -> None:
    assert refused_receipt(receipt()) == "receipt_end"
    assert refused_receipt(receipt(UNTIL + timedelta(seconds=1)), consent=replace(s.CONSENT, updates_until=UNTIL)) == "receipt_end"


def test_an_address_for_updates_is_one_that_may_be_asked() -> None:
    assert (
        refused_receipt(receipt(uri="http://proef.example/bijwerken"), consent=replace(s.CONSENT, updates_until=UNTIL)) == "receipt_member"
    )
