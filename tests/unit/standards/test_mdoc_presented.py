"""What a device shows: one test for each refusal of `verify_presented` beyond those of `verify_issued`."""

import cbor2
import pytest
from cbor2 import CBORTag

from blauweknop.standards.mdoc import (
    MdocProblem,
    VerifiedMdoc,
    present,
    select,
    verify_presented,
)
from blauweknop.standards.mdoc.receiving import device_claims, read_issued, signed_object
from blauweknop.standards.signing import key_signer
from tests.unit.standards.mdocs import (
    DOCTYPE,
    HOLDER,
    HOLDER_KEY,
    ITEMS,
    OTHER_TRANSCRIPT,
    TRANSCRIPT,
    TRUST,
    cbor,
    cose_key,
    device_signed,
    digest,
    document,
    inside,
    issuer_auth,
    issuer_signed,
    item,
    response,
    security_object,
    sign1,
)
from tests.unit.standards.pki import NOW, p256


def verify(shown: bytes, transcript: bytes = TRANSCRIPT) -> tuple[VerifiedMdoc, ...]:
    return verify_presented(shown, trust=TRUST, doctypes=[DOCTYPE], at=NOW, transcript=transcript)


def code_of(shown: bytes, transcript: bytes = TRANSCRIPT) -> str:
    with pytest.raises(MdocProblem) as caught:
        verify(shown, transcript)
    return caught.value.code


def with_device(**changes: object) -> bytes:
    return response(document(deviceSigned=device_signed(**changes)))  # type: ignore[arg-type] # the names are those of the parameters


def authorised(authorizations: object, spaces: object) -> bytes:
    mso = security_object(deviceKeyInfo={"deviceKey": cose_key(), "keyAuthorizations": authorizations})
    return response(document(issuerSigned=issuer_signed(auth=issuer_auth(mso)), deviceSigned=device_signed(spaces)))


def test_a_good_response_says_what_the_issuer_signed() -> None:
    (verified,) = verify(response())
    assert verified.claims[DOCTYPE]["given_name"] == "Noor"
    assert verified.device_claims == {}


def test_a_response_may_have_several_documents() -> None:
    assert [verified.doctype for verified in verify(response(document(), document()))] == [DOCTYPE, DOCTYPE]


def long_map(count: int, *members: bytes) -> bytes:
    """A map whose length takes two bytes more than it needs, as Credo writes it."""
    return b"\xb9" + count.to_bytes(2) + b"".join(members)


def test_lengths_around_what_was_signed_may_be_longer_than_needed() -> None:
    short = response()
    assert short[:1] == b"\xa3"
    assert verify(long_map(3, short[1:])) == verify(short)


def test_data_of_the_device_may_have_lengths_longer_than_needed() -> None:
    nothing = inside(long_map(0))
    signed = cbor(inside(cbor(["DeviceAuthentication", cbor2.loads(TRANSCRIPT), DOCTYPE, nothing])))
    signature = sign1(None, HOLDER_KEY, detached=signed)
    (verified,) = verify(response(document(deviceSigned={"nameSpaces": nothing, "deviceAuth": {"deviceSignature": signature}})))
    assert verified.device_claims == {}


def test_lengths_in_what_the_issuer_signed_are_as_short_as_can_be() -> None:
    encoded = item(0, "given_name", "Noor")
    longer = long_map(4, encoded[1:])
    mso = security_object(valueDigests={DOCTYPE: {0: digest(longer)}})
    assert code_of(response(document(issuerSigned=issuer_signed([longer], issuer_auth(mso))))) == "format"


def test_one_wrong_document_spoils_the_response() -> None:
    assert code_of(response(document(), document(deviceSigned=device_signed(key=p256())))) == "device_signature"


def test_what_was_not_returned_and_why_is_not_looked_at() -> None:
    shown = response(document(errors={DOCTYPE: {"family_name": 10}}), documentErrors=[{"org.ander": 0}])
    assert len(verify(shown)) == 1


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (cbor(5), "format"),
        (cbor({1: 2}), "format"),
        (response(version="2.0"), "format"),
        (response(version=None), "format"),
        (response(status=None), "format"),
        (response(status=False), "format"),
        (response(status=10), "response_status"),
        (response(documents=None), "format"),
        (response(documents=[]), "format"),
        (response(documents={}), "format"),
        (response(5), "format"),
        (response(document(docType=None)), "format"),
        (response(document(docType=5)), "format"),
        (response(document(docType="org.ander")), "doctype"),
        (response(document(issuerSigned=None)), "format"),
        (response(document(deviceSigned=None)), "format"),
        (response(document(deviceSigned={})), "format"),
        (response(document(deviceSigned=device_signed(auth={}))), "format"),
        (response(document(deviceSigned=device_signed(auth={"deviceSignature": 5}))), "format"),
        (response(document(deviceSigned=device_signed(auth={"deviceMac": [b"", {}, None, b""]}))), "device_mac"),
        (response(document(deviceSigned=device_signed(auth={"deviceMac": 5, "deviceSignature": 5}))), "format"),
        (response(document(deviceSigned=device_signed() | {"nameSpaces": {}})), "format"),
        (response(document(deviceSigned=device_signed() | {"nameSpaces": CBORTag(0, "text")})), "format"),
        (response() + b"\x00", "format"),
        (bytes(512 * 1024 + 1), "size"),
        (b"", "format"),
    ],
    ids=range(26),
)
def test_a_response_that_breaks_a_rule_is_refused(shown: bytes, code: str) -> None:
    assert code_of(shown) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": p256()}, "device_signature"),
        ({"signature": bytes(64)}, "device_signature"),
        ({"signature": b""}, "device_signature"),
        ({"doctype": "org.ander"}, "device_signature"),
        ({"transcript": OTHER_TRANSCRIPT}, "device_signature"),
        ({"payload": b"attached"}, "format"),
        ({"protected": cbor({1: -8})}, "device_alg"),
        ({"protected": cbor({1: 5})}, "device_alg"),
        ({"protected": b""}, "device_alg"),
        ({"protected": cbor({1: -7, 2: [1]})}, "crit"),
        ({"unprotected": {1: -7}}, "format"),
    ],
    ids=range(11),
)
def test_a_signature_of_the_device_that_breaks_a_rule_is_refused(changes: dict[str, object], code: str) -> None:
    assert code_of(with_device(**changes)) == code


