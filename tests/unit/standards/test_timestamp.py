import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import der
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from blauweknop.standards.timestamp import (
    TimeStamp,
    TimeStampProblem,
    stamper,
    time_stamp_request,
    token_of_response,
    verify_token,
)
from tests.unit.standards import messages
from tests.unit.standards.messages import DIGESTS, Message, algorithm, attribute
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, STAMPING, Extension, certify, usage

DIGEST = hashlib.sha256(b"een zegel").digest()
NONCE = 1 << 63 | 5
POLICY = "1.2.3.4.5"
ROOT = certify("wortel")
STAMPER = certify("tijdstempel", ROOT, STAMPING)
AUTHORITY = TimeStampAuthority(STAMPER.signer(ROOT), policy=POLICY, now=lambda: NOW, serial=lambda: 77)
PURPOSE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


def information(
    *,
    version: int = 1,
    policy: bytes | None = None,
    digest_name: str = "sha256",
    digest: bytes = DIGEST,
    serial: bytes | None = None,
    moment: datetime = NOW,
    tail: bytes | None = None,
) -> bytes:
    imprint = der.encode_sequence(algorithm(DIGESTS[digest_name], der.encode(der.NULL)), der.encode_octets(digest))
    return der.encode_sequence(
        der.encode_integer(version),
        der.encode_object_identifier(POLICY) if policy is None else policy,
        imprint,
        der.encode_integer(7) if serial is None else serial,
        der.encode_generalized_time(moment),
        der.encode_integer(NONCE) if tail is None else tail,
    )


def token(content: bytes | None = None, extensions: tuple[Extension, ...] = STAMPING) -> Message:
    inner = information() if content is None else content
    signer = STAMPER if extensions is STAMPING else certify("tijdstempel", ROOT, extensions)
    return Message(signer, hashlib.sha256(inner).digest(), content_type=messages.TST_INFO, content=inner)


def verify(message: Message) -> TimeStamp:
    return verify_token(message.encoded(), DIGEST, nonce=NONCE)


def code_of(message: Message) -> str:
    with pytest.raises(TimeStampProblem) as caught:
        verify(message)
    return caught.value.code


def response_to(request: bytes) -> bytes:
    return AUTHORITY.respond(request)


def test_the_authority_stamps_what_is_asked() -> None:
    stamp = verify_token(token_of_response(response_to(time_stamp_request(DIGEST, nonce=NONCE))), DIGEST, nonce=NONCE)
    assert stamp == TimeStamp(NOW, STAMPER.certificate, (ROOT.certificate,), POLICY, 77)


def test_the_stamper_gives_a_verified_token() -> None:
    assert verify_token(stamper(response_to, lambda: NONCE)(DIGEST), DIGEST).moment == NOW


def test_the_tests_own_token_is_good() -> None:
    assert verify(token()).moment == NOW


def test_an_old_reference_to_the_certificate_is_good_in_a_time_stamp() -> None:
    digest = der.encode_octets(hashlib.sha1(STAMPER.der).digest())
    old = attribute(messages.REFERENCE, der.encode_sequence(der.encode_sequence(der.encode_sequence(digest))))
    message = token()
    assert verify(message.but(attributes=[*message.ordinary_attributes()[:2], old])).moment == NOW


def test_accuracy_ordering_name_and_harmless_extensions_are_good() -> None:
    accuracy = der.encode_sequence(der.encode_integer(1))
    name = der.context(0, der.context(4, ROOT.certificate.subject.public_bytes()))
    extension = der.context(1, der.encode_sequence(der.encode_object_identifier("1.2.3"), der.encode_octets(b"")))
    tail = accuracy + der.encode(der.BOOLEAN, b"\xff") + der.encode_integer(NONCE) + name + extension
    assert verify(token(information(tail=tail))).moment == NOW


def test_a_token_for_another_digest_is_refused() -> None:
    with pytest.raises(TimeStampProblem) as caught:
        verify_token(token().encoded(), bytes(32))
    assert caught.value.code == "time_stamp_imprint"


