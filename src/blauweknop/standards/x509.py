"""Certificates (RFC 5280): which path leads from a certificate to an anchor we trust.

Building a path, in steps (RFC 5280 section 6.1, with the sub-indications of EN 319 102-1):
1. Find the issuers of each certificate by name, key identifier and signature, up to an anchor (NO_CERTIFICATE_CHAIN_FOUND).
2. Keys and digests of the whole path are strong enough (CRYPTO_CONSTRAINTS_FAILURE).
3. No extension that we do not process (CHAIN_CONSTRAINTS_FAILURE).
4. Each authority may sign certificates, and its path length allows it (CHAIN_CONSTRAINTS_FAILURE).
5. All are valid at the moment: the leaf (EXPIRED, NOT_YET_VALID), the others (CHAIN_CONSTRAINTS_FAILURE).

Whether an authority took a certificate back is the question of `revocation`. Nothing is fetched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import der
from blauweknop.standards.der import Fields, MalformedDer
from blauweknop.standards.kept import Kept

__all__ = [
    "STRONG_DIGESTS",
    "UNREADABLE_X509",
    "CertificateFacts",
    "MalformedCertificate",
    "PathProblem",
    "PathProblemCode",
    "build_path",
    "certificate_facts",
    "certificates_from_pem",
    "key_identifiers_agree",
    "key_usages",
    "name_value",
    "read_certificate",
    "spares_in_order",
    "strong_key",
]

PathProblemCode = Literal[
    "NO_CERTIFICATE_CHAIN_FOUND", "CHAIN_CONSTRAINTS_FAILURE", "CRYPTO_CONSTRAINTS_FAILURE", "EXPIRED", "NOT_YET_VALID"
]

_PROCESSED = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)
_NEVER = frozenset({ExtensionOID.NAME_CONSTRAINTS, ExtensionOID.POLICY_CONSTRAINTS, ExtensionOID.INHIBIT_ANY_POLICY})
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
_MAX_CERTIFICATE = 64 * 1024
_MAX_RSA_BITS = 8192
_ECDSA = "1.2.840.10045.4."
_MAX_PATH = 6
_MAX_SIGNATURES = 40
# What `cryptography` raises for certificates and lists it can not read.
UNREADABLE_X509 = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
)
STRONG_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


class MalformedCertificate(BlauweKnopError):
    """Bytes that are no certificate we can read."""


class PathProblem(BlauweKnopError):
    """No acceptable path to an anchor; `code` is the sub-indication of EN 319 102-1."""

    def __init__(self, code: PathProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: PathProblemCode = code


@lru_cache(maxsize=256)
def read_certificate(encoded: bytes) -> x509.Certificate:
    """Read one certificate and everything in it that is read later.

    Raises:
        MalformedCertificate: no DER certificate, or a key or extension that can not be read.
    """
    if len(encoded) > _MAX_CERTIFICATE:
        raise MalformedCertificate(f"expected a certificate of at most {_MAX_CERTIFICATE} bytes")
    try:
        _require_form(encoded)
        certificate = x509.load_der_x509_certificate(encoded)
        if certificate.version is not x509.Version.v3:
            raise MalformedCertificate("expected a certificate of version 3")
        _ = (certificate.extensions, certificate.public_key(), certificate.subject, certificate.issuer)
        _ = (certificate.signature_hash_algorithm, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except (MalformedDer, *UNREADABLE_X509) as error:
        raise MalformedCertificate("expected a readable X.509 certificate") from error
    return certificate


def certificates_from_pem(text: bytes) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM file.

    Raises:
        MalformedCertificate: none, or one that can not be read.
    """
    try:
        return tuple(read_certificate(certificate.public_bytes(Encoding.DER)) for certificate in x509.load_pem_x509_certificates(text))
    except UNREADABLE_X509 as error:
        raise MalformedCertificate("expected a PEM file with certificates") from error


