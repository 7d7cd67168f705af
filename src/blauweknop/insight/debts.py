"""What a person owes: for each case once, for each creditor and each kind, and how much of it is late.

Money that a person gets back of one creditor does not make the debt to another smaller: it is told apart, in `credits`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from blauweknop.insight.claims import STUDY_DEBT, Claim, Merged, MergedClaims, claims_of, merge_claims
from blauweknop.insight.collection import Collection
from blauweknop.insight.events import Events
from blauweknop.insight.figures import Amount, FigureId, Origin, Term, Words

__all__ = ["CreditorDebts", "Debt", "Debts", "KindDebts", "debts_of"]

_STUDY_TERMS = "duo_studieschuld"


@dataclass(frozen=True, slots=True)
class Debt:
    """One case, and its `names`: organisation (OIN) and case number in each document that tells of it.

    `arrears` is None when no document says what is late; with `arrears_elsewhere` they are counted with another case.
    """

    creditor_oin: str
    creditor: str
    kind: str
    label: Words
    case: str = field(repr=False)
    names: tuple[tuple[str, str], ...] = field(repr=False)
    balance: Amount
    arrears: Amount | None
    as_of: date
    also_in: tuple[Origin, ...]
    collector: str | None = None
    on_behalf_of: str | None = None
    arrears_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class CreditorDebts:
    """All debts to one creditor, largest first."""

    creditor_oin: str
    creditor: str
    debts: tuple[Debt, ...]
    total: Amount
    arrears: Amount | None


@dataclass(frozen=True, slots=True)
class KindDebts:
    """All debts of one kind, whoever the creditor is; `label` is that of the first."""

    kind: str
    label: Words
    total: Amount
    arrears: Amount | None


@dataclass(frozen=True, slots=True)
class Debts:
    """Creditors with the largest debt first. `settled` are cases with nothing open; `arrears_unknown` those of which it is not said."""

    creditors: tuple[CreditorDebts, ...]
    kinds: tuple[KindDebts, ...]
    total: Amount | None
    arrears: Amount | None
    credits: tuple[Debt, ...]
    settled: tuple[Debt, ...]
    arrears_unknown: tuple[Debt, ...]
    merged: MergedClaims

    @property
    def all(self) -> tuple[Debt, ...]:
        return tuple(debt for creditor in self.creditors for debt in creditor.debts)


def debts_of(collection: Collection, events: Events) -> Debts:
    """All debts of the documents that count.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    claims = claims_of(collection, events)
    merged = merge_claims(claims)
    late_terms = frozenset(claim.document.source_oin for claim in claims if _is_late_term(claim))
    every = [_debt(case, late_terms) for case in merged.cases]
    owed = sorted((debt for debt in every if debt.balance.cents > 0), key=lambda debt: (-debt.balance.cents, debt.creditor, debt.case))
    return Debts(
        creditors=_by_creditor(owed),
        kinds=_by_kind(owed),
        total=_total(FigureId.DEBT_TOTAL, owed),
        arrears=_arrears(FigureId.ARREARS_TOTAL, owed),
        credits=tuple(debt for debt in every if debt.balance.cents < 0),
        settled=tuple(debt for debt in every if debt.balance.cents == 0),
        arrears_unknown=tuple(debt for debt in owed if debt.arrears is None),
        merged=merged,
    )


def _debt(case: Merged, late_terms: frozenset[str]) -> Debt:
    claim = case.counted
    principal = next((other for other in (claim, *case.others) if other.on_behalf_of is None), claim) if case.collector else claim
    return Debt(
        creditor_oin=principal.document.source_oin,
        creditor=principal.document.source_name,
        kind=case.named_by.kind,
        label=case.named_by.label,
        case=claim.case,
        names=tuple(dict.fromkeys((each.document.source_oin, each.case) for each in (claim, *case.others))),
        balance=claim.balance,
        arrears=_arrears_of(case),
        as_of=claim.document.reference_day,
        also_in=tuple(other.stated_origin for other in case.others),
        collector=case.collector,
        on_behalf_of=claim.on_behalf_of if case.collector is None else None,
        arrears_elsewhere=claim.kind == STUDY_DEBT and claim.document.source_oin in late_terms,
    )


def _arrears_of(case: Merged) -> Amount | None:
    """What is late by the claim that counts; by another one only when so much is still open."""
    if case.counted.arrears is not None:
        return case.counted.arrears
    told = (other.arrears for other in case.others if other.arrears is not None)
    return next((arrears for arrears in told if arrears.cents <= case.counted.balance.cents), None)


def _is_late_term(claim: Claim) -> bool:
    """DUO tells what is late of a study debt in two documents: this one asks for it."""
    return claim.arrears is not None and claim.arrears.cents > 0 and claim.kind.startswith(_STUDY_TERMS)


def _total(figure: FigureId, debts: Iterable[Debt]) -> Amount | None:
    return Amount.of(figure, (debt.balance.as_term(debt.label) for debt in debts))


def _arrears(figure: FigureId, debts: Iterable[Debt]) -> Amount | None:
    late: list[Term] = [debt.arrears.as_term(debt.label) for debt in debts if debt.arrears is not None and not debt.arrears_elsewhere]
    return Amount.of(figure, late)


def _by_creditor(owed: Sequence[Debt]) -> tuple[CreditorDebts, ...]:
    groups: dict[str, list[Debt]] = {}
    for debt in owed:
        groups.setdefault(debt.creditor_oin, []).append(debt)
    found = [
        CreditorDebts(oin, group[0].creditor, tuple(group), total, _arrears(FigureId.CREDITOR_ARREARS, group))
        for oin, group in groups.items()
        if (total := _total(FigureId.CREDITOR_TOTAL, group))
    ]
    return tuple(sorted(found, key=lambda creditor: (-creditor.total.cents, creditor.creditor_oin)))


def _by_kind(owed: Sequence[Debt]) -> tuple[KindDebts, ...]:
    groups: dict[str, list[Debt]] = {}
    for debt in owed:
        groups.setdefault(debt.kind, []).append(debt)
    found = [
        KindDebts(kind, group[0].label, total, _arrears(FigureId.KIND_ARREARS, group))
        for kind, group in groups.items()
        if (total := _total(FigureId.KIND_TOTAL, group))
    ]
    return tuple(sorted(found, key=lambda kind: (-kind.total.cents, kind.kind)))
