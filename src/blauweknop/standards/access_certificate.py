"""Who a receiver is: its access certificate (PROTOCOL 5.4; TS 119 411-8), issued by an authority on the trust list.

Reading, in steps:
1. Each certificate can be read (access_malformed).
2. The subject names the organisation: C, O, organizationIdentifier and CN, each once and in its form (access_subject).
3. The subject alternative name says how to reach it: a web address, an e-mail address or a telephone number (access_contact).
4. It was issued under a policy for organisations, ncp-legal or qcp-legal (access_policy).
5. It signs messages and is nothing else: no authority, no certificate of a web server or of a client of one (access_use).
6. It lives twelve months at most (access_lifetime) and now (access_expired), and its path leads to a listed authority (access_chain).

No revocation lists: that a receiver may not ask any more is told by the status of its registration, which is always looked at too.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.json_members import SHOWN_TEXT
from blauweknop.standards.lote import ServiceKind, TrustList
from blauweknop.standards.x509 import MalformedCertificate, PathProblem, build_path, key_usages, name_value, read_certificate, strong_key

__all__ = [
    "NCP_LEGAL",
    "QCP_LEGAL",
    "RECEIVER_ID",
    "AccessCertificate",
    "AccessProblem",
    "AccessProblemCode",
    "read_access_certificate",
    "x509_hash",
]

AccessProblemCode = Literal[
    "access_malformed",
    "access_subject",
    "access_contact",
    "access_policy",
    "access_use",
    "access_lifetime",
    "access_expired",
    "access_chain",
]

NCP_LEGAL = "0.4.0.194118.1.2"
QCP_LEGAL = "0.4.0.194118.1.4"
RECEIVER_ID = re.compile(r"NTRNL-[0-9]{8}|LEIXG-[0-9A-Z]{18}[0-9]{2}|[A-Z]{2}:NL-[0-9A-Za-z]{1,40}")
"""How an organisation is identified: number of the Chamber of Commerce, LEI, or a national number (EN 319 412-1 clause 5.1.4)."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_LIFE = timedelta(days=366)
_FORBIDDEN_USES = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


class AccessProblem(BlauweKnopError):
    """A certificate that gives no access; `code` names the rule."""

    def __init__(self, code: AccessProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: AccessProblemCode = code


@dataclass(frozen=True, slots=True)
class AccessCertificate:
    """A receiver as its certificate names it: `name` as people know it, `identifier` as in its registration."""

    name: str
    legal_name: str
    identifier: str
    country: str
    contacts: tuple[str, ...]
    certificate: x509.Certificate = field(repr=False)
    client_id: str


def x509_hash(certificate: bytes) -> str:
    """The client id of who holds the key of this certificate (DER), with its prefix (OpenID4VP 1.0 section 5.9.3)."""
    return f"x509_hash:{base64url.encode(hashlib.sha256(certificate).digest())}"


def read_access_certificate(certificates: Sequence[bytes], *, trust_list: TrustList, at: datetime) -> AccessCertificate:
    """The receiver behind `certificates` (DER, leaf first, as in `x5c`), by the trust list of now.

    Raises:
        AccessProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        leaf, *others = map(read_certificate, certificates)
        anchors = [read_certificate(encoded) for encoded in trust_list.certificates(ServiceKind.RECEIVER_ACCESS, at)]
    except (MalformedCertificate, ValueError) as error:
        raise AccessProblem("access_malformed", "expected certificates that can be read") from error
    # Step 2.
    country, legal_name, identifier, name = _subject(leaf)
    # Step 3.
    contacts = _contacts(leaf)
    # Step 4.
    if not _policies(leaf) & {NCP_LEGAL, QCP_LEGAL}:
        raise AccessProblem("access_policy", "expected an access certificate under a policy for organisations")
    # Step 5.
    _require_use(leaf)
    # Step 6.
    if leaf.not_valid_after_utc - leaf.not_valid_before_utc > _LIFE:
        raise AccessProblem("access_lifetime", "expected an access certificate of at most twelve months")
    try:
        build_path(leaf, others, anchors, at)
    except PathProblem as problem:
        code: AccessProblemCode = "access_expired" if problem.code in ("EXPIRED", "NOT_YET_VALID") else "access_chain"
        raise AccessProblem(code, f"access certificate: {problem}") from problem
    return AccessCertificate(name, legal_name, identifier, country, contacts, leaf, x509_hash(certificates[0]))


def _subject(leaf: x509.Certificate) -> tuple[str, str, str, str]:
    wanted = (
        (NameOID.COUNTRY_NAME, _COUNTRY),
        (NameOID.ORGANIZATION_NAME, SHOWN_TEXT),
        (NameOID.ORGANIZATION_IDENTIFIER, RECEIVER_ID),
        (NameOID.COMMON_NAME, SHOWN_TEXT),
    )
    values = [name_value(leaf.subject, kind) for kind, _ in wanted]
    country, legal_name, identifier, name = (
        value if value is not None and form.fullmatch(value) else "" for value, (_, form) in zip(values, wanted, strict=True)
    )
    if not (country and legal_name and identifier and name):
        raise AccessProblem("access_subject", "expected C, O, organizationIdentifier and CN, each once and in its form, in the subject")
    return country, legal_name, identifier, name


def _contacts(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise AccessProblem("access_contact", "expected a subject alternative name with a contact") from error
    addresses = [
        text for text in names.get_values_for_type(x509.UniformResourceIdentifier) if text.startswith(("https://", "tel:", "mailto:"))
    ]
    contacts = (*addresses, *names.get_values_for_type(x509.RFC822Name))
    if not contacts or not all(SHOWN_TEXT.fullmatch(contact) for contact in contacts):
        raise AccessProblem("access_contact", "expected an address, an e-mail address or a telephone number as contact")
    return contacts


def _policies(leaf: x509.Certificate) -> frozenset[str]:
    try:
        policies = leaf.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(policy.policy_identifier.dotted_string for policy in policies)


def _require_use(leaf: x509.Certificate) -> None:
    try:
        authority = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    try:
        uses = frozenset(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        uses = frozenset()
    if (
        authority
        or leaf.subject == leaf.issuer
        or key_usages(leaf) != {"digital_signature"}
        or uses & _FORBIDDEN_USES
        or not strong_key(leaf)
    ):
        raise AccessProblem("access_use", "expected a certificate that signs messages of its receiver, and does nothing else")
