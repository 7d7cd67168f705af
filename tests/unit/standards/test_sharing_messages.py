import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import jose
from blauweknop.standards.json_members import MalformedMember
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.sharing_messages import (
    MAX_CONSENT,
    MAX_WITHDRAWAL,
    SharingProblem,
    VerifiedConsent,
    Withdrawal,
    read_withdrawal,
    request_hash,
    sign_consent,
    sign_withdrawal,
    verify_consent,
    verify_withdrawal,
)
from blauweknop.standards.sharing_record_json import record_json
from blauweknop.standards.sharing_records import ConsentState
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW

CONSENT = s.consent()
WITHDRAWAL = sign_withdrawal(s.WITHDRAWAL, s.holder())


def verified(text: str, **changes: Any) -> VerifiedConsent:
    arguments: dict[str, Any] = {"client_id": s.CLIENT, "receiver": r.IDENTIFIER, "asked": s.ASKED, "at": NOW} | changes
    return verify_consent(text, **arguments)


def code_of(text: str, **changes: Any) -> str:
    with pytest.raises(SharingProblem) as caught:
        verified(text, **changes)
    return caught.value.code


def saying(**changes: Any) -> str:
    return s.saying(CONSENT, jose.SHARING_CONSENT, **changes)


def test_a_consent_is_what_was_agreed_to_and_the_key_that_may_withdraw_it() -> None:
    found = verified(CONSENT)
    assert found.consent == s.CONSENT
    assert found.key.public_numbers() == s.KEY.public_key().public_numbers()


def test_a_consent_with_members_that_we_do_not_know_counts() -> None:
    assert verified(saying(nieuw=1)).consent == s.CONSENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a" * (MAX_CONSENT + 1),
        WITHDRAWAL,
        saying(header={"typ": "JWT"}),
        saying(header={"alg": "none"}),
        saying(header={"crit": ["exp"]}),
        saying(header={"jwk": None}),
        saying(header={"jwk": {**public_jwk(s.KEY.public_key()), "d": "x"}}),
        saying(aud=None),
        saying(aud=1),
        saying(request_hash=None),
        saying(request_hash="kort"),
        saying(iat=None),
        saying(iat="nu"),
        saying(exp=None),
        saying(exp=True),
        jose.sign_jws(b"[]", s.holder(), jose.SHARING_CONSENT, header={"jwk": {**public_jwk(s.KEY.public_key())}}),
    ],
)
def test_what_is_no_consent_is_refused(text: str) -> None:
    assert code_of(text) == "consent_malformed"


def test_a_consent_that_was_changed_after_it_was_signed_is_refused() -> None:
    header, _, signature = CONSENT.split(".")
    payload = saying(exp=int(NOW.timestamp()) + 1).split(".")[1]
    assert code_of(f"{header}.{payload}.{signature}") == "consent_signature"


def test_a_consent_with_the_key_of_somebody_else_in_its_header_is_refused() -> None:
    assert code_of(saying(header={"jwk": {**public_jwk(s.OTHER_KEY.public_key())}})) == "consent_signature"


def test_a_consent_for_another_receiver_is_refused() -> None:
    assert code_of(s.consent(audience="x509_hash:ander")) == "consent_audience"


def test_a_consent_to_another_request_is_refused() -> None:
    assert code_of(CONSENT, asked=request_hash("een.andere.vraag")) == "consent_request"


def test_a_consent_is_of_the_last_ten_minutes() -> None:
    assert code_of(CONSENT, at=NOW - 61 * s.SECOND) == "consent_not_yet"
    assert code_of(CONSENT, at=NOW + 601 * s.SECOND) == "consent_expired"
    assert verified(CONSENT, at=NOW - 60 * s.SECOND) == verified(CONSENT, at=NOW + 600 * s.SECOND)


def test_a_sharing_that_ends_before_it_began_is_refused() -> None:
    assert code_of(s.consent(ends_at=NOW)) == "consent_end"


def test_a_sharing_that_is_over_when_the_consent_comes_is_refused() -> None:
    short = s.consent(ends_at=NOW + 60 * s.SECOND)
    assert code_of(short, at=NOW + 60 * s.SECOND) == "consent_end"


def test_a_sharing_of_less_than_a_day_is_refused() -> None:
    assert code_of(s.consent(ends_at=NOW + r.DAY - s.SECOND)) == "consent_short"
    assert verified(s.consent(ends_at=NOW + r.DAY)).consent.ends_at == NOW + r.DAY


@pytest.mark.parametrize("record", [None, [], {}, {**record_json(s.RECORD), "events": []}])
def test_a_consent_without_the_record_that_the_standard_demands_is_refused(record: Any) -> None:
    assert code_of(saying(record=record)) == "consent_record"


