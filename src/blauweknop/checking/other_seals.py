"""The general check: a PDF that somebody else made and signed, such as a letter of UWV. The best it can be is orange.

A seal that is right proves who sealed which bytes. It does not prove what those bytes are: there are no data to read and compare, no
registration of who may say it, and no list to look up whether it still holds. So nothing here is ever green and nothing holds data.

A file is for this check when our own reader refused it, it carries a signature, and it does not claim to be ours: it has no attachment by
one of our names, and does not say in its description that it is of the Blauwe Knop. What claims to be ours is ours to condemn.

1 other_file        every byte belongs to one object, in one way                          ISO 32000-1 7.5, PROTOCOL 7.5 items 1 and 4
2 other_content     nothing acts, hides or lies over a page                               7.5 items 5 and 6
3 other_coverage    each signature is in one field, and covers its whole revision         7.5 item 2
4 other_changes     after the first one only proofs, and signatures nobody sees           7.5 item 3
5 other_seal        each fits its bytes                                                   EN 319 102-1 5.2.7; `seal_judge`
6 other_time_stamp  when it was sealed, if anybody we know proves it                      5.4
7 other_chain       it is of somebody that a list of ours knows                           5.2.6
8 other_revocation  who was not taken back                                                5.2.5
9 other_kind        and yet it is no document of the Blauwe Knop                          PROTOCOL 7.4

A dossier that a receiver sealed is told from other files by its attachment. Of it an authority on the list of the scheme suffices to know
the name: it is no source, and nothing that it seals is certified (ADR 0036).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from blauweknop.checking.concluding import conclude, named_in
from blauweknop.checking.reasons import OK, known_reason, result_of
from blauweknop.checking.seal_judge import Anchors, Judgement, JudgeMissing, judge_signatures
from blauweknop.checking.steps import Steps
from blauweknop.checking.trust import Trust
from blauweknop.document.foreign.changes import require_only_proofs_after
from blauweknop.document.foreign.graph import resolve
from blauweknop.document.foreign.revisions import ForeignFile, read_foreign_file
from blauweknop.document.foreign.rules import require_quiet_content
from blauweknop.document.foreign.signatures import ForeignSignature, has_signature, read_signatures
from blauweknop.document.pdf_rules import ALLOWED_ATTACHMENTS
from blauweknop.document.pdf_syntax import MalformedPdf, PdfObject, Stream
from blauweknop.domain.verdict import CheckedKind, CheckResult, KnownThrough, OtherSeal, Verdict, VerdictFacts
from blauweknop.standards.eu_trusted_list import EuService, EuServiceKind, EuTrustedList
from blauweknop.standards.qualified_seals import is_qualified_for_seals
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustList
from blauweknop.standards.x509 import MalformedCertificate, key_usages, read_certificate

__all__ = ["DOSSIER_REMARK", "NOT_STAMPED", "check_other_seal", "has_dossier"]

NOT_STAMPED = "other_not_stamped"
"""The remark of step 6 when nobody we know proves the time: the seal is judged as of now, which is no reason for more doubt."""

DOSSIER_REMARK = "other_dossier"
"""The remark of step 9 of a dossier that a receiver sealed."""

Judge = Callable[[bytes, Sequence[ForeignSignature], Anchors, datetime], tuple[Judgement, ...]]

_BEFORE_THE_JUDGE = ("other_file", "other_content", "other_coverage", "other_changes")
_MOST_NAME = 256  # bytes
_DOSSIER = "dossier.json"
_OUR_WORDS = ("blauwe knop", "blauweknop")
_Found = TypeVar("_Found")
_CODES = {"revision_after_seal": "other_changed", "several_seals": "other_signature", "wrong_type": "other_signature"}


def check_other_seal(pdf: bytes, *, trust: Trust, at: datetime, judge: Judge = judge_signatures) -> Verdict | None:
    """The verdict on a signed file of another maker; None for a file that is not for this check."""
    try:
        file = read_foreign_file(pdf)
        if not has_signature(file) or _claims_to_be_ours(file):
            return None
    except MalformedPdf:
        return None
    steps = Steps(CheckedKind.OTHER_SEAL)
    steps.note("other_file")  # 1
    _look("other_content", lambda: require_quiet_content(file), steps)  # 2
    signatures = _look("other_coverage", lambda: _seals(file), steps) or ()  # 3
    if signatures:
        _look("other_changes", lambda: require_only_proofs_after(file, signatures), steps)  # 4
    judgements: tuple[Judgement, ...] = ()
    if all(steps.passed(step) for step in _BEFORE_THE_JUDGE):
        try:
            judgements = judge(pdf, signatures, _anchors(trust, at), at)
        except JudgeMissing:
            steps.note("other_seal", "other_judge_missing")
    dossier = has_dossier(file.state(len(file.revisions) - 1).values())
    known = _weigh(judgements, trust, at, steps, dossier=dossier) if judgements else None
    return _verdict(steps, judgements, known, _list_of_now(trust, at))


def has_dossier(objects: Iterable[PdfObject]) -> bool:
    """Whether one of the objects of a file is an attachment with the name that dossiers give to their data."""
    files = (value for value in objects if isinstance(value, MappingProxyType) and value.get("Type") == "Filespec")
    return any(_as_name(name) == _DOSSIER for entries in files if isinstance(name := entries.get("F"), bytes))


def _look(step: str, work: Callable[[], _Found], steps: Steps) -> _Found | None:
    try:
        found = work()
    except MalformedPdf as error:
        steps.note(step, known_reason(_CODES.get(error.code, error.code)))
        return None
    steps.note(step)
    return found


def _seals(file: ForeignFile) -> tuple[ForeignSignature, ...]:
    """All signatures; among them must be one that seals, and not only stamps time."""
    signatures = read_signatures(file)
    if all(signature.is_time_stamp for signature in signatures):
        raise MalformedPdf("no_seal", "the file has no signature that is in a field")
    return signatures


def _claims_to_be_ours(file: ForeignFile) -> bool:
    """By an attachment with one of our names, or by what the file says of itself; in any revision, also one that was overwritten."""
    for revision in file.revisions:
        about = resolve(revision.objects, revision.trailer.get("Info"))
        for value in revision.objects.values():
            if any(_as_name(text) in ALLOWED_ATTACHMENTS for text in _texts(value)):
                return True
            if isinstance(value, Stream) and value.dictionary.get("Type") == "Metadata" and _says_ours(file.unpacker.unpack(value)):
                return True
        if any(_says_ours(text) for text in _texts(about)):
            return True
    return False


def _texts(value: PdfObject) -> Iterator[bytes]:
    waiting: list[PdfObject] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Stream):
            item = item.dictionary
        if isinstance(item, bytes):
            yield item
        elif isinstance(item, tuple):
            waiting.extend(item)
        elif isinstance(item, MappingProxyType):
            waiting.extend(item.values())


def _as_name(text: bytes) -> str:
    return _plain(text).strip().lower() if len(text) < _MOST_NAME else ""


def _says_ours(text: bytes) -> bool:
    said = " ".join(_plain(text).lower().split())
    return any(words in said for words in _OUR_WORDS)


def _plain(text: bytes) -> str:
    """A text without its zero bytes and marks of order, so that all encodings of our few words look the same."""
    return text.translate(None, b"\x00\xfe\xff").decode("latin-1")


def _anchors(trust: Trust, at: datetime) -> Anchors:
    """Authorities of both kinds of lists; whether they may stand for this seal at that time is asked afterwards, in `_known_through`."""
    listed, european = _list_of_now(trust, at), _eu_lists_of_now(trust, at)
    issuing = [service for one in european for service in one.services if _issues_seals(service)]
    signers = [certificate for service in issuing for certificate in service.certificates]
    stamps = {
        certificate: period.starts for one in european for certificate, period in one.granted(EuServiceKind.QUALIFIED_TIME_STAMPS, at)
    }
    between: list[bytes] = []
    if listed is not None:
        tops, between = _tops(listed.certificates(ServiceKind.CERTIFICATE_AUTHORITY, at))
        signers += tops
        stamps |= dict(_stamping(listed, at))
    return Anchors(tuple(dict.fromkeys(signers)), tuple(between), stamps)


def _tops(authorities: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Authorities that no other of them issued, and the rest: a path must go up to the former, or nobody could say of the latter (with a
    revocation list) whether they were taken back.
    """
    names = {encoded: read_certificate(encoded) for encoded in authorities}
    subjects = {certificate.subject for certificate in names.values()}
    below = [encoded for encoded, one in names.items() if one.issuer != one.subject and one.issuer in subjects]
    return [encoded for encoded in names if encoded not in below], below


