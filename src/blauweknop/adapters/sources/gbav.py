"""The CSV form of the official test set of the population register (GBA-V): one person over several rows, columns numbered as in LO GBA.

The first row of a person has its label in the nameless first column. Categories repeat downwards: column `09.H` of a row says what the
next row of category 09 is, `09` another current one, `59` a former one. Former rows are left out.
"""

from collections.abc import Iterator, Mapping, Sequence

from blauweknop.adapters.sources.mapping import SourceFailure

__all__ = ["gbav_records"]

_REPEATED = ("04", "05", "09", "10", "11", "12")  # nationality, partner, child, residence title, custody, travel document


def gbav_records(table: Sequence[Sequence[str]]) -> Iterator[Mapping[str, object]]:
    """Per person a record: the columns of the first row by number, and under `04`, `05`, `09`... a list of the current rows.

    Raises:
        SourceFailure: this is another kind of file.
    """
    header = table[0] if table else []
    if not header or header[0] != "" or "01.01.20" not in header:
        raise SourceFailure("configuration", "this file does not have the columns of the GBA-V test set", retry_worthwhile=False)
    columns = _first_of_each(header)
    person: list[Sequence[str]] = []
    for row in table[1:]:
        if row[0] and person:
            yield _record(person, columns)
            person = []
        person.append(row)
    if person:
        yield _record(person, columns)


def _first_of_each(header: Sequence[str]) -> dict[str, int]:
    """Column numbers; the set has column 06.88.10 twice, of which nothing is used."""
    columns: dict[str, int] = {}
    for index, name in enumerate(header):
        columns.setdefault(name, index)
    return columns


def _record(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> Mapping[str, object]:
    record: dict[str, object] = {name: rows[0][index] for name, index in columns.items() if name}
    for category in _REPEATED:
        own = {name: index for name, index in columns.items() if name.startswith(f"{category}.")}
        current: list[Mapping[str, object]] = []
        says = category  # the first row of a category is current
        for row in rows:
            if not any(row[index] for index in own.values()):
                break
            if says == category:
                current.append({name: row[index] for name, index in own.items()})
            says = row[columns[f"{category}.H"]]
        record[category] = current
    return record
