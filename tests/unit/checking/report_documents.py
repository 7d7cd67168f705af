"""Reports of checks to attack: made by the check service of the exercise, right but for one thing."""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_received import check_received
from blauweknop.checking.report_composing import CheckedFile, ReportLevel, ReportOrder, compose_report
from blauweknop.checking.report_document import MadeReport, Reporter, make_report_document
from blauweknop.checking.report_letter import REPORT_NAME, compose_report_letter
from blauweknop.checking.signed_report import sign_report
from blauweknop.checking.trust import Trust
from blauweknop.checking.verification_report import CheckService, Program, VerificationReport
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.domain.texts import Text
from blauweknop.register.exercise_keys import CHECK_SERVICE
from blauweknop.standards.pades import cms_size_limit, prepare_seal
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustService
from tests.unit.checking import credentials, foreign_documents, mdocs, reduced_documents
from tests.unit.checking import exercise_documents as x

NAME = "Controledienst (oefening)"
SERVICE = CheckService(NAME, CHECK_SERVICE.oin.digits)
PROGRAM = Program("Blauwe Knop", "1.2.3")
LIST_SHA256 = "cd" * 32
LATER = x.NOW + timedelta(days=40)
"""When somebody looks at a report."""


def order(**changes: object) -> ReportOrder:
    return replace(ReportOrder(SERVICE, PROGRAM, x.CHECK_URL, True, "5e" * 16, x.NOW, x.NOW), **changes)  # type: ignore[arg-type] # members by name


def trust(
    *,
    issued: datetime = LATER - timedelta(days=1),
    status: ServiceStatus = ServiceStatus.GRANTED,
    since: datetime = x.NOW - timedelta(days=300),
    name: str = NAME,
) -> Trust:
    """The scheme with its check service, as it is when somebody looks at a report."""
    certificates = tuple(signer.certificate for signer in x.exercise().check_service)
    service = TrustService(ServiceKind.REPORT, certificates, status, since)
    checker = TrustedEntity(CHECK_SERVICE.oin, Text(name, name), CHECK_SERVICE.name, (service,))
    return Trust(x.trust_list(x.entity(x.DUO), checker, issued=issued))


def judging() -> Trust:
    """Whom the check that is reported on trusted."""
    return replace(x.trust(), list_sha256=LIST_SHA256)


def checked(pdf: bytes | None = None, trust: Trust | None = None) -> CheckedFile:
    file, judge = x.good_document() if pdf is None else pdf, trust or judging()
    return CheckedFile.of(file, check_document(file, trust=judge, at=x.NOW, catalogue=x.catalogue()), judge)


def report(of: CheckedFile | None = None, **changes: object) -> VerificationReport:
    return compose_report(of or checked(), order(**changes), x.catalogue())


def reporter(
    *, stamp: Callable[[bytes], bytes] | None = None, signer: KeySigner | None = None, crls: Sequence[bytes] | None = None
) -> Reporter:
    """The check service, which stamps at the moment of its check unless told otherwise."""
    seal_signer, own = x.exercise().check_service
    template = prepare_seal(seal_signer, x.exercise().crls if crls is None else crls)
    stamps = stamp or x.time_stamps(x.NOW)

    def seal(digest: bytes, level: ReportLevel) -> bytes:
        return template.seal(digest, stamps if level == "B-T" else None)

    size = cms_size_limit(seal_signer, x.exercise().crls)
    return Reporter(signer or own, seal, size, CHECK_SERVICE.name, "#154273", x.typeset_at)


def made(of: CheckedFile | None = None, *, by: Reporter | None = None, **changes: object) -> MadeReport:
    return make_report_document(of or checked(), order(**changes), by or reporter(), x.catalogue())


def digest_of(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


@functools.cache
def good() -> MadeReport:
    """On a green document, in Dutch, with a time stamp."""
    return made()


def sealed_pages(
    letter: Letter, jws: str, *, name: str = REPORT_NAME, mime: str = "application/jose", more: Sequence[Attachment] = ()
) -> bytes:
    """Any letter with any signed report inside, sealed with the real key of the check service."""
    attached = [Attachment(name, jws.encode("ascii"), mime, "data", "rapport"), *more]
    return x.sealed(
        x.typeset_at(letter, accent="#154273", attachments=attached, made_at=x.NOW),
        signer=x.exercise().check_service[0],
        stamp=x.time_stamps(x.NOW),
    )


def saying(said: VerificationReport, *, shown: VerificationReport | None = None) -> bytes:
    """A sealed report whose data say one thing, and whose pages another if `shown` is given."""
    return sealed_pages(compose_report_letter(shown or said), sign_report(said, signer=x.exercise().check_service[1], at=x.NOW))


def received(data: bytes, trust: Trust) -> CheckedFile:
    return CheckedFile.of(data, check_received(data, trust=trust, at=x.NOW, catalogue=x.catalogue()), trust)


KINDS: dict[str, Callable[[], CheckedFile]] = {
    "credential": lambda: received(credentials.of_document().encode(), credentials.trust()),
    "mdoc": lambda: received(mdocs.as_text(mdocs.issued()), credentials.trust()),
    "presentation": lambda: received(credentials.presented().encode(), credentials.trust()),
    "reduced": lambda: received(reduced_documents.good_reduced(), x.trust()),
    "report": lambda: received(good().pdf, trust(issued=x.NOW)),
    "other_seal": lambda: received(foreign_documents.sealed(foreign_documents.letter(), foreign_documents.stranger()), x.trust()),
}
"""Files of every other kind than a document of a source, checked."""
