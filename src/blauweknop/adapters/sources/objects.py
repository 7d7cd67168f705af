"""JSON objects of a source as records: lists are found inside the object by their path."""

from collections.abc import Mapping

from blauweknop.adapters.sources.mapping import ListMapping, Record, SourceFailure, object_value

__all__ = ["object_record"]


def object_record(values: Mapping[str, object], lists: Mapping[str, ListMapping], *, tabular: bool = False) -> Record:
    """The record of an object, with the lists that stand inside it.

    Raises:
        SourceFailure: what stands at the path of a list is not a list of objects.
    """
    found: dict[str, tuple[Record, ...]] = {}
    for name, mapping in lists.items():
        rows = object_value(values, mapping.path)
        if rows is None:
            continue
        if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
            raise SourceFailure("answer", f"expected a list of objects at {mapping.path}", place=name)
        found[name] = tuple(object_record(row, mapping.lists, tabular=tabular) for row in rows)
    return Record(values, found, tabular)
