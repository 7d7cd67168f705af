"""Read what a wallet credential of a data set says from `<data set>.wallet.yaml`, as strictly as the data set itself.

Every claim has a name, its words, and one rule: the key that names it. The claims of `shapes/person.wallet.yaml` are in every summary;
those of `shapes/<name>.wallet.yaml` come in with `extends: <name>`. A claim with the same name takes the place of the earlier one.
"""

from collections.abc import Callable, Mapping
from typing import Any

from blauweknop.catalogue.reading import CatalogueError, Reader
from blauweknop.catalogue.summary_consistency import summary_contradictions
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.summary import (
    KIND_OF_FIELD,
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

__all__ = ["parse_summary"]

_PERSON = "person"


def parse_summary(source: Mapping[str, Any], shapes: Mapping[str, Mapping[str, Any]], dataset: Dataset, where: str) -> Summary:
    """The summary of one data set from its parsed YAML.

    Raises:
        CatalogueError: something is missing, unknown, nested, without words, or contradicts itself.
    """
    reader = Reader(source, where)
    names = [_PERSON, *([reader.string("extends")] if reader.has("extends") else [])]
    claims: dict[str, Claim] = {}
    for name in names:
        shape = shapes.get(f"{name}.wallet")
        if shape is None:
            raise CatalogueError(f"{where}: shape {name}.wallet does not exist")
        claims |= _claims(Reader(shape, f"{where} of shape {name}"), dataset)
    claims |= _claims(reader, dataset)
    if not any(claim.kind is ClaimKind.MONEY for claim in claims.values()):
        claims.pop(GivenName.CURRENCY, None)
    summary = Summary(dataset, tuple(claims.values()))
    wrong = list(summary_contradictions(summary))
    if wrong:
        raise CatalogueError(f"{where}: {'; '.join(wrong)}")
    return summary


def _claims(reader: Reader, dataset: Dataset) -> dict[str, Claim]:
    claims: dict[str, Claim] = {}
    for index, row in enumerate(reader.rows("claims")):
        claim = _claim(reader.child(f"claims[{index}]", row), dataset)
        if claim.name in claims:
            raise CatalogueError(f"{reader.where}: claim {claim.name} stands there twice")
        claims[claim.name] = claim
    reader.finish()
    return claims


def _claim(reader: Reader, dataset: Dataset) -> Claim:
    keys = [key for key in _RULES if reader.has(key)]
    if len(keys) != 1:
        raise CatalogueError(f"{reader.where}: expected one of {', '.join(_RULES)}")
    rule = _RULES[keys[0]](reader, keys[0])
    name = reader.string("name")
    claim = Claim(
        name, _kind(rule, dataset, f"{reader.where} {name}"), rule, reader.text("label"), reader.text("description"), _always(rule, dataset)
    )
    reader.finish()
    return claim


def _within(reader: Reader, key: str) -> Reader:
    return reader.child(key, reader.mapping(key))


def _finished(reader: Reader, rule: Rule) -> Rule:
    reader.finish()
    return rule


def _given(reader: Reader, key: str) -> Rule:
    return Given(GivenName(reader.choice(key, tuple(GivenName))))


def _only(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, Only(inner.string("list"), inner.string("column")))


def _total(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, Total(inner.string("list"), inner.string("column")))


def _latest(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, Latest(inner.string("list"), inner.string("by"), inner.string("column")))


def _year_total(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, YearTotal(inner.string("list"), inner.string("column"), inner.string("first"), inner.string("last")))


def _at_least(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, AtLeast(inner.string("claim"), inner.integer("cents")))


def _bracket(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, Bracket(inner.string("claim"), tuple(inner.integers("cents"))))


def _age_at_least(reader: Reader, key: str) -> Rule:
    inner = _within(reader, key)
    return _finished(inner, AgeAtLeast(inner.string("field"), inner.integer("years")))


_RULES: Mapping[str, Callable[[Reader, str], Rule]] = {
    "given": _given,
    "value": lambda reader, key: Value(reader.string(key)),
    "only": _only,
    "count": lambda reader, key: Count(reader.string(key)),
    "total": _total,
    "latest": _latest,
    "year_total": _year_total,
    "year_of": lambda reader, key: YearOf(reader.string(key)),
    "at_least": _at_least,
    "bracket": _bracket,
    "age_at_least": _age_at_least,
}


def _kind(rule: Rule, dataset: Dataset, where: str) -> ClaimKind:
    match rule:
        case Given(GivenName.BIRTH_DATE | GivenName.REFERENCE_DATE):
            return ClaimKind.DATE
        case Given() | Bracket():
            return ClaimKind.TEXT
        case Count() | YearOf():
            return ClaimKind.INTEGER
        case AtLeast() | AgeAtLeast():
            return ClaimKind.BOOLEAN
        case Value(path):
            return _kind_of_field(path, dataset, where)
        case Only() | Total() | Latest() | YearTotal():
            return _kind_of_field(f"{rule.list}.{rule.column}", dataset, where)


def _kind_of_field(path: str, dataset: Dataset, where: str) -> ClaimKind:
    field = column_of(dataset.fields, path)
    if field is None:
        raise CatalogueError(f"{where}: {path} is no field of this data set")
    if field.type is FieldType.LIST:
        raise CatalogueError(f"{where}: {path} is a list, and a wallet shows single values only")
    return KIND_OF_FIELD[field.type]


def _always(rule: Rule, dataset: Dataset) -> bool:
    """Whether every credential has it: what may be absent by the rule, or because its part is not there, is not always there."""
    match rule:
        case Given(name):
            return name not in (GivenName.BIRTH_DATE, GivenName.BSN)
        case Count(path) | Total(path):
            return _always_there(column_of(dataset.fields, path), dataset)
    return False


def _always_there(field: Field | None, dataset: Dataset) -> bool:
    return field is not None and field.required and dataset.part(field.part).required
