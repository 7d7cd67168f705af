import hashlib
from collections.abc import Callable

import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import der
from blauweknop.standards.cms_algorithms import CmsProblem, digest_name
from blauweknop.standards.der import MalformedDer
from blauweknop.standards.pades import (
    MAX_TIME_STAMP,
    VerifiedSeal,
    cms_size_limit,
    parse_cms,
    prepare_seal,
    seal_digest,
    unpad_cms,
    verify_cms,
)
from blauweknop.standards.signing import UnsuitableKey, key_signer
from tests.unit.standards import messages
from tests.unit.standards.messages import Message, algorithm, attribute, reference
from tests.unit.standards.pki import SEAL, Issued, certify, revocation_list

DIGEST = hashlib.sha256(b"een document").digest()
ROOT = certify("wortel")
MIDDLE = certify("uitgever", ROOT)
SIGNER = certify("zegel", MIDDLE, SEAL)
RSA = certify("rsa-zegel", MIDDLE, SEAL, key=rsa.generate_private_key(65537, 3072))
LISTS = [revocation_list(MIDDLE), revocation_list(ROOT)]
GOOD = Message(SIGNER, DIGEST)
TOKEN = der.encode_sequence(der.encode_integer(1))


def sealed(signer: Issued = SIGNER, time_stamp: Callable[[bytes], bytes] | None = None) -> bytes:
    return seal_digest(DIGEST, signer=signer.signer(MIDDLE), revocation=LISTS, time_stamp=time_stamp)


def verify(message: Message) -> VerifiedSeal:
    return verify_cms(parse_cms(message.encoded()), DIGEST)


def code_of(message: Message) -> str:
    with pytest.raises(CmsProblem) as caught:
        verify(message)
    return caught.value.code


@pytest.mark.parametrize("signer", [SIGNER, RSA], ids=["P-256", "RSA-3072"])
def test_a_seal_comes_back_with_its_certificates_and_lists(signer: Issued) -> None:
    verified = verify_cms(parse_cms(sealed(signer)), DIGEST)
    assert verified.certificate == signer.certificate
    assert verified.others == (MIDDLE.certificate,)
    assert verified.crls == tuple(LISTS)
    assert verified.time_stamp is None


def test_the_time_stamp_is_over_the_digest_of_the_signature() -> None:
    asked: list[bytes] = []

    def stamp(digest: bytes) -> bytes:
        asked.append(digest)
        return TOKEN

    verified = verify_cms(parse_cms(sealed(time_stamp=stamp)), DIGEST)
    assert verified.time_stamp == TOKEN
    assert asked == [hashlib.sha256(verified.signature).digest()]


def test_another_reader_finds_the_attributes_of_pades_and_no_signing_time() -> None:
    content = asn1_cms.ContentInfo.load(sealed(), strict=True)["content"]
    assert content["encap_content_info"].native == {"content_type": "data", "content": None}
    attributes = {item["type"].dotted for item in content["signer_infos"][0]["signed_attrs"]}
    assert attributes == {messages.CONTENT_TYPE, messages.MESSAGE_DIGEST, messages.REFERENCE_V2, messages.REVOCATION}
    assert content.dump(force=True) == content.dump()


def test_a_seal_fits_in_the_room_that_was_asked_for() -> None:
    assert len(sealed(RSA, lambda _: bytes(8000))) < cms_size_limit(RSA.signer(MIDDLE), LISTS)


def test_the_largest_time_stamp_fits_beside_large_lists() -> None:
    signer, lists = RSA.signer(MIDDLE), [der.encode_octets(bytes(20_000))]
    seal = seal_digest(DIGEST, signer=signer, revocation=lists, time_stamp=lambda _: bytes(MAX_TIME_STAMP))
    assert len(seal) < cms_size_limit(signer, lists) < len(seal) + 4096


def test_the_room_is_never_less_than_sixteen_kibibytes() -> None:
    assert cms_size_limit(SIGNER.signer(), []) >= 16 * 1024


def test_a_template_seals_many_digests() -> None:
    template = prepare_seal(SIGNER.signer(MIDDLE), LISTS)
    for text in (b"een", b"twee"):
        digest = hashlib.sha256(text).digest()
        assert verify_cms(parse_cms(template.seal(digest, None)), digest).certificate == SIGNER.certificate


def test_a_key_of_another_kind_does_not_seal() -> None:
    with pytest.raises(UnsuitableKey):
        key_signer(ec.generate_private_key(ec.SECP384R1()), b"")


def test_the_zeros_behind_a_seal_are_taken_off() -> None:
    assert unpad_cms(WHOLE + bytes(1000)) == WHOLE


