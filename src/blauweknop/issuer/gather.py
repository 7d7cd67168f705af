"""Ask the systems of the source for several data sets at once; each has its own outcome, never all or nothing (ARCHITECTURE decision 6)."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome, Unavailable
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.ports import SourceSystem

__all__ = ["gather"]


def gather(
    bsn: Bsn,
    datasets: Sequence[Dataset],
    systems: Mapping[str, SourceSystem],
    *,
    at: datetime,
    wait_seconds: float,
    pool: ThreadPoolExecutor,
) -> dict[str, Outcome]:
    """The outcome per data set id, within `wait_seconds`; who has not answered by then is unavailable by time-out.

    `pool` is shared by all visitors and bounds how many questions are open at the source at once.
    """
    asked = {dataset.id: pool.submit(systems[dataset.id].fetch, bsn, dataset, at=at) for dataset in datasets if dataset.id in systems}
    wait(asked.values(), timeout=wait_seconds)
    outcomes: dict[str, Outcome] = {}
    for dataset in datasets:
        question = asked.get(dataset.id)
        if question is None:
            outcomes[dataset.id] = Unavailable("configuration", retry_worthwhile=False)
        elif question.done():
            outcomes[dataset.id] = question.result()
        else:
            question.cancel()
            outcomes[dataset.id] = Unavailable("timeout")
    return outcomes
