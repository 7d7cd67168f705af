"""From a verdict to its report: everything that was used and found, and no value of a person.

What others chose (the name of an organisation, of a file, an address) is written as `plain_name` does, so that a report can always be
printed and nothing in it steers a screen.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, Self

from blauweknop.catalogue import Catalogue
from blauweknop.checking.explaining import explain_steps, limits_of
from blauweknop.checking.report import explain, is_reduced, seal_level
from blauweknop.checking.trust import Trust
from blauweknop.checking.verification_report import (
    REPORT_SCHEMA_URI,
    REPORT_VERSION,
    CheckedIssuer,
    CheckService,
    Program,
    ReportStep,
    SignersDocument,
    UsedPolicy,
    UsedStatusList,
    UsedTrustList,
    VerificationReport,
    Words,
    in_whole_seconds,
    main_indication_of,
    plain_name,
    report_from_json,
    report_to_json,
    sha256_of,
)
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verdict
from blauweknop.standards import jose
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.status_list import MAX_TOKEN
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["CheckedFile", "ReportLevel", "ReportOrder", "compose_report"]

ReportLevel = Literal["B-B", "B-T"]

_NO_PDF = ("empty", "not_a_pdf")
_LAST_MOMENT = 1 << 37  # seconds since 1970


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What is kept of a file that was checked, so that it can be reported on later: not the file. `trust` is whom it was judged by."""

    sha256: str
    size: int
    verdict: Verdict
    trust: Trust = field(repr=False)

    @classmethod
    def of(cls, content: bytes, verdict: Verdict, trust: Trust) -> Self:
        return cls(sha256_of(content), len(content), verdict, trust)


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """What a report is of beside the verdict: who checked, in which language people read it, and how it is sealed.

    `at` is when it was checked, `signed_at` when the report is made. `report_id` are 32 random hexadecimal digits. `file_name` is told
    only when whoever asks for the report wants it.
    """

    service: CheckService
    program: Program
    check_url: str
    exercise: bool
    report_id: str
    at: datetime
    signed_at: datetime
    language: Literal["nl", "en"] = "nl"
    level: ReportLevel = "B-T"
    file_name: str | None = None
    policy: UsedPolicy | None = None


def compose_report(checked: CheckedFile, order: ReportOrder, catalogue: Catalogue) -> VerificationReport:
    """The report of a check; whoever reads reports can read it.

    Raises:
        MalformedReport: the verdict contradicts itself.
    """
    told = checked.verdict.facts
    facts = replace(told, issuer_name=_plain(told.issuer_name), sealed_by=_plain(told.sealed_by))
    verdict, trust = replace(checked.verdict, facts=facts), checked.trust
    dutch, english = explain(verdict, "nl"), explain(verdict, "en")
    dataset = catalogue.datasets.get(facts.dataset) if facts.dataset else None
    report = VerificationReport(
        schema=REPORT_SCHEMA_URI,
        version=REPORT_VERSION,
        report_id=order.report_id,
        report_level=order.level,
        language=order.language,
        exercise=order.exercise,
        check_url=order.check_url,
        signature_validator=order.service,
        program=order.program,
        validation_time=in_whole_seconds(order.at),
        signers_document=SignersDocument("SHA-256", checked.sha256, checked.size, _kind(verdict), _plain(order.file_name)),
        verdict=verdict.colour,
        main_indication=main_indication_of(verdict.colour),
        sub_indication=verdict.sub_indication,
        title=Words(dutch.title, english.title),
        summary=Words(dutch.summary, english.summary),
        validation_constraints_evaluation=_steps(verdict),
        issuer=CheckedIssuer(facts.issuer_oin, facts.issuer_name) if facts.issuer_oin and facts.issuer_name else None,
        dataset=_plain(facts.dataset),
        dataset_name=Words(dataset.title.nl, dataset.title.en) if dataset else None,
        reference_date=_plain(facts.reference_date),
        valid_until=_plain(facts.valid_until),
        status=facts.status,
        seal_time=_moment(facts.seal_time),
        best_signature_time=_moment(facts.best_signature_time),
        seal_level=seal_level(verdict),
        trust_list=_trust_list(trust),
        status_list=_status_list(facts.status_uri, trust),
        policy=order.policy,
        limits=tuple(map(Words, limits_of(verdict, "nl"), limits_of(verdict, "en"))),
    )
    return report_from_json(report_to_json(report))


def _steps(verdict: Verdict) -> tuple[ReportStep, ...]:
    codes = [step.reason for step in verdict.facts.steps]
    told = zip(codes, explain_steps(verdict, "nl"), explain_steps(verdict, "en"), strict=True)
    return tuple(
        ReportStep(number, dutch.id, dutch.result, code, Words(dutch.name, english.name), Words(dutch.found, english.found))
        for number, (code, dutch, english) in enumerate(told, start=1)
    )


def _trust_list(trust: Trust) -> UsedTrustList | None:
    used = trust.trust_list
    if used is None:
        return None
    return UsedTrustList(
        plain_name(used.operator), used.sequence, in_whole_seconds(used.issued), in_whole_seconds(used.next_update), trust.list_sha256
    )


def _status_list(uri: str | None, trust: Trust) -> UsedStatusList | None:
    token = trust.status_lists.get(uri) if uri is not None else None
    if uri is None or token is None:
        return None
    issued, expires = _life_of(token)
    return UsedStatusList(plain_name(uri), issued, expires, sha256_of(token))


def _life_of(token: bytes) -> tuple[datetime | None, datetime | None]:
    """What the list says of itself; whether it counts was a step of the check."""
    try:
        received = jose.parse_jws(token.decode("ascii"), jose.STATUS_LIST, max_bytes=MAX_TOKEN)
        claims = parse_json_object(received.payload, max_bytes=MAX_TOKEN)
    except (UnicodeError, JwsProblem, MalformedJson):
        return None, None
    return _seconds(claims.get("iat")), _seconds(claims.get("exp"))


def _seconds(value: JsonValue) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LAST_MOMENT:
        return None
    return datetime.fromtimestamp(value, UTC)


def _plain(text: str | None) -> str | None:
    return plain_name(text) or None if text is not None else None


def _moment(moment: datetime | None) -> datetime | None:
    return None if moment is None else in_whole_seconds(moment)


def _kind(verdict: Verdict) -> str:
    if is_reduced(verdict):
        return "reduced"
    return "other" if verdict.facts.steps[0].reason in _NO_PDF else verdict.facts.kind.value
