"""From settings to reports of checks: the keys of who runs the check, its time stamps, typst."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography.x509.oid import NameOID

from blauweknop import __version__
from blauweknop.adapters.certifying import new_sealing, random_id
from blauweknop.adapters.keys import load_signer
from blauweknop.adapters.settings_reports import ReportSettings
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.adapters.time_stamping import TimeStampUnavailable
from blauweknop.assembly.sealing import RevocationFiles, time_stamping_by
from blauweknop.catalogue import Catalogue
from blauweknop.checking.report_composing import CheckedFile, ReportLevel, ReportOrder
from blauweknop.checking.report_document import MadeReport, NoTimeStamp, Reporter, make_report_document
from blauweknop.checking.verification_report import Program, UsedPolicy, plain_name, sha256_of
from blauweknop.document.typesetting import Typesetter
from blauweknop.standards.pades import cms_size_limit
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import name_value, read_certificate

__all__ = ["ReportService", "ServedReports", "make_report", "open_report_service", "report_signers", "used_policy"]

_PROGRAM = Program("Blauwe Knop", __version__)


@dataclass(frozen=True, slots=True)
class ReportService:
    """Whoever runs a check and can report on it; may be shared by threads."""

    settings: ReportSettings
    reporter: Reporter
    catalogue: Catalogue = field(repr=False)


def open_report_service(settings: ReportSettings, *, typesetter: Typesetter, catalogue: Catalogue) -> ReportService:
    """Load the keys of [verifier].

    Raises:
        KeyProblem, UnsuitableKey: a key, certificate or revocation list cannot be used.
    """
    seal_signer, signer = report_signers(settings)
    revocation = RevocationFiles(settings.seal.crls)
    name = name_value(read_certificate(seal_signer.certificate).subject, NameOID.ORGANIZATION_NAME)
    reporter = Reporter(
        signer,
        _sealing(settings, seal_signer, revocation),
        cms_size_limit(seal_signer, revocation()),
        name or settings.service.name,
        settings.colour,
        typesetter.typeset,
    )
    return ReportService(settings, reporter, catalogue)


def make_report(
    checked: CheckedFile,
    service: ReportService,
    *,
    at: datetime,
    now: datetime,
    language: Literal["nl", "en"] = "nl",
    file_name: str | None = None,
    policy: UsedPolicy | None = None,
) -> MadeReport:
    """The report, made `now`, of a check that was done `at`: `json` is the signed JSON, `pdf` the sealed letter with the same inside.

    Raises:
        TimeStampUnavailable: there is none to be had, and `when_unavailable` says to refuse then.
        KeyProblem, TypesettingFailed, SealTooLarge, UnsuitableKey: nothing was made.
    """
    settings = service.settings
    order = ReportOrder(
        settings.service,
        _PROGRAM,
        settings.scheme.check_url,
        settings.scheme.is_exercise,
        random_id(),
        at,
        now,
        language,
        "B-B" if settings.time_stamp is None else "B-T",
        file_name,
        policy,
    )
    return make_report_document(checked, order, service.reporter, service.catalogue)


class ServedReports:
    """Reports of a server's own checks, for its page and its API."""

    def __init__(
        self,
        settings: ReportSettings,
        catalogue: Catalogue,
        *,
        policy: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises: KeyProblem, UnsuitableKey, SettingsError."""
        self._service = open_report_service(settings, typesetter=Typesetter(), catalogue=catalogue)
        self._policy = None if policy is None else used_policy(policy)
        self._now = now

    def __call__(self, checked: CheckedFile, at: datetime, language: str) -> MadeReport:
        """The report in a language. Raises: as `make_report`."""
        chosen: Literal["nl", "en"] = "en" if language == "en" else "nl"
        return make_report(checked, self._service, at=at, now=self._now(), language=chosen, policy=self._policy)


def used_policy(path: Path) -> UsedPolicy:
    """How a report names the policy in a file.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        return UsedPolicy(plain_name(path.name), sha256_of(path.read_bytes()))
    except OSError as error:
        raise SettingsError(f"{path.name}: this file cannot be read", remedy="check the path and the rights of the file") from error


def report_signers(settings: ReportSettings) -> tuple[Signer, Signer]:
    """The seal key and the signing key of who runs the check.

    Raises:
        KeyProblem, UnsuitableKey: one of them cannot be used.
    """
    seal, credential = settings.seal, settings.credential
    return load_signer(seal.key, seal.certificate, seal.chain), load_signer(credential.key, credential.certificate, seal.chain)


def _sealing(settings: ReportSettings, signer: Signer, revocation: RevocationFiles) -> Callable[[bytes, ReportLevel], bytes]:
    plain = new_sealing(signer, revocation=revocation, time_stamp=_none, seal_without=True)
    chosen = settings.time_stamp
    if chosen is None:
        return lambda digest, _: plain(digest).cms
    stamped = new_sealing(signer, revocation=revocation, time_stamp=time_stamping_by(chosen, exercise=settings.scheme.is_exercise))

    def seal(digest: bytes, level: ReportLevel) -> bytes:
        if level == "B-B":
            return plain(digest).cms
        try:
            return stamped(digest).cms
        except TimeStampUnavailable as error:
            if not chosen.seal_without:
                raise
            raise NoTimeStamp("no authority gave a time stamp") from error

    return seal


def _none(_: bytes) -> bytes:
    raise TimeStampUnavailable("no time stamp is wanted")