def _issues_seals(service: EuService) -> bool:
    return service.kind is EuServiceKind.QUALIFIED_CERTIFICATES and any(period.granted and period.for_seals for period in service.periods)


def _stamping(listed: TrustList, at: datetime) -> Iterator[tuple[bytes, datetime]]:
    for entity in listed.entities:
        for service in entity.services:
            if service.kind is ServiceKind.TIME_STAMP and service.status_at(at) is ServiceStatus.GRANTED:
                yield from ((certificate, service.since) for certificate in service.certificates)


def _eu_lists_of_now(trust: Trust, at: datetime) -> list[EuTrustedList]:
    return [one for one in trust.eu_lists if one.usable_at(at)]


def _list_of_now(trust: Trust, at: datetime) -> TrustList | None:
    return None if trust.trust_list is None or trust.trust_list.stale_at(at) else trust.trust_list


def _weigh(judgements: Sequence[Judgement], trust: Trust, at: datetime, steps: Steps, *, dossier: bool) -> KnownThrough | None:
    """Steps 5 to 9 over all signatures, each step with the first problem that one of them has; gives through what all are known."""
    broken = _first(judgement.broken for judgement in judgements)
    steps.note("other_seal", broken or OK)
    if broken is not None:
        return None
    steps.note("other_kind", DOSSIER_REMARK if dossier else "other_seal")
    stamp = _first(judgement.stamp for judgement in judgements)
    steps.note("other_time_stamp", OK if stamp is None else stamp if stamp == "time_stamp_future" else NOT_STAMPED)
    known = [_known_through(judgement, trust, at, dossier=dossier) for judgement in judgements]
    chain = _first(judgement.chain for judgement in judgements) or (None if all(known) else "other_seal_unknown")
    steps.note("other_chain", chain or OK)
    if chain is not None:
        return None
    steps.note("other_revocation", _first(judgement.revocation for judgement in judgements) or OK)
    return known[0]


