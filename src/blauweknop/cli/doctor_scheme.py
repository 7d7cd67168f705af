"""Does the scheme know this organisation as it presents itself: trust list and time stamps.

1. The trust list can be read, is signed by a pinned signer, is not older than one seen before (PROTOCOL 5.2); what is pinned lasts.
2. It is of now.
3. It is of the same environment, and names the same check page: letters print both, and the check compares them.
4. Each source stands in it under its OIN, with its names, its certificates and its data sets.
5. Each time stamp authority stamps, by a clock that differs at most a minute from ours, and is on the list (RFC 3161); the
   revocation lists that each source embeds answer for it too, as step 9 of the check demands.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.keys import load_certificates
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.settings import Settings, SourceSettings
from blauweknop.adapters.time_stamping import Authority, AuthorityRules, TimeStampService, fresh_nonce
from blauweknop.assembly.sealing import RevocationFiles, time_stamp_authorities
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.doctor_findings import Finding, State, fail, fault, ok, warn
from blauweknop.cli.trust import trust_of_options
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.revocation import NotRevoked, RevocationUnknown, check_revocation
from blauweknop.standards.timestamp import TimeStamp, verify_token
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustList
from blauweknop.standards.x509 import build_path, read_certificate

__all__ = ["examine_anchors", "examine_check_page", "examine_membership", "examine_time_stamp", "examine_trust_list", "read_scheme"]

_CLOCK = timedelta(seconds=60)
_SOON = timedelta(days=2)
_ANCHOR_SOON = timedelta(days=90)  # the overlap of PROTOCOL 12


def read_scheme(scheme: SchemeSettings, *, now: datetime, language: str) -> TrustList | Finding:
    """The trust list that the configuration names, or the finding that there is none (1)."""
    try:
        trust = trust_of_options(scheme.trust_list, scheme.trust_anchor, offline=False, config=None, now=now, bundle=scheme.bundle).trust
    except BlauweKnopError as error:
        return fault("trust_list", error)
    if trust.trust_list is None:
        return fail("trust_list", reason=sentence(f"reason.{trust.problem}", language))
    return trust.trust_list


def examine_anchors(path: Path, *, now: datetime, language: str) -> Iterator[Finding]:
    """How long the pinned signers last (1): the last of them ends what is believed here, so its successor must be pinned before that."""
    try:
        ends = sorted(anchor.not_valid_after_utc for anchor in load_certificates(path))
    except BlauweKnopError:
        return  # said by `read_scheme`
    said = {"file": path.name, "day": date_in_words(ends[-1].date(), language), "count": len(ends)}
    if ends[-1] < now:
        yield fail("trust_anchor_over", **said)
    elif ends[-1] < now + _ANCHOR_SOON:
        yield warn("trust_anchor_ends", **said)
    elif ends[0] < now:
        yield warn("trust_anchor_left_over", **said)
    else:
        yield ok("trust_anchor", **said)


def examine_trust_list(trust_list: TrustList, scheme: SchemeSettings, file: Path, *, now: datetime, language: str) -> Iterator[Finding]:
    """Steps 2 and 3, but for the check page."""
    day = date_in_words(trust_list.next_update.date(), language)
    if trust_list.stale_at(now):
        yield fail("trust_list_stale", day=day)
    elif trust_list.stale_at(now + _SOON):
        yield warn("trust_list_ends", day=day)
    else:
        yield ok("trust_list", day=day, number=trust_list.sequence)
    if trust_list.exercise != scheme.is_exercise:
        yield fail("environment", file=file.name)


def examine_check_page(trust_list: TrustList, settings: Settings) -> Iterator[Finding]:
    """The check page of step 3, for who makes documents; a receiver may have a page of its own elsewhere."""
    if trust_list.check_url.rstrip("/") != settings.scheme.check_url:
        yield fail("check_url", file=settings.file.name)


def examine_membership(trust_list: TrustList, source: SourceSettings, *, now: datetime) -> Iterator[Finding]:
    """Step 4 for one source."""
    identity = source.identity
    named = {"source": identity.id}
    entity = trust_list.entity(identity.oin)
    if entity is None:
        yield fail("not_listed", **named)
        return
    faults = [
        *_unlisted_certificates(trust_list, entity, source, now),
        *(fail("dataset_not_listed", **named, dataset=name) for name in source.datasets if name not in entity.datasets),
    ]
    if not {identity.name, identity.legal_name} <= {entity.name.nl, entity.name.en, entity.legal_name}:
        faults.append(fail("names_differ", **named))
    yield from faults or [ok("listed", **named, count=len(source.datasets))]


def _unlisted_certificates(trust_list: TrustList, entity: TrustedEntity, source: SourceSettings, now: datetime) -> Iterator[Finding]:
    wanted = [(source.seal.certificate, ServiceKind.SEAL)]
    if source.credential is not None:
        wanted.append((source.credential.certificate, ServiceKind.CREDENTIAL))
    for path, kind in wanted:
        try:
            encoded = load_certificates(path)[0].public_bytes(Encoding.DER)
        except BlauweKnopError:
            continue  # said by the examination of the keys
        if encoded not in entity.certificates(kind, now):
            yield fail("certificate_not_listed", source=source.identity.id, file=path.name)


def examine_time_stamp(settings: Settings, trust_list: TrustList | None, *, now: datetime) -> Iterator[Finding]:
    """Step 5, for each authority; then at which level each source seals now (EN 319 142-1)."""
    try:
        authorities = time_stamp_authorities(settings)
        findings = [finding for authority in authorities for finding in _examine_authority(authority, settings, trust_list, now)]
    except BlauweKnopError as error:
        findings = [fault("time_stamp", error, place="time_stamp")]
    yield from findings
    if not settings.time_stamp.certificates and settings.time_stamp.urls:
        yield warn("time_stamp_any")
    stamped = any(finding.code == "clock" or (finding.code, finding.state) == ("time_stamp", State.OK) for finding in findings)
    for source in settings.sources:
        if stamped:
            yield ok("seal_level", source=source, level="B-T")
        else:
            yield warn("seal_level", source=source) if settings.time_stamp.seal_without else fail("seal_level_none", source=source)


def _examine_authority(authority: Authority, settings: Settings, trust_list: TrustList | None, now: datetime) -> Iterator[Finding]:
    digest = hashlib.sha256(b"doctor").digest()
    rules = AuthorityRules(attempts=1)
    service = TimeStampService((authority,), rules, nonce=fresh_nonce, monotonic=monotonic, sleep=sleep)
    try:
        with closing(service):
            stamp: TimeStamp = verify_token(service(digest), digest)
    except BlauweKnopError as error:
        cause = error.__cause__ if isinstance(error.__cause__, BlauweKnopError) else error
        yield fault("time_stamp", cause, place=authority.name)
        return
    off = abs(stamp.moment - now)
    named = {"place": authority.name, "seconds": round(off.total_seconds())}
    yield fail("clock", **named) if off > _CLOCK else ok("time_stamp", **named)
    if trust_list is not None:
        yield from _standing_of(stamp, trust_list, settings, authority.name, now)


def _standing_of(stamp: TimeStamp, trust_list: TrustList, settings: Settings, place: str, now: datetime) -> Iterator[Finding]:
    known = trust_list.service_of(stamp.certificate.public_bytes(Encoding.DER), ServiceKind.TIME_STAMP)
    if known is None or known[1].status_at(now) is not ServiceStatus.GRANTED:
        yield fail("time_stamp_not_listed", place=place)
        return
    anchors = [read_certificate(encoded) for encoded in trust_list.certificates(ServiceKind.CERTIFICATE_AUTHORITY, now)]
    for source in settings.sources.values():
        try:
            path = build_path(stamp.certificate, stamp.others, anchors, now)
            answer = check_revocation(path, RevocationFiles(source.seal.crls)(), now)
        except BlauweKnopError as error:
            yield fault("time_stamp", error, place=place)
            return
        if not isinstance(answer, NotRevoked):
            reason = answer.reason if isinstance(answer, RevocationUnknown) else "revoked"
            yield fail("time_stamp_crl", source=source.identity.id, reason=reason)
