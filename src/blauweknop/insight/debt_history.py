"""Debts month by month: what was open by the newest documents of each month, when there are documents of several months.

A month in which no document came says nothing, and is no zero. A month in which an organisation had given no document yet is incomplete:
the next bar may be higher because more is known, and not because more is owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from blauweknop.domain.periods import Month
from blauweknop.insight.claims import is_about_debts
from blauweknop.insight.collection import Collection, collect
from blauweknop.insight.debts import Debts, debts_of
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.events import ObligationEvent, events_of
from blauweknop.insight.figures import Amount, FigureId
from blauweknop.insight.income import MOST_MONTHS, MonthState

__all__ = ["MonthDebt", "debt_history"]


@dataclass(frozen=True, slots=True)
class MonthDebt:
    """What was open and late at the end of a month. `without` are the first documents of who told nothing until later."""

    month: Month
    told: bool
    total: Amount | None
    arrears: Amount | None
    without: tuple[InsightDocument, ...]

    @property
    def state(self) -> MonthState:
        if not self.told:
            return MonthState.ABSENT
        if self.without:
            return MonthState.INCOMPLETE
        return MonthState.KNOWN if self.total is not None and self.total.cents else MonthState.EMPTY


def debt_history(collection: Collection, debts: Debts, read: dict[str, tuple[ObligationEvent, ...]] | None = None) -> tuple[MonthDebt, ...]:
    """From the first month with a document about debts up to the last, at most 36; `debts` are those of all documents.

    `read` is as in `events_of`.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    documents = [document for versions in collection.series for document in versions if is_about_debts(document, collection)]
    told = {Month.of(document.reference_day) for document in documents}
    if not told:
        return ()
    first, last = max(min(told), max(told).plus(1 - MOST_MONTHS)), max(told)
    found: list[MonthDebt] = []
    read = {} if read is None else read
    month = first
    while month <= last:
        if month in told:
            until = [document for document in documents if document.reference_day <= month.period.last]
            then = debts if month == last else _debts_by(until, collection, read)
            found.append(_month(month, then, _without(until, documents)))
        else:
            found.append(MonthDebt(month, False, None, None, ()))
        month = month.plus(1)
    return tuple(found)


def _month(month: Month, then: Debts, without: tuple[InsightDocument, ...]) -> MonthDebt:
    open_or_settled = (debt.balance.as_term(debt.label) for debt in (*then.all, *then.settled))
    return MonthDebt(month, True, Amount.of(FigureId.DEBT_MONTH, open_or_settled), then.arrears, without)


def _debts_by(documents: Sequence[InsightDocument], collection: Collection, read: dict[str, tuple[ObligationEvent, ...]]) -> Debts:
    then = collect(documents, collection.obligations)
    return debts_of(then, events_of(then, read))


def _without(until: Sequence[InsightDocument], documents: Sequence[InsightDocument]) -> tuple[InsightDocument, ...]:
    """Of each data set of each source that told nothing yet, its first document."""
    there = {(document.dataset, document.source_oin) for document in until}
    later: dict[tuple[str, str], InsightDocument] = {}
    for document in sorted(documents, key=lambda each: (each.reference, each.key)):
        kind = (document.dataset, document.source_oin)
        if kind not in there:
            later.setdefault(kind, document)
    return tuple(later[kind] for kind in sorted(later))
