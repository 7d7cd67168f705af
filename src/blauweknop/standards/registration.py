"""What a receiver may ask for: its registration certificate, signed by a registrar (PROTOCOL 5.3; TS 119 475, `rc-wrp+jwt`).

One certificate is for one use of one service. Verifying, in steps:
1. A signed message of the right kind: form, size, `typ`, algorithm, `x5c` (registration_malformed).
2. Its certificate is that of a registrar on the trust list of now, meant for signing and valid now (registrar_unknown).
3. The signature is right (registration_signature); only then is the content read.
4. Each member is there in its form, those of the standard and those of this scheme (registration_member).
5. It is of the past and has begun (registration_not_yet), has not ended (registration_expired) and lives twelve months at most
   (registration_lifetime).
6. The registrar's status list, at an address of the registrar, says that it still counts (registration_withdrawn,
   registration_suspended; registration_status when there is no list that can tell).

Whether a question stays within it is for `request_scope` to say.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import jose
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.json_members import MalformedMember
from blauweknop.standards.lote import ServiceKind, TrustedEntity, TrustList
from blauweknop.standards.registration_claims import (
    LegalBasis,
    RegisteredCredential,
    Registration,
    SupervisoryAuthority,
    read_registration,
    registration_claims,
)
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import (
    INVALID,
    SUSPENDED,
    VALID,
    StatusListProblem,
    StatusReference,
    is_on_hosts,
    read_reference,
    read_status_list,
)
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.x509 import MalformedCertificate, key_usages, read_certificate

__all__ = [
    "LegalBasis",
    "RegisteredCredential",
    "Registration",
    "RegistrationProblem",
    "RegistrationProblemCode",
    "SupervisoryAuthority",
    "read_own_registration",
    "registration_status_uri",
    "sign_registration",
    "verify_registration",
]

RegistrationProblemCode = Literal[
    "registration_malformed",
    "registrar_unknown",
    "registration_signature",
    "registration_member",
    "registration_not_yet",
    "registration_expired",
    "registration_lifetime",
    "registration_withdrawn",
    "registration_suspended",
    "registration_status",
]

_LIFE = timedelta(days=366)
_CLOCK_SKEW = timedelta(seconds=60)


class RegistrationProblem(BlauweKnopError):
    """A registration that gives no right to ask; `code` names the rule."""

    def __init__(self, code: RegistrationProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: RegistrationProblemCode = code


def sign_registration(registration: Registration, signer: Signer) -> str:
    """The certificate, as the registrar publishes it.

    Raises:
        UnsuitableKey: the registrar has no P-256 key.
    """
    return jose.sign_jws(registration_claims(registration), signer, jose.REGISTRATION_CERTIFICATE)


def read_own_registration(text: str) -> Registration:
    """What one's own certificate says, as the registrar gave it; whether others may rely on it is for `verify_registration`.

    Raises:
        RegistrationProblem: registration_malformed, registration_signature, registration_member.
    """
    # Steps 1, 3 and 4.
    return _read_signed(*_parsed(text))


def verify_registration(text: str, *, trust_list: TrustList, status_lists: Mapping[str, bytes], at: datetime) -> Registration:
    """What the certificate allows now; `status_lists` are tokens at hand, by their address.

    Raises:
        RegistrationProblem: by the first rule that is broken.
    """
    # Step 1.
    received, certificate = _parsed(text)
    # Step 2.
    registrar = _registrar(received.certificates[0], certificate, trust_list, at)
    # Steps 3 and 4.
    registration = _read_signed(received, certificate)
    # Step 5.
    if registration.starts_at > at + _CLOCK_SKEW:
        raise RegistrationProblem("registration_not_yet", "expected a registration of the past, that has begun")
    if at > registration.expires_at + _CLOCK_SKEW:
        raise RegistrationProblem("registration_expired", "expected a registration that has not ended")
    if registration.expires_at - registration.issued_at > _LIFE:
        raise RegistrationProblem("registration_lifetime", "expected a registration of at most twelve months")
    # Step 6.
    _require_valid(registration.status, registrar, status_lists, at, exercise=trust_list.exercise)
    return registration


def registration_status_uri(text: str) -> str | None:
    """Where the status list is that a certificate names; None when it does not say. Nothing of it is verified here."""
    try:
        claims = parse_json_object(jose.parse_jws(text, jose.REGISTRATION_CERTIFICATE).payload, max_bytes=jose.MAX_JWS)
        return read_reference(claims.get("status")).uri
    except (JwsProblem, MalformedJson, StatusListProblem):
        return None


def _parsed(text: str) -> tuple[ReceivedJws, x509.Certificate]:
    """Step 1."""
    try:
        received = jose.parse_jws(text, jose.REGISTRATION_CERTIFICATE)
        certificate = read_certificate(received.certificates[0])
    except (JwsProblem, MalformedCertificate) as error:
        raise RegistrationProblem("registration_malformed", f"registration: {error}") from error
    return received, certificate


def _read_signed(received: ReceivedJws, certificate: x509.Certificate) -> Registration:
    # Step 3.
    try:
        verified = jose.verify_jws(received, certificate.public_key())
    except JwsProblem as error:
        raise RegistrationProblem("registration_signature", f"registration: {error}") from error
    # Step 4.
    try:
        return read_registration(verified.claims())
    except (JwsProblem, MalformedMember, StatusListProblem) as error:
        raise RegistrationProblem("registration_member", f"registration: {error}") from error


def _registrar(encoded: bytes, certificate: x509.Certificate, trust_list: TrustList, at: datetime) -> TrustedEntity:
    known = trust_list.service_of(encoded, ServiceKind.RECEIVER_REGISTRATION)
    granted = known is not None and encoded in known[0].certificates(ServiceKind.RECEIVER_REGISTRATION, at)
    in_time = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    if known is None or not (granted and in_time and key_usages(certificate) == {"digital_signature"}):
        raise RegistrationProblem("registrar_unknown", "expected a registration by a registrar that the trust list names now")
    return known[0]


def _require_valid(
    status: StatusReference, registrar: TrustedEntity, status_lists: Mapping[str, bytes], at: datetime, *, exercise: bool
) -> None:
    if not is_on_hosts(status.uri, registrar.status_list_hosts, exercise=exercise):
        raise RegistrationProblem("registration_status", "expected a status list at an address of the registrar")
    token = status_lists.get(status.uri)
    if token is None:
        raise RegistrationProblem("registration_status", "expected the status list of the registrar at hand")
    kinds = (ServiceKind.STATUS_LIST, ServiceKind.RECEIVER_REGISTRATION)
    signers = tuple(certificate for kind in kinds for certificate in registrar.certificates(kind, at))
    try:
        received = read_status_list(token, uri=status.uri, signers=signers)
        received.require_current(at)
        value = received.statuses.status(status.index)
    except StatusListProblem as problem:
        raise RegistrationProblem("registration_status", f"registration: {problem}") from problem
    if value == INVALID:
        raise RegistrationProblem("registration_withdrawn", "expected a registration that was not withdrawn")
    if value == SUSPENDED:
        raise RegistrationProblem("registration_suspended", "expected a registration that is not suspended")
    if value != VALID:
        raise RegistrationProblem("registration_status", "expected a status that has a meaning")