def build_path(
    leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> tuple[x509.Certificate, ...]:
    """The path from `leaf` to one of `anchors` (both included), valid at the aware moment `at`.

    What the leaf may be used for is the caller's question (`key_usages`). A leaf that is itself an anchor is a path of one.

    Raises:
        PathProblem: no path, or a path that breaks a rule; see the steps of this module.
    """
    first_problem: PathProblem | None = None
    for candidate in _CANDIDATES.of(leaf, tuple(intermediates), tuple(anchors)):
        problem = _problem_at(candidate, at)
        if problem is None:
            return candidate.path
        first_problem = first_problem or problem
    raise first_problem or PathProblem("NO_CERTIFICATE_CHAIN_FOUND", "expected a certificate path to a trusted anchor")


@dataclass(frozen=True, slots=True, eq=False)
class CertificateFacts:
    """What is asked of a certificate again and again; `encoded` and the names are DER, the moments bound its validity."""

    encoded: bytes = field(repr=False)
    serial: int
    subject: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    starts: datetime
    ends: datetime
    usages: frozenset[str]
    strong: bool


def certificate_facts(certificate: x509.Certificate) -> CertificateFacts:
    """The facts of a certificate, worked out once."""
    return _FACTS.of(certificate)


def key_usages(certificate: x509.Certificate) -> frozenset[str]:
    """The names of the key usages, as in `x509.KeyUsage`; empty when the extension is absent."""
    return certificate_facts(certificate).usages


def name_value(name: x509.Name, kind: x509.ObjectIdentifier) -> str | None:
    """The one value of this attribute; None when absent or given more than once."""
    values = name.get_attributes_for_oid(kind)
    return str(values[0].value) if len(values) == 1 else None


def key_identifiers_agree(extensions: x509.Extensions, issuer: x509.Certificate) -> bool:
    """Whether the authority key identifier, when given, is the subject key identifier of the issuer, when that is given."""
    try:
        wanted = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        found = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return True
    return wanted is None or wanted == found


def spares_in_order(others: Sequence[x509.Certificate], known: Sequence[x509.Certificate]) -> bool:
    """Whether each of the certificates that came along is known, or was issued by one that is or that came along.

    No path needs the rest, and nothing covers them: with a bit changed they would still lie there.
    """
    spares = [certificate for certificate in others if certificate not in known]
    return all(
        any(issuer.subject == spare.issuer and _issued(spare, issuer) for issuer in (*known, *others[:_MAX_SIGNATURES])) for spare in spares
    )


def strong_key(certificate: x509.Certificate) -> bool:
    """Whether the key is P-256, or RSA of at least 3072 bits with an ordinary exponent (PROTOCOL 12)."""
    return certificate_facts(certificate).strong


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    return CertificateFacts(
        certificate.public_bytes(Encoding.DER),
        certificate.serial_number,
        certificate.subject.public_bytes(),
        certificate.issuer.public_bytes(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        _usages(certificate),
        _strong(certificate),
    )


_FACTS = Kept(_facts, most=512)


def _usages(certificate: x509.Certificate) -> frozenset[str]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name for name in _USAGES if getattr(usage, name))


def _strong(certificate: x509.Certificate) -> bool:
    match certificate.public_key():
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            return True
        case rsa.RSAPublicKey() as key:
            exponent = key.public_numbers().e
            return 3072 <= key.key_size <= _MAX_RSA_BITS and exponent % 2 == 1 and 65537 <= exponent < 1 << 64
    return False


def _require_form(encoded: bytes) -> None:
    """What `cryptography` only warns about, or passes over: the serial number (RFC 5280 section 4.1.2.2), parameters of ECDSA (RFC 5758),
    and bits left over behind the signature, for one certificate has one form.
    """
    whole = Fields(der.parse(encoded), "a certificate")
    fields = Fields(whole.take(der.SEQUENCE, "the signed part"), "the signed part")
    fields.take(0xA0, "a version")
    if not 0 < der.read_integer(fields.take(der.INTEGER, "a serial number")) < 1 << 160:
        raise MalformedCertificate("expected a positive serial number of at most twenty bytes")
    algorithm = fields.take(der.SEQUENCE, "a signature algorithm").children()
    if len(algorithm) > 1 and der.read_object_identifier(algorithm[0]).startswith(_ECDSA):
        raise MalformedCertificate("expected no parameters of an ECDSA signature")
    whole.take(der.SEQUENCE, "a signature algorithm")
    if der.read_bit_string(whole.take(der.BIT_STRING, "a signature"))[0]:
        raise MalformedCertificate("expected a signature of whole bytes")


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A path to an anchor, and what is wrong with it at every moment."""

    path: tuple[x509.Certificate, ...]
    problem: tuple[PathProblemCode, str] | None


def _candidates(
    leaf: x509.Certificate, intermediates: tuple[x509.Certificate, ...], anchors: tuple[x509.Certificate, ...]
) -> tuple[_Candidate, ...]:
    """Steps 1 to 4, which do not depend on the moment."""
    return tuple(_Candidate(path, _lasting_problem(path)) for path in _candidate_paths(leaf, intermediates, anchors))


_CANDIDATES = Kept(_candidates, most=128)


def _problem_at(candidate: _Candidate, at: datetime) -> PathProblem | None:
    if candidate.problem is not None:
        return PathProblem(*candidate.problem)
    # Step 5.
    for place, certificate in enumerate(candidate.path):
        facts = certificate_facts(certificate)
        if facts.starts <= at <= facts.ends:
            continue
        if place:
            return PathProblem("CHAIN_CONSTRAINTS_FAILURE", "expected every authority of the path to be valid at that moment")
        if at < facts.starts:
            return PathProblem("NOT_YET_VALID", "expected a certificate that was valid at that moment; it starts later")
        return PathProblem("EXPIRED", "expected a certificate that was valid at that moment; it ended earlier")
    return None


def _candidate_paths(
    leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> Iterator[tuple[x509.Certificate, ...]]:
    """Step 1, depth first; the number of signatures tried is limited, so that a heap of look-alikes costs little."""
    pool = (*anchors, *intermediates[:_MAX_SIGNATURES])
    tried = 0
    waiting: list[tuple[x509.Certificate, ...]] = [(leaf,)]
    while waiting:
        path = waiting.pop()
        if path[-1] in anchors:
            yield path
            continue
        if len(path) == _MAX_PATH:
            continue
        for issuer in dict.fromkeys(pool):
            if issuer in path or issuer.subject != path[-1].issuer or not key_identifiers_agree(path[-1].extensions, issuer):
                continue
            tried += 1
            if tried > _MAX_SIGNATURES:
                return
            if _issued(path[-1], issuer):
                waiting.append((*path, issuer))


@lru_cache(maxsize=256)
def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    # A weak key never leads to trust, it is only tried to name the right reason in step 2; huge keys are not even tried.
    key = issuer.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size > _MAX_RSA_BITS:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _lasting_problem(path: tuple[x509.Certificate, ...]) -> tuple[PathProblemCode, str] | None:
    try:
        _require_rules(path)
    except PathProblem as problem:
        return problem.code, str(problem)
    return None


def _require_rules(path: tuple[x509.Certificate, ...]) -> None:
    # Step 2: the anchor's own signature proves nothing, so its digest is not asked.
    for place, certificate in enumerate(path):
        if not strong_key(certificate):
            raise PathProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected P-256 or RSA keys of at least 3072 bits in the certificate path")
        if place < len(path) - 1 and not isinstance(certificate.signature_hash_algorithm, STRONG_DIGESTS):
            raise PathProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected SHA-256 or stronger in the certificate path")
    # Step 3.
    for certificate in path:
        if any((extension.critical and extension.oid not in _PROCESSED) or extension.oid in _NEVER for extension in certificate.extensions):
            raise PathProblem("CHAIN_CONSTRAINTS_FAILURE", "expected only known extensions in the certificate path")
    # Step 4.
    for below, authority in enumerate(path[1:]):
        _require_authority(authority, sum(1 for certificate in path[1 : below + 1] if certificate.subject != certificate.issuer))


def _require_authority(authority: x509.Certificate, below: int) -> None:
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as error:
        raise PathProblem("CHAIN_CONSTRAINTS_FAILURE", "expected basic constraints in the certificate of an authority") from error
    if not constraints.ca or "key_cert_sign" not in key_usages(authority):
        raise PathProblem("CHAIN_CONSTRAINTS_FAILURE", "expected an issuer that may sign certificates")
    if constraints.path_length is not None and below > constraints.path_length:
        raise PathProblem("CHAIN_CONSTRAINTS_FAILURE", "expected a certificate path no longer than its authority allows")
