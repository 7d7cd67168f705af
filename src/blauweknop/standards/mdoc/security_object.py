"""The MobileSecurityObject: what an issuer signs of an mdoc (ISO/IEC 18013-5 9.1.2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.standards.mdoc.parts import VERSION, MdocProblem, members_of, read_mdoc_cbor, read_moment, unembed
from blauweknop.standards.status_list import StatusListProblem, StatusReference, read_reference
from blauweknop.standards.strict_cbor import CborValue

__all__ = ["MobileSecurityObject", "read_security_object"]


@dataclass(frozen=True, slots=True)
class MobileSecurityObject:
    """What the issuer signed (9.1.2.4). `authorised` says which names the device may add, by namespace; None is every name."""

    doctype: str
    digests: Mapping[str, Mapping[int, bytes]] = field(repr=False)
    device_key: CborValue = field(repr=False)
    authorised: Mapping[str, frozenset[str] | None]
    signed_at: datetime
    valid_from: datetime
    expires_at: datetime
    status: StatusReference | None


def read_security_object(payload: bytes) -> MobileSecurityObject:
    """The MobileSecurityObject in the payload of an issuerAuth.

    Raises:
        MdocProblem: `format`, `digest_alg`.
    """
    members = members_of(read_mdoc_cbor(unembed(read_mdoc_cbor(payload))), "an MSO")
    if members.get("version") != VERSION:
        raise MdocProblem("format", f"expected version {VERSION} of the MSO")
    if members.get("digestAlgorithm") != "SHA-256":
        raise MdocProblem("digest_alg", "expected digests with SHA-256")
    doctype = members.get("docType")
    if not isinstance(doctype, str):
        raise MdocProblem("format", "expected a docType in the MSO")
    device = members_of(members.get("deviceKeyInfo"), "deviceKeyInfo")
    validity = members_of(members.get("validityInfo"), "validityInfo")
    signed_at, valid_from, expires_at = (read_moment(validity.get(name)) for name in ("signed", "validFrom", "validUntil"))
    if not signed_at <= valid_from <= expires_at:
        raise MdocProblem("format", "expected an MSO that is signed before it is valid, and valid before it ends")
    return MobileSecurityObject(
        doctype,
        _digests(members.get("valueDigests")),
        device.get("deviceKey"),
        _authorised(device.get("keyAuthorizations", {})),
        signed_at,
        valid_from,
        expires_at,
        _status(members["status"]) if "status" in members else None,
    )


def _digests(value: CborValue) -> Mapping[str, Mapping[int, bytes]]:
    digests: dict[str, dict[int, bytes]] = {}
    for namespace, listed in members_of(value, "valueDigests").items():
        if not isinstance(listed, dict):
            raise MdocProblem("format", "expected digests by number in each namespace")
        # True is no number, though it would be found as 1.
        numbered = {number: digest for number, digest in listed.items() if type(number) is int and isinstance(digest, bytes)}
        if len(numbered) != len(listed) or any(number < 0 or len(digest) != 32 for number, digest in numbered.items()):
            raise MdocProblem("format", "expected digests of 32 bytes by number")
        digests[namespace] = numbered
    return digests


def _authorised(value: CborValue) -> Mapping[str, frozenset[str] | None]:
    """KeyAuthorizations: whole namespaces, or names of elements in a namespace; no namespace in both."""
    members = members_of(value, "keyAuthorizations")
    authorised: dict[str, frozenset[str] | None] = dict.fromkeys(_texts(members.get("nameSpaces", [])))
    for namespace, names in members_of(members.get("dataElements", {}), "dataElements").items():
        if namespace in authorised:
            raise MdocProblem("format", "expected each namespace once in keyAuthorizations")
        authorised[namespace] = frozenset(_texts(names))
    return authorised


def _texts(value: CborValue) -> list[str]:
    if isinstance(value, list):
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) == len(value):
            return texts
    raise MdocProblem("format", "expected a list of names in keyAuthorizations")


def _status(value: CborValue) -> StatusReference:
    try:
        return read_reference(value)
    except StatusListProblem as error:
        raise MdocProblem("format", f"MSO: {error}") from error
