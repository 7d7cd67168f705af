"""Every payment of income that documents tell of, once: pay, benefits, assistance and student grants, with the days that it is for.

1 pay, and benefits that UWV pays, come from the insurance statement: the newest, and for the days before its rows an earlier one;
2 benefits of which UWV gave a specification come from there, unless 1 has that benefit for the same days: then it is the same money;
3 social assistance comes from the specifications of the municipality, month by month, as it was paid;
4 student grants come from the award: only what is no loan, for the months from its start up to the reference date.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from blauweknop.domain.periods import Month, Period
from blauweknop.insight.collection import Collection
from blauweknop.insight.documents import Place
from blauweknop.insight.figures import Origin

__all__ = ["UWV_PAYROLL_NUMBERS", "Coverage", "IncomeItem", "IncomeItems", "IncomeKind", "SameMoney", "income_items"]

UWV_PAYROLL_NUMBERS = frozenset(f"810220350L{suffix}" for suffix in ("02", "04", "20", "23", "26", "53"))
"""Under these UWV pays benefits (dictionary, uwv_loonheffingennummers); for documents that do not say what is a benefit."""

_MOST_GRANTS = 60
"""Months before the reference date for which a grant is told; no figure goes back further."""


class IncomeKind(StrEnum):
    JOB = "job"
    BENEFIT = "benefit"
    STUDY = "study"


@dataclass(frozen=True, slots=True)
class IncomeItem:
    """One payment. `relation` tells payments of one job or benefit from those of another."""

    kind: IncomeKind
    payer: str = field(repr=False)
    period: Period
    cents: int = field(repr=False)
    origin: Origin
    relation: str = field(repr=False)
    reference: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whole months of which a document can tell for one kind of income. What is paid may reach its source up to a month later."""

    kind: IncomeKind
    dataset: str
    since: date
    last: date
    reduced: bool

    def has(self, month: Month) -> bool:
        return self.since <= month.period.first and month.period.last <= self.last and not self.reduced

    def would_know(self, month: Month) -> bool:
        """Whether silence of this document on a month says that its source knows of nothing."""
        return self.has(month) and month.plus(1).period.last <= self.last


@dataclass(frozen=True, slots=True)
class SameMoney:
    """Specifications that were left out, because the insurance statement has that money already; equal or not."""

    left_out: tuple[IncomeItem, ...]
    counted: tuple[IncomeItem, ...]

    @property
    def agree(self) -> bool:
        return sum(item.cents for item in self.left_out) == sum(item.cents for item in self.counted)


@dataclass(frozen=True, slots=True)
class IncomeItems:
    items: tuple[IncomeItem, ...]
    coverage: tuple[Coverage, ...]
    same_money: tuple[SameMoney, ...]


