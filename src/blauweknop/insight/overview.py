"""The overview of one person: every figure of it, from the documents that passed the check, on one day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from blauweknop.catalogue import Catalogue
from blauweknop.domain.errors import MalformedValue
from blauweknop.insight.collection import Collection, collect
from blauweknop.insight.contradictions import contradictions_of
from blauweknop.insight.debt_history import MonthDebt, debt_history
from blauweknop.insight.debts import Debts, debts_of
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.due import DueItem, calendar_of
from blauweknop.insight.events import Events, ObligationEvent, events_of
from blauweknop.insight.income import MOST_MONTHS, Income, income_of
from blauweknop.insight.income_items import income_items
from blauweknop.insight.obligations import Obligations, obligations_of
from blauweknop.insight.remarks import Remark, remarks_of, unreadable_remark

__all__ = ["Overview", "overview_of"]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that can be told on the day `at`."""

    at: date
    collection: Collection
    income: Income
    debts: Debts
    debt_months: tuple[MonthDebt, ...]
    obligations: Obligations
    calendar: tuple[DueItem, ...]
    remarks: tuple[Remark, ...]
    events: Events


def overview_of(
    documents: Iterable[InsightDocument],
    *,
    catalogue: Catalogue,
    at: date,
    months: int = MOST_MONTHS,
    expected: Sequence[str] = (),
) -> Overview:
    """The overview over these documents; the order of the documents makes no difference.

    Args:
        catalogue: says which data sets are payment overviews, and what a data set is called.
        at: the day for which is told what is late, what runs and which months are whole.
        months: how many months back the income goes, 12 to 36.
        expected: data sets that should be there; those that are not are told as missing. Leave out what a source has nothing of.

    A document with a value that is not of its type is left out, and told.

    Raises:
        KeyTwice: one key names two different documents.
        BlauweKnopError: a number of months that is not offered.
    """
    found = tuple(documents)
    try:
        return _overview(found, catalogue, at, months, expected)
    except MalformedValue:
        readable = [document for document in found if _is_readable(document, catalogue, at)]
        overview = _overview(readable, catalogue, at, months, expected)
        unreadable = sorted({document.key: document for document in found if document not in readable}.items())
        return replace(overview, remarks=(*(unreadable_remark(document, catalogue) for _, document in unreadable), *overview.remarks))


def _is_readable(document: InsightDocument, catalogue: Catalogue, at: date) -> bool:
    try:
        _overview([document], catalogue, at, MOST_MONTHS, ())
    except MalformedValue:
        return False
    return True


def _overview(documents: Iterable[InsightDocument], catalogue: Catalogue, at: date, months: int, expected: Sequence[str]) -> Overview:
    """Raises: MalformedValue, and what `overview_of` raises."""
    family = [dataset.id for dataset in catalogue.datasets.values() if dataset.family == "fcid"]
    collection = collect(documents, family)
    found = income_items(collection)
    read: dict[str, tuple[ObligationEvent, ...]] = {}
    events = events_of(collection, read)
    debts = debts_of(collection, events)
    remarks = remarks_of(collection, found, debts, events, catalogue=catalogue, expected=expected, at=at)
    return Overview(
        at=at,
        collection=collection,
        income=income_of(found, at=at, months=months),
        debts=debts,
        debt_months=debt_history(collection, debts, read),
        obligations=obligations_of(collection, at),
        calendar=calendar_of(collection, debts, events, at),
        remarks=(*remarks, *contradictions_of(collection)),
        events=events,
    )
