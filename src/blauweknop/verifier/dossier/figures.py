"""What the pieces add up to: debts by creditor and income by month, as `insight` counts them; each line names its pieces.

A holder can leave rows out of what it shows, and nobody sees it: what is absent may well exist, and no month is told to be whole.
Of an organisation that gave only a total it is not known which cases are in it: such totals stand apart, since a tax bill or another case
may be in them too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from blauweknop.catalogue import Catalogue
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.periods import Month
from blauweknop.domain.verdict import Colour
from blauweknop.insight import Amount, Debt, FigureId, InsightDocument, MonthIncome, Origin, Overview, Remark, RemarkKind, overview_of
from blauweknop.insight.figures import words
from blauweknop.verifier.dossier.differences import differences
from blauweknop.verifier.dossier.pieces import Piece, without_summaries

__all__ = ["DebtLine", "Figures", "MonthLine", "TotalLine", "figures_of"]

_MONTHS = 12
_NAMELESS = frozenset({"studieschuld", "wanbetalers"})
"""Cases to which insight gives a name since their document has none."""
_TOLD_BY_CHECKLIST = frozenset({RemarkKind.MISSING, RemarkKind.OLD, RemarkKind.REDUCED})


@dataclass(frozen=True, slots=True)
class DebtLine:
    """A debt as the form of debt help has it. `arrears` is None when nobody says what is late; `sure` when every piece of it is green."""

    creditor_oin: str
    creditor: str
    collector: str | None
    reference: str = field(repr=False)
    kind: str
    cents: int = field(repr=False)
    arrears: int | None = field(repr=False)
    as_of: date
    pieces: tuple[int, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class TotalLine:
    """What one organisation says that is open in all, without its cases."""

    organisation_oin: str
    organisation: str
    cents: int = field(repr=False)
    as_of: date | None
    piece: int
    sure: bool


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Income of one month; None where nothing is known, which is not zero."""

    month: Month
    jobs: int | None = field(repr=False)
    benefits: int | None = field(repr=False)
    study: int | None = field(repr=False)
    total: int = field(repr=False)
    pieces: tuple[int, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """`debt`, `arrears` and `income` are sums of the lines; of the twelve months before the answer `months_missing` have no amount."""

    debts: tuple[DebtLine, ...]
    debt: int | None = field(repr=False)
    arrears: int | None = field(repr=False)
    totals: tuple[TotalLine, ...]
    months: tuple[MonthLine, ...]
    income: int | None = field(repr=False)
    months_missing: tuple[Month, ...]
    remarks: tuple[str, ...] = field(repr=False)
    """Contradictions, and what was counted once."""

    @property
    def missing(self) -> int:
        return len(self.months_missing)


def figures_of(pieces: Sequence[Piece], *, catalogue: Catalogue, received_at: datetime, language: str) -> Figures:
    """Of all pieces that count. The months are those before the answer: a dossier says next year what it says today."""
    counting = tuple(piece for piece in pieces if piece.counts)
    documents = [document for piece in without_summaries(counting) if (document := _document(piece, received_at)) is not None]
    overview = overview_of(documents, catalogue=catalogue, at=received_at.astimezone(AMSTERDAM).date(), months=_MONTHS)
    sources = _Sources({piece.key: piece for piece in counting})
    paid = [(month, total) for month in overview.income.months if (total := month.total) is not None]
    return Figures(
        debts=tuple(_debt(debt, sources, language) for debt in overview.debts.all),
        debt=_cents(overview.debts.total),
        arrears=_cents(overview.debts.arrears),
        totals=tuple(_totals(counting, overview)),
        months=tuple(_month(month, total, sources) for month, total in paid),
        income=_cents(Amount.of(FigureId.INCOME_YEAR, (total.as_term(words("insight.figure.income_month.title")) for _, total in paid))),
        months_missing=tuple(month.month for month in overview.income.months if month.total is None),
        remarks=(*differences(counting, language), *_said(overview.remarks, language)),
    )


def _said(remarks: Iterable[Remark], language: str) -> Iterable[str]:
    """Each once."""
    return dict.fromkeys(remark.said.in_language(language) for remark in remarks if remark.kind not in _TOLD_BY_CHECKLIST)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Which pieces an amount comes from."""

    by_key: dict[str, Piece]

    def pieces(self, origins: Iterable[Origin]) -> tuple[Piece, ...]:
        found = {origin.document: self.by_key[origin.document] for origin in origins}
        return tuple(sorted(found.values(), key=lambda piece: piece.number))


def _document(piece: Piece, received_at: datetime) -> InsightDocument | None:
    """A piece as insight reads documents; None when it does not say of which day it is."""
    item, day = piece.item, piece.reference_day
    if day is None:
        return None
    return InsightDocument(
        key=piece.key,
        document_id=piece.key,
        dataset=item.dataset,
        version=1,  # pieces do not tell theirs; a field that another version changed is of another type, or absent, and counts in nothing
        source_oin=item.issuer_oin or "",
        source_name=item.issuer or "",
        reference=datetime.combine(day, time(12), AMSTERDAM),
        issued_at=received_at,
        valid_until=day,
        months=None,
        certified=True,
        reduced=True,  # only what was asked for is here: what is absent may well exist
        subject={},
        data=piece.values,
    )


def _debt(debt: Debt, sources: _Sources, language: str) -> DebtLine:
    pieces = sources.pieces((*debt.balance.origins, *debt.also_in))
    return DebtLine(
        creditor_oin=debt.creditor_oin,
        creditor=debt.creditor,
        collector=debt.collector,
        reference="" if debt.case in _NAMELESS else debt.case,
        kind=debt.label.in_language(language),
        cents=debt.balance.cents,
        arrears=_cents(debt.arrears),
        as_of=debt.as_of,
        pieces=_numbers(pieces),
        sure=_sure(pieces),
    )


def _totals(pieces: Sequence[Piece], overview: Overview) -> Iterable[TotalLine]:
    debts = overview.debts
    told = {origin.document for debt in (*debts.all, *debts.credits, *debts.settled) for origin in (*debt.balance.origins, *debt.also_in)}
    done = {piece.source for piece in pieces if piece.key in told}
    for piece in sorted(pieces, key=lambda piece: not piece.is_document):  # of a document without its total the summary may have it
        balance, item = piece.values.get("saldo"), piece.item
        if piece.source not in done and isinstance(balance, int) and not isinstance(balance, bool):
            done.add(piece.source)
            yield TotalLine(item.issuer_oin or "", item.issuer or "", balance, piece.reference_day, piece.number, _sure((piece,)))


def _month(month: MonthIncome, total: Amount, sources: _Sources) -> MonthLine:
    pieces = sources.pieces(total.origins)
    return MonthLine(
        month=month.month,
        jobs=_cents(month.jobs),
        benefits=_cents(month.benefits),
        study=_cents(month.study),
        total=total.cents,
        pieces=_numbers(pieces),
        sure=_sure(pieces),
    )


def _cents(amount: Amount | None) -> int | None:
    return None if amount is None else amount.cents


def _numbers(pieces: Sequence[Piece]) -> tuple[int, ...]:
    return tuple(piece.number for piece in pieces)


def _sure(pieces: Sequence[Piece]) -> bool:
    return all(piece.item.colour is Colour.GREEN for piece in pieces)
