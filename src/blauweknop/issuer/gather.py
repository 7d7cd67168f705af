"""Ask the systems of the source for several data sets at once; each has its own outcome, never all or nothing (ARCHITECTURE decision 6)."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome, Unavailable
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.ports import SourceSystem

__all__ = ["gather"]

_LOG = structlog.get_logger("blauweknop.issuer")


async def gather(
    bsn: Bsn,
    datasets: Sequence[Dataset],
    systems: Mapping[str, SourceSystem],
    *,
    at: datetime,
    wait_seconds: float,
    pool: ThreadPoolExecutor,
) -> dict[str, Outcome]:
    """The outcome per data set id, within `wait_seconds`; who has not answered by then is unavailable by time-out.

    `pool` is shared by all visitors and bounds how many questions are open at the source at once; waiting for it costs no thread.
    """
    asked = {
        dataset.id: asyncio.wrap_future(pool.submit(systems[dataset.id].fetch, bsn, dataset, at=at))
        for dataset in datasets
        if dataset.id in systems
    }
    if asked:
        await asyncio.wait(asked.values(), timeout=wait_seconds)
    return {dataset.id: _outcome(dataset, asked.get(dataset.id)) for dataset in datasets}


def _outcome(dataset: Dataset, question: "asyncio.Future[Outcome] | None") -> Outcome:
    if question is None:
        return Unavailable("configuration", retry_worthwhile=False)
    if not question.done():
        question.cancel()
        return Unavailable("timeout")
    fault = question.exception()
    if fault is not None:
        # A fault of ours in one source must not take the others away; the text of the fault may hold a value.
        _LOG.error("source_failed", dataset=dataset.id, error_type=type(fault).__name__)
        return Unavailable("fault")
    return question.result()
