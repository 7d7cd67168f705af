"""DER, certificates, revocation lists, CMS and time stamps, also with changed content under a right signature."""

import functools
import hashlib
from collections.abc import Callable
from itertools import pairwise

from asn1crypto import parser as asn1_parser
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.standards import der, pades
from blauweknop.standards.cms_algorithms import CmsProblem
from blauweknop.standards.der import Element, MalformedDer
from blauweknop.standards.revocation import NotRevoked, RevocationUnknown, Revoked, check_revocation
from blauweknop.standards.revocation_history import check_revocation_since
from blauweknop.standards.timestamp import TST_INFO, TimeStampProblem, token_of_response, verify_token
from blauweknop.standards.x509 import MalformedCertificate, PathProblem, build_path, certificates_from_pem, key_usages, read_certificate
from fuzz.mutators.der_values import change_der
from fuzz.mutators.octets import change_octets
from fuzz.target import Target
from tests.unit.standards import messages
from tests.unit.standards.pki import AUTHORITY, NOW, SEAL, STAMPING, YEAR, Issued, certify, revocation_list

__all__ = ["SIGNED_DATA_TARGETS", "signed_by"]

_DIGEST = hashlib.sha256(b"een document").digest()
_ECDSA = messages.algorithm(messages.ECDSA_SHA256)


@functools.cache
def _root() -> Issued:
    return certify("wortel")


@functools.cache
def _middle() -> Issued:
    return certify("uitgever", _root())


@functools.cache
def _signer() -> Issued:
    return certify("zegel", _middle(), SEAL)


@functools.cache
def _stamper() -> Issued:
    return certify("tijdstempel", _middle(), STAMPING)


def _lists() -> list[bytes]:
    return [revocation_list(_middle(), [(_signer(), NOW)]), revocation_list(_middle()), revocation_list(_root())]


def _check_der(data: bytes) -> str:
    """What we take as DER is written in the one way, and a strict reader that is not ours takes it too."""
    try:
        element = der.parse(data)
        der.require_der(element)
    except MalformedDer as error:
        return str(error)
    assert _written(element) == data
    header, content = asn1_parser.parse(data, strict=True)[3:5]
    assert header + content == data
    return "accepted"


def _written(element: Element) -> bytes:
    if element.tag & 0x20:
        return der.encode(element.tag, *(_written(child) for child in element.children()))
    return der.encode(element.tag, element.content)


def signed_by(issuer: Issued, signed_part: bytes) -> bytes:
    """A certificate or list of this content, whose signature is right."""
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    signature = issuer.key.sign(signed_part, ec.ECDSA(hashes.SHA256()))
    return der.encode_sequence(signed_part, _ECDSA, der.encode(der.BIT_STRING, b"\x00", signature))


def _check_certificate(data: bytes) -> str:
    """Everything that is asked of a certificate anywhere in the check."""
    try:
        certificate = read_certificate(data)
    except MalformedCertificate:
        return "malformed"
    key_usages(certificate)
    check_revocation((certificate, _middle().certificate), _lists(), NOW)
    check_revocation_since((certificate, _middle().certificate), _lists(), moment=NOW, horizon=NOW, now=NOW)
    try:
        path = build_path(certificate, [_middle().certificate], [_root().certificate], NOW)
    except PathProblem as problem:
        return problem.code
    for below, above in pairwise(path):
        below.verify_directly_issued_by(above)
    return "accepted"


def _check_signed_certificate(data: bytes) -> str:
    return _check_certificate(signed_by(_middle(), data))


def _check_authority(data: bytes) -> str:
    """The changed certificate stands between a leaf of the same key and the anchor, and signs a list."""
    authority = signed_by(_root(), data)
    try:
        certificate = read_certificate(authority)
    except MalformedCertificate:
        return "malformed"
    check_revocation((_signer().certificate, certificate), _lists(), NOW)
    try:
        build_path(_signer().certificate, [certificate], [_root().certificate], NOW)
    except PathProblem as problem:
        return problem.code
    return "accepted"


def _check_crl(data: bytes) -> str:
    path = (_signer().certificate, _middle().certificate)
    check_revocation_since(path, [data], moment=NOW, horizon=NOW + YEAR, now=NOW + YEAR)
    match check_revocation(path, [data], NOW):
        case NotRevoked():
            entry = x509.load_der_x509_crl(data).get_revoked_certificate_by_serial_number(path[0].serial_number)
            assert entry is None or entry.revocation_date_utc > NOW
            return "not revoked"
        case Revoked(reason=reason):
            return f"revoked: {reason}"
        case RevocationUnknown(reason=reason):
            return reason


def _check_pem(data: bytes) -> str:
    try:
        return f"{len(certificates_from_pem(data))} certificates"
    except MalformedCertificate:
        return "malformed"


