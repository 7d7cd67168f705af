"""What an issuer signed: one test for each refusal of `verify_issued`."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cbor2 import CBORTag

from blauweknop.standards.mdoc import IssuerTrust, MdocProblem, VerifiedMdoc, verify_issued
from blauweknop.standards.status_list import StatusReference
from tests.unit.standards.mdocs import (
    DOCTYPE,
    HOLDER_KEY,
    ISSUER,
    ITEMS,
    MIDDLE,
    ROOT,
    TRUST,
    cbor,
    chain,
    cose_key,
    digest,
    inside,
    issuer_auth,
    issuer_signed,
    item,
    security_object,
    tdate,
    validity,
)
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, certify, p256, revocation_list

MINUTE = timedelta(seconds=60)


def verify(signed: object, *, trust: IssuerTrust = TRUST, at: datetime = NOW, doctypes: tuple[str, ...] = (DOCTYPE,)) -> VerifiedMdoc:
    return verify_issued(cbor(signed), trust=trust, doctypes=doctypes, at=at)


def code_of(signed: object, *, trust: IssuerTrust = TRUST, at: datetime = NOW, doctypes: tuple[str, ...] = (DOCTYPE,)) -> str:
    with pytest.raises(MdocProblem) as caught:
        verify(signed, trust=trust, at=at, doctypes=doctypes)
    return caught.value.code


def with_mso(**changes: object) -> dict[str, object]:
    return issuer_signed(auth=issuer_auth(security_object(**changes)))


def with_items(*items: bytes, signed: tuple[bytes, ...] | None = None) -> dict[str, object]:
    """These items, of which the issuer signed the digests, or those of `signed`."""
    digests = {DOCTYPE: {number: digest(encoded) for number, encoded in enumerate(signed or items)}}
    return issuer_signed(items, issuer_auth(security_object(valueDigests=digests)))


def test_a_good_mdoc_says_what_the_issuer_signed() -> None:
    verified = verify(issuer_signed())
    assert verified.claims == {DOCTYPE: {"given_name": "Noor", "total_cents": 5, "birth_date": "1985-02-03"}}
    assert verified.device_claims == {}
    assert verified.doctype == DOCTYPE
    assert verified.path == (ISSUER.certificate, MIDDLE.certificate, ROOT.certificate)
    assert verified.device_key == HOLDER_KEY.public_key()
    assert (verified.signed_at, verified.valid_from, verified.expires_at) == (NOW, NOW, NOW + timedelta(days=90))
    assert verified.status == StatusReference(7, "https://bron.example/statuslists/1")


def test_what_is_personal_is_not_in_the_text_of_a_result() -> None:
    assert "Noor" not in repr(verify(issuer_signed()))


def test_an_mdoc_may_show_nothing() -> None:
    assert verify({"issuerAuth": issuer_auth()}).claims == {}


@pytest.mark.parametrize(
    "value",
    ["x", "", 0, -5, (1 << 63) - 1, True, False, [1, "a"], {"a": [True]}],
    ids=repr,
)
def test_a_value_with_a_json_form_comes_back(value: object) -> None:
    claims = verify(with_items(item(0, "x", value))).claims
    assert claims == {DOCTYPE: {"x": value}}
    assert type(claims[DOCTYPE]["x"]) is type(value)


def test_a_moment_comes_back_as_text() -> None:
    assert verify(with_items(item(0, "x", tdate(NOW)))).claims == {DOCTYPE: {"x": "2026-11-23T12:00:00Z"}}


@pytest.mark.parametrize(
    "value",
    [
        b"bytes",
        None,
        [None],
        {"a": b""},
        {1: "a"},
        1.5,
        CBORTag(1004, "2026-02-30"),
        CBORTag(1004, "20260203"),
        CBORTag(1004, "2026-02-03T00:00:00Z"),
        CBORTag(1004, 5),
        CBORTag(0, "2026-02-30T00:00:00Z"),
        CBORTag(0, "2026-02-03T00:00:00.5Z"),
        CBORTag(0, "2026-02-03T00:00:00+01:00"),
        CBORTag(24, b"\x00"),
        CBORTag(100, 5),
    ],
    ids=repr,
)
def test_a_value_without_a_json_form_is_refused(value: object) -> None:
    assert code_of(with_items(item(0, "x", value))) == "format"


@pytest.mark.parametrize(("more", "code"), [(0, "format"), (1, "size")])
def test_one_byte_too_many_is_not_begun(more: int, code: str) -> None:
    with pytest.raises(MdocProblem) as caught:
        verify_issued(bytes(512 * 1024 + more), trust=TRUST, doctypes=[DOCTYPE], at=NOW)
    assert caught.value.code == code


def test_lengths_around_what_was_signed_may_be_longer_than_needed() -> None:
    short = cbor(issuer_signed())
    assert short[:1] == b"\xa2"
    longer = b"\xb9\x00\x02" + short[1:]
    assert verify_issued(longer, trust=TRUST, doctypes=[DOCTYPE], at=NOW) == verify(issuer_signed())


def test_five_hundred_elements_are_read_and_one_more_is_refused() -> None:
    items = [item(number, f"e{number}", number) for number in range(501)]
    assert len(verify(with_items(*items[:500])).claims[DOCTYPE]) == 500
    assert code_of(with_items(*items)) == "size"


@pytest.mark.parametrize(
    "signed",
    [
        5,
        [],
        {},
        {"issuerAuth": 5},
        {"issuerAuth": CBORTag(24, b"")},
        {1: 2, "issuerAuth": issuer_auth()},
        issuer_signed(more=1),
        issuer_signed(items=5),
        issuer_signed(items={DOCTYPE: 5}),
        issuer_signed(items={5: [inside(ITEMS[0])]}),
        issuer_signed(items=()),
        issuer_signed(items={DOCTYPE: [ITEMS[0]]}),
        issuer_signed(items={DOCTYPE: [inside(b"")]}),
        issuer_signed(items={DOCTYPE: [CBORTag(24, "text")]}),
        issuer_signed(items={DOCTYPE: [CBORTag(0, ITEMS[0])]}),
    ],
    ids=range(15),
)
def test_another_form_than_that_of_an_issuer_signed_is_refused(signed: object) -> None:
    assert code_of(signed) == "format"


@pytest.mark.parametrize(
    "encoded",
    [
        cbor(5),
        item(-1, "x", 1),
        item(True, "x", 1),
        item("0", "x", 1),
        item(0, 5, 1),
        item(0, "x", 1, random=b"r" * 15),
        item(0, "x", 1, random="r" * 32),
        item(0, "x", 1, more=1),
        cbor({"digestID": 0, "random": b"r" * 32, "elementIdentifier": "x"}),
        item(0, "x", 1) + b"\x00",
    ],
    ids=range(10),
)
def test_another_form_than_that_of_an_item_is_refused(encoded: bytes) -> None:
    assert code_of(with_items(encoded)) == "format"


def test_randomness_of_sixteen_bytes_is_enough() -> None:
    assert verify(with_items(item(0, "x", 1, random=b"r" * 16))).claims == {DOCTYPE: {"x": 1}}


def test_an_item_written_with_an_open_length_is_refused() -> None:
    assert code_of(with_items(b"\xbf" + item(0, "x", 1)[1:] + b"\xff")) == "format"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"protected": cbor({1: -8})}, "alg"),
        ({"protected": cbor({1: -35})}, "alg"),
        ({"protected": cbor({1: "ES256"})}, "alg"),
        ({"protected": cbor({})}, "alg"),
        ({"protected": b""}, "alg"),
        ({"protected": b"", "unprotected": {1: -7} | chain(ISSUER, MIDDLE)}, "alg"),
        ({"protected": cbor({1: -7, 2: [1]})}, "crit"),
        ({"unprotected": {2: [1]} | chain(ISSUER, MIDDLE)}, "crit"),
        ({"protected": b"\xff"}, "format"),
        ({"protected": cbor([1])}, "format"),
        ({"protected": b"\xbf\x01\x26\xff"}, "format"),
        ({"unprotected": {1: -7} | chain(ISSUER, MIDDLE)}, "format"),
        ({"payload": None}, "format"),
        ({"unprotected": {}}, "x5c"),
        ({"unprotected": {33: []}}, "x5c"),
        ({"unprotected": {33: "text"}}, "x5c"),
        ({"unprotected": {33: [ISSUER.der, 5]}}, "x5c"),
        ({"unprotected": {33: [ISSUER.der] * 9}}, "x5c"),
        ({"unprotected": {33: b"no certificate"}}, "x5c"),
        ({"protected": cbor({1: -7} | chain(ISSUER, MIDDLE)), "unprotected": {}}, "x5c"),
        ({"key": p256()}, "signature"),
        ({"signature": bytes(64)}, "signature"),
        ({"signature": bytes(63)}, "signature"),
        ({"signature": b""}, "signature"),
    ],
    ids=range(24),
)
def test_an_issuer_auth_that_breaks_a_rule_is_refused(changes: dict[str, object], code: str) -> None:
    assert code_of(issuer_signed(auth=issuer_auth(**changes))) == code


def test_the_name_of_es256_that_fixes_the_curve_too_is_read() -> None:
    assert verify(issuer_signed(auth=issuer_auth(protected=cbor({1: -9})))).doctype == DOCTYPE


@pytest.mark.parametrize("parts", [3, 5])
def test_an_issuer_auth_has_four_parts(parts: int) -> None:
    assert code_of(issuer_signed(auth=[*issuer_auth(), b""][:parts])) == "format"


def test_a_tag_before_the_issuer_auth_is_refused() -> None:
    assert code_of(issuer_signed(auth=CBORTag(18, issuer_auth()))) == "format"


def test_an_issuer_that_signs_its_own_certificate_is_refused() -> None:
    own = certify("bron", None, MESSAGES)
    trust = IssuerTrust((own.certificate,), lambda certificate, doctype: True)
    assert code_of(issuer_signed(auth=issuer_auth(key=own.key, unprotected=chain(own))), trust=trust) == "chain"


def test_a_root_that_came_along_is_no_anchor() -> None:
    other = certify("wortel")
    leaf = certify("bron", other, MESSAGES)
    assert code_of(issuer_signed(auth=issuer_auth(key=leaf.key, unprotected=chain(leaf, other)))) == "chain"


def test_an_issuer_whose_certificate_is_for_seals_is_refused() -> None:
    leaf = certify("bron", MIDDLE, SEAL)
    assert code_of(issuer_signed(auth=issuer_auth(key=leaf.key, unprotected=chain(leaf, MIDDLE)))) == "chain"


def test_an_issuer_whose_certificate_was_taken_back_is_refused() -> None:
    lists = (revocation_list(MIDDLE, [(ISSUER, NOW - MINUTE)]), revocation_list(ROOT))
    assert code_of(issuer_signed(), trust=IssuerTrust(TRUST.anchors, TRUST.entitled, crls=lists)) == "chain"


def test_a_silent_authority_leaves_the_question_open() -> None:
    assert code_of(issuer_signed(), trust=IssuerTrust(TRUST.anchors, TRUST.entitled, crls=())) == "revocation_unknown"


def test_an_issuer_that_may_not_issue_this_doctype_is_refused() -> None:
    assert code_of(issuer_signed(), trust=IssuerTrust(TRUST.anchors, lambda certificate, doctype: False)) == "issuer_not_entitled"


def test_a_doctype_that_was_not_asked_for_is_refused() -> None:
    assert code_of(issuer_signed(), doctypes=("org.blauweknop.ander.1",)) == "doctype"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": "2.0"}, "format"),
        ({"version": 1}, "format"),
        ({"version": None}, "format"),
        ({"digestAlgorithm": "SHA-512"}, "digest_alg"),
        ({"digestAlgorithm": None}, "digest_alg"),
        ({"docType": None}, "format"),
        ({"docType": 5}, "format"),
        ({"valueDigests": None}, "format"),
        ({"valueDigests": {DOCTYPE: []}}, "format"),
        ({"valueDigests": {DOCTYPE: {"0": bytes(32)}}}, "format"),
        ({"valueDigests": {DOCTYPE: {0: bytes(31)}}}, "format"),
        ({"valueDigests": {DOCTYPE: {0: "text"}}}, "format"),
        ({"valueDigests": {DOCTYPE: {number != 0: digest(encoded) for number, encoded in enumerate(ITEMS[:2])}}}, "format"),
        ({"valueDigests": {DOCTYPE: {-1: bytes(32)}}}, "format"),
        ({"valueDigests": {}}, "digest"),
        ({"valueDigests": {"org.ander": security_object()["valueDigests"][DOCTYPE]}}, "digest"),  # type: ignore[index] # a map
        ({"validityInfo": None}, "format"),
        ({"validityInfo": validity(signed=None)}, "format"),
        ({"validityInfo": validity(signed="2026-11-23T12:00:00Z")}, "format"),
        ({"validityInfo": validity(signed=CBORTag(0, "2026-11-23T12:00:00.0Z"))}, "format"),
        ({"validityInfo": validity(signed=CBORTag(0, "2026-11-23T13:00:00+01:00"))}, "format"),
        ({"validityInfo": validity(signed=CBORTag(0, "2026-13-23T12:00:00Z"))}, "format"),
        ({"validityInfo": validity(signed=tdate(NOW + MINUTE))}, "format"),
        ({"validityInfo": validity(validUntil=tdate(NOW - MINUTE))}, "format"),
        ({"status": 5}, "format"),
        ({"status": {}}, "format"),
        ({"status": {"status_list": {"idx": -1, "uri": "https://bron.example"}}}, "format"),
        ({"deviceKeyInfo": None}, "format"),
        ({"deviceKeyInfo": {}}, "device_key"),
        ({"deviceKeyInfo": {"deviceKey": cose_key() | {-3: bytes(32)}}}, "device_key"),
        ({"deviceKeyInfo": {"deviceKey": cose_key(), "keyAuthorizations": 5}}, "format"),
        ({"deviceKeyInfo": {"deviceKey": cose_key(), "keyAuthorizations": {"nameSpaces": [5]}}}, "format"),
        ({"deviceKeyInfo": {"deviceKey": cose_key(), "keyAuthorizations": {"nameSpaces": 5}}}, "format"),
        ({"deviceKeyInfo": {"deviceKey": cose_key(), "keyAuthorizations": {"dataElements": {"a": "b"}}}}, "format"),
        ({"deviceKeyInfo": {"deviceKey": cose_key(), "keyAuthorizations": {"nameSpaces": ["a"], "dataElements": {"a": ["b"]}}}}, "format"),
    ],
    ids=range(35),
)
def test_a_security_object_that_breaks_a_rule_is_refused(changes: dict[str, object], code: str) -> None:
    assert code_of(with_mso(**changes)) == code


@pytest.mark.parametrize("payload", [cbor(security_object()), cbor(inside(b"\xff")), cbor(inside(cbor([]))), b"", b"\xff"], ids=range(5))
def test_a_payload_that_is_no_security_object_is_refused(payload: bytes) -> None:
    assert code_of(issuer_signed(auth=issuer_auth(payload=payload))) == "format"


def test_an_item_that_the_issuer_did_not_sign_is_refused() -> None:
    assert code_of(with_items(item(0, "total_cents", 6), signed=(item(0, "total_cents", 5),))) == "digest"


def test_an_item_under_the_number_of_another_is_refused() -> None:
    assert code_of(with_items(item(1, "total_cents", 5), signed=(item(1, "total_cents", 5), item(1, "x", 1)))) == "digest"


def test_an_item_that_is_shown_twice_is_refused() -> None:
    assert code_of(issuer_signed((ITEMS[0], ITEMS[0]))) == "digest_duplicate"


def test_a_name_that_is_given_twice_is_refused() -> None:
    assert code_of(with_items(item(0, "total_cents", 5), item(1, "total_cents", 6))) == "claim_collision"


@pytest.mark.parametrize(
    ("at", "code"),
    [(NOW - MINUTE - timedelta(seconds=1), "not_yet_valid"), (NOW + timedelta(days=90, seconds=61), "expired")],
)
def test_an_mdoc_is_refused_outside_its_validity(at: datetime, code: str) -> None:
    assert code_of(issuer_signed(), at=at) == code


@pytest.mark.parametrize("at", [NOW - MINUTE, NOW + timedelta(days=90, seconds=60)])
def test_clocks_may_differ_a_minute(at: datetime) -> None:
    assert verify(issuer_signed(), at=at).doctype == DOCTYPE


def test_an_mdoc_that_begins_later_than_it_was_signed_waits_for_its_beginning() -> None:
    later = with_mso(validityInfo=validity(validFrom=tdate(NOW + timedelta(days=1))))
    assert code_of(later) == "not_yet_valid"
    assert verify(later, at=NOW + timedelta(days=1)).doctype == DOCTYPE


def test_an_mdoc_may_end_at_the_moment_at_which_it_begins() -> None:
    assert verify(with_mso(validityInfo=validity(validUntil=tdate(NOW)))).expires_at == NOW


@pytest.mark.parametrize("starts", [NOW + timedelta(seconds=1), NOW - timedelta(days=3)], ids=["before", "after"])
def test_an_mdoc_that_was_signed_outside_the_validity_of_the_certificate_is_refused(starts: datetime) -> None:
    leaf = certify("bron", MIDDLE, MESSAGES, starts=starts, ends=starts + timedelta(days=2))
    signed = issuer_signed(auth=issuer_auth(key=leaf.key, unprotected=chain(leaf, MIDDLE)))
    trust = IssuerTrust(TRUST.anchors, lambda certificate, doctype: True)
    assert code_of(signed, trust=trust, at=starts + timedelta(days=1)) == "chain"


@pytest.mark.parametrize("starts", [NOW, NOW - timedelta(days=2)], ids=["first", "last"])
def test_an_mdoc_may_be_signed_in_the_first_and_the_last_second_of_the_certificate(starts: datetime) -> None:
    leaf = certify("bron", MIDDLE, MESSAGES, starts=starts, ends=starts + timedelta(days=2))
    signed = issuer_signed(auth=issuer_auth(key=leaf.key, unprotected=chain(leaf, MIDDLE)))
    assert verify(signed, trust=IssuerTrust(TRUST.anchors, lambda certificate, doctype: True)).doctype == DOCTYPE


def test_a_day_of_validity_needs_no_status_and_a_second_more_does() -> None:
    a_day = NOW + timedelta(days=1)
    assert verify(with_mso(status=None, validityInfo=validity(validUntil=tdate(a_day)))).status is None
    assert code_of(with_mso(status=None, validityInfo=validity(validUntil=tdate(a_day + timedelta(seconds=1))))) == "claim_missing"


def test_the_certificates_may_come_from_the_trust_list() -> None:
    trust = IssuerTrust(TRUST.anchors, TRUST.entitled, intermediates=(MIDDLE.certificate,))
    assert verify(issuer_signed(auth=issuer_auth(unprotected=chain(ISSUER))), trust=trust).path[0] == ISSUER.certificate


def _changed(number: int, change: Callable[[bytes], bytes]) -> dict[str, object]:
    items = [*ITEMS]
    items[number] = change(items[number])
    return issuer_signed(items)


def test_an_item_that_says_the_same_in_another_order_is_another_item() -> None:
    again = cbor({"random": b"r" * 32, "digestID": 0, "elementIdentifier": "given_name", "elementValue": "Noor"})
    assert code_of(_changed(0, lambda _: again)) == "digest"
