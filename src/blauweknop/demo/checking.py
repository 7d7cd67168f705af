"""Check what the scripted journeys brought home, as a receiver would: with the published trust list and status lists, and nothing else."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from blauweknop.adapters.status_fetching import fetch_status_list
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.demo.journeys import Step
from blauweknop.demo.scheme import DemoScheme
from blauweknop.domain.verdict import CheckResult, Verdict, Verified

__all__ = ["check_files", "demo_trust", "new_receiver"]


def demo_trust(scheme: DemoScheme) -> Trust:
    """The trust list of the exercise, read as any receiver reads it."""
    places = TrustPlaces(str(scheme.folder / "trust-list.json"), scheme.folder / "trust-anchor.pem")
    return load_trust(places, now=datetime.now(UTC), state=scheme.state, fetch=None)


def new_receiver(scheme: DemoScheme, state: Path) -> Callable[[bytes], Verdict]:
    """The check of a receiver who asks the sources for their status lists, at their addresses, and keeps them in `state`."""
    trust = replace(demo_trust(scheme), status_lists={})
    statuses = StatusStore(state=state, fetch=fetch_status_list)

    def check(pdf: bytes) -> Verdict:
        now = datetime.now(UTC)
        return statuses.check(lambda given: check_document(pdf, trust=given, at=now, catalogue=scheme.catalogue), trust, now)

    return check


def check_files(scheme: DemoScheme) -> list[Step]:
    """One step per document; anything but green is a failure, named by the reason codes. The sources must be up."""
    with TemporaryDirectory() as state:
        check = new_receiver(scheme, Path(state))
        return [_checked(path, check) for path in sorted(scheme.documents.glob("*.pdf"))]


def _checked(path: Path, check: Callable[[bytes], Verdict]) -> Step:
    started = time.perf_counter()
    verdict = check(path.read_bytes())
    outcome = "ok" if isinstance(verdict, Verified) else _reasons(verdict)
    number = int(path.name.split("-")[1])
    return Step("J1", number, path.stem, "check", outcome, round((time.perf_counter() - started) * 1000))


def _reasons(verdict: Verdict) -> str:
    bad = [f"{step.id}: {step.reason}" for step in verdict.facts.steps if step.result is not CheckResult.OK]
    return f"{verdict.colour.value}: {', '.join(bad)}"