def _first(codes: Iterable[str | None]) -> str | None:
    """A code that condemns goes before one that leaves open."""
    found = [code for code in codes if code is not None]
    return min(found, key=lambda code: result_of(code) is not CheckResult.FAIL, default=None)


def _known_through(judgement: Judgement, trust: Trust, at: datetime, *, dossier: bool) -> KnownThrough | None:
    """Our own list names each seal: an authority on it is not enough to be a source. A European list names who may issue seals."""
    if judgement.anchor is None or judgement.certificate is None:
        return None
    moment = judgement.stamped or at
    listed = _list_of_now(trust, at)
    service = listed.service_of(judgement.certificate, ServiceKind.SEAL) if listed else None
    if service is not None:
        return "trust_list" if service[1].status_at(moment) is ServiceStatus.GRANTED else None
    for european in _eu_lists_of_now(trust, at):
        granted = [certificate for certificate, _ in european.granted(EuServiceKind.QUALIFIED_CERTIFICATES, moment)]
        if judgement.anchor in granted and _is_for_seals(judgement.certificate):
            return "eu_trusted_list"
    if dossier and listed is not None and judgement.anchor in listed.certificates(ServiceKind.CERTIFICATE_AUTHORITY, moment):
        return "authority" if _may_seal(judgement.certificate) else None
    return None


def _may_seal(certificate: bytes) -> bool:
    """By what its key is for: certificates of the scheme do not say that they are qualified."""
    try:
        return "content_commitment" in key_usages(read_certificate(certificate))
    except MalformedCertificate:
        return False


def _is_for_seals(certificate: bytes) -> bool:
    """Or it is of a person, whose signature says nothing of an organisation."""
    try:
        return is_qualified_for_seals(read_certificate(certificate))
    except MalformedCertificate:
        return False


def _verdict(steps: Steps, judgements: Sequence[Judgement], known: KnownThrough | None, listed_by: TrustList | None) -> Verdict:
    intact = steps.passed("other_seal")
    moments = [judgement.stamped for judgement in judgements if judgement.stamped is not None]
    facts = VerdictFacts(
        steps.as_list(),
        best_signature_time=min(moments) if intact and len(moments) == len(judgements) else None,
        trust_list_sequence=listed_by.sequence if listed_by else None,
        sealed_by=_names(judgements) if intact else None,
        kind=CheckedKind.OTHER_SEAL,
        other_seal=OtherSeal(intact, known if steps.passed("other_revocation") else None),
    )
    return conclude(facts, None)


def _names(judgements: Sequence[Judgement]) -> str | None:
    """The organisations in the certificates, in the order of the signatures."""
    names: dict[str, None] = {}
    for judgement in judgements:
        try:
            name = named_in(read_certificate(judgement.certificate or b""))
        except MalformedCertificate:
            continue
        if name is not None:
            names[name] = None
    return ", ".join(names) or None
