"""`blauweknop doctor`: is this installation fit to seal and to be believed, and if not, what to do. Exit 0, 1 when something fails.

It changes nothing but the memory of which trust list was seen last. A configuration that cannot be read is a fault of usage (3).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.adapters.scheme_settings import SchemeSettings, has_sources, load_scheme
from blauweknop.adapters.settings import Settings, load_settings
from blauweknop.adapters.settings_table import read_toml
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_configuration, no_configuration
from blauweknop.cli.doctor_findings import Finding, State, finding_lines, ok
from blauweknop.cli.doctor_holder import examine_holder
from blauweknop.cli.doctor_keys import examine_keys
from blauweknop.cli.doctor_reports import examine_reports
from blauweknop.cli.doctor_requests import examine_requests
from blauweknop.cli.doctor_scheme import (
    examine_anchors,
    examine_check_page,
    examine_membership,
    examine_time_stamp,
    examine_trust_list,
    read_scheme,
)
from blauweknop.cli.doctor_status import examine_status_lists
from blauweknop.cli.doctor_systems import examine_database, examine_reach
from blauweknop.cli.doctor_wallets import examine_wallets

__all__ = ["examine", "findings_of", "receiver_findings"]


def examine(config: Path | None, language: str) -> int:
    """Print a line per finding as they come; 0 when nothing fails, else 1.

    Raises:
        BlauweKnopError: there is no configuration, or it is broken.
    """
    path = find_configuration(config)
    if path is None:
        raise no_configuration()
    now = datetime.now(UTC)
    if has_sources(path):
        findings = findings_of(load_settings(path), now=now, language=language)
    else:
        findings = receiver_findings(load_scheme(path), path, now=now, language=language)
    states: Counter[State] = Counter()
    for finding in findings:
        states[finding.state] += 1
        for line in finding_lines(finding, language):
            typer.echo(line)
    counts = {"ok": states[State.OK], "warn": states[State.WARN], "fail": states[State.FAIL]}
    typer.echo(sentence("doctor.sum", language, **counts))
    return 1 if states[State.FAIL] else 0


def findings_of(settings: Settings, *, now: datetime, language: str) -> Iterator[Finding]:
    """Everything that is looked at, from what is nearest to what is farthest away."""
    yield ok("configuration", file=settings.file.name, count=len(settings.sources))
    yield from examine_database(settings.storage)
    yield from examine_anchors(settings.scheme.trust_anchor, now=now, language=language)
    scheme = read_scheme(settings.scheme, now=now, language=language)
    trust_list = None if isinstance(scheme, Finding) else scheme
    if isinstance(scheme, Finding):
        yield scheme
    else:
        yield from examine_trust_list(scheme, settings.scheme, settings.file, now=now, language=language)
        yield from examine_check_page(scheme, settings)
    yield from examine_time_stamp(settings, trust_list, now=now)
    for source in settings.sources.values():
        yield from examine_keys(source, trust_list, now=now, language=language)
        if trust_list is not None:
            yield from examine_membership(trust_list, source, now=now)
    if trust_list is not None:
        yield from examine_status_lists(settings, trust_list, now=now)
    yield from examine_wallets(settings, now=now, language=language)
    yield from examine_reports(settings.file, trust_list, now=now, language=language)
    yield from examine_holder(settings.file, trust_list, now=now, with_database=False)
    yield from examine_requests(settings.file, trust_list, now=now, language=language, with_database=False)
    yield from examine_reach(settings)


def receiver_findings(scheme: SchemeSettings, file: Path, *, now: datetime, language: str) -> Iterator[Finding]:
    """What is looked at for who only checks documents."""
    yield ok("configuration_receiver", file=file.name)
    yield from examine_anchors(scheme.trust_anchor, now=now, language=language)
    read = read_scheme(scheme, now=now, language=language)
    if isinstance(read, Finding):
        yield read
    else:
        yield from examine_trust_list(read, scheme, file, now=now, language=language)
    trust_list = None if isinstance(read, Finding) else read
    yield from examine_reports(file, trust_list, now=now, language=language)
    yield from examine_holder(file, trust_list, now=now, with_database=True)
    yield from examine_requests(file, trust_list, now=now, language=language, with_database="holder" not in read_toml(file))
