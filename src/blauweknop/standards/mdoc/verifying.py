"""Check an mdoc in one go: the data that an issuer signed, alone or as a device shows them (ISO/IEC 18013-5 9.3).

The check, in steps (each alone is in `receiving`); 2 to 8 for every document:
1. The DeviceResponse: size, CBOR, version, a status without problems, at least one document (`size`, `format`, `response_status`).
   The issuerAuth: its form (`format`, `alg`, `crit`, `x5c`).
2. The path from its certificate to an anchor of the trust list, never to a root that came along; key usage and revocation (`chain`,
   `revocation_unknown`) (9.3.1 step 1, 9.3.3).
3. Its signature (`signature`) (9.3.1 step 2, 9.1.2.4).
4. The MSO: form (`format`), digest algorithm (`digest_alg`), docType that of the document, the issuer may issue it, and it was asked
   for (`doctype`, `issuer_not_entitled`) (9.3.1 step 4).
5. Every item: its digest is the one the MSO has for its number (`digest`), each number once (`digest_duplicate`) and each name once
   (`claim_collision`) in a namespace; values have a JSON form (`format`) (9.3.1 step 3, 9.1.2.5).
6. The validity: signed while the certificate of the issuer was valid (`chain`), begun and not ended, give or take a minute
   (`not_yet_valid`, `expired`) (9.3.1 step 5); a status when it is valid for more than a day (`claim_missing`).
7. The key of the device is a P-256 key (`device_key`) (9.1.2.4).
8. The device signed for this transcript and docType (`device_alg`, `device_signature`; `device_mac`, which we do not do), and added no
   data that the issuer did not authorise (`device_claims`) (9.1.3).
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards.issuer_path import IssuerPathProblem, IssuerTrust, issuer_path
from blauweknop.standards.mdoc.parts import MdocProblem
from blauweknop.standards.mdoc.receiving import (
    MobileSecurityObject,
    ReceivedMdoc,
    device_claims,
    device_key,
    read_issued,
    read_presented,
    require_signed_in_time,
    require_status,
    require_valid,
    shown_claims,
    signed_object,
)
from blauweknop.standards.status_list import StatusReference

__all__ = ["VerifiedMdoc", "verify_issued", "verify_presented"]


@dataclass(frozen=True, slots=True)
class VerifiedMdoc:
    """Checked claims by namespace; `path` leads from the certificate of the issuer to the anchor.

    `device_claims` are those that the device added, with leave of the issuer; without a presentation there are none.
    """

    claims: dict[str, dict[str, JsonValue]] = field(repr=False)
    device_claims: dict[str, dict[str, JsonValue]] = field(repr=False)
    doctype: str
    path: tuple[x509.Certificate, ...]
    device_key: ec.EllipticCurvePublicKey = field(repr=False)
    signed_at: datetime
    valid_from: datetime
    expires_at: datetime
    status: StatusReference | None


def verify_issued(issuer_signed: bytes, *, trust: IssuerTrust, doctypes: Collection[str], at: datetime) -> VerifiedMdoc:
    """Check an IssuerSigned as an issuer gives it to a holder (steps 1 to 7): no proof that who has it is the holder.

    Raises:
        MdocProblem: by the first rule that is broken.
    """
    verified, _ = _verify(read_issued(issuer_signed), trust, doctypes, at)
    return verified


def verify_presented(
    response: bytes, *, trust: IssuerTrust, doctypes: Collection[str], at: datetime, transcript: bytes
) -> tuple[VerifiedMdoc, ...]:
    """Check a DeviceResponse for this session (steps 1 to 8); `transcript` is that of `transcripts`, for one transaction.

    That a nonce is used once is for the caller to remember, and so is how many documents there may be.

    Raises:
        MdocProblem: by the first rule that is broken, in any of the documents.
    """
    verified: list[VerifiedMdoc] = []
    for received in read_presented(response):
        found, security_object = _verify(received, trust, doctypes, at)
        # Step 8.
        verified.append(replace(found, device_claims=device_claims(received, security_object, transcript)))
    return tuple(verified)


def _verify(
    received: ReceivedMdoc, trust: IssuerTrust, doctypes: Collection[str], at: datetime
) -> tuple[VerifiedMdoc, MobileSecurityObject]:
    # Step 2.
    try:
        path = issuer_path(received.certificates, trust, at)
    except IssuerPathProblem as error:
        raise MdocProblem(error.code, str(error)) from error
    # Steps 3 and 4.
    security_object = signed_object(received)
    if not trust.entitled(path[0], security_object.doctype):
        raise MdocProblem("issuer_not_entitled", "expected an issuer that may issue this docType")
    if security_object.doctype not in doctypes:
        raise MdocProblem("doctype", "expected a docType that was asked for")
    # Step 5.
    claims = shown_claims(received, security_object)
    # Step 6.
    require_signed_in_time(security_object, path[0])
    require_valid(security_object, at)
    require_status(security_object)
    # Step 7.
    key = device_key(security_object)
    validity = security_object.signed_at, security_object.valid_from, security_object.expires_at
    return VerifiedMdoc(claims, {}, security_object.doctype, path, key, *validity, security_object.status), security_object