def income_items(collection: Collection) -> IncomeItems:
    """All payments, oldest first.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    insured = [*_insured(collection)]  # 1
    slips, same = _without_same_money([*_slips(collection)], [item for item in insured if item.kind is IncomeKind.BENEFIT])  # 2
    items = [*insured, *slips, *_assistance(collection), *_grants(collection)]  # 3, 4
    items.sort(key=lambda item: (item.period, item.origin.document, item.origin.path))
    return IncomeItems(tuple(items), tuple(_coverage(collection)), same)


def _insured(collection: Collection) -> Iterator[IncomeItem]:
    for layer in collection.layers("uwv.verzekeringsbericht"):
        for relation in layer.document.root.rows("inkomstenverhoudingen"):
            number = relation.text("loonheffingennummer") or ""
            said = relation.flag("is_uitkering")
            kind = IncomeKind.BENEFIT if said or (said is None and number in UWV_PAYROLL_NUMBERS) else IncomeKind.JOB
            payer = relation.text("werkgever_naam") or ""
            for row in relation.rows("loonitems"):
                first, last, cents = row.day("periode_start"), row.day("periode_einde"), row.integer("sv_loon")
                if first is not None and last is not None and cents is not None and layer.answers_for(last):
                    yield _item(kind, payer, Period(first, last), cents, row, "sv_loon", f"uwv/{number}/{payer}")


def _slips(collection: Collection) -> Iterator[IncomeItem]:
    for layer in collection.layers("uwv.uitkeringsspecificatie"):
        for benefit in layer.document.root.rows("uitkeringen"):
            payer = benefit.text("inkomstensoort_uitkering") or ""
            for row in benefit.rows("specificaties"):
                first, last, cents = row.day("periode_startdatum"), row.day("periode_einddatum"), row.integer("bruto_bedrag")
                if first is not None and last is not None and cents is not None and layer.answers_for(last):
                    yield _item(IncomeKind.BENEFIT, payer, Period(first, last), cents, row, "bruto_bedrag", f"slip/{payer}")


def _assistance(collection: Collection) -> Iterator[IncomeItem]:
    for layer in collection.layers("gem.bijstand"):
        root = layer.document.root
        payer = root.text("regeling") or root.text("soort_uitkering") or ""
        for row in root.rows("specificaties"):
            month, paid, cents = row.month("periode"), row.day("datum_laatste_betaling"), row.integer("betaald_totaal")
            if month is not None and paid is not None and cents is not None and layer.answers_for(paid):
                relation = f"gem/{layer.document.source_oin}/{payer}"
                yield _item(IncomeKind.BENEFIT, payer, month.period, cents, row, "betaald_totaal", relation)


def _grants(collection: Collection) -> Iterator[IncomeItem]:
    for root in collection.of("duo.studiefinanciering"):
        first = root.day("ingangsdatum")
        if not root.flag("studiefinanciering_ontvangt") or first is None:
            continue
        reference = root.document.reference_day
        last = min(root.day("einddatum") or reference, reference)
        month = max(Month.of(first), Month.of(reference).plus(-_MOST_GRANTS))
        while month.period.last <= reference and month.period.first <= last:
            for name in ("basisbeurs", "aanvullende_beurs"):
                cents = root.integer(name)
                if cents is not None:
                    yield _item(IncomeKind.STUDY, "DUO", month.period, cents, root, name, f"duo/{name}")
            month = month.plus(1)


def _item(kind: IncomeKind, payer: str, period: Period, cents: int, row: Place, name: str, relation: str) -> IncomeItem:
    return IncomeItem(kind, payer, period, cents, row.origin(name), relation, row.document.reference_day)


def _without_same_money(slips: Sequence[IncomeItem], insured: Sequence[IncomeItem]) -> tuple[list[IncomeItem], tuple[SameMoney, ...]]:
    """The specifications for days of which the insurance statement has no benefit; the others by the stretch of days that they share."""
    kept: list[IncomeItem] = []
    groups: list[tuple[list[IncomeItem], list[IncomeItem]]] = []
    for slip in slips:
        counted = [item for item in insured if _overlap(item.period, slip.period)]
        if not counted:
            kept.append(slip)
            continue
        touching = [group for group in groups if any(item in group[1] for item in counted)]
        merged: tuple[list[IncomeItem], list[IncomeItem]] = ([slip], counted)
        for group in touching:
            groups.remove(group)
            merged = ([*group[0], *merged[0]], [*group[1], *(item for item in merged[1] if item not in group[1])])
        groups.append(merged)
    return kept, tuple(SameMoney(tuple(left), tuple(counted)) for left, counted in groups)


def _overlap(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last


def _coverage(collection: Collection) -> Iterator[Coverage]:
    kinds = (
        ("uwv.verzekeringsbericht", (IncomeKind.JOB, IncomeKind.BENEFIT)),
        ("uwv.uitkeringsspecificatie", (IncomeKind.BENEFIT,)),
        ("gem.bijstand", (IncomeKind.BENEFIT,)),
    )
    for dataset, told in kinds:
        for layer in collection.layers(dataset):
            document = layer.document
            last = min(document.reference_day, layer.until or document.reference_day)
            for kind in told:
                yield Coverage(kind, dataset, layer.since, last, document.reduced)
