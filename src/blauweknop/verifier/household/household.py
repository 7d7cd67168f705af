"""The dossier of a household, put together from those of two people: nothing of it is stored, and each part stays of one of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from blauweknop.domain.names import full_name
from blauweknop.insight.household import HouseholdIncome, SharedDebt, debt_together, sum_of_both
from blauweknop.verifier.asking.household import Household, Part, Sameness, sameness
from blauweknop.verifier.asking.ports import KeptAnswer, RequestState
from blauweknop.verifier.dossier.dossier import Dossier, dossier_of
from blauweknop.verifier.dossier.figures import DebtLine
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.household.income import tested
from blauweknop.verifier.staff.access import may_see
from blauweknop.verifier.staff.ports import Staff

__all__ = ["HouseholdDossier", "PartState", "PersonPart", "Sum", "household_dossier"]


class PartState(StrEnum):
    """How the part of one person stands."""

    ANSWERED = "answered"
    OPEN = "open"
    NOBODY = "nobody"  # nobody is asked, or it was taken back or erased
    NOT_YOURS = "not_yours"  # a colleague works on it


@dataclass(frozen=True, slots=True)
class PersonPart:
    """The part of one person; `name` as the certified pieces have it, None when none says it."""

    part: Part
    state: PartState
    request_id: str | None = None
    name: str | None = field(default=None, repr=False)
    dossier: Dossier | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of each (cents), and of both; None where it is not known. `sure` when every piece behind it is green."""

    name: str
    first: int | None = field(repr=False)
    second: int | None = field(repr=False)
    together: int | None = field(repr=False)
    sure: bool


@dataclass(frozen=True, slots=True)
class HouseholdDossier:
    """`income` is None where the package compares nothing; of one person who gave both parts nothing is added up."""

    package: str
    parts: tuple[PersonPart, PersonPart]
    same: Sameness
    income: HouseholdIncome | None
    sums: tuple[Sum, ...]

    @property
    def complete(self) -> bool:
        """Whether both parts are there, and of two people."""
        return all(part.dossier is not None for part in self.parts) and self.same is not Sameness.SAME


def household_dossier(
    household: Household, package: str, staff: Staff, services: DossierServices, *, at: datetime, language: str
) -> HouseholdDossier:
    """As it is at a moment, for who sees at least one part; a part that is not theirs is not in it.

    Raises:
        StorageError: it cannot be read.
    """
    first, second = (_seen(household, part, staff, services, at, language) for part in Part)
    answers = [kept for _, kept in (first, second) if kept is not None]
    same = sameness(answers[0].answer.items, answers[1].answer.items) if len(answers) == len(Part) else Sameness.OTHER
    parts = first[0], second[0]
    dossiers = [part.dossier for part in parts]
    pieces = [dossier.pieces if dossier is not None else None for dossier in dossiers]
    needed, catalogue = household.needed, services.asking.catalogue
    income = tested(pieces[0], pieces[1], needed, same, catalogue) if needed is not None else None
    sums = _sums(dossiers[0], dossiers[1]) if same is not Sameness.SAME else ()
    return HouseholdDossier(package, parts, same, income, sums)


def _seen(
    household: Household, part: Part, staff: Staff, services: DossierServices, at: datetime, language: str
) -> tuple[PersonPart, KeptAnswer | None]:
    request_id = household.request_of(part)
    request = services.asking.requests.by_id(request_id) if request_id is not None else None
    if request is None or request.state is RequestState.WITHDRAWN:
        return PersonPart(part, PartState.NOBODY), None
    if not may_see(staff, request.id, services.staff):
        return PersonPart(part, PartState.NOT_YOURS), None
    kept = services.asking.answers.of_request(request.id)
    if kept is None:
        return PersonPart(part, PartState.OPEN if request.ends_at > at else PartState.NOBODY, request.id), None
    dossier = dossier_of(kept, services, at=at, language=language)
    return PersonPart(part, PartState.ANSWERED, request.id, _name(dossier), dossier), kept


def _name(dossier: Dossier) -> str | None:
    for piece in dossier.pieces:
        subject = piece.item.claims.get("subject")
        said = subject if isinstance(subject, dict) else piece.values
        if piece.counts and (name := full_name(said)):
            return name
    return None


def _sums(first: Dossier | None, second: Dossier | None) -> tuple[Sum, ...]:
    """Only what both parts have together is a sum; a debt in both counts once."""
    if first is None or second is None:
        return ()
    one, other = first.figures, second.figures
    months = all(month.sure for month in (*one.months, *other.months))
    debts = all(debt.sure for debt in (*one.debts, *other.debts))
    found = (
        Sum("income", one.income, other.income, sum_of_both(one.income, other.income), months),
        Sum("debt", one.debt, other.debt, _debt(one.debt, other.debt, _shared(one.debts), _shared(other.debts)), debts),
        Sum("arrears", one.arrears, other.arrears, _debt(one.arrears, other.arrears, _late(one.debts), _late(other.debts)), debts),
    )
    return tuple(each for each in found if each.first is not None or each.second is not None)


def _debt(first: int | None, second: int | None, one: Sequence[SharedDebt], other: Sequence[SharedDebt]) -> int | None:
    return None if first is None or second is None else debt_together(one, other)


def _shared(debts: Sequence[DebtLine]) -> list[SharedDebt]:
    return [SharedDebt(debt.creditor_oin, debt.reference, debt.cents) for debt in debts]


def _late(debts: Sequence[DebtLine]) -> list[SharedDebt]:
    return [SharedDebt(debt.creditor_oin, debt.reference, debt.arrears) for debt in debts if debt.arrears is not None]