def _check_seal(data: bytes) -> str:
    """A seal that we take says of itself what it says, in the eyes of another library too."""
    try:
        verified = pades.verify_cms(pades.parse_cms(pades.unpad_cms(data)), _DIGEST)
    except CmsProblem as problem:
        return problem.code
    assert verified.certificate in (_signer().certificate, _stamper().certificate)
    assert asn1_parser.parse(pades.unpad_cms(data), strict=True)
    if verified.time_stamp is not None:
        _check_token(verified.time_stamp, hashlib.sha256(verified.signature).digest())
    return "accepted"


def _check_token(data: bytes, digest: bytes = _DIGEST) -> str:
    try:
        stamp = verify_token(data, digest)
    except TimeStampProblem as problem:
        return problem.code
    assert stamp.certificate == _stamper().certificate
    assert stamp.moment.tzinfo is not None
    return "accepted"


def _check_response(data: bytes) -> str:
    try:
        return _check_token(token_of_response(data))
    except TimeStampProblem as problem:
        return problem.code


def _check_stamped_information(data: bytes) -> str:
    """Changed time stamp information, signed as an authority would."""
    message = messages.Message(_stamper(), hashlib.sha256(data).digest(), content_type=TST_INFO, content=data)
    return _check_token(message.encoded())


def _check_signed_attributes(data: bytes) -> str:
    """Changed signed attributes, signed by the right key; `data` is the SET of them."""
    try:
        attributes = [child.encoded for child in der.parse(data).children()]
    except MalformedDer:
        return "not for this target"
    return _check_seal(messages.Message(_signer(), _DIGEST, attributes=attributes).encoded())


def _information() -> bytes:
    imprint = der.encode_sequence(messages.algorithm(messages.DIGESTS["sha256"], der.encode(der.NULL)), der.encode_octets(_DIGEST))
    accuracy = der.encode_sequence(der.encode_integer(1))
    return der.encode_sequence(
        der.encode_integer(1),
        der.encode_object_identifier("1.2.3"),
        imprint,
        der.encode_integer(2**63),
        der.encode_generalized_time(NOW),
        accuracy,
        der.encode_integer(2**64 - 1),
    )


def _token() -> bytes:
    content = _information()
    return messages.Message(_stamper(), hashlib.sha256(content).digest(), content_type=TST_INFO, content=content).encoded()


def _seals() -> list[bytes]:
    stamped = pades.seal_digest(_DIGEST, signer=_signer().signer(_middle()), revocation=_lists()[1:], time_stamp=lambda _: _token())
    bare = messages.Message(_signer(), _DIGEST).encoded()
    return [stamped + bytes(40), bare]


def _attributes() -> bytes:
    listed = der.encode_sequence(der.context(0, der.encode_sequence(*_lists()[1:])))
    ordinary = messages.Message(_signer(), _DIGEST).ordinary_attributes()
    return der.encode(der.SET, *sorted((*ordinary, messages.attribute(messages.REVOCATION, listed))))


def _signed_part(issued: Issued) -> bytes:
    return issued.certificate.tbs_certificate_bytes


def _signed_list() -> bytes:
    return x509.load_der_x509_crl(_lists()[0]).tbs_certlist_bytes


def _pem_text() -> bytes:
    return _signer().certificate.public_bytes(Encoding.PEM) + _middle().certificate.public_bytes(Encoding.PEM)


def _der_target(name: str, about: str, seeds: Callable[[], list[bytes]], check: Callable[[bytes], str]) -> Target:
    return Target(name, about, seeds, check, change_der)


SIGNED_DATA_TARGETS = (
    _der_target("der", "strict DER", lambda: [_signer().der, _seals()[1], _token(), *_lists()], _check_der),
    _der_target("certificate", "certificates", lambda: [_signer().der, _middle().der, _stamper().der], _check_certificate),
    _der_target(
        "signed-certificate",
        "changed certificates under a right signature",
        lambda: [_signed_part(_signer()), _signed_part(_stamper())],
        _check_signed_certificate,
    ),
    _der_target(
        "authority",
        "changed certificates of authorities under a right signature",
        lambda: [_signed_part(_middle()), _signed_part(certify("ander", _root(), AUTHORITY, key=_middle().key))],
        _check_authority,
    ),
    _der_target("revocation-list", "revocation lists", _lists, _check_crl),
    _der_target(
        "signed-revocation-list",
        "changed revocation lists under a right signature",
        lambda: [_signed_list()],
        lambda data: _check_crl(signed_by(_middle(), data)),
    ),
    _der_target("seal", "the CMS of a seal", _seals, _check_seal),
    _der_target(
        "seal-attributes", "changed signed attributes of a seal under a right signature", lambda: [_attributes()], _check_signed_attributes
    ),
    _der_target("time-stamp", "time stamp tokens", lambda: [_token()], _check_token),
    _der_target(
        "time-stamp-response",
        "answers of a time stamp authority",
        lambda: [der.encode_sequence(der.encode_sequence(der.encode_integer(0)), _token())],
        _check_response,
    ),
    _der_target(
        "time-stamp-information",
        "changed time stamp information under a right signature",
        lambda: [_information()],
        _check_stamped_information,
    ),
    Target("pem", "certificates in PEM", lambda: [_pem_text()], _check_pem, change_octets),
)
