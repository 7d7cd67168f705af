"""The part of journey J8 that there is: a document that its source withdraws is red from then on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.database import open_database
from blauweknop.adapters.withdrawals import Withdrawals
from blauweknop.demo.checking import new_receiver
from blauweknop.demo.journeys import Step, play_download
from blauweknop.demo.scheme import DemoScheme
from blauweknop.domain.verdict import Rejected, Verified
from blauweknop.issuer.withdraw import OfDocuments, withdraw

__all__ = ["play_withdrawal"]

_OK = "ok"


def play_withdrawal(scheme: DemoScheme, base_url: str, person_id: str) -> list[Step]:
    """A person gets a document, which is green; its source withdraws it; who asks for the list then sees it red.

    It is a document of its own, and gone afterwards: all that the other journeys left stay as they are.
    """
    source = next(iter(scheme.settings.sources.values()))
    with TemporaryDirectory() as name:
        documents, folder = Path(name) / "documents", Path(name)
        documents.mkdir()
        downloaded = play_download(base_url, source.path, person_id, number=1, documents=documents)
        failed = [step for step in downloaded if step.outcome != _OK]
        made = sorted(documents.glob("*.pdf"))
        if failed or not made:
            return failed or [_step(source.identity.id, "document", lambda: "there was nothing to download")]
        case = _Case(scheme, source.identity.id, made[0].read_bytes(), folder)
        return [_step(case.source, name, act) for name, act in (("green", case.is_green), ("withdraw", case.goes), ("red", case.is_red))]


@dataclass(slots=True)
class _Case:
    """One document, and a folder for what receivers keep; each act says `ok`, or what it found instead."""

    scheme: DemoScheme
    source: str
    pdf: bytes
    folder: Path
    document_id: str = ""

    def is_green(self) -> str:
        verdict = new_receiver(self.scheme, self.folder / "before")(self.pdf)
        if not isinstance(verdict, Verified):
            return f"expected green, and got {verdict.colour.value}"
        self.document_id = str(verdict.content["document_id"])
        return _OK

    def goes(self) -> str:
        engine = open_database(self.scheme.settings.storage.url)
        done = withdraw(OfDocuments((self.document_id,)), Withdrawals(engine, self.source, now=datetime.now(UTC), trace_id=random_id()))
        engine.dispose()
        return _OK if done.documents == 1 else f"expected one document to be withdrawn, and got {done.documents}"

    def is_red(self) -> str:
        verdict = new_receiver(self.scheme, self.folder / "after")(self.pdf)
        told = isinstance(verdict, Rejected) and verdict.facts.status == "withdrawn"
        return _OK if told else f"expected red, and got {verdict.colour.value}"


def _step(source: str, name: str, act: Callable[[], str]) -> Step:
    started = time.perf_counter()
    return Step("J8", 1, source, name, act(), round((time.perf_counter() - started) * 1000))
