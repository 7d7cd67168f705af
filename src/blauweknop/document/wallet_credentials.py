"""Issue a batch of wallet credentials: one-time copies of the same claims that nobody can link to each other (PROTOCOL 2.11, 9.7).

Like `certify` it signs nothing but what it composed from a snapshot itself. Nothing is kept: no copy, no salt, no holder key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.document.summary_claims import ClaimValue, claims_of
from blauweknop.document.type_metadata import type_integrity, vct_of
from blauweknop.domain.document import JsonValue, Snapshot, SourceIdentity
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.representation import REPRESENTATIVE, Representative
from blauweknop.domain.summary import Summary
from blauweknop.standards import base64url, mdoc, sd_jwt_vc
from blauweknop.standards.concealing import Concealment
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.x509 import read_certificate

__all__ = ["BatchRefused", "CopyOrder", "CredentialFormat", "WalletIssuer", "batch_times", "issue_batch"]

CredentialFormat = Literal["dc+sd-jwt", "mso_mdoc"]

_EACH_APART = Concealment(every=True)
_A_DAY = timedelta(days=1)


class BatchRefused(BlauweKnopError):
    """No batch: no copies, two with the same key or the same place in a status list, or a certificate that has not begun."""


@dataclass(frozen=True, slots=True)
class WalletIssuer:
    """What a source needs to issue credentials; `random_bytes` gives so many fresh random bytes."""

    source: SourceIdentity
    issuer_url: str
    signer: Signer = field(repr=False)
    random_bytes: Callable[[int], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """One copy: for whose key, and its place in a status list of the source."""

    holder_key: ec.EllipticCurvePublicKey = field(repr=False)
    status: StatusReference = field(repr=False)


def issue_batch(
    snapshot: Snapshot,
    summary: Summary,
    copies: Sequence[CopyOrder],
    issuer: WalletIssuer,
    *,
    form: CredentialFormat,
    at: datetime,
    since: datetime | None = None,
    with_bsn: bool = False,
    representative: Representative | None = None,
) -> tuple[str, ...]:
    """The summary of a snapshot as one credential for each copy, in their order; each claim can be left out alone.

    A credential is an SD-JWT VC ending in `~`, or the IssuerSigned of an mdoc in base64url. `at` is the aware moment of issuing.
    `since` is when the first copies of the same were issued, for which this is a new batch: they end with those. `representative` is
    who fetches them for the person: an SD-JWT VC always shows it; there are no mdocs with one.

    Raises:
        BatchRefused: see there.
        NoSummary, MalformedValue: the snapshot cannot be said in a credential.
        UnsuitableKey: the signer has no P-256 key.
    """
    _require_one_time(copies)
    begins, ends = batch_times(summary, issuer.signer, at, since=since)
    claims = claims_of(snapshot, summary, issuer.source, with_bsn=with_bsn)
    if form == "dc+sd-jwt":
        return tuple(_sd_jwt(claims, summary, copy, issuer, begins, ends, representative) for copy in copies)
    if representative is not None:
        raise BatchRefused("expected an SD-JWT VC for who acts for another")
    return tuple(_mdoc(claims, summary, copy, issuer, begins, ends) for copy in copies)


def batch_times(summary: Summary, signer: Signer, at: datetime, *, since: datetime | None = None) -> tuple[datetime, datetime]:
    """From when until when all copies of a day count: whole days, so that no copy tells when it was made (PROTOCOL 2.11).

    On the first day of a certificate they begin with that certificate: nobody may sign before it. Later batches end with the first one.

    Raises:
        BatchRefused: the certificate of the issuer has not begun.
    """
    certificate = read_certificate(signer.certificate)
    if at < certificate.not_valid_before_utc:
        raise BatchRefused("expected a certificate that has begun")
    day = datetime.combine(at.astimezone(UTC).date(), time.min, UTC)
    exact = (since or at) + timedelta(days=summary.dataset.validity_days)
    last = datetime.combine(exact.astimezone(UTC).date(), time.min, UTC)
    return max(day, certificate.not_valid_before_utc), last if last == exact else last + _A_DAY


def _require_one_time(copies: Sequence[CopyOrder]) -> None:
    keys = {copy.holder_key.public_numbers() for copy in copies}
    places = {copy.status for copy in copies}
    if not copies or len(keys) != len(copies) or len(places) != len(copies):
        raise BatchRefused("expected copies that each have a key and a place in a status list of their own")


def _sd_jwt(
    claims: Mapping[str, ClaimValue],
    summary: Summary,
    copy: CopyOrder,
    issuer: WalletIssuer,
    begins: datetime,
    ends: datetime,
    representative: Representative | None,
) -> str:
    said: dict[str, JsonValue] = {name: value.isoformat() if isinstance(value, date) else value for name, value in claims.items()}
    always: dict[str, JsonValue] = {
        "vct#integrity": type_integrity(summary),
        "status": {"status_list": {"idx": copy.status.index, "uri": copy.status.uri}},
    }
    if representative is not None:
        always[REPRESENTATIVE] = {**representative.as_json()}
    return sd_jwt_vc.issue(
        said | always,
        disclosable=_EACH_APART if representative is None else Concealment(frozenset(said)),
        signer=issuer.signer,
        vct=vct_of(summary.dataset),
        issuer=issuer.issuer_url,
        issued_at=begins,
        expires_at=ends,
        random_bytes=issuer.random_bytes,
        holder_key=copy.holder_key,
        decoys=True,
    )


def _mdoc(
    claims: Mapping[str, ClaimValue], summary: Summary, copy: CopyOrder, issuer: WalletIssuer, begins: datetime, ends: datetime
) -> str:
    issued = mdoc.issue(
        {summary.dataset.doctype: claims},
        doctype=summary.dataset.doctype,
        holder_key=copy.holder_key,
        signer=issuer.signer,
        signed_at=begins,
        expires_at=ends,
        status=copy.status,
        random_bytes=issuer.random_bytes,
        decoys=True,
    )
    return base64url.encode(issued)
