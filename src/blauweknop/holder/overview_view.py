"""The overview as a page shows it: every amount is that of `insight`, in words around it, with the way it was computed.

Nothing is added up here. What is not known stays None, and the page says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import month_in_words
from blauweknop.domain.periods import Month
from blauweknop.holder.debts_view import DebtsView, debts_view
from blauweknop.holder.explained import Explained, Link, Links
from blauweknop.insight import Amount, DueItem, MonthIncome, MonthState, Obligation, Overview, Share, YearIncome
from blauweknop.insight.figures import percent_in_words
from blauweknop.insight.income_chart import income_chart

__all__ = [
    "DueLine",
    "IncomeView",
    "MonthLine",
    "ObligationLine",
    "ObligationsView",
    "OverviewView",
    "RemarkGroup",
    "RemarkLine",
    "YearLine",
    "overview_view",
]

_SOON = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Income of one month; `anchor` is where the page tells how it was computed."""

    name: str
    anchor: str
    state: MonthState
    jobs: int | None = field(repr=False)
    benefits: int | None = field(repr=False)
    study: int | None = field(repr=False)
    total: int | None = field(repr=False)
    explained: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class YearLine:
    """Twelve months; `missing` are names of months that are not in the sum."""

    first: str
    last: str
    total: Explained
    parts: tuple[tuple[str, int], ...] = field(repr=False)
    missing: tuple[str, ...]
    volatility: Explained | None
    benefit_share: Explained | None


@dataclass(frozen=True, slots=True)
class IncomeView:
    """`latest` is the last month of which everything is told; `told` counts the months with payments; `chart` is SVG."""

    latest: MonthLine | None
    months: tuple[MonthLine, ...]
    years: tuple[YearLine, ...]
    told: int
    has_study: bool
    chart: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ObligationLine:
    creditor: str
    label: str
    amount: Explained
    withheld: bool
    until: date | None


@dataclass(frozen=True, slots=True)
class ObligationsView:
    """`to_pay` is there only when something is withheld, so that it is another amount than the total."""

    total: Explained | None
    to_pay: Explained | None
    lines: tuple[ObligationLine, ...]


@dataclass(frozen=True, slots=True)
class DueLine:
    """Something on a day; of what is late also how many days."""

    day: date
    words: str
    creditor: str | None
    amount: int | None = field(repr=False)
    days_late: int
    is_payment: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RemarkLine:
    words: str = field(repr=False)
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RemarkGroup:
    """Remarks of one kind, together under one heading."""

    kind: str
    lines: tuple[RemarkLine, ...]


@dataclass(frozen=True, slots=True)
class OverviewView:
    """Everything on the page. `soon` is what is late or comes within a month, `later` what comes after it."""

    at: date
    documents: int
    sources: int
    income: IncomeView
    debts: DebtsView
    obligations: ObligationsView
    soon: tuple[DueLine, ...]
    later: tuple[DueLine, ...]
    remarks: tuple[RemarkGroup, ...]

    @property
    def late(self) -> tuple[DueLine, ...]:
        return tuple(line for line in self.soon if line.days_late)


def overview_view(overview: Overview, *, catalogue: Catalogue, path: str, language: str) -> OverviewView:
    """The page of this overview; `path` is below which the pages of documents are."""
    links = Links.to(overview.collection.documents, catalogue, path, language)
    calendar = tuple(_due(item, overview.at, links) for item in overview.calendar)
    counted = overview.collection.current
    return OverviewView(
        at=overview.at,
        documents=len(counted),
        sources=len({document.source_oin for document in counted}),
        income=_income(overview, links),
        debts=debts_view(overview, links),
        obligations=_obligations(overview, links),
        soon=tuple(line for line in calendar if line.day <= overview.at + _SOON),
        later=tuple(line for line in calendar if line.day > overview.at + _SOON),
        remarks=tuple(_remarks(overview, links)),
    )


def _income(overview: Overview, links: Links) -> IncomeView:
    income = overview.income
    lines = tuple(_month(month, links) for month in income.months)
    latest = next((line for line in reversed(lines) if line.state is MonthState.KNOWN), None)
    return IncomeView(
        latest=latest,
        months=lines,
        years=tuple(_year(year, links) for year in income.years),
        told=income.count(MonthState.KNOWN) + income.count(MonthState.INCOMPLETE),
        has_study=any(line.study is not None for line in lines),
        chart=income_chart(income, links.language).svg,
    )


def _month(month: MonthIncome, links: Links) -> MonthLine:
    kinds = (month.jobs, month.benefits, month.study)
    return MonthLine(
        name=_name(month.month, links.language),
        anchor=f"maand-{month.month.year}-{month.month.number:02d}",
        state=month.state,
        jobs=_cents(month.jobs),
        benefits=_cents(month.benefits),
        study=_cents(month.study),
        total=_cents(month.total),
        explained=tuple(links.amount(amount) for amount in kinds if amount),
    )


def _year(year: YearIncome, links: Links) -> YearLine:
    named = (("jobs", year.jobs), ("benefits", year.benefits), ("study", year.study))
    return YearLine(
        first=_name(year.months[0].month, links.language),
        last=_name(year.months[-1].month, links.language),
        total=links.amount(year.total),
        parts=tuple((sentence(f"insight.income.{name}", links.language), amount.cents) for name, amount in named if amount),
        missing=tuple(_name(month, links.language) for month in year.missing),
        volatility=_share(year.volatility, links),
        benefit_share=_share(year.benefit_share, links),
    )


def _share(share: Share | None, links: Links) -> Explained | None:
    return None if share is None else links.share(share, percent_in_words(share.value, links.language))


def _obligations(overview: Overview, links: Links) -> ObligationsView:
    found = overview.obligations
    withheld = any(obligation.withheld for obligation in found.obligations)
    lines = tuple(_obligation(obligation, links) for obligation in found.obligations)
    return ObligationsView(links.known(found.total), links.known(found.to_pay) if withheld else None, lines)


def _obligation(obligation: Obligation, links: Links) -> ObligationLine:
    label = obligation.label.in_language(links.language)
    return ObligationLine(obligation.creditor, label, links.amount(obligation.amount), obligation.withheld, obligation.until)


def _due(item: DueItem, at: date, links: Links) -> DueLine:
    return DueLine(
        day=item.day,
        words=item.said.in_language(links.language),
        creditor=item.creditor,
        amount=_cents(item.amount),
        days_late=(at - item.day).days if item.late else 0,
        is_payment=item.amount is not None,
        links=links.fields(item.origins),
    )


def _remarks(overview: Overview, links: Links) -> Iterator[RemarkGroup]:
    """In the order of insight, those of one kind together."""
    kinds = dict.fromkeys(remark.kind for remark in overview.remarks)
    for kind in kinds:
        lines = [remark for remark in overview.remarks if remark.kind is kind]
        yield RemarkGroup(kind, _lines([(line.said.in_language(links.language), links.fields(line.origins)) for line in lines]))


def _lines(said: Sequence[tuple[str, tuple[Link, ...]]]) -> tuple[RemarkLine, ...]:
    """A sentence that is said of several places stands once, with all of them."""
    together: dict[str, list[Link]] = {}
    for words, links in said:
        together.setdefault(words, []).extend(links)
    return tuple(RemarkLine(words, tuple(links)) for words, links in together.items())


def _cents(amount: Amount | None) -> int | None:
    return None if amount is None else amount.cents


def _name(month: Month, language: str) -> str:
    return month_in_words(month.year, month.number, language)
