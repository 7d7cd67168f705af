import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import jose
from blauweknop.standards.delivery import (
    MOST_DOCUMENTS,
    Delivery,
    DeliveryProblem,
    GivenDocument,
    GivenPaper,
    Package,
    VerifiedDelivery,
    package_bytes,
    sign_delivery,
    verify_package,
)
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.sharing_messages import Consent, SharingProblem, request_hash, sign_consent
from blauweknop.standards.strict_json import canonical_json, parse_json_object
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW

REGISTRATION = "een.ondertekende.registratie"
FILE, OTHER_FILE, PAPER = b"%PDF-een", b"%PDF-twee", b"%PDF-eigen"
DAY = timedelta(days=1)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def document(content: bytes) -> GivenDocument:
    return GivenDocument(sha(content), r.DEBT, "d" * 32)


DELIVERY = Delivery(
    r.IDENTIFIER,
    request_hash(REGISTRATION),
    s.RECORD_ID,
    NOW,
    NOW + 7 * DAY,
    (document(FILE), document(OTHER_FILE)),
    (GivenPaper(sha(PAPER), "application/pdf", "Huurcontract"),),
)
CONSENT = Consent(r.IDENTIFIER, request_hash(REGISTRATION), NOW, NOW + 300 * DAY, s.RECORD)


def signed(key: Any = s.KEY, **changes: Any) -> str:
    return sign_delivery(replace(DELIVERY, **changes), s.holder(key), key.public_key())


def agreed(**changes: Any) -> str:
    return sign_consent(replace(CONSENT, **changes), s.holder(), s.KEY.public_key())


PACKAGE = Package(signed(), agreed(), REGISTRATION, (FILE, OTHER_FILE), (PAPER,))


def packed(**changes: Any) -> bytes:
    return package_bytes(replace(PACKAGE, **changes))


def verified(content: bytes, **changes: Any) -> VerifiedDelivery:
    arguments: dict[str, Any] = {"receiver": r.IDENTIFIER, "at": NOW + DAY} | changes
    return verify_package(content, **arguments)


def code_of(content: bytes, **changes: Any) -> str:
    with pytest.raises((DeliveryProblem, SharingProblem)) as caught:
        verified(content, **changes)
    assert isinstance(caught.value, DeliveryProblem | SharingProblem)
    return caught.value.code


def with_member(**changes: Any) -> bytes:
    return canonical_json(parse_json_object(packed(), max_bytes=1_000_000) | changes)


def test_a_package_is_what_its_person_put_in_it() -> None:
    found = verified(packed())
    assert (found.delivery, found.package, found.consent.consent) == (DELIVERY, PACKAGE, CONSENT)


def test_a_package_that_waited_a_week_is_taken_until_the_link_ends() -> None:
    assert verified(packed(), at=NOW + 7 * DAY - s.SECOND).delivery == DELIVERY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        with_member(bk_delivery=1),
        with_member(bk_delivery="a.b.c"),
        with_member(bk_delivery=agreed()),
        with_member(registration="ré"),
        with_member(documents="x"),
        with_member(documents=[1]),
        with_member(documents=["%%"]),
        with_member(documents=["QUJD"] * (MOST_DOCUMENTS + 1)),
        with_member(papers=None),
        packed(delivery=s.saying(signed(), jose.DELIVERY, aud="geen ontvanger")),
        packed(delivery=s.saying(signed(), jose.DELIVERY, exp="later")),
        packed(delivery=s.saying(signed(), jose.DELIVERY, documents=[])),
        packed(delivery=s.saying(signed(), jose.DELIVERY, documents=[{"sha256": "x", "type": r.DEBT, "document_id": "d"}])),
        packed(delivery=s.saying(signed(), jose.DELIVERY, papers=[{"sha256": sha(PAPER), "media_type": "x", "title": "t"}])),
        packed(delivery=s.saying(signed(), jose.DELIVERY, header={"jwk": None})),
        packed(delivery=s.saying(signed(), jose.DELIVERY, header={"alg": "none"})),
    ],
)
def test_what_has_not_the_form_of_a_package_is_refused(content: bytes) -> None:
    assert code_of(content) == "delivery_malformed"


def test_a_list_whose_signature_is_of_another_key_is_refused() -> None:
    forged = s.saying(signed(), jose.DELIVERY, key=s.OTHER_KEY, header={"jwk": {**public_jwk(s.KEY.public_key())}})
    assert code_of(packed(delivery=forged)) == "delivery_signature"


def test_a_package_for_another_receiver_is_refused() -> None:
    assert code_of(packed(), receiver="NTRNL-90001002") == "delivery_audience"


def test_a_package_of_the_future_is_refused() -> None:
    assert code_of(packed(), at=NOW - timedelta(minutes=2)) == "delivery_not_yet"


def test_a_package_that_is_over_is_refused() -> None:
    assert code_of(packed(), at=NOW + 7 * DAY) == "delivery_expired"


def test_a_package_under_another_registration_is_refused() -> None:
    assert code_of(packed(registration="een.andere.registratie")) == "delivery_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"documents": (FILE,)},
        {"documents": (OTHER_FILE, FILE)},
        {"documents": (FILE, b"%PDF-gewijzigd")},
        {"documents": (FILE, OTHER_FILE, b"%PDF-drie")},
        {"documents": (FILE, OTHER_FILE, PAPER), "papers": ()},
        {"papers": ()},
        {"papers": (PAPER, PAPER)},
        {"delivery": signed(documents=(document(FILE), document(FILE))), "documents": (FILE, FILE)},
    ],
)
def test_files_that_are_not_those_of_the_list_are_refused(changes: Any) -> None:
    assert code_of(packed(**changes)) == "delivery_files"


@pytest.mark.parametrize(
    "changes",
    [
        {"delivery": signed(s.OTHER_KEY)},
        {"delivery": signed(record_id="z" * 22)},
        {"consent": agreed(ends_at=NOW + 2 * DAY), "at": NOW + 3 * DAY},
    ],
)
def test_a_consent_that_does_not_go_with_the_list_is_refused(changes: Any) -> None:
    at = changes.pop("at", NOW + DAY)
    assert code_of(packed(**changes), at=at) == "delivery_consent"


def test_a_consent_to_something_else_is_refused() -> None:
    assert code_of(packed(consent=agreed(request_hash="h" * 43))) == "consent_request"


def test_a_consent_of_long_before_the_list_is_refused() -> None:
    assert code_of(packed(consent=agreed(issued_at=NOW - DAY))) == "consent_expired"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_package_or_refused_by_a_rule(content: bytes) -> None:
    assert code_of(content).startswith("delivery_")
