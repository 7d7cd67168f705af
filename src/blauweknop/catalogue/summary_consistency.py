"""What the summary of a data set may not contradict itself on; found when the catalogue is read, like the faults of a data set."""

import re
from collections.abc import Iterator, Mapping

from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.summary import (
    AgeAtLeast,
    AtLeast,
    Bracket,
    Claim,
    ClaimKind,
    Count,
    Given,
    GivenName,
    Latest,
    Only,
    Rule,
    Summary,
    Total,
    Value,
    YearOf,
    YearTotal,
    column_of,
)

__all__ = ["fields_read", "summary_contradictions"]

_NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,63}")
_RESERVED = frozenset({"iss", "iat", "nbf", "exp", "sub", "aud", "jti", "cnf", "vct", "aka_vcts", "status", "category"})  # of the format
_MONEY = (FieldType.EUROCENT, FieldType.EURO)
_DAYS = (FieldType.DATE, FieldType.DATETIME)
_EURO = 100


def summary_contradictions(summary: Summary) -> Iterator[str]:
    """Each contradiction in one sentence that names the claim; nothing when the summary is sound (PROTOCOL 3)."""
    given = {claim.name: claim.rule for claim in summary.claims}
    for name in GivenName:
        if name is not GivenName.BSN and name is not GivenName.CURRENCY and name not in given:
            yield f"claim {name} must be in every summary"
    if any(claim.kind is ClaimKind.MONEY for claim in summary.claims) and given.get(GivenName.CURRENCY) != Given(GivenName.CURRENCY):
        yield "a summary with amounts must have claim currency"
    earlier: dict[str, Claim] = {}
    for claim in summary.claims:
        if not _NAME.fullmatch(claim.name) or claim.name in _RESERVED:
            yield f"claim {claim.name} needs a name of letters, digits and _ that the format does not use itself"
        if isinstance(claim.rule, Given) and claim.rule.name != claim.name:
            yield f"claim {claim.name} must be named {claim.rule.name}"
        yield from _of_rule(claim, earlier, summary.dataset)
        earlier[claim.name] = claim


def fields_read(rule: Rule) -> list[str]:
    """The paths of all single fields that a rule reads; a rule that looks at another claim reads none itself."""
    match rule:
        case Value(field) | AgeAtLeast(field):
            return [field]
        case Only(path, column) | Total(path, column):
            return [f"{path}.{column}"]
        case Latest(path, by, column):
            return [f"{path}.{by}", f"{path}.{column}"]
        case YearTotal(path, column, first, last):
            return [f"{path}.{name}" for name in (column, first, last)]
    return []


def _of_rule(claim: Claim, earlier: Mapping[str, Claim], dataset: Dataset) -> Iterator[str]:
    rule = claim.rule
    for path in fields_read(rule):
        field = column_of(dataset.fields, path)
        if field is None:
            yield f"claim {claim.name}: {path} is no field of this data set"
        elif field.sensitive or any(outer.sensitive for outer in _around(dataset.fields, path)):
            yield f"claim {claim.name}: {path} is sensitive, so it belongs in a document that the person chose it for"
    for path in _lists(rule):
        found = column_of(dataset.fields, path)
        if found is None or found.type is not FieldType.LIST:
            yield f"claim {claim.name}: {path} is no list of this data set"
    yield from _of_types(claim.name, rule, dataset)
    if isinstance(rule, YearOf | AtLeast | Bracket):
        yield from _of_other(claim.name, rule, earlier)


def _of_types(name: str, rule: Rule, dataset: Dataset) -> Iterator[str]:
    match rule:
        case Total() | YearTotal():
            amount = column_of(dataset.fields, f"{rule.list}.{rule.column}")
            if amount is not None and not (amount.required and amount.type in _MONEY):
                yield f"claim {name}: only a required amount can be added up: a sum of what is sometimes absent is untrue"
    days: list[tuple[str, tuple[FieldType, ...]]]
    match rule:
        case Latest(path, by):
            days = [(f"{path}.{by}", _DAYS)]
        case YearTotal(path, _, first, last):
            days = [(f"{path}.{first}", (FieldType.DATE,)), (f"{path}.{last}", (FieldType.DATE,))]
        case _:
            days = []
    for path, types in days:
        day = column_of(dataset.fields, path)
        if day is not None and not (day.required and day.type in types):
            yield f"claim {name}: {path} is no required date"
    if isinstance(rule, AgeAtLeast):
        born = column_of(dataset.fields, rule.field)
        if born is not None and born.type not in (FieldType.DATE, FieldType.PARTIAL_DATE):
            yield f"claim {name}: {rule.field} is no date"


def _of_other(name: str, rule: YearOf | AtLeast | Bracket, earlier: Mapping[str, Claim]) -> Iterator[str]:
    other = earlier.get(rule.claim)
    if other is None:
        yield f"claim {name} looks at {rule.claim}, which is no claim before it"
    elif isinstance(rule, YearOf) and not isinstance(other.rule, YearTotal):
        yield f"claim {name}: {rule.claim} is about no year"
    elif other.kind is not ClaimKind.MONEY and not isinstance(rule, YearOf):
        yield f"claim {name}: {rule.claim} is no amount"
    if isinstance(rule, Bracket) and (
        not rule.cents or list(rule.cents) != sorted(set(rule.cents)) or any(cents <= 0 or cents % _EURO for cents in rule.cents)
    ):
        yield f"claim {name}: the amounts of a bracket must go up, in whole euros"


def _lists(rule: Rule) -> list[str]:
    return [rule.list] if isinstance(rule, Only | Count | Total | Latest | YearTotal) else []


def _around(fields: tuple[Field, ...], path: str) -> Iterator[Field]:
    """The lists in whose rows a field stands."""
    for field in fields:
        if field.type is FieldType.LIST and path.startswith(f"{field.name}."):
            yield field
            yield from _around(field.fields, path.removeprefix(f"{field.name}."))