CRITICAL = der.context(
    1, der.encode_sequence(der.encode_object_identifier("1.2.3"), der.encode(der.BOOLEAN, b"\xff"), der.encode_octets(b""))
)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(token(information(version=2)), "time_stamp_malformed", id="version"),
        pytest.param(token(information(policy=b"")), "time_stamp_malformed", id="no policy"),
        pytest.param(token(information(serial=bytes.fromhex("02020007"))), "time_stamp_malformed", id="serial number that is not minimal"),
        pytest.param(token(information(tail=der.encode(der.BOOLEAN, b"\x00"))), "time_stamp_malformed", id="default written out"),
        pytest.param(token(information(tail=CRITICAL)), "time_stamp_malformed", id="critical extension"),
        pytest.param(token(information(tail=der.encode(der.NULL))), "time_stamp_malformed", id="something more"),
        pytest.param(token(b"geen DER"), "time_stamp_malformed", id="no information"),
        pytest.param(replace(token(), content=None), "time_stamp_malformed", id="no content"),
        pytest.param(replace(token(), content_type=messages.DATA), "time_stamp_malformed", id="another content type"),
        pytest.param(replace(token(), sort=False), "time_stamp_malformed", id="attributes out of order"),
        pytest.param(token(information(digest=bytes(32))), "time_stamp_imprint", id="another imprint"),
        pytest.param(token(information(digest_name="sha1")), "time_stamp_imprint", id="another digest"),
        pytest.param(token(information(tail=der.encode_integer(6))), "time_stamp_nonce", id="another nonce"),
        pytest.param(token(information(tail=b"")), "time_stamp_nonce", id="no nonce"),
        pytest.param(replace(token(), content_digest=bytes(32)), "time_stamp_signature", id="message digest"),
        pytest.param(replace(token(), signature=bytes(70)), "time_stamp_signature", id="signature"),
        pytest.param(replace(token(), certificates=[]), "time_stamp_signature", id="no certificate"),
        pytest.param(
            replace(token(), attributes=token().ordinary_attributes()[:2]), "time_stamp_signature", id="no reference to the certificate"
        ),
        pytest.param(token(extensions=MESSAGES), "time_stamp_certificate", id="no purpose"),
        pytest.param(token(extensions=(*MESSAGES, (PURPOSE, False))), "time_stamp_certificate", id="purpose not critical"),
        pytest.param(
            token(extensions=(*MESSAGES, (x509.ExtendedKeyUsage([*PURPOSE, ExtendedKeyUsageOID.CODE_SIGNING]), True))),
            "time_stamp_certificate",
            id="another purpose as well",
        ),
        pytest.param(
            token(extensions=(SEAL[0], usage("digital_signature", "key_encipherment"), (PURPOSE, True))),
            "time_stamp_certificate",
            id="key for more than signing",
        ),
        pytest.param(token(information(moment=NOW + timedelta(days=400))), "time_stamp_expired", id="after its certificate"),
        pytest.param(token(information(moment=NOW - timedelta(days=400))), "time_stamp_expired", id="before its certificate"),
    ],
)
def test_a_token_that_breaks_a_rule_is_refused(message: Message, code: str) -> None:
    assert code_of(message) == code


def test_a_refusal_of_the_authority_is_told() -> None:
    refusal = response_to(der.encode_sequence(der.encode_integer(1)))
    with pytest.raises(TimeStampProblem) as caught:
        token_of_response(refusal)
    assert caught.value.code == "time_stamp_refused"


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(b"<html>", id="a web page"),
        pytest.param(der.encode_sequence(der.encode_sequence(der.encode_integer(0))), id="granted without token"),
    ],
)
def test_a_response_of_another_form_is_refused(response: bytes) -> None:
    with pytest.raises(TimeStampProblem) as caught:
        token_of_response(response)
    assert caught.value.code == "time_stamp_malformed"


def request(*, version: int = 1, name: str = "sha256", digest: bytes = DIGEST, tail: bytes = b"") -> bytes:
    imprint = der.encode_sequence(algorithm(DIGESTS[name]), der.encode_octets(digest))
    return der.encode_sequence(der.encode_integer(version), imprint, tail)


@pytest.mark.parametrize(
    ("asked", "failure"),
    [
        pytest.param(request(version=2), "03020520", id="version"),
        pytest.param(request(name="sha1", digest=bytes(20)), "03020780", id="digest algorithm"),
        pytest.param(request(digest=bytes(20)), "03020204", id="digest of another size"),
        pytest.param(request(tail=der.encode_object_identifier("1.2.3")), "0303000001", id="policy"),
        pytest.param(request(tail=der.context(0)), "030407000080", id="extensions"),
        pytest.param(b"", "03020204", id="nothing"),
    ],
)
def test_the_authority_says_why_it_refuses(asked: bytes, failure: str) -> None:
    assert response_to(asked).hex().endswith(failure)


def test_the_authority_leaves_certificates_out_unless_asked() -> None:
    bare = token_of_response(response_to(request()))
    assert STAMPER.der not in bare


@given(st.binary(max_size=200))
def test_any_request_gets_a_response(data: bytes) -> None:
    assert response_to(data)[0] == der.SEQUENCE


@given(st.binary(max_size=200))
def test_any_response_is_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(TimeStampProblem):
        verify_token(token_of_response(data), DIGEST)


def test_a_stamp_for_another_request_is_refused() -> None:
    other = AUTHORITY.respond(time_stamp_request(DIGEST, nonce=NONCE + 1))
    with pytest.raises(TimeStampProblem) as caught:
        stamper(lambda _: other, lambda: NONCE)(DIGEST)
    assert caught.value.code == "time_stamp_nonce"


def test_a_certificate_stamps_from_its_first_to_its_last_second() -> None:
    for moment in (STAMPER.certificate.not_valid_before_utc, STAMPER.certificate.not_valid_after_utc):
        assert verify(token(information(moment=moment))).moment == moment
    assert code_of(token(information(moment=STAMPER.certificate.not_valid_after_utc + timedelta(seconds=1)))) == "time_stamp_expired"


@pytest.mark.parametrize("usages", [("digital_signature",), ("content_commitment",), ("digital_signature", "content_commitment")])
def test_a_certificate_that_signs_may_stamp(usages: tuple[str, ...]) -> None:
    assert verify(token(extensions=(SEAL[0], usage(*usages), (PURPOSE, True)))).moment == NOW


def test_a_response_of_more_than_64_kibibytes_is_not_read() -> None:
    with pytest.raises(TimeStampProblem, match="at most 65536 bytes"):
        token_of_response(der.encode_octets(bytes(64 * 1024)))