def test_a_presentation_for_another_session_is_refused() -> None:
    assert code_of(response(), OTHER_TRANSCRIPT) == "device_signature"


def test_data_of_the_device_that_are_swapped_after_signing_are_refused() -> None:
    swapped = device_signed() | {"nameSpaces": inside(cbor({DOCTYPE: {"x": 1}}))}
    assert code_of(response(document(deviceSigned=swapped))) == "device_signature"


@pytest.mark.parametrize(
    "authorizations",
    [{}, {"nameSpaces": ["org.ander"]}, {"dataElements": {DOCTYPE: ["y"]}}, {"dataElements": {"org.ander": ["x"]}}],
    ids=["none", "namespace", "element", "other"],
)
def test_data_of_the_device_without_leave_of_the_issuer_are_refused(authorizations: object) -> None:
    assert code_of(authorised(authorizations, {DOCTYPE: {"x": 1}})) == "device_claims"


@pytest.mark.parametrize(
    "authorizations",
    [{"nameSpaces": [DOCTYPE]}, {"dataElements": {DOCTYPE: ["x", "y"]}}, {"dataElements": {DOCTYPE: ["x"]}}],
    ids=["namespace", "element and another", "element"],
)
def test_data_of_the_device_with_leave_of_the_issuer_stand_apart(authorizations: object) -> None:
    (verified,) = verify(authorised(authorizations, {DOCTYPE: {"x": 1}}))
    assert verified.device_claims == {DOCTYPE: {"x": 1}}
    assert "x" not in verified.claims[DOCTYPE]


@pytest.mark.parametrize("spaces", [5, {5: {}}, {DOCTYPE: 5}, {DOCTYPE: {5: 5}}, {DOCTYPE: {"x": b""}}], ids=range(5))
def test_another_form_than_that_of_data_of_the_device_is_refused(spaces: object) -> None:
    assert code_of(authorised({"nameSpaces": [DOCTYPE]}, spaces)) == "format"


def test_an_empty_namespace_of_the_device_is_refused() -> None:
    assert code_of(authorised({"nameSpaces": [DOCTYPE]}, {DOCTYPE: {}})) == "device_claims"


def test_what_no_device_showed_says_nothing_for_a_device() -> None:
    received = read_issued(cbor(issuer_signed()))
    with pytest.raises(MdocProblem) as caught:
        device_claims(received, signed_object(received), TRANSCRIPT)
    assert caught.value.code == "format"


def test_a_holder_shows_what_it_chose_and_no_more() -> None:
    chosen = select(cbor(issuer_signed()), lambda namespace, name: (namespace, name) == (DOCTYPE, "total_cents"))
    assert b"Noor" not in chosen
    (verified,) = verify(present([(chosen, HOLDER)], transcript=TRANSCRIPT))
    assert verified.claims == {DOCTYPE: {"total_cents": 5}}


def test_a_holder_may_show_nothing_but_the_document() -> None:
    chosen = select(cbor(issuer_signed()), lambda namespace, name: False)
    (verified,) = verify(present([(chosen, HOLDER)], transcript=TRANSCRIPT))
    assert verified.claims == {}


def test_who_does_not_hold_the_key_shows_nothing() -> None:
    thief = key_signer(p256(), b"")
    assert code_of(present([(cbor(issuer_signed()), thief)], transcript=TRANSCRIPT)) == "device_signature"


@pytest.mark.parametrize("signed", [5, {}, issuer_signed(auth=issuer_auth(payload=b""))], ids=range(3))
def test_what_is_no_mdoc_is_not_presented(signed: object) -> None:
    with pytest.raises(MdocProblem):
        present([(cbor(signed), HOLDER)], transcript=TRANSCRIPT)


def test_a_choice_keeps_the_signature_of_the_issuer_byte_for_byte() -> None:
    auth = issuer_auth()
    assert cbor(auth) in select(cbor(issuer_signed(ITEMS, auth)), lambda namespace, name: True)
