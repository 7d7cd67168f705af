"""What was made for a person and does not count any more: told on the page after the login, for a year (PROTOCOL 2.11)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import Reason

__all__ = ["TOLD_FOR", "Notice", "NoticeLine", "WithdrawnItem", "WithdrawnRecords", "withdrawn_notice"]

TOLD_FOR = timedelta(days=365)

_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class WithdrawnItem:
    """A document, or one copy of a credential."""

    dataset_id: str = field(repr=False)
    is_credential: bool
    made_at: datetime = field(repr=False)
    withdrawn_at: datetime
    reason: Reason


class WithdrawnRecords(Protocol):
    """The records of one source."""

    def withdrawn_for(self, person: Bsn, dataset_ids: Sequence[str], *, since: datetime) -> Sequence[WithdrawnItem]:
        """What was made for this person about these data sets and was withdrawn at this moment or later."""
        ...


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """The copies of one batch are one line."""

    dataset: Dataset = field(repr=False)
    is_credential: bool
    made_on: date = field(repr=False)
    withdrawn_on: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page says, newest first; `more` lines are left out."""

    lines: tuple[NoticeLine, ...]
    more: int


def withdrawn_notice(person: Bsn, datasets: Sequence[Dataset], records: WithdrawnRecords, *, now: datetime) -> Notice | None:
    """What to tell this person; None when there is nothing.

    Raises:
        StorageError: the database does not answer.
    """
    known = {dataset.id: dataset for dataset in datasets}
    items = set(records.withdrawn_for(person, tuple(known), since=now - TOLD_FOR))
    newest_first = sorted(items, key=lambda item: (item.withdrawn_at, item.made_at, item.dataset_id, item.is_credential), reverse=True)
    lines = [
        NoticeLine(known[item.dataset_id], item.is_credential, _day(item.made_at), _day(item.withdrawn_at), item.reason)
        for item in newest_first
    ]
    return Notice(tuple(lines[:_MOST_LINES]), max(0, len(lines) - _MOST_LINES)) if lines else None


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