@pytest.mark.parametrize("state", [ConsentState.WITHDRAWN, ConsentState.REFUSED, ConsentState.EXPIRED])
def test_a_record_that_does_not_end_with_consent_is_refused(state: ConsentState) -> None:
    events = (*s.RECORD.events, replace(s.RECORD.events[0], state=state))
    assert code_of(s.consent(record=replace(s.RECORD, events=events))) == "consent_record"


def test_a_record_of_another_person_is_refused() -> None:
    assert code_of(s.consent(record=replace(s.RECORD, principal=thumbprint(s.OTHER_KEY.public_key())))) == "consent_principal"


def test_a_record_with_a_purpose_of_somebody_else_is_refused() -> None:
    assert code_of(CONSENT, receiver="NTRNL-00000000") == "consent_receiver"


def test_a_consent_that_lacks_what_the_standard_demands_cannot_be_signed() -> None:
    with pytest.raises(MalformedMember):
        sign_consent(replace(s.CONSENT, record=s.purpose(purpose="")), s.holder(), s.KEY.public_key())


@given(st.integers(0, len(CONSENT) - 1), st.sampled_from("AZaz09_-.=é"))
def test_no_changed_character_of_a_consent_counts(place: int, other: str) -> None:
    changed = CONSENT[:place] + other + CONSENT[place + 1 :]
    if changed != CONSENT:
        assert code_of(changed) in {"consent_malformed", "consent_signature"}


def withdrawn(text: str, *, key: Any = s.KEY, **changes: Any) -> Withdrawal:
    arguments: dict[str, Any] = {"client_id": s.CLIENT, "receipt_id": s.RECEIPT_ID, "at": NOW} | changes
    return verify_withdrawal(read_withdrawal(text), key.public_key(), **arguments)


def refused(text: str, **changes: Any) -> str:
    with pytest.raises(SharingProblem) as caught:
        withdrawn(text, **changes)
    return caught.value.code


def taking_back(**changes: Any) -> str:
    return s.saying(WITHDRAWAL, jose.SHARING_WITHDRAWAL, **changes)


def test_a_withdrawal_names_its_receipt_before_it_is_verified() -> None:
    assert read_withdrawal(WITHDRAWAL).receipt_id == s.RECEIPT_ID
    assert withdrawn(WITHDRAWAL) == s.WITHDRAWAL


@pytest.mark.parametrize(
    "text",
    [
        "",
        CONSENT,
        "a" * (MAX_WITHDRAWAL + 1),
        taking_back(header={"typ": "JWT"}),
        taking_back(header={"alg": "HS256"}),
        taking_back(receipt_id=None),
        taking_back(receipt_id="../x"),
        taking_back(aud=None),
        taking_back(jti=None),
        taking_back(jti="kort"),
        taking_back(iat=None),
        jose.sign_jws(b"geen JSON", s.holder(), jose.SHARING_WITHDRAWAL),
    ],
)
def test_what_is_no_withdrawal_is_refused(text: str) -> None:
    assert refused(text) == "withdrawal_malformed"


def test_only_the_key_of_the_consent_withdraws() -> None:
    assert refused(WITHDRAWAL, key=s.OTHER_KEY) == "withdrawal_signature"
    assert refused(taking_back(key=s.OTHER_KEY, header={"jwk": {**public_jwk(s.OTHER_KEY.public_key())}})) == "withdrawal_signature"


def test_a_withdrawal_for_another_receiver_is_refused() -> None:
    assert refused(WITHDRAWAL, client_id="x509_hash:ander") == "withdrawal_audience"


def test_a_withdrawal_of_another_receipt_is_refused() -> None:
    assert refused(WITHDRAWAL, receipt_id="z" * 22) == "withdrawal_receipt"


def test_a_withdrawal_is_of_the_last_ten_minutes() -> None:
    assert refused(WITHDRAWAL, at=NOW - 61 * s.SECOND) == "withdrawal_not_yet"
    assert refused(WITHDRAWAL, at=NOW + 601 * s.SECOND) == "withdrawal_expired"
    assert withdrawn(WITHDRAWAL, at=NOW + 600 * s.SECOND) == s.WITHDRAWAL


def test_a_withdrawal_that_comes_twice_is_the_same_withdrawal() -> None:
    assert withdrawn(WITHDRAWAL) == withdrawn(WITHDRAWAL)


@given(st.integers(0, 2**32))
def test_no_withdrawal_of_chance_counts(seed: int) -> None:
    chance = random.Random(seed)
    parts = list(WITHDRAWAL)
    parts[chance.randrange(len(parts))] = chance.choice("AZaz09_-.")
    if "".join(parts) != WITHDRAWAL:
        assert refused("".join(parts)) in {"withdrawal_malformed", "withdrawal_signature"}
