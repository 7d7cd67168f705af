"""Check what the scripted journeys brought home, as a receiver would: with the published trust list and nothing else."""

import time
from datetime import UTC, datetime

from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.demo.journeys import Step
from blauweknop.demo.scheme import DemoScheme
from blauweknop.domain.verdict import CheckResult, Verdict, Verified

__all__ = ["check_files", "demo_trust"]


def demo_trust(scheme: DemoScheme) -> Trust:
    """The trust list of the exercise, read as any receiver reads it."""
    places = TrustPlaces(str(scheme.folder / "trust-list.json"), scheme.folder / "trust-anchor.pem")
    return load_trust(places, now=datetime.now(UTC), state=scheme.state, fetch=None)


def check_files(scheme: DemoScheme) -> list[Step]:
    """One step per document; anything but green is a failure, named by the reason codes."""
    trust = demo_trust(scheme)
    steps: list[Step] = []
    for path in sorted(scheme.documents.glob("*.pdf")):
        started = time.perf_counter()
        verdict = check_document(path.read_bytes(), trust=trust, at=datetime.now(UTC), catalogue=scheme.catalogue)
        outcome = "ok" if isinstance(verdict, Verified) else _reasons(verdict)
        number = int(path.name.split("-")[1])
        steps.append(Step("J1", number, path.stem, "check", outcome, round((time.perf_counter() - started) * 1000)))
    return steps


def _reasons(verdict: Verdict) -> str:
    bad = [f"{step.id}: {step.reason}" for step in verdict.facts.steps if step.result is not CheckResult.OK]
    return f"{verdict.colour.value}: {', '.join(bad)}"