def test_something_else_than_zeros_behind_a_seal_is_refused() -> None:
    for octet in range(1, 256):
        with pytest.raises(CmsProblem, match="only zeros") as caught:
            unpad_cms(WHOLE + bytes(10) + bytes([octet]))
        assert caught.value.code == "FORMAT_FAILURE"


@pytest.mark.parametrize("contents", [b"", bytes(100), b"\x30\x80"], ids=["nothing", "only zeros", "indefinite"])
def test_no_seal_is_no_seal(contents: bytes) -> None:
    with pytest.raises(CmsProblem) as caught:
        unpad_cms(contents)
    assert caught.value.code == "FORMAT_FAILURE"


def test_the_tests_own_message_is_good() -> None:
    assert verify(GOOD).certificate == SIGNER.certificate


def test_a_pss_signature_is_good() -> None:
    assert verify(Message(RSA, DIGEST, signature_algorithm=messages.pss("sha256", 32), salt=32)).certificate == RSA.certificate


def test_the_old_name_of_rsa_is_good() -> None:
    old = algorithm("1.2.840.113549.1.1.1", der.encode(der.NULL))
    assert verify(Message(RSA, DIGEST, signature_algorithm=old)).certificate == RSA.certificate


def test_a_reference_with_issuer_and_serial_number_is_good() -> None:
    names = der.encode_sequence(der.context(4, SIGNER.certificate.issuer.public_bytes()))
    named = der.encode_sequence(names, der.encode_integer(SIGNER.certificate.serial_number))
    kept = GOOD.ordinary_attributes()[:2]
    assert verify(GOOD.but(attributes=[*kept, attribute(messages.REFERENCE_V2, reference(SIGNER, named))])).others == ()


def test_a_seal_over_another_document_is_a_hash_failure() -> None:
    with pytest.raises(CmsProblem) as caught:
        verify_cms(parse_cms(sealed()), bytes(32))
    assert caught.value.code == "HASH_FAILURE"


def without(place: int) -> list[bytes]:
    return [item for number, item in enumerate(GOOD.ordinary_attributes()) if number != place]


