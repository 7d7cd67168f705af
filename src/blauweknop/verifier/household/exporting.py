"""The dossier of a household for other programs: the tables and the data of both parts, where each row says whose it is.

The rows are those of the dossiers themselves, with a column `deel` before them: `aanvrager` or `partner`.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator

from blauweknop.domain.amount_range import AmountRange
from blauweknop.domain.document import JsonValue
from blauweknop.insight.household import HouseholdIncome
from blauweknop.verifier.asking.household import Part
from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.exporting import dossier_json
from blauweknop.verifier.household.household import HouseholdDossier

__all__ = ["household_csv", "household_json", "income_test_members"]

_WHOSE = {Part.FIRST: "aanvrager", Part.SECOND: "partner"}


def household_csv(household: HouseholdDossier, table: Callable[[Dossier], str]) -> str:
    """A table of a dossier, of both parts under each other."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(_rows(household, table))
    return out.getvalue()


def household_json(household: HouseholdDossier) -> str:
    """Everything of both parts, and what they have together."""
    parts: list[JsonValue] = [
        {
            "part": part.part.value,
            "state": part.state.value,
            "name": part.name,
            "dossier": json.loads(dossier_json(part.dossier)) if part.dossier is not None else None,
        }
        for part in household.parts
    ]
    members: dict[str, JsonValue] = {
        "package": household.package,
        "complete": household.complete,
        "same_person": household.same.value,
        "income_test": income_test_members(household.income) if household.income is not None else None,
        "together": {
            each.name: {"first": each.first, "second": each.second, "together": each.together, "certain": each.sure}
            for each in household.sums
        },
        "parts": parts,
    }
    return json.dumps(members, ensure_ascii=False, indent=2) + "\n"


def income_test_members(income: HouseholdIncome) -> dict[str, JsonValue]:
    """The test over both, in cents; `below` is not included in a range, and None has no end."""
    shown: list[JsonValue] = [
        {"income": _range(part.amount), "year": part.year, "certain": part.sure} if part is not None else None for part in income.parts
    ]
    return {
        "needed": income.needed,
        "outcome": income.outcome.value,
        "certain": income.certain,
        "doubts": [doubt.value for doubt in income.doubts],
        "together": _range(income.together),
        "parts": shown,
    }


def _rows(household: HouseholdDossier, table: Callable[[Dossier], str]) -> Iterator[list[str]]:
    head: list[str] | None = None
    for part in household.parts:
        if part.dossier is None:
            continue
        columns, *rows = csv.reader(io.StringIO(table(part.dossier)))
        if head is None:
            head = ["deel", *columns]
            yield head
        yield from ([_WHOSE[part.part], *row] for row in rows)


def _range(amount: AmountRange | None) -> JsonValue:
    return {"least": amount.least, "below": amount.below} if amount is not None else None
