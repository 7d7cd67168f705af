"""Questions to the systems of a source that may take longer than a wallet waits (PROTOCOL 2.8).

A question goes on when the wallet was told to come back, and its answer waits here, in memory only, for a quarter of an hour. When the
wallet comes after that, or this process ended, the question is put again: what the wallet waits for is in the database.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome, Unavailable
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.wallet.ports import WalletServices

__all__ = ["Questions"]

_LOG = structlog.get_logger("blauweknop.issuer")
_MOST = 4096
_Waiting = tuple["Future[Outcome]", asyncio.TimerHandle]


@dataclass(slots=True)
class Questions:
    """The questions of one source in this process, by the transaction or document that waits for them; the oldest is forgotten first."""

    life: timedelta = timedelta(minutes=15)
    _open: "OrderedDict[str, _Waiting]" = field(default_factory=OrderedDict, repr=False)

    async def outcome(
        self, person: Bsn, dataset: Dataset, services: WalletServices, waiting: str | None
    ) -> "tuple[Outcome | None, Future[Outcome]]":
        """The answer when it comes in time, and the question; `waiting` is the name under which it was put before."""
        question = self._taken(waiting) if waiting else None
        if question is None:
            system = services.issuer.systems[dataset.id]
            question = services.issuer.pool.submit(system.fetch, person, dataset, at=services.now)
        await asyncio.wait([asyncio.wrap_future(question)], timeout=services.issuer.wait_seconds)
        if not question.done():
            return None, question
        if question.exception() is not None:
            # A fault of ours; its text may hold a value. The wallet comes back, for it may be mended by then.
            _LOG.error("source_failed", dataset=dataset.id, error_type=type(question.exception()).__name__)
            return Unavailable("fault"), question
        return question.result(), question

    async def outcomes(
        self, person: Bsn, datasets: Sequence[Dataset], services: WalletServices, waiting: Callable[[Dataset], str]
    ) -> dict[str, Outcome | None]:
        """The answers of several systems, asked at once, by data set; None where there is none in time, which is kept for the next time."""
        asked = [self.outcome(person, dataset, services, waiting(dataset)) for dataset in datasets]
        found: dict[str, Outcome | None] = {}
        for dataset, (outcome, question) in zip(datasets, await asyncio.gather(*asked), strict=True):
            found[dataset.id] = outcome
            if outcome is None:
                self.keep(waiting(dataset), question)
        return found

    def keep(self, waiting: str, question: "Future[Outcome]") -> None:
        """For when the wallet comes back, in a running event loop. A system that could not answer is asked again then."""
        if question.done() and (question.cancelled() or question.exception() is not None or isinstance(question.result(), Unavailable)):
            return
        self._taken(waiting)
        timer = asyncio.get_running_loop().call_later(self.life.total_seconds(), self._open.pop, waiting, None)
        self._open[waiting] = question, timer
        while len(self._open) > _MOST:
            self._taken(next(iter(self._open)))

    def _taken(self, waiting: str) -> "Future[Outcome] | None":
        question, timer = self._open.pop(waiting, (None, None))
        if timer is not None:
            timer.cancel()
        return question
