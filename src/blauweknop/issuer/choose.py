"""From the form of the choose page to selections; a form that does not fit is an error next to the field, never a guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import Selection

__all__ = ["Choice", "ChoiceProblem", "everything", "needed_level", "preselection", "read_choices", "typed"]

_WHOLE_PERIOD = "all"


@dataclass(frozen=True, slots=True)
class ChoiceProblem:
    """`code` has its sentence in the catalogue: `issuer.choice.<code>`; `dataset_id` is None when it is about the whole form."""

    code: str
    dataset_id: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the form said: selections to go on with, or problems to show."""

    selections: tuple[Selection, ...]
    problems: tuple[ChoiceProblem, ...]


def read_choices(form: Mapping[str, Sequence[str]], datasets: Sequence[Dataset], level: AssuranceLevel) -> Choice:
    """Read the fields `dataset`, `part.<dataset>`, `months.<dataset>` and `bsn` of the form; anything else is ignored.

    Parts that are required are in, whatever the form says. A data set above the level of the login is refused, and so is the
    burgerservicenummer with a login below substantial (PROTOCOL 8.3).
    """
    known = {dataset.id: dataset for dataset in datasets}
    wanted = list(dict.fromkeys(form.get("dataset", ())))
    with_bsn = _wants_bsn(form)
    problems: list[ChoiceProblem] = []
    selections: list[Selection] = []
    if not wanted:
        problems.append(ChoiceProblem("nothing_chosen"))
    if with_bsn and needed_level((), with_bsn=True).rank > level.rank:
        problems.append(ChoiceProblem("bsn_level_too_low"))
    for dataset_id in wanted:
        dataset = known.get(dataset_id)
        if dataset is None:
            problems.append(ChoiceProblem("unknown_dataset"))
        elif dataset.level.rank > level.rank:
            problems.append(ChoiceProblem("level_too_low", dataset_id))
        elif isinstance(selection := _read_one(form, dataset, with_bsn=with_bsn), ChoiceProblem):
            problems.append(selection)
        else:
            selections.append(selection)
    return Choice(tuple(selections), tuple(dict.fromkeys(problems)))


def typed(form: Mapping[str, Sequence[str]], dataset: Dataset) -> Selection:
    """What the form has for a data set, ticked or not, as far as it exists: so that what was typed stays after an error."""
    parts = frozenset(part.id for part in dataset.parts if part.required or part.id in form.get(f"part.{dataset.id}", ()))
    months = _months(form, dataset)
    return Selection(dataset.id, parts, preselection(dataset).months if months is False else months, _wants_bsn(form))


def preselection(dataset: Dataset) -> Selection:
    """What is ticked when a person opens the page: the usual parts and period, without BSN."""
    parts = frozenset(part.id for part in dataset.parts if part.required or part.preselected)
    return Selection(dataset.id, parts, dataset.period.preselected if dataset.period else None)


def everything(dataset: Dataset) -> Selection:
    """All the source has of this data set (AVG article 15, journey J12), still without BSN."""
    return Selection(dataset.id, frozenset(part.id for part in dataset.parts))


def needed_level(datasets: Sequence[Dataset], *, with_bsn: bool = False) -> AssuranceLevel:
    """The highest level that any of these needs; the BSN itself needs substantial (PROTOCOL 8.3)."""
    levels = [dataset.level for dataset in datasets]
    if with_bsn:
        levels.append(AssuranceLevel.SUBSTANTIAL)
    return max(levels, key=lambda level: level.rank, default=AssuranceLevel.LOW)


def _wants_bsn(form: Mapping[str, Sequence[str]]) -> bool:
    return list(form.get("bsn", ())) == ["with"]


def _read_one(form: Mapping[str, Sequence[str]], dataset: Dataset, *, with_bsn: bool) -> Selection | ChoiceProblem:
    known = {part.id for part in dataset.parts}
    chosen = set(form.get(f"part.{dataset.id}", ())) | {part.id for part in dataset.parts if part.required}
    if not chosen:
        return ChoiceProblem("no_parts", dataset.id)
    if not chosen <= known:
        return ChoiceProblem("unknown_part", dataset.id)
    months = _months(form, dataset)
    if months is False:
        return ChoiceProblem("unknown_period", dataset.id)
    return Selection(dataset.id, frozenset(chosen), months, with_bsn)


def _months(form: Mapping[str, Sequence[str]], dataset: Dataset) -> int | Literal[False] | None:
    """The number of months; None for the whole period, also of a data set without periods; False when it is not offered."""
    if dataset.period is None:
        return None
    offered = {str(number): number for number in dataset.period.months}
    match list(form.get(f"months.{dataset.id}", ())):
        case []:
            return dataset.period.preselected
        case [written] if written == _WHOLE_PERIOD:
            return None
        case [written] if written in offered:
            return offered[written]
    return False
