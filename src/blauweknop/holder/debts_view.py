"""Debts as the overview shows them: each case, by creditor, by kind and month by month, with the way each amount was computed."""

from dataclasses import dataclass, field
from datetime import date

from blauweknop.domain.dates import month_in_words
from blauweknop.holder.explained import Explained, Links
from blauweknop.insight import CreditorDebts, Debt, KindDebts, MonthDebt, MonthState, Overview
from blauweknop.insight.debt_chart import debt_chart
from blauweknop.insight.debt_history_chart import debt_history_chart

__all__ = ["CaseLine", "CreditorLine", "DebtMonthLine", "DebtsView", "KindLine", "debts_view"]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One debt; `arrears` is None when nobody says what is late."""

    label: str
    balance: Explained
    arrears: Explained | None
    as_of: date
    collector: str | None
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class CreditorLine:
    name: str
    total: Explained
    arrears: Explained | None
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True)
class KindLine:
    label: str
    total: Explained
    arrears: Explained | None


@dataclass(frozen=True, slots=True)
class DebtMonthLine:
    """Debts at the end of a month; `without` names who told nothing until later."""

    name: str
    state: MonthState
    total: Explained | None
    arrears: int | None = field(repr=False)
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DebtsView:
    """`chart` and `history_chart` are SVG; `history` has one month when there is nothing to compare it with."""

    total: Explained | None
    arrears: Explained | None
    creditors: tuple[CreditorLine, ...]
    kinds: tuple[KindLine, ...]
    credits: tuple[CaseLine, ...]
    unknown_arrears: int
    history: tuple[DebtMonthLine, ...]
    chart: str = field(repr=False)
    history_chart: str = field(repr=False)


def debts_view(overview: Overview, links: Links) -> DebtsView:
    """Of all creditors, kinds and months."""
    debts = overview.debts
    return DebtsView(
        total=links.known(debts.total),
        arrears=links.known(debts.arrears),
        creditors=tuple(_creditor(creditor, links) for creditor in debts.creditors),
        kinds=tuple(_kind(kind, links) for kind in debts.kinds),
        credits=tuple(_case(debt, links) for debt in debts.credits),
        unknown_arrears=len(debts.arrears_unknown),
        history=tuple(_debt_month(month, links) for month in overview.debt_months),
        chart=debt_chart(debts, links.language).svg,
        history_chart=debt_history_chart(overview.debt_months, links.language).svg,
    )


def _kind(kind: KindDebts, links: Links) -> KindLine:
    return KindLine(kind.label.in_language(links.language), links.amount(kind.total), links.known(kind.arrears))


def _debt_month(month: MonthDebt, links: Links) -> DebtMonthLine:
    return DebtMonthLine(
        name=month_in_words(month.month.year, month.month.number, links.language),
        state=month.state,
        total=links.known(month.total),
        arrears=month.arrears.cents if month.arrears else None,
        without=tuple(f"{links.title(document.dataset)} ({document.source_name})" for document in month.without),
    )


def _creditor(creditor: CreditorDebts, links: Links) -> CreditorLine:
    cases = tuple(_case(debt, links) for debt in creditor.debts)
    return CreditorLine(creditor.creditor, links.amount(creditor.total), links.known(creditor.arrears), cases)


def _case(debt: Debt, links: Links) -> CaseLine:
    label = debt.label.in_language(links.language)
    arrears = links.known(debt.arrears)
    return CaseLine(label, links.amount(debt.balance), arrears, debt.as_of, debt.collector, debt.arrears_elsewhere)
