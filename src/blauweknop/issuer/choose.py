"""From the form of the choose page to selections; a form that does not fit is an error next to the field, never a guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import Selection

__all__ = ["Choice", "ChoiceProblem", "everything", "needed_level", "preselection", "read_choices"]


@dataclass(frozen=True, slots=True)
class ChoiceProblem:
    """`code` has its sentence in the catalogue: `issuer.choice.<code>`; `dataset_id` is None when it is about the whole form."""

    code: str
    dataset_id: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the form said: selections to go on with, or problems to show; what was typed stays in `typed`."""

    selections: tuple[Selection, ...]
    problems: tuple[ChoiceProblem, ...]


def read_choices(form: Mapping[str, Sequence[str]], datasets: Sequence[Dataset], level: AssuranceLevel) -> Choice:
    """Read the fields `dataset`, `part.<dataset>`, `months.<dataset>` and `bsn` of the form; anything else is ignored.

    Parts that are required are in, whatever the form says. A data set above the level of the login is refused.
    """
    known = {dataset.id: dataset for dataset in datasets}
    wanted = list(dict.fromkeys(form.get("dataset", ())))
    with_bsn = list(form.get("bsn", ())) == ["with"]
    problems: list[ChoiceProblem] = []
    selections: list[Selection] = []
    if not wanted:
        problems.append(ChoiceProblem("nothing_chosen"))
    for dataset_id in wanted:
        dataset = known.get(dataset_id)
        if dataset is None:
            problems.append(ChoiceProblem("unknown_dataset"))
            continue
        if needed_level((dataset,), with_bsn=with_bsn).rank > level.rank:
            problems.append(ChoiceProblem("level_too_low", dataset_id))
            continue
        selection = _read_one(form, dataset, with_bsn=with_bsn)
        if isinstance(selection, ChoiceProblem):
            problems.append(selection)
        else:
            selections.append(selection)
    return Choice(tuple(selections), tuple(problems))


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


def _read_one(form: Mapping[str, Sequence[str]], dataset: Dataset, *, with_bsn: bool) -> Selection | ChoiceProblem:
    known = {part.id for part in dataset.parts}
    chosen = set(form.get(f"part.{dataset.id}", ())) | {part.id for part in dataset.parts if part.required}
    if not chosen:
        return ChoiceProblem("no_parts", dataset.id)
    if not chosen <= known:
        return ChoiceProblem("unknown_part", dataset.id)
    months: int | None = None
    if dataset.period is not None:
        offered = {str(number): number for number in dataset.period.months}
        written = list(form.get(f"months.{dataset.id}", ())) or [str(dataset.period.preselected)]
        if written == ["all"]:
            return Selection(dataset.id, frozenset(chosen), None, with_bsn)
        if len(written) != 1 or written[0] not in offered:
            return ChoiceProblem("unknown_period", dataset.id)
        months = offered[written[0]]
    return Selection(dataset.id, frozenset(chosen), months, with_bsn)
