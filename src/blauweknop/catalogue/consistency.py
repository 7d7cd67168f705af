"""What a data set may not contradict itself on: a file can be readable and still describe a document that nobody can make.

Found when the catalogue is read, so that a mistake in a file stops the start and never a person's request.
"""

import re
from collections.abc import Iterator, Sequence

from blauweknop.domain.dataset import Dataset, Field, FieldType, PeriodChoice

__all__ = ["contradictions"]

_ID = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")  # stands in addresses and URNs
_MONEY = (FieldType.EUROCENT, FieldType.EURO)
_MOMENTS = (FieldType.DATE, FieldType.DATETIME)
_MEMBERS = {FieldType.CODE_TABLE: ("code", "omschrijving")}  # of a value that is an object


def contradictions(dataset: Dataset) -> Iterator[str]:
    """Each contradiction in one sentence that names the part, field or key; nothing when the data set is sound."""
    if not _ID.fullmatch(dataset.id):
        yield "id must be a kind and a name in small letters, like duo.studieschuld"
    if not dataset.source_kinds:
        yield "source_kinds names no kind of source"
    if dataset.version < 1 or dataset.validity_days < 1:
        yield "version and validity_days start at 1"
    if not all(url.startswith("https://") for url in (dataset.objection.url, *(basis.url for basis in dataset.legal_basis))):
        yield "a url must start with https://"
    yield from _parts(dataset)
    yield from _fields(dataset.fields, "")
    if dataset.period is not None:
        yield from _period(dataset.period, dataset.fields)
    for refusal in dataset.refusals:
        if not _resolves(refusal.when.field, dataset.fields):
            yield f"a refusal looks at {refusal.when.field}, which is no field"


def _parts(dataset: Dataset) -> Iterator[str]:
    parts = [part.id for part in dataset.parts]
    used = {field.part for field in dataset.fields}
    if len(set(parts)) != len(parts):
        yield "a part stands there twice"
    if unknown := used - set(parts):
        yield f"fields name parts that do not exist: {', '.join(sorted(unknown))}"
    if empty := set(parts) - used:
        yield f"parts have no field: {', '.join(sorted(empty))}"


def _fields(fields: Sequence[Field], place: str) -> Iterator[str]:
    """`place` is the list whose rows these fields are, with a dot; empty for the data set itself."""
    names = [field.name for field in fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"field {place}{name} stands there twice"
    for field in fields:
        where = f"{place}{field.name}"
        if any(name.startswith(f"{field.name}.") for name in names):
            yield f"field {where} is a value, so no other field can be inside it"
        yield from _types(field, where, in_rows=bool(place))
        if field.type is FieldType.LIST:
            yield from _fields(field.fields, f"{where}.")
            yield from _layout(field, where)


def _types(field: Field, where: str, *, in_rows: bool) -> Iterator[str]:
    if field.pattern is not None:
        if field.type is not FieldType.TEXT:
            yield f"field {where} has a pattern, which only a text can have"
        elif not _compiles(field.pattern):
            yield f"field {where} has a pattern that is no regular expression"
    if field.total and not (in_rows and field.required and field.type in _MONEY):
        yield f"field {where} has a total, which only a required amount in a list can have: a sum of what is sometimes absent is untrue"


def _layout(field: Field, where: str) -> Iterator[str]:
    shown = [inner for inner in field.fields if inner.on_paper and inner.type is not FieldType.LIST]
    if field.on_paper and not shown:
        yield f"list {where} has no column that stands on paper"


def _period(period: PeriodChoice, fields: Sequence[Field]) -> Iterator[str]:
    if list(period.months) != sorted(set(period.months)) or any(months < 1 for months in period.months):
        yield "the months of period must go up, and start at 1 or more"
    if period.preselected not in period.months:
        yield "preselected of period must be one of its months"
    rows = _rows_of(period.list, fields)
    if not any(field.name == period.date_field and field.type in _MOMENTS and field.required for field in rows):
        yield f"period looks at {period.list}.{period.date_field}, which is no required date in a list"


def _rows_of(path: str, fields: Sequence[Field]) -> Sequence[Field]:
    for field in fields:
        if field.type is FieldType.LIST and field.name == path:
            return field.fields
        if field.type is FieldType.LIST and path.startswith(f"{field.name}."):
            return _rows_of(path.removeprefix(f"{field.name}."), field.fields)
    return ()


def _resolves(path: str, fields: Sequence[Field]) -> bool:
    return any(path == field.name or path in {f"{field.name}.{member}" for member in _MEMBERS.get(field.type, ())} for field in fields)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
