"""`blauweknop doctor`: is this installation fit to seal and to be believed, and if not, what to do. Exit 0, 1 when something fails.

It changes nothing but the memory of which trust list was seen last. A configuration that cannot be read is a fault of usage (3).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.adapters.settings import Settings
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_settings
from blauweknop.cli.doctor_findings import Finding, State, finding_lines, ok
from blauweknop.cli.doctor_keys import examine_keys
from blauweknop.cli.doctor_scheme import examine_membership, examine_time_stamp, examine_trust_list, read_scheme
from blauweknop.cli.doctor_systems import examine_database, examine_reach

__all__ = ["examine", "findings_of"]


def examine(config: Path | None, language: str) -> int:
    """Print a line per finding as they come; 0 when nothing fails, else 1.

    Raises:
        BlauweKnopError: there is no configuration, or it is broken.
    """
    settings = find_settings(config)
    states: Counter[State] = Counter()
    for finding in findings_of(settings, now=datetime.now(UTC), language=language):
        states[finding.state] += 1
        for line in finding_lines(finding, language):
            typer.echo(line)
    counts = {"ok": states[State.OK], "warn": states[State.WARN], "fail": states[State.FAIL]}
    typer.echo(sentence("doctor.sum", language, **counts))
    return 1 if states[State.FAIL] else 0


def findings_of(settings: Settings, *, now: datetime, language: str) -> Iterator[Finding]:
    """Everything that is looked at, from what is nearest to what is farthest away."""
    yield ok("configuration", file=settings.file.name, count=len(settings.sources))
    yield from examine_database(settings)
    scheme = read_scheme(settings, now=now, language=language)
    trust_list = None if isinstance(scheme, Finding) else scheme
    if isinstance(scheme, Finding):
        yield scheme
    else:
        yield from examine_trust_list(scheme, settings, now=now, language=language)
    yield from examine_time_stamp(settings, trust_list, now=now)
    for source in settings.sources.values():
        yield from examine_keys(source, trust_list, now=now, language=language)
        if trust_list is not None:
            yield from examine_membership(trust_list, source, now=now)
    yield from examine_reach(settings)
