"""Can who runs the check give out reports that others will believe? Nothing is said when the configuration has no [verifier]."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.keys import load_certificates
from blauweknop.adapters.settings_reports import ReportSettings, load_report_settings
from blauweknop.cli.doctor_findings import Finding, ok, warn
from blauweknop.cli.doctor_keys import KeyOwner, examine_keys_of
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustList

__all__ = ["examine_reports"]


def examine_reports(config: Path, trust_list: TrustList | None, *, now: datetime, language: str) -> Iterator[Finding]:
    """The keys of [verifier], whether the trust list has them, and whether its reports get a time stamp.

    Raises:
        SettingsError: the table is broken.
    """
    settings = load_report_settings(config)
    if settings is None:
        return
    owner = KeyOwner("check_service", settings.service.name, settings.service.identifier, settings.seal, settings.credential)
    yield from examine_keys_of(owner, trust_list, now=now, language=language)
    if trust_list is not None:
        yield from _examine_listing(settings, trust_list, now)
    if settings.time_stamp is None:
        yield warn("report_unstamped")


def _examine_listing(settings: ReportSettings, trust_list: TrustList, now: datetime) -> Iterator[Finding]:
    """A check service need not be on the list; then those who get its reports are told that nobody vouches for it."""
    for path in (settings.seal.certificate, settings.credential.certificate):
        try:
            encoded = load_certificates(path)[0].public_bytes(Encoding.DER)
        except BlauweKnopError:
            return  # said by the examination of the keys
        known = trust_list.service_of(encoded, ServiceKind.REPORT)
        if known is None or known[1].status_at(now) is not ServiceStatus.GRANTED:
            yield warn("report_not_listed", file=path.name)
            return
    yield ok("reports", name=settings.service.name)
