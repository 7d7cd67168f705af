"""What came in as an mdoc, taken apart and judged one rule at a time; the whole check in one go, with its steps, is in `verifying`."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards import cose
from blauweknop.standards.cose import CoseProblem, ReceivedCose
from blauweknop.standards.cose_key import UnsuitableCoseKey, read_public_cose_key
from blauweknop.standards.mdoc.parts import (
    MAX_ELEMENTS,
    VERSION,
    MdocProblem,
    MdocProblemCode,
    embed,
    members_of,
    plain_value,
    read_mdoc_cbor,
    unembed,
)
from blauweknop.standards.mdoc.security_object import MobileSecurityObject, read_security_object
from blauweknop.standards.mdoc.transcripts import device_authentication
from blauweknop.standards.strict_cbor import CborValue
from blauweknop.standards.x509 import MalformedCertificate, certificate_facts, read_certificate

__all__ = [
    "MobileSecurityObject",
    "ReceivedMdoc",
    "device_claims",
    "device_key",
    "name_of_item",
    "read_issued",
    "read_presented",
    "require_signed_in_time",
    "require_status",
    "require_valid",
    "shown_claims",
    "signed_object",
]

_CLOCK_SKEW = timedelta(seconds=60)
_A_DAY = timedelta(days=1)
_NO_PROBLEMS = 0
_LEAST_RANDOM = 16
_ITEM = frozenset({"digestID", "random", "elementIdentifier", "elementValue"})
_ISSUER_SIGNED = frozenset({"nameSpaces", "issuerAuth"})


@dataclass(frozen=True, slots=True)
class ReceivedMdoc:
    """Parts of which nothing is verified; `certificates` are those that the message brings, leaf first.

    `items` are the bytes of each IssuerSignedItem, by namespace; their digest is over `embed` of them. `doctype` and `device_signed` are
    None for an IssuerSigned alone.
    """

    items: Mapping[str, Sequence[bytes]] = field(repr=False)
    issuer_auth: CborValue = field(repr=False)
    message: ReceivedCose = field(repr=False)
    certificates: tuple[x509.Certificate, ...]
    doctype: str | None = None
    device_signed: Mapping[str, CborValue] | None = field(default=None, repr=False)


def read_issued(data: bytes) -> ReceivedMdoc:
    """Step 1 for an IssuerSigned (8.3.2.1.2.2).

    Raises:
        MdocProblem: `size`, `format`, `alg`, `crit`, `x5c`.
    """
    return _issuer_signed(read_mdoc_cbor(data, any_lengths=True))


def read_presented(data: bytes) -> tuple[ReceivedMdoc, ...]:
    """Step 1 for a DeviceResponse (8.3.2.1.2.2), with its documents: at least one.

    Raises:
        MdocProblem: `size`, `format`, `response_status`, `alg`, `crit`, `x5c`.
    """
    members = members_of(read_mdoc_cbor(data, any_lengths=True), "a DeviceResponse")
    if members.get("version") != VERSION:
        raise MdocProblem("format", f"expected version {VERSION} of the DeviceResponse")
    status, documents = members.get("status"), members.get("documents")
    if type(status) is not int:
        raise MdocProblem("format", "expected a status in the DeviceResponse")
    if status != _NO_PROBLEMS:
        raise MdocProblem("response_status", "expected a DeviceResponse without problems")
    if not isinstance(documents, list) or not documents:
        raise MdocProblem("format", "expected at least one document in the DeviceResponse")
    return tuple(_document(members_of(document, "a document")) for document in documents)


def signed_object(received: ReceivedMdoc) -> MobileSecurityObject:
    """Steps 3 and 4, by the key of the certificate that came along; whether that one counts is for the caller.

    Raises:
        MdocProblem: `signature`, `format`, `digest_alg`, `doctype`.
    """
    try:
        payload = cose.verify_cose(received.message, received.certificates[0].public_key())
    except CoseProblem as error:
        raise MdocProblem("signature", f"issuerAuth: {error}") from error
    security_object = read_security_object(payload)
    if received.doctype not in (None, security_object.doctype):
        raise MdocProblem("doctype", "expected the document to have the docType that the issuer signed")
    return security_object


def shown_claims(received: ReceivedMdoc, security_object: MobileSecurityObject) -> dict[str, dict[str, JsonValue]]:
    """Step 5: what is shown and was signed, by namespace.

    Raises:
        MdocProblem: `format`, `digest`, `digest_duplicate`, `claim_collision`.
    """
    return {namespace: _claims(items, security_object.digests.get(namespace, {})) for namespace, items in received.items.items()}


def require_signed_in_time(security_object: MobileSecurityObject, issuer: x509.Certificate) -> None:
    """Step 6, by the certificate. Raises: MdocProblem, `chain`."""
    facts = certificate_facts(issuer)
    if not facts.starts <= security_object.signed_at <= facts.ends:
        raise MdocProblem("chain", "expected an MSO that was signed while the certificate of the issuer was valid")


def require_valid(security_object: MobileSecurityObject, at: datetime) -> None:
    """Step 6, by the clock. Raises: MdocProblem, `expired` or `not_yet_valid`."""
    if at - security_object.expires_at > _CLOCK_SKEW:
        raise MdocProblem("expired", "expected an mdoc that has not ended")
    # It is never signed later than it is valid from.
    if security_object.valid_from - at > _CLOCK_SKEW:
        raise MdocProblem("not_yet_valid", "expected an mdoc that has begun")


def require_status(security_object: MobileSecurityObject) -> None:
    """Step 6, how it can be withdrawn. Raises: MdocProblem, `claim_missing`."""
    if security_object.status is None and security_object.expires_at - security_object.valid_from > _A_DAY:
        raise MdocProblem("claim_missing", "expected a status in an mdoc that is valid for more than a day")


def device_key(security_object: MobileSecurityObject) -> ec.EllipticCurvePublicKey:
    """Step 7. Raises: MdocProblem, `device_key`."""
    try:
        return read_public_cose_key(security_object.device_key)
    except UnsuitableCoseKey as error:
        raise MdocProblem("device_key", f"key of the device: {error}") from error


def device_claims(received: ReceivedMdoc, security_object: MobileSecurityObject, transcript: bytes) -> dict[str, dict[str, JsonValue]]:
    """Step 8: what the device added, by namespace; mostly nothing.

    Raises:
        MdocProblem: `format`, `crit`, `device_key`, `device_alg`, `device_mac`, `device_signature`, `device_claims`.
    """
    signed = received.device_signed
    if signed is None:
        raise MdocProblem("format", "expected an mdoc that a device shows")
    authentication = members_of(signed.get("deviceAuth"), "deviceAuth")
    if authentication.keys() == {"deviceMac"}:
        raise MdocProblem("device_mac", "expected a signature of the device, not a MAC")
    if authentication.keys() != {"deviceSignature"}:
        raise MdocProblem("format", "expected one signature of the device")
    encoded = unembed(signed.get("nameSpaces"))
    key = device_key(security_object)
    codes: dict[str, MdocProblemCode] = {"alg": "device_alg", "crit": "crit", "signature": "device_signature"}
    try:
        message = cose.parse_cose(authentication["deviceSignature"], cose.DEVICE_AUTH)
        cose.verify_cose(message, key, device_authentication(transcript, security_object.doctype, encoded))
    except CoseProblem as error:
        raise MdocProblem(codes.get(error.code, "format"), f"deviceSignature: {error}") from error
    claims: dict[str, dict[str, JsonValue]] = {}
    for namespace, listed in members_of(read_mdoc_cbor(encoded, any_lengths=True), "the data of the device").items():
        elements = members_of(listed, "the data of the device")
        allowed = security_object.authorised.get(namespace, frozenset())
        if not elements or (allowed is not None and not elements.keys() <= allowed):
            raise MdocProblem("device_claims", "expected no data of the device that the issuer did not authorise")
        claims[namespace] = {name: plain_value(value) for name, value in elements.items()}
    return claims


def name_of_item(encoded: bytes) -> str:
    """The name of the data element in an IssuerSignedItem. Raises: MdocProblem, `format`."""
    _, name, _ = _item(encoded)
    return name


def _document(members: Mapping[str, CborValue]) -> ReceivedMdoc:
    doctype = members.get("docType")
    if not isinstance(doctype, str):
        raise MdocProblem("format", "expected a docType of the document")
    return _issuer_signed(members.get("issuerSigned"), doctype, members_of(members.get("deviceSigned"), "deviceSigned"))


def _issuer_signed(value: CborValue, doctype: str | None = None, device_signed: Mapping[str, CborValue] | None = None) -> ReceivedMdoc:
    members = members_of(value, "an IssuerSigned")
    if not members.keys() <= _ISSUER_SIGNED:
        raise MdocProblem("format", "expected nameSpaces and issuerAuth in an IssuerSigned")
    items: dict[str, list[bytes]] = {}
    for namespace, listed in members_of(members.get("nameSpaces", {}), "nameSpaces").items():
        if not isinstance(listed, list) or not listed:
            raise MdocProblem("format", "expected a list of data elements in each namespace")
        items[namespace] = [unembed(item) for item in listed]
    if sum(map(len, items.values())) > MAX_ELEMENTS:
        raise MdocProblem("size", f"expected at most {MAX_ELEMENTS} data elements")
    issuer_auth = members.get("issuerAuth")
    try:
        message = cose.parse_cose(issuer_auth, cose.ISSUER_AUTH)
        certificates = tuple(read_certificate(encoded) for encoded in message.certificates)
    except CoseProblem as error:
        raise MdocProblem("format" if error.code == "typ" else error.code, f"issuerAuth: {error}") from error
    except MalformedCertificate as error:
        raise MdocProblem("x5c", f"issuerAuth: {error}") from error
    return ReceivedMdoc(items, issuer_auth, message, certificates, doctype, device_signed)


def _claims(items: Sequence[bytes], digests: Mapping[int, bytes]) -> dict[str, JsonValue]:
    claims: dict[str, JsonValue] = {}
    seen: set[int] = set()
    for encoded in items:
        number, name, value = _item(encoded)
        if digests.get(number) != hashlib.sha256(embed(encoded)).digest():
            raise MdocProblem("digest", "expected data elements that the issuer signed")
        if number in seen:
            raise MdocProblem("digest_duplicate", "expected each digest once")
        if name in claims:
            raise MdocProblem("claim_collision", "expected each data element once in a namespace")
        seen.add(number)
        claims[name] = plain_value(value)
    return claims


def _item(encoded: bytes) -> tuple[int, str, CborValue]:
    """Number, name and value of an IssuerSignedItem, which has randomness of at least 16 bytes (9.1.2.5)."""
    members = read_mdoc_cbor(encoded)
    if isinstance(members, dict) and members.keys() == _ITEM:
        number, random, name = members["digestID"], members["random"], members["elementIdentifier"]
        if isinstance(number, int) and not isinstance(number, bool) and isinstance(random, bytes) and isinstance(name, str):
            _require_item(number, random)
            return number, name, members["elementValue"]
    raise MdocProblem("format", "expected digestID, random, name and value of a data element")


def _require_item(number: int, random: bytes) -> None:
    if number < 0 or len(random) < _LEAST_RANDOM:
        raise MdocProblem("format", f"expected a number and randomness of at least {_LEAST_RANDOM} bytes in a data element")