OTHER = certify("ander", MIDDLE, SEAL)
WEAK = certify("zwak", MIDDLE, SEAL, key=ec.generate_private_key(ec.SECP384R1()))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(GOOD.but(outer_type=messages.DATA), "FORMAT_FAILURE", id="no signed data"),
        pytest.param(GOOD.but(version=3), "FORMAT_FAILURE", id="other version"),
        pytest.param(GOOD.but(signer_version=3), "FORMAT_FAILURE", id="signer by key identifier"),
        pytest.param(GOOD.but(signers=0), "FORMAT_FAILURE", id="no signer"),
        pytest.param(GOOD.but(signers=2), "FORMAT_FAILURE", id="two signers"),
        pytest.param(GOOD.but(tail=der.encode(der.NULL)), "FORMAT_FAILURE", id="something after the signers"),
        pytest.param(GOOD.but(content=b"een document"), "FORMAT_FAILURE", id="content inside"),
        pytest.param(GOOD.but(content_type=messages.TST_INFO), "FORMAT_FAILURE", id="another content type"),
        pytest.param(GOOD.but(signed_content_type=messages.TST_INFO), "FORMAT_FAILURE", id="another signed content type"),
        pytest.param(GOOD.but(sort=False), "FORMAT_FAILURE", id="attributes out of order"),
        pytest.param(GOOD.but(attributes=[]), "FORMAT_FAILURE", id="no attributes"),
        pytest.param(GOOD.but(attributes=without(0)), "FORMAT_FAILURE", id="no content type"),
        pytest.param(GOOD.but(attributes=without(1)), "FORMAT_FAILURE", id="no message digest"),
        pytest.param(
            GOOD.but(more_attributes=[attribute(messages.MESSAGE_DIGEST, der.encode_octets(bytes(32)))]),
            "FORMAT_FAILURE",
            id="attribute twice",
        ),
        pytest.param(
            GOOD.but(more_attributes=[attribute("1.2.3.4", der.encode_integer(1), der.encode_integer(2))]),
            "FORMAT_FAILURE",
            id="two values",
        ),
        pytest.param(
            GOOD.but(more_attributes=[attribute("1.2.3.4", bytes.fromhex("30800000"))]), "FORMAT_FAILURE", id="attribute that is not der"
        ),
        pytest.param(
            GOOD.but(more_attributes=[attribute(messages.SIGNING_TIME, der.encode(0x17, b"261123120000Z"))]),
            "FORMAT_FAILURE",
            id="signing time",
        ),
        pytest.param(GOOD.but(unsigned=[attribute("1.2.3.4", der.encode(der.NULL))]), "FORMAT_FAILURE", id="unknown unsigned attribute"),
        pytest.param(
            GOOD.but(unsigned=[attribute(messages.TIME_STAMP, TOKEN, TOKEN)]), "FORMAT_FAILURE", id="two time stamps in one attribute"
        ),
        pytest.param(
            GOOD.but(more_attributes=[attribute(messages.REVOCATION, der.encode_integer(1))]), "FORMAT_FAILURE", id="broken lists"
        ),
        pytest.param(GOOD.but(certificates=[SIGNER.der, b"\x30\x00"]), "FORMAT_FAILURE", id="broken certificate"),
        pytest.param(GOOD.but(certificates=[SIGNER.der, SIGNER.der]), "FORMAT_FAILURE", id="certificate twice"),
        pytest.param(GOOD.but(certificates=[SIGNER.der, der.context(1)]), "FORMAT_FAILURE", id="another kind of certificate"),
        pytest.param(GOOD.but(digest_algorithms=("sha256", "sha384")), "FORMAT_FAILURE", id="more digest algorithms"),
        pytest.param(
            GOOD.but(attributes=[*without(2), attribute(messages.REFERENCE_V2, der.encode_sequence())]),
            "FORMAT_FAILURE",
            id="empty reference",
        ),
        pytest.param(GOOD.but(certificates=[]), "NO_SIGNING_CERTIFICATE_FOUND", id="no certificate"),
        pytest.param(GOOD.but(certificates=[OTHER.der]), "NO_SIGNING_CERTIFICATE_FOUND", id="certificate of another"),
        pytest.param(
            GOOD.but(issuer=ROOT.certificate.subject.public_bytes()), "NO_SIGNING_CERTIFICATE_FOUND", id="serial number of another issuer"
        ),
        pytest.param(GOOD.but(attributes=without(2)), "NO_SIGNING_CERTIFICATE_FOUND", id="no reference"),
        pytest.param(
            GOOD.but(attributes=[*without(2), attribute(messages.REFERENCE_V2, reference(OTHER))]),
            "NO_SIGNING_CERTIFICATE_FOUND",
            id="reference to another",
        ),
        pytest.param(
            GOOD.but(
                attributes=[
                    *without(2),
                    attribute(
                        messages.REFERENCE,
                        der.encode_sequence(der.encode_sequence(der.encode_sequence(der.encode_octets(hashlib.sha1(SIGNER.der).digest())))),
                    ),
                ]
            ),
            "NO_SIGNING_CERTIFICATE_FOUND",
            id="old reference",
        ),
        pytest.param(
            GOOD.but(
                attributes=[
                    *without(2),
                    attribute(messages.REFERENCE_V2, reference(SIGNER, der.encode_sequence(der.encode_sequence(), der.encode_integer(1)))),
                ]
            ),
            "NO_SIGNING_CERTIFICATE_FOUND",
            id="reference with another serial number",
        ),
        pytest.param(GOOD.but(digest="sha1", digest_algorithms=("sha1",)), "CRYPTO_CONSTRAINTS_FAILURE", id="sha-1"),
        pytest.param(GOOD.but(signature_algorithm=algorithm("1.2.840.10045.4.1")), "CRYPTO_CONSTRAINTS_FAILURE", id="ecdsa with sha-1"),
        pytest.param(
            GOOD.but(signature_algorithm=algorithm("1.2.840.10045.4.3.3")), "CRYPTO_CONSTRAINTS_FAILURE", id="digests that differ"
        ),
        pytest.param(
            GOOD.but(digest="sha384", digest_algorithms=("sha384",), signature_algorithm=algorithm("1.2.840.10045.4.3.3")),
            "CRYPTO_CONSTRAINTS_FAILURE",
            id="a seal with sha-384",
        ),
        pytest.param(GOOD.but(signature_algorithm=messages.pss("sha256", 20)), "CRYPTO_CONSTRAINTS_FAILURE", id="pss with a short salt"),
        pytest.param(GOOD.but(signature_algorithm=messages.pss("sha384", 32)), "CRYPTO_CONSTRAINTS_FAILURE", id="pss with another digest"),
        pytest.param(GOOD.but(signer=WEAK), "CRYPTO_CONSTRAINTS_FAILURE", id="another curve"),
        pytest.param(GOOD.but(content_digest=bytes(32)), "HASH_FAILURE", id="digest of another document"),
        pytest.param(GOOD.but(content_digest=DIGEST[:16]), "HASH_FAILURE", id="half a digest"),
        pytest.param(GOOD.but(signature=bytes(70)), "SIG_CRYPTO_FAILURE", id="signature of zeros"),
        pytest.param(GOOD.but(signature=OTHER.signer().sign(DIGEST)), "SIG_CRYPTO_FAILURE", id="signature of another"),
        pytest.param(
            GOOD.but(signature_algorithm=algorithm(messages.RSA_SHA256, der.encode(der.NULL))),
            "SIG_CRYPTO_FAILURE",
            id="algorithm of another key",
        ),
    ],
)
def test_a_seal_that_breaks_a_rule_is_refused_with_the_sub_indication(message: Message, code: str) -> None:
    assert code_of(message) == code


