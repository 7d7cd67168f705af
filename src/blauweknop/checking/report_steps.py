"""The steps for the report of a check: a sealed letter like a document, with a signed report inside instead of the data of a source.

Only a file whose one attachment has the name of a signed report goes this way. Steps 1 to 7 and 9 are those of `check_document`; it has no
credential, and no status: what was found at a moment does not change afterwards.

 8 chain       the seal is of a check service on the list                                   EN 319 102-1 5.2.6
10 content     the signed report is inside, as one message of its kind                      `signed_report` step 1
11 signature   its signature is right, and of the same check service                        `signed_report` steps 2 and 4
12 schema      it has the published form and agrees with itself                             `signed_report` step 3
13 issuer      the scheme stood behind the check service, and it reports in its own name    `signed_report` step 5
14 page_text   the pages say what the signed report says                                    ADR 0006
15 validity    checked, signed and sealed one after the other, and not in the future        `signed_report` step 6
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from blauweknop.checking.page_step import compare_pages
from blauweknop.checking.report_document import REPORT_MIME
from blauweknop.checking.report_letter import REPORT_NAME, compose_report_letter
from blauweknop.checking.signed_report import ReportRefused, names_signer, parse_report, report_of, verify_report
from blauweknop.checking.steps import Evidence, SkipStep, Steps, StopStep, run_step
from blauweknop.checking.trust_steps import (
    anchors,
    check_chain,
    check_revocation_of_chain,
    check_service,
    check_time_stamp,
    encoded,
    revocation_of,
)
from blauweknop.checking.verification_report import report_to_json
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.domain.verdict import ReportedCheck
from blauweknop.standards.revocation import RevocationUnknown, Revoked
from blauweknop.standards.trust_list import ServiceKind
from blauweknop.standards.x509 import PathProblem, build_path, key_usages

__all__ = ["check_sealed_report", "reported_check", "says_it_is_report"]

_CLOCK_SKEW = timedelta(seconds=60)
_Read = TypeVar("_Read")


def says_it_is_report(evidence: Evidence) -> bool:
    """Whether the one thing inside is called a report; anything odd is no."""
    try:
        return evidence.file is not None and embedded_files(evidence.file).keys() == {REPORT_NAME}
    except MalformedPdf:
        return False


def check_sealed_report(evidence: Evidence, steps: Steps) -> None:
    """All steps after that of the seal."""
    run_step("time_stamp", check_time_stamp, evidence, steps)
    if steps.not_failed("time_stamp"):
        run_step("chain", lambda given: check_chain(given, ServiceKind.REPORT), evidence, steps)
    if steps.passed("chain"):
        run_step("revocation", check_revocation_of_chain, evidence, steps)
    run_step("content", _check_content, evidence, steps)
    run_step("signature", _check_signature, evidence, steps)
    run_step("schema", _check_schema, evidence, steps)
    run_step("issuer", _check_issuer, evidence, steps)
    run_step("page_text", _check_page_text, evidence, steps)
    run_step("validity", _check_validity, evidence, steps)


def reported_check(evidence: Evidence) -> ReportedCheck | None:
    """What the report says, as far as it could be read."""
    report = evidence.report
    if report is None:
        return None
    return ReportedCheck(report.signers_document.digest_value, report.validation_time, report.verdict)


def _check_content(evidence: Evidence) -> None:
    if evidence.file is None:
        raise SkipStep
    attached = embedded_files(evidence.file)[REPORT_NAME]  # read before, by `says_it_is_report`
    if (attached.mime, attached.relationship) != (REPORT_MIME, "Data"):
        raise StopStep("data_form")
    evidence.signed_report = _or_stop(lambda: parse_report(attached.content))


def _check_signature(evidence: Evidence) -> None:
    signed, entity, trust_list = evidence.signed_report, evidence.entity, evidence.trust.trust_list
    if signed is None:
        raise SkipStep
    _or_stop(lambda: verify_report(signed))
    if entity is None or trust_list is None:
        raise SkipStep
    moment = evidence.best_signature_time
    own = entity.certificates(ServiceKind.REPORT, moment)
    if encoded(signed.signer) not in own or "digital_signature" not in key_usages(signed.signer):
        raise StopStep("report_checker")
    try:
        path = build_path(signed.signer, signed.certificates[1:], anchors(trust_list, moment), moment)
    except PathProblem as error:
        raise StopStep("report_chain") from error
    match revocation_of(path, evidence, moment=moment, horizon=moment):
        case Revoked():
            raise StopStep("credential_revoked")
        case RevocationUnknown(reason=reason):
            raise StopStep(reason)


def _check_schema(evidence: Evidence) -> None:
    signed = evidence.signed_report
    if signed is None:
        raise SkipStep
    evidence.report = _or_stop(lambda: report_of(signed.message.payload))
    evidence.content = report_to_json(evidence.report)


def _check_issuer(evidence: Evidence) -> None:
    entity = check_service(evidence)
    report, signed, trust_list = evidence.report, evidence.signed_report, evidence.trust.trust_list
    if report is None or signed is None or trust_list is None:
        raise SkipStep
    service = report.signature_validator
    if service.identifier != entity.oin.digits or service.name not in (entity.name.nl, entity.name.en, entity.legal_name):
        raise StopStep("report_checker")
    if not names_signer(report, signed.signer) or report.exercise != trust_list.exercise:
        raise StopStep("report_checker")


def _check_page_text(evidence: Evidence) -> None:
    report = evidence.report
    if report is None:
        raise SkipStep
    compare_pages(evidence, lambda: compose_report_letter(report))


def _check_validity(evidence: Evidence) -> None:
    report, signed = evidence.report, evidence.signed_report
    if report is None or signed is None:
        raise SkipStep
    if any(late > _CLOCK_SKEW for late in (report.validation_time - signed.signed_at, signed.signed_at - evidence.best_signature_time)):
        raise StopStep("report_time")


def _or_stop(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except ReportRefused as refused:
        raise StopStep(refused.code) from refused
