"""What a person should know beside the figures: what is missing, old or counted once, and where sources contradict each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from blauweknop.catalogue import Catalogue
from blauweknop.document.content import IN_INVESTIGATION
from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text
from blauweknop.insight.claims import Merged
from blauweknop.insight.collection import Collection
from blauweknop.insight.debts import Debt, Debts
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.events import Events
from blauweknop.insight.figures import Cents, Origin, Words, words
from blauweknop.insight.income_items import IncomeItems, IncomeKind

__all__ = ["MOST_PAIRS", "Remark", "RemarkKind", "remarks_of", "unreadable_remark"]

MOST_PAIRS = 100
"""Of debts that may be the same money: more of them nobody reads."""


class RemarkKind(StrEnum):
    MISSING = "missing"
    OLD = "old"
    UNREADABLE = "unreadable"  # a value is not of its type, so nothing of it counts
    UNREAD = "unread"  # a data set or version that figures do not know
    OWN_PAPER = "own_paper"  # not certified, so in no figure
    REDUCED = "reduced"  # its holder left things out
    COUNTED_ONCE = "counted_once"
    PERHAPS_TWICE = "perhaps_twice"
    CONTRADICTION = "contradiction"
    UNDER_INVESTIGATION = "under_investigation"


@dataclass(frozen=True, slots=True)
class Remark:
    """`origins` are what it is about; none when it is about something that is not there."""

    kind: RemarkKind
    said: Words
    origins: tuple[Origin, ...] = ()
    dataset: str | None = None


def remarks_of(
    collection: Collection,
    income: IncomeItems,
    debts: Debts,
    events: Events,
    *,
    catalogue: Catalogue,
    expected: Sequence[str],
    at: date,
) -> tuple[Remark, ...]:
    """All remarks but contradictions about the person; `expected` are the data sets that should be there."""
    return (
        *_missing(collection, income, catalogue, expected),
        *_documents(collection, catalogue, at),
        *_counted_once(income, debts),
        *_perhaps_twice(debts),
        *_amounts(collection, income, debts, events),
        *_under_investigation(collection),
    )


def unreadable_remark(document: InsightDocument, catalogue: Catalogue) -> Remark:
    """What is told of a document with a value that is not of its type."""
    return _about(RemarkKind.UNREADABLE, document, catalogue)


def _about(kind: RemarkKind, document: InsightDocument, catalogue: Catalogue) -> Remark:
    said = words(f"insight.remark.{kind}", title=_title(document.dataset, catalogue))
    return Remark(kind, said, (Origin(document.key, document.dataset, "version", document.version),), document.dataset)


def _missing(collection: Collection, income: IncomeItems, catalogue: Catalogue, expected: Sequence[str]) -> Iterator[Remark]:
    there = {document.dataset for document in collection.current}
    for dataset in dict.fromkeys(expected):
        if dataset not in there:
            yield Remark(RemarkKind.MISSING, words("insight.remark.missing", title=_title(dataset, catalogue)), dataset=dataset)
    benefits = [item for item in income.items if item.kind is IncomeKind.BENEFIT and item.origin.dataset == "uwv.verzekeringsbericht"]
    if benefits and "uwv.uitkeringsspecificatie" not in there and "uwv.uitkeringsspecificatie" not in expected:
        dataset = "uwv.uitkeringsspecificatie"
        said = words("insight.remark.missing_benefit", title=_title(dataset, catalogue))
        yield Remark(RemarkKind.MISSING, said, (benefits[-1].origin,), dataset)
    for root in collection.of("cak.wanbetalers"):
        if root.flag("aangemeld"):
            origins = (root.origin("aangemeld"), root.origin("zorgverzekeraar"))
            yield Remark(RemarkKind.MISSING, words("insight.remark.missing_insurer"), origins)


def _documents(collection: Collection, catalogue: Catalogue, at: date) -> Iterator[Remark]:
    for document in collection.current:
        title = _title(document.dataset, catalogue)
        dated = Origin(document.key, document.dataset, "saldo_datumtijd", document.reference.isoformat())
        if document.is_old_on(at):
            said = words("insight.remark.old", title=title, day=document.reference_day)
            yield Remark(RemarkKind.OLD, said, (dated,), document.dataset)
        if document.reduced:
            yield Remark(RemarkKind.REDUCED, words("insight.remark.reduced", title=title), (dated,), document.dataset)
    for document in collection.unread:
        yield _about(RemarkKind.UNREAD, document, catalogue)
    for document in collection.own_papers:
        yield _about(RemarkKind.OWN_PAPER, document, catalogue)


def _counted_once(income: IncomeItems, debts: Debts) -> Iterator[Remark]:
    benefits = tuple(item.origin for same in income.same_money for item in (*same.counted, *same.left_out))
    if benefits:
        yield Remark(RemarkKind.COUNTED_ONCE, words("insight.remark.same_benefit"), benefits)
    for case in debts.merged.cases:
        if case.others:
            origins = tuple(claim.stated_origin for claim in (case.counted, *case.others))
            yield Remark(RemarkKind.COUNTED_ONCE, _once(case), origins)
    for claim in debts.merged.absorbed:
        yield Remark(RemarkKind.COUNTED_ONCE, words("insight.remark.same_premium"), (claim.stated_origin,))
    for debt in debts.all:
        if debt.arrears_elsewhere and debt.arrears is not None:
            yield Remark(RemarkKind.COUNTED_ONCE, words("insight.remark.same_arrears"), debt.arrears.origins)


def _once(case: Merged) -> Words:
    label = case.named_by.label
    if case.collector is None:
        return words("insight.remark.same_debt", label=label)
    principal = next((claim for claim in (case.counted, *case.others) if claim.on_behalf_of is None), case.counted)
    return words("insight.remark.collected", label=label, collector=case.collector, principal=principal.document.source_name)


def _perhaps_twice(debts: Debts) -> Iterator[Remark]:
    """Money that may be in two documents, without anything that proves it: it is counted, and said."""
    for debt in debts.all:
        if debt.arrears_elsewhere:
            terms = [other for other in debts.all if other.creditor_oin == debt.creditor_oin and other.kind.startswith("duo_studieschuld")]
            origins = tuple(origin for other in terms for origin in other.balance.origins)
            if origins:
                yield Remark(RemarkKind.PERHAPS_TWICE, words("insight.remark.perhaps_term"), (*debt.balance.origins, *origins))
    yield from _perhaps_collected(debts.all)


def _perhaps_collected(owed: Sequence[Debt]) -> Iterator[Remark]:
    """Of each pair of debts; of very many alike only the first, and how many more there are."""
    of_organisation: dict[tuple[str | None, int], list[Debt]] = {}
    for debt in owed:
        for organisation in {origin.dataset.partition(".")[0] for origin in debt.balance.origins}:
            of_organisation.setdefault((organisation, debt.balance.cents), []).append(debt)
    told = more = 0
    for collected in owed:
        alike = of_organisation.get((collected.on_behalf_of, collected.balance.cents), ())
        for other in alike[: MOST_PAIRS - told]:
            said = words("insight.remark.perhaps_collected", collector=collected.creditor, principal=other.creditor)
            yield Remark(RemarkKind.PERHAPS_TWICE, said, (*collected.balance.origins, *other.balance.origins))
        more += max(0, len(alike) - (MOST_PAIRS - told))
        told = min(MOST_PAIRS, told + len(alike))
    if more:
        yield Remark(RemarkKind.PERHAPS_TWICE, words("insight.remark.perhaps_collected_more", count=more))


def _amounts(collection: Collection, income: IncomeItems, debts: Debts, events: Events) -> Iterator[Remark]:
    """Amounts that sources say differently, or that do not add up within a document."""
    for same in income.same_money:
        if not same.agree:
            counted, left = sum(item.cents for item in same.counted), sum(item.cents for item in same.left_out)
            said = words("insight.remark.benefit_differs", counted=Cents(counted), left=Cents(left))
            yield Remark(RemarkKind.CONTRADICTION, said, tuple(item.origin for item in (*same.counted, *same.left_out)))
    for case in debts.merged.cases:
        for claim in (case.counted, *case.others):
            if claim.stated is not None and claim.stated != claim.balance.cents:
                said = words("insight.remark.sum_differs", stated=Cents(claim.stated), computed=Cents(claim.balance.cents))
                yield Remark(RemarkKind.CONTRADICTION, said, (claim.stated_origin, *claim.balance.origins))
        for other in case.others:
            same_day = other.document.reference_day == case.counted.document.reference_day
            if same_day and other.balance.cents != case.counted.balance.cents:
                amounts = {"counted": Cents(case.counted.balance.cents), "left": Cents(other.balance.cents)}
                said = words("insight.remark.debt_differs", label=case.named_by.label, **amounts)
                yield Remark(RemarkKind.CONTRADICTION, said, (case.counted.stated_origin, other.stated_origin))
    yield from _parts_of_study_debt(collection)
    for changed in events.changed:
        yield Remark(RemarkKind.CONTRADICTION, words("insight.remark.event_changed"), (changed.newer.origin, changed.older.origin))


def _parts_of_study_debt(collection: Collection) -> Iterator[Remark]:
    for root in collection.of("duo.studieschuld"):
        rows, stated = root.rows("schuldonderdelen"), root.integer("schuldsaldo_inclusief_rente")
        parts = [cents for row in rows if (cents := row.integer("bedrag")) is not None]
        if stated is not None and parts and sum(parts) != stated and not root.document.reduced:
            said = words("insight.remark.sum_differs", stated=Cents(stated), computed=Cents(sum(parts)))
            origins = (root.origin("schuldsaldo_inclusief_rente"), *(row.origin("bedrag") for row in rows))
            yield Remark(RemarkKind.CONTRADICTION, said, origins)


def _under_investigation(collection: Collection) -> Iterator[Remark]:
    for document in collection.current:
        for path in _indications(document.root.value, "data"):
            said = words("insight.remark.under_investigation", source=document.source_name)
            yield Remark(RemarkKind.UNDER_INVESTIGATION, said, (Origin(document.key, document.dataset, path, True),), document.dataset)


def _indications(value: JsonValue, path: str, inside: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, dict | list) or item is True:
                yield from _indications(item, f"{path}.{name}", inside or name == IN_INVESTIGATION)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _indications(item, f"{path}[{index}]", inside)
    elif inside and value is True:
        yield path


def _title(dataset: str, catalogue: Catalogue) -> Text | str:
    known = catalogue.datasets.get(dataset)
    return known.title if known else dataset