WHOLE = sealed(time_stamp=lambda _: TOKEN)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_seal_with_one_changed_byte_is_refused_or_says_the_same(place: int, difference: int) -> None:
    data = bytearray(WHOLE)
    data[place] ^= difference
    try:
        verified = verify_cms(parse_cms(bytes(data)), DIGEST)
    except CmsProblem:
        return
    # What is not under the signature may change: other certificates and the time stamp, which have signatures of their own.
    assert verified.certificate == SIGNER.certificate
    assert verified.crls == tuple(LISTS)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(CmsProblem):
        parse_cms(data)


def archived(*parts: bytes) -> Message:
    return GOOD.but(more_attributes=[attribute(messages.REVOCATION, der.encode_sequence(*parts))])


def test_a_seal_has_twenty_lists_and_no_more() -> None:
    lists = [der.encode_sequence(der.encode_integer(number)) for number in range(21)]
    assert verify(archived(der.context(0, der.encode_sequence(*lists[:20])))).crls == tuple(lists[:20])
    assert code_of(archived(der.context(0, der.encode_sequence(*lists)))) == "FORMAT_FAILURE"


def test_answers_of_other_kinds_stand_beside_the_lists_and_are_not_used() -> None:
    lists, answers, others = (der.context(kind, der.encode_sequence(LISTS[0])) for kind in range(3))
    assert verify(archived(lists, answers, others)).crls == (LISTS[0],)
    assert verify(archived(answers, others)).crls == ()
    assert code_of(archived(answers, lists)) == "FORMAT_FAILURE"
    assert code_of(archived(lists, answers, others, others)) == "FORMAT_FAILURE"


@pytest.mark.parametrize(
    "inside", [b"", der.encode_sequence() * 2, der.encode(der.SET, LISTS[0])], ids=["nothing", "two sequences", "a set"]
)
def test_archived_lists_stand_in_one_sequence(inside: bytes) -> None:
    assert code_of(archived(der.context(0, inside))) == "FORMAT_FAILURE"


def test_a_seal_has_twenty_certificates_and_no_more() -> None:
    others = [certify(f"ander {number}").der for number in range(20)]
    assert len(verify(GOOD.but(certificates=[SIGNER.der, *others[:19]])).others) == 19
    assert code_of(GOOD.but(certificates=[SIGNER.der, *others])) == "FORMAT_FAILURE"


def test_a_seal_of_more_than_two_mebibytes_is_not_read() -> None:
    with pytest.raises(CmsProblem, match="at most 2097152 bytes"):
        parse_cms(der.encode_octets(bytes(2 * 1024 * 1024)))


@pytest.mark.parametrize(("salt", "good"), [(31, False), (32, True), (64, True), (65, False)])
def test_the_salt_of_pss_has_32_to_64_bytes(salt: int, good: bool) -> None:
    message = Message(RSA, DIGEST, signature_algorithm=messages.pss("sha256", salt), salt=salt)
    if good:
        assert verify(message).certificate == RSA.certificate
    else:
        assert code_of(message) == "CRYPTO_CONSTRAINTS_FAILURE"


def test_a_digest_algorithm_has_null_parameters_or_none() -> None:
    sha256, null = messages.DIGESTS["sha256"], der.encode(der.NULL)
    assert digest_name(der.parse(algorithm(sha256))) == digest_name(der.parse(algorithm(sha256, null))) == "sha256"
    for parameters in (null * 2, der.encode(der.NULL, b"\x00"), der.encode_integer(0)):
        with pytest.raises(MalformedDer):
            digest_name(der.parse(algorithm(sha256, parameters)))


def test_a_key_of_an_elliptic_curve_makes_no_pss_signature() -> None:
    assert code_of(GOOD.but(signature_algorithm=messages.pss("sha256", 32))) == "SIG_CRYPTO_FAILURE"
