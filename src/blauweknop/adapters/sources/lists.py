"""Deal the rows of a list out over the rows above them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from blauweknop.adapters.sources.mapping import Record, SourceFailure

__all__ = ["dealt_out"]


def dealt_out(
    children: Sequence[Record], parents: Sequence[Mapping[str, object]], column: str, name: str
) -> tuple[tuple[Record, ...], ...]:
    """For each parent its own children: those with the same value in `column`, or all of them when the list has no such column.

    Raises:
        SourceFailure: a child belongs to no parent or to more than one, or the column is not there.
    """
    if not column:
        return tuple(tuple(children) for _ in parents)
    if any(column not in row for row in [*parents, *(child.values for child in children)]):
        raise SourceFailure("configuration", f"the source has no column {column}", place=column, retry_worthwhile=False)
    by_value: dict[object, list[Record]] = defaultdict(list)
    for child in children:
        by_value[child.values[column]].append(child)
    dealt = tuple(tuple(by_value.get(parent[column], ())) for parent in parents)
    if sum(map(len, dealt)) != len(children):
        raise SourceFailure("answer", f"rows of {name} do not belong to exactly one row above them", place=name)
    return dealt
