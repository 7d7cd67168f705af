"""The part of the configuration file that says where a data set comes from and how its fields are called there."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from blauweknop.adapters.settings_table import Table
from blauweknop.adapters.sources.code_tables import CodeTableProblem, read_code_table, shipped_table
from blauweknop.adapters.sources.mapping import DatasetMapping, FieldMapping, ListMapping, Reading, SubjectMapping
from blauweknop.adapters.sources.settings import Adapter, DatasetSettings, FileAdapter, FileFormat, RestAdapter, SqlAdapter
from blauweknop.adapters.sources.values import READINGS
from blauweknop.catalogue import Catalogue
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.texts import Text

__all__ = ["dataset_settings"]

_NO_TEXT = Text("", "")
_NAME = Field("name", FieldType.TEXT, "", _NO_TEXT)
_BIRTH_DATE = Field("birth_date", FieldType.PARTIAL_DATE, "", _NO_TEXT)
_MOMENT = Field("reference_moment", FieldType.DATETIME, "", _NO_TEXT)
_ALWAYS_DELIVERED = {"opschortingBijhouding", "geheimhoudingPersoonsgegevens", "inOnderzoek"}  # Haal Centraal refuses to be asked for these


def dataset_settings(dataset_id: str, table: Table, catalogue: Catalogue, source_kind: str, *, exercise: bool) -> DatasetSettings:
    """The adapter and the mapping of one data set.

    Raises:
        SettingsError: something is missing, unknown or does not fit the data set.
    """
    if dataset_id not in catalogue.datasets:
        raise table.error("", "is not in the catalogue", f"choose one of: {', '.join(sorted(catalogue.datasets))}")
    dataset = catalogue.dataset(dataset_id)
    if source_kind not in dataset.source_kinds:
        raise table.error("", f"is not a data set of {source_kind}", f"it belongs to: {', '.join(dataset.source_kinds)}")
    kind = table.choice("adapter", ("sql", "rest", "file"))
    mapping = _mapping(table, dataset, kind)
    adapter = _adapter(table, kind, mapping, exercise=exercise)
    table.finish()
    return DatasetSettings(adapter, mapping)


def _adapter(table: Table, kind: str, mapping: DatasetMapping, *, exercise: bool) -> Adapter:
    match kind:
        case "sql":
            return SqlAdapter(_database(table), _query(table), table.seconds("timeout_seconds", 5))
        case "rest":
            return _rest(table, mapping, exercise=exercise)
        case _:
            form = FileFormat(
                table.choice("format", ("csv", "json", "ndjson", "gbav"), "csv"),
                _encoding(table),
                _delimiter(table),
            )
            return FileAdapter(table.existing_file("path"), table.text("key"), form, table.path.parent)


def _database(table: Table) -> str:
    url = table.text("url")
    try:
        make_url(url).get_dialect().import_dbapi()
    except (SQLAlchemyError, ImportError) as error:
        remedy = "write it as sqlite:///file.db or postgresql+psycopg://..., and install the driver it names"
        raise table.error("url", "is not the address of a database that can be opened here", remedy) from error
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    path = table.path.parent.resolve() / url.removeprefix(prefix)
    if not path.is_file():
        raise table.error("url", "names a file that is not there", "check the path; it counts from the folder of this file")
    return f"{prefix}{path}"


def _delimiter(table: Table) -> str:
    delimiter = table.text("delimiter", ";")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise table.error("delimiter", "must be one character", 'write it as ";", "," or "\\t"')
    return delimiter


def _query(table: Table) -> str:
    query = table.text("query")
    if ":bsn" not in query:
        raise table.error("query", "does not ask for one person", "use :bsn where the number of the person belongs")
    return query


def _encoding(table: Table) -> str:
    name = table.text("encoding", "utf-8-sig")
    try:
        "".encode(name)
    except LookupError as error:
        raise table.error("encoding", "is not an encoding", "use utf-8-sig, utf-8 or cp1252") from error
    return name


def _rest(table: Table, mapping: DatasetMapping, *, exercise: bool) -> RestAdapter:
    url = table.text("url")
    parts = urlsplit(url)
    loopback = exercise and parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or parts.username is not None or not (parts.scheme == "https" or loopback):
        raise table.error("url", "must be an https address", "write it as https://host/path; http only for this machine in the exercise")
    if "{bsn}" in url:
        raise table.error("url", "must not hold the BSN", "put {bsn} in the body or in a header: addresses end up in logs")
    body = _body(table, mapping)
    headers = table.text_map("headers")
    if "{bsn}" not in f"{body}{headers}":
        raise table.error("", "does not ask for one person", "use {bsn} in the body or in a header")
    secret = table.optional_table("secret_headers")
    certificate = (table.existing_file("client_certificate"), table.existing_file("client_key")) if "client_certificate" in table else None
    return RestAdapter(
        url=url,
        body=body,
        headers=headers,
        secret_headers={name: secret.existing_file(name) for name in secret.values} if secret else {},
        records=table.text("records", "personen" if table.values.get("profile") else ""),
        ca_file=table.optional_file("ca_file"),
        client_certificate=certificate,
        allow_loopback=exercise,
        allow_private=table.flag("private_network", False),
        timeout_seconds=table.seconds("timeout_seconds", 5),
    )


def _body(table: Table, mapping: DatasetMapping) -> Mapping[str, object] | None:
    if "profile" in table:
        table.choice("profile", ("haal-centraal-personen",))
        return {"type": "RaadpleegMetBurgerservicenummer", "burgerservicenummer": ["{bsn}"], "fields": _groups(mapping)}
    if "body" not in table:
        return None
    return dict(table.table("body").values)


def _groups(mapping: DatasetMapping) -> list[str]:
    """The groups of Haal Centraal that are needed, no more."""
    subject = mapping.subject
    used = [*mapping.fields.values(), subject.given_name, subject.family_name, subject.birth_date]
    paths = [column for one in used for column in one.columns] + [one.path for one in mapping.lists.values()]
    return sorted({path.split(".")[0] for path in paths} - _ALWAYS_DELIVERED)


def _mapping(table: Table, dataset: Dataset, kind: str) -> DatasetMapping:
    subject = table.table("subject")
    names = SubjectMapping(
        _field(subject, "given_name", _NAME), _field(subject, "family_name", _NAME), _field(subject, "birth_date", _BIRTH_DATE)
    )
    subject.finish()
    same_names = table.flag("same_names", False)
    if same_names and kind == "sql":
        raise table.error("same_names", "does not go with sql", "name the columns under fields")
    fields = _fields(table, dataset.fields, same_names)
    lists = _lists(table, dataset.fields, same_names, kind, nested=False)
    without = table.texts("no_data_without", ())
    if set(without) - set(lists):
        raise table.error("no_data_without", "names a list that is not mapped", "use names of lists")
    moment = _field(table, "reference_moment", _MOMENT) if "reference_moment" in table else None
    _refuse_unmapped(table, dataset.fields, fields, lists)
    return DatasetMapping(dataset, names, fields, lists, moment, without)


def _fields(table: Table, fields: tuple[Field, ...], same_names: bool) -> dict[str, FieldMapping]:
    own = {field.name: field for field in fields if field.type is not FieldType.LIST}
    found = {name: FieldMapping((name,)) for name in own} if same_names else {}
    child = table.optional_table("fields")
    if child is None:
        return found
    for name in child.values:
        if name not in own:
            raise child.error(name, "is not a field of this data set", f"choose one of: {', '.join(sorted(own))}")
        found[name] = _field(child, name, own[name])
    return found


def _lists(table: Table, fields: tuple[Field, ...], same_names: bool, kind: str, *, nested: bool) -> dict[str, ListMapping]:
    own = {field.name: field for field in fields if field.type is FieldType.LIST}
    found = {name: _same_names(field) for name, field in own.items()} if same_names else {}
    children = table.optional_table("lists")
    if children is None:
        return found
    for name, child in children.tables():
        if name not in own:
            raise children.error(name, "is not a list of this data set", f"choose one of: {', '.join(sorted(own)) or 'none'}")
        found[name] = _list(child, own[name], kind, nested=nested)
    return found


def _same_names(field: Field) -> ListMapping:
    fields = {child.name: FieldMapping((child.name,)) for child in field.fields if child.type is not FieldType.LIST}
    lists = {child.name: _same_names(child) for child in field.fields if child.type is FieldType.LIST}
    return ListMapping(fields, lists, path=field.name)


def _list(table: Table, field: Field, kind: str, *, nested: bool) -> ListMapping:
    query = file = path = ""
    match kind:
        case "sql":
            query = _query(table)
        case "file" if "file" in table:
            file = str(table.existing_file("file").relative_to(table.path.parent))
        case _:
            path = table.text("path", field.name)
    same_names = table.flag("same_names", False)
    fields = _fields(table, field.fields, same_names)
    lists = _lists(table, field.fields, same_names, kind, nested=True)
    parent = table.text("parent_column") if nested and not path else ""
    rows_with = table.texts("rows_with", ())
    _refuse_unmapped(table, field.fields, fields, lists)
    table.finish()
    return ListMapping(fields, lists, query=query, file=file, path=path, rows_with=rows_with, parent_column=parent)


def _refuse_unmapped(table: Table, fields: tuple[Field, ...], mapped: Mapping[str, object], lists: Mapping[str, object]) -> None:
    missing = [field.name for field in fields if field.required and field.name not in mapped and field.name not in lists]
    if missing:
        raise table.error("", f"does not say where {', '.join(missing)} comes from", "add them: the data set demands these fields")


def _field(table: Table, name: str, field: Field) -> FieldMapping:
    value = table.raw(name) if name in table else None
    if isinstance(value, str) and value:
        return FieldMapping((value,))
    if not isinstance(value, dict):
        raise table.error(name, "must be a column name or a table", 'write it as { from = "column", as = "..." }')
    child = table.table(name)
    columns = child.texts("from") if isinstance(child.values.get("from"), list) else tuple(filter(None, (child.text("from", ""),)))
    presence = child.text_map("by_presence")
    constant = child.raw("constant") if "constant" in child else None
    mapping = FieldMapping(
        columns,
        _reading(child, field),
        child.text_map("codes"),
        presence,
        child.text("when_empty", "") or None,
        constant if isinstance(constant, str | int | bool) else None,
    )
    child.finish()
    if sum((bool(columns), bool(presence), mapping.constant is not None)) != 1:
        raise table.error(name, "must have exactly one of from, by_presence and constant", "keep the one you need")
    return mapping


def _reading(table: Table, field: Field) -> Reading:
    kind, _, argument = table.text("as", "own").partition(":")
    if kind == "own":
        return Reading()
    if kind not in READINGS or field.type not in READINGS[kind]:
        fitting = sorted(name for name, types in READINGS.items() if field.type in types)
        raise table.error(
            "as", f"does not go with a field of type {field.type}", f"choose one of: {', '.join(fitting) or 'none; leave it out'}"
        )
    if kind == "boolean" and (argument.count("/") != 1 or not argument.split("/")[0]):
        raise table.error("as", "must name the words for yes and no", "write it as boolean:J/N")
    if kind in ("code_table", "code_or_text"):
        return Reading(kind, argument, _code_table(table, argument))
    return Reading(kind, argument)


def _code_table(table: Table, name: str) -> Mapping[str, str]:
    """A CSV file with columns code and omschrijving, beside the configuration file, or shipped with the product."""
    path = table.path.parent / name
    if not path.is_file():
        path = shipped_table(name)
    if not name or "/" in name or not path.is_file():
        raise table.error("as", "names a code table that is not there", "put a CSV file with columns code;omschrijving beside this file")
    try:
        return read_code_table(path)
    except CodeTableProblem as error:
        raise table.error("as", "names a code table that is not readable", error.remedy) from error
