"""The calendar: what must be paid when, and what begins or ends; what is past and still open is late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from blauweknop.insight.collection import Collection
from blauweknop.insight.debts import Debt, Debts
from blauweknop.insight.documents import Place
from blauweknop.insight.events import ASKED, WITHDRAWN, Events, ObligationEvent
from blauweknop.insight.figures import Amount, FigureId, Origin, Term, Words, words

__all__ = ["DueItem", "DueKind", "calendar_of"]


_NEVER = 9999
"""With an end in this year registers say that there is none."""


class DueKind(StrEnum):
    PAY = "pay"
    BEGINS = "begins"
    ENDS = "ends"
    RENEW = "renew"  # a document whose validity ends


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something on a day. `amount` only for what must be paid; `late` when that day is past and it is still open."""

    day: date
    kind: DueKind
    said: Words
    origins: tuple[Origin, ...]
    amount: Amount | None = None
    late: bool = False
    creditor: str | None = None
    case: str | None = field(default=None, repr=False)


def calendar_of(collection: Collection, debts: Debts, events: Events, at: date) -> tuple[DueItem, ...]:
    """What is late, and what comes from this day on, by date.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    items = [*_requests(debts, events, at), *_bills(collection, debts, events, at)]
    items += [item for item in (*_ends(collection), *_validity(collection)) if item.day >= at]
    return tuple(sorted(items, key=lambda item: (item.day, item.kind, item.creditor or "", item.case or "", item.origins[0].path)))


def _requests(debts: Debts, events: Events, at: date) -> Iterator[DueItem]:
    """Of each payment reference the last letter: a reminder asks for the same money as the letter before it."""
    for debt in debts.all:
        for event in _open_requests(debt, events):
            if event.due is not None and not _agreed(debt, event.due, at):
                cents = min(event.cents, debt.balance.cents)
                said = words("insight.due.request", label=debt.label)
                yield _payment(event.due, debt, cents, (event.origin, event.due_origin), at, said)


def _agreed(debt: Debt, due: date, at: date) -> bool:
    """Whether the day is past and yet, as the organisation says, nothing is late: there is an agreement on paying, or a delay."""
    return due < at and debt.arrears is not None and debt.arrears.cents <= 0


def _open_requests(debt: Debt, events: Events) -> Sequence[ObligationEvent]:
    last: dict[str | None, ObligationEvent] = {}
    told = sorted((event for name in debt.names for event in events.of_case(*name)), key=lambda event: event.moment)
    for event in told:
        if event.kind == ASKED:
            last[event.payment_reference] = event
        elif event.kind == WITHDRAWN:
            last.pop(event.payment_reference, None)
    return tuple(last.values())


def _bills(collection: Collection, debts: Debts, events: Events, at: date) -> Iterator[DueItem]:
    """Tax bills of which no payment request is known."""
    bills = collection.of("gem.belastingaanslag")
    by_name = {name: debt for debt in debts.all for name in debt.names} if bills else {}
    for root in bills:
        due, bill = root.day("vervaldatum"), root.text("aanslagbiljetnummer")
        debt = by_name.get((root.document.source_oin, bill)) if bill is not None else None
        if due is not None and debt is not None and not _agreed(debt, due, at) and not _open_requests(debt, events):
            origins = (*debt.balance.origins, root.origin("vervaldatum"))
            yield _payment(due, debt, debt.balance.cents, origins, at, words("insight.due.bill"))


def _payment(day: date, debt: Debt, cents: int, origins: tuple[Origin, ...], at: date, said: Words) -> DueItem:
    amount = Amount(FigureId.DUE, (Term(debt.label, cents, origins),))
    return DueItem(day, DueKind.PAY, said, origins, amount, day < at, debt.creditor, debt.case)


def _ends(collection: Collection) -> Iterator[DueItem]:
    for root in collection.of("duo.studieschuld"):
        if root.text("fase") != "afgelost":
            yield from _on(root, "rente_geldig_tot", DueKind.ENDS, "insight.due.interest")
            yield from _on(root, "startdatum_aflosfase", DueKind.BEGINS, "insight.due.repayment")
    for root in collection.of("duo.studiefinanciering"):
        if root.flag("studiefinanciering_ontvangt"):
            yield from _on(root, "einddatum", DueKind.ENDS, "insight.due.study_finance")
    for root in collection.of("uwv.uitkeringsspecificatie"):
        for row in root.rows("uitkeringen"):
            yield from _on(row, "einddatum_recht", DueKind.ENDS, "insight.due.benefit")
    for root in collection.of("gem.bijstand"):
        yield from _on(root, "einddatum", DueKind.ENDS, "insight.due.assistance")
    for root in collection.of("cak.eigen_bijdrage"):
        yield from _on(root, "einddatum", DueKind.ENDS, "insight.due.care")
    for root in collection.of("gem.pw_vordering"):
        for claim in root.rows("vorderingen"):
            for row in claim.rows("aflossingsafspraken"):
                yield from _on(row, "einddatum", DueKind.ENDS, "insight.due.agreement")


def _on(row: Place, name: str, kind: DueKind, key: str) -> Iterator[DueItem]:
    day = row.day(name)
    if day is not None and day.year < _NEVER:
        yield DueItem(day, kind, words(key), (row.origin(name),), creditor=row.document.source_name)


def _validity(collection: Collection) -> Iterator[DueItem]:
    """Once for all documents of a source that go out of date on the same day."""
    together: dict[tuple[str, date], list[Origin]] = {}
    for document in collection.current:
        origin = Origin(document.key, document.dataset, "valid_until", document.valid_until.isoformat())
        together.setdefault((document.source_name, document.valid_until), []).append(origin)
    for (source, day), origins in together.items():
        yield DueItem(day, DueKind.RENEW, words("insight.due.renew", source=source), tuple(origins), creditor=source)
