"""Make the sealed letter of a report: the signed report, its letter, its seal. Like `document.certified` it takes no bytes to seal:
it seals nothing but a report that it composed itself (threat T-46).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.report_composing import CheckedFile, ReportLevel, ReportOrder, compose_report
from blauweknop.checking.report_letter import REPORT_NAME, compose_report_letter
from blauweknop.checking.signed_report import flattened, sign_report
from blauweknop.checking.verification_report import VerificationReport, in_whole_seconds
from blauweknop.document.attachment import Attachment
from blauweknop.document.lay_out import LayOut
from blauweknop.document.sealing import SealTexts, finish_seal, prepare_seal
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.signing import Signer

__all__ = ["REPORT_MIME", "MadeReport", "NoTimeStamp", "Reporter", "make_report_document"]

REPORT_MIME = "application/jose"


class NoTimeStamp(BlauweKnopError):
    """No authority gave a time stamp, and who runs the check wants a report without one then."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """What a check service needs to report: its two keys behind functions, how its letters look, typst.

    `seal` turns the SHA-256 of the letter into CMS (DER) of this level, of at most `seal_size` bytes. For `B-T` it may raise NoTimeStamp:
    then the report is made again without a time stamp, and says so.
    """

    signer: Signer = field(repr=False)
    seal: Callable[[bytes, ReportLevel], bytes] = field(repr=False)
    seal_size: int
    legal_name: str
    accent: str
    lay_out: LayOut = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeReport:
    """The same report three times: as types, as signed JSON (JWS, flattened), and as sealed PDF with the signed report inside."""

    report: VerificationReport
    json: bytes = field(repr=False)
    pdf: bytes = field(repr=False)


def make_report_document(checked: CheckedFile, order: ReportOrder, reporter: Reporter, catalogue: Catalogue) -> MadeReport:
    """The report of a check, signed and sealed.

    Raises:
        TypesettingFailed, SealTooLarge, UnsuitableKey: nothing was made.
    """
    try:
        return _make(checked, order, reporter, catalogue)
    except NoTimeStamp:
        return _make(checked, replace(order, level="B-B"), reporter, catalogue)


def _make(checked: CheckedFile, order: ReportOrder, reporter: Reporter, catalogue: Catalogue) -> MadeReport:
    report = compose_report(checked, order, catalogue)
    signed = sign_report(report, signer=reporter.signer, at=order.signed_at)
    attached = Attachment(REPORT_NAME, signed.encode("ascii"), REPORT_MIME, "data", sentence("report.description", order.language))
    made_at = in_whole_seconds(order.signed_at)
    typeset = reporter.lay_out(compose_report_letter(report), accent=reporter.accent, attachments=[attached], made_at=made_at)
    texts = SealTexts(
        alternate=sentence("report.seal_field", order.language, service=report.signature_validator.name),
        signer_name=reporter.legal_name,
        reason=sentence("report.seal_reason", order.language),
        moment=made_at,
    )
    prepared = prepare_seal(typeset, texts, cms_size=reporter.seal_size)
    pdf = finish_seal(prepared, reporter.seal(prepared.digest, order.level))
    return MadeReport(report, flattened(signed), pdf)
