"""The signed form of the report of a check: who ran the check says so, and anybody can verify it years later.

Compact JAdES baseline B-B (TS 119 182-1) of a type of our own, or the same flattened as JSON. Reading, in steps:
1. Compact or flattened JWS of the type, ES256, with `iat` and `x5t#S256` and the certificates in `x5c` (report_malformed).
2. The signature is right (report_signature).
3. The content has the published form and agrees with itself (report_schema); a version of later is not judged (report_version).
4. A path leads from the signer to an anchor, at the moment that counts, and its key is meant for signing (report_chain).
5. The signer is the check service that the report names (report_checker).
6. The check was done before it was signed, and that has passed (report_time).

When it was signed is what the signer says; the letter around it (`report_letter`) has a time stamp that proves it. Whether the signer may
be believed is for the trust list: see `report_steps`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import NameOID

from blauweknop.checking.verification_report import (
    REPORT_VERSION,
    MalformedReport,
    VerificationReport,
    report_from_json,
    report_to_json,
)
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.x509 import MalformedCertificate, PathProblem, build_path, key_usages, name_value, read_certificate

__all__ = [
    "MAX_REPORT",
    "ReceivedReport",
    "ReportProblemCode",
    "ReportRefused",
    "SignedReport",
    "flattened",
    "names_signer",
    "parse_report",
    "read_report",
    "report_of",
    "sign_report",
    "verify_report",
]

ReportProblemCode = Literal[
    "report_malformed", "report_signature", "report_schema", "report_version", "report_chain", "report_checker", "report_time"
]

MAX_REPORT = 256 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_LAST_MOMENT = 1 << 37  # seconds since 1970
_HEADER = frozenset({"alg", "typ", "x5c", "x5t#S256", "iat"})


class ReportRefused(BlauweKnopError):
    """A report that says nothing; `code` names the rule."""

    def __init__(self, code: ReportProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: ReportProblemCode = code


@dataclass(frozen=True, slots=True)
class ReceivedReport:
    """A report that was read and not verified; all of it are claims of the sender. `certificates` begin with that of the signer."""

    message: ReceivedJws
    certificates: tuple[x509.Certificate, ...]
    signed_at: datetime

    @property
    def signer(self) -> x509.Certificate:
        return self.certificates[0]


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report of which the signature is right. `signed_at` is what the signer says."""

    report: VerificationReport
    signer: x509.Certificate
    signed_at: datetime


def sign_report(report: VerificationReport, *, signer: Signer, at: datetime) -> str:
    """The signed report, compact.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    header: dict[str, JsonValue] = {
        "iat": int(at.timestamp()),
        "x5t#S256": base64url.encode(hashlib.sha256(signer.certificate).digest()),
    }
    return jose.sign_jws(report_to_json(report), signer, jose.VERIFICATION_REPORT, header=header)


def flattened(compact: str) -> bytes:
    """The same message as JSON (RFC 7515 section 7.2.2), for a file of that name."""
    protected, payload, signature = compact.split(".")
    return json.dumps({"payload": payload, "protected": protected, "signature": signature}, indent=2).encode("ascii") + b"\n"


def read_report(data: bytes, *, anchors: Sequence[x509.Certificate], at: datetime, proved_at: datetime | None = None) -> SignedReport:
    """The report, when all six steps hold. `anchors` are authorities that the reader trusts.

    Certificates must live at `at`, which is now; or at `proved_at` when a time stamp proves that the report was there then.

    Raises:
        ReportRefused: by the first rule that is broken.
    """
    received = parse_report(data)  # 1
    report = report_of(verify_report(received))  # 2, 3
    try:
        build_path(received.signer, received.certificates[1:], anchors, proved_at or at)  # 4
    except PathProblem as error:
        raise ReportRefused("report_chain", f"report: {error}") from error
    if "digital_signature" not in key_usages(received.signer):
        raise ReportRefused("report_chain", "expected a report signed with a key that is meant for it")
    if not names_signer(report, received.signer):  # 5
        raise ReportRefused("report_checker", "expected the signer of a report to be the check service that it names")
    if any(late > _CLOCK_SKEW for late in (report.validation_time - received.signed_at, received.signed_at - at)):  # 6
        raise ReportRefused("report_time", "expected a report that was signed after the check, and not in the future")
    return SignedReport(report, received.signer, received.signed_at)


def parse_report(data: bytes) -> ReceivedReport:
    """Step 1.

    Raises:
        ReportRefused: report_malformed.
    """
    try:
        message = jose.parse_jws(_compact(data), jose.VERIFICATION_REPORT, max_bytes=MAX_REPORT)
        certificates = tuple(map(read_certificate, message.certificates))
    except (JwsProblem, MalformedCertificate) as error:
        raise ReportRefused("report_malformed", f"report: {error}") from error
    if message.header.keys() != _HEADER:
        raise ReportRefused("report_malformed", "expected the header of a report to have its five members and no others")
    if message.header["x5t#S256"] != base64url.encode(hashlib.sha256(message.certificates[0]).digest()):
        raise ReportRefused("report_malformed", "expected the digest of the signer's certificate in the header")
    moment = message.header["iat"]
    if not isinstance(moment, int) or isinstance(moment, bool) or not 0 <= moment < _LAST_MOMENT:
        raise ReportRefused("report_malformed", "expected iat of a report in seconds since 1970")
    return ReceivedReport(message, certificates, datetime.fromtimestamp(moment, UTC))


def verify_report(received: ReceivedReport) -> bytes:
    """Step 2: the content, when the signature is right.

    Raises:
        ReportRefused: report_signature.
    """
    try:
        return jose.verify_jws(received.message, received.signer.public_key()).payload
    except JwsProblem as error:
        raise ReportRefused("report_signature", f"report: {error}") from error


def report_of(content: bytes) -> VerificationReport:
    """Step 3.

    Raises:
        ReportRefused: report_version, report_schema.
    """
    try:
        value = parse_json_object(content, max_bytes=MAX_REPORT)
        version = value.get("version")
        if isinstance(version, int) and not isinstance(version, bool) and version > REPORT_VERSION:
            raise ReportRefused("report_version", "expected a report of a version that this program knows")
        return report_from_json(value)
    except (MalformedJson, MalformedReport) as error:
        raise ReportRefused("report_schema", f"report: {error}") from error


def names_signer(report: VerificationReport, certificate: x509.Certificate) -> bool:
    """Whether this certificate is of the check service that the report names (EN 319 412-3 clause 4.2.1; the OIN as in PKIoverheid)."""
    subject = certificate.subject
    own = {name_value(subject, NameOID.SERIAL_NUMBER), name_value(subject, NameOID.ORGANIZATION_IDENTIFIER)}
    return report.signature_validator.identifier in own


def _compact(data: bytes) -> str:
    try:
        if not data.startswith(b"{"):
            return data.decode("ascii")
        members = parse_json_object(data, max_bytes=MAX_REPORT)
    except (UnicodeError, MalformedJson) as error:
        raise ReportRefused("report_malformed", "expected a report as a compact or flattened message") from error
    parts = [members.get(name) for name in ("protected", "payload", "signature")]
    if members.keys() != {"protected", "payload", "signature"} or not all(isinstance(part, str) for part in parts):
        raise ReportRefused("report_malformed", "expected only protected, payload and signature in a flattened report")
    return ".".join(str(part) for part in parts)
