"""One source organisation in five guises: the same rows in a database, behind a web service and in files."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy

from blauweknop.adapters.settings_table import read_toml
from blauweknop.adapters.sources import DatasetSettings
from blauweknop.adapters.sources.reading import dataset_settings
from blauweknop.catalogue import load_catalogue
from tests.contracts.json_service import JsonService, json_answer

Row = dict[str, str]

DATASET = load_catalogue().dataset("duo.studieschuld")
BSN = "900000016"
PERSON: Row = {
    "klant_bsn": BSN,
    "voornaam": "Zoë",
    "tussen": "van der",
    "achternaam": "Đorđević",
    "geboren": "19981100",
    "schuld_eur": "23456,78",
    "rente": "2,33",
    "rente_tot": "31-12-2026",
    "regeling": "35",
    "stand": "A",
    "wettelijk_eur": "91,5",
    "betaalt_eur": "0",
    "maanden": "408",
}
PARTS: tuple[Row, ...] = ({"klant_bsn": BSN, "wat": "L", "eur": "20000"}, {"klant_bsn": BSN, "wat": "OV", "eur": "3456,78"})
OTHER = PERSON | {"klant_bsn": "900000028", "voornaam": "Ander"}

MAPPING = """
timeout_seconds = {timeout}
subject.given_name = "voornaam"
subject.family_name = {{ from = ["tussen", "achternaam"] }}
subject.birth_date = {{ from = "geboren", as = "register_date" }}
[fields]
schuldsaldo_inclusief_rente = {{ from = "schuld_eur", as = "euro_text" }}
rentepercentage = {{ from = "rente", as = "percentage" }}
rente_geldig_tot = {{ from = "rente_tot", as = "dutch_date" }}
terugbetaalregime = {{ from = "regeling", codes = {{ "35" = "SF35", "15" = "SF15_NIEUW" }} }}
fase = {{ from = "stand", codes = {{ A = "aanloopfase", B = "aflosfase" }} }}
wettelijk_maandbedrag = {{ from = "wettelijk_eur", as = "euro_text" }}
te_betalen_maandbedrag = {{ from = "betaalt_eur", as = "euro_text" }}
resterende_maanden = "maanden"
[lists.schuldonderdelen]
{parts}
fields.soort = {{ from = "wat", codes = {{ L = "lening", OV = "ov" }} }}
fields.bedrag = {{ from = "eur", as = "euro_text" }}
"""


@dataclass
class Place:
    """Where stand-ins can put things."""

    folder: Path
    database_url: str = ""
    service: JsonService | None = None


Guise = Callable[[Place, Sequence[Row], Sequence[Row]], str]


def settings_of(guise: Guise, place: Place, people: Sequence[Row], parts: Sequence[Row] = PARTS, timeout: float = 5) -> DatasetSettings:
    head, _, list_place = guise(place, people, parts).partition("---")
    path = place.folder / "dataset.toml"
    mapping = MAPPING.format(timeout=timeout, parts=list_place.strip())
    if guise in (as_csv, as_json, as_ndjson):
        mapping = mapping.replace(f"timeout_seconds = {timeout}", "")
    path.write_text(head + mapping, "utf-8")
    return dataset_settings(DATASET.id, read_toml(path), load_catalogue(), "duo", exercise=True)


def as_sql(place: Place, people: Sequence[Row], parts: Sequence[Row]) -> str:
    url = place.database_url or f"sqlite:///{place.folder / 'bron.sqlite'}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for table, rows, columns in (("klanten", people, PERSON), ("delen", parts, PARTS[0])):
            names = [name for name in columns if not rows or name in rows[0]]
            connection.execute(sqlalchemy.text(f"CREATE TABLE {table} ({', '.join(f'{name} TEXT' for name in names)})"))
            if rows:
                holes = ", ".join(f":{name}" for name in names)
                insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({holes})"  # noqa: S608 # names of this module
                connection.execute(sqlalchemy.text(insert), list(rows))
    engine.dispose()
    queries = 'query = "SELECT * FROM klanten WHERE klant_bsn = :bsn"\n---query = "SELECT * FROM delen WHERE klant_bsn = :bsn"'
    return f'adapter = "sql"\nurl = "{url}"\n{queries}'


def as_rest(place: Place, people: Sequence[Row], parts: Sequence[Row]) -> str:
    assert place.service is not None
    objects = _objects(people, parts)

    def answer(handler: object, body: bytes) -> None:
        wanted = json.loads(body)["nummer"]
        found = [person for person in objects if person["klant_bsn"] == wanted]
        json_answer({"gevonden": {"klanten": found}})(handler, body)  # type: ignore[arg-type] # the handler is passed on as it is

    place.service.answer = answer
    return f'adapter = "rest"\nurl = "{place.service.url}"\nbody.nummer = "{{bsn}}"\nrecords = "gevonden.klanten"\n---path = "delen"'


def as_csv(place: Place, people: Sequence[Row], parts: Sequence[Row]) -> str:
    for name, rows, columns in (("klanten.csv", people, PERSON), ("delen.csv", parts, PARTS[0])):
        (place.folder / name).write_bytes(b"\xef\xbb\xbf" + _csv(rows, [c for c in columns if not rows or c in rows[0]]).encode())
    return 'adapter = "file"\npath = "klanten.csv"\nkey = "klant_bsn"\n---file = "delen.csv"'


def as_json(place: Place, people: Sequence[Row], parts: Sequence[Row]) -> str:
    (place.folder / "klanten.json").write_text(json.dumps(_objects(people, parts)), "utf-8")
    return 'adapter = "file"\nformat = "json"\npath = "klanten.json"\nkey = "klant_bsn"\n---path = "delen"'


def as_ndjson(place: Place, people: Sequence[Row], parts: Sequence[Row]) -> str:
    lines = [json.dumps(person) + "\n" for person in _objects(people, parts)]
    (place.folder / "klanten.ndjson").write_text("".join(lines), "utf-8")
    return 'adapter = "file"\nformat = "ndjson"\npath = "klanten.ndjson"\nkey = "klant_bsn"\n---path = "delen"'


def _objects(people: Sequence[Row], parts: Sequence[Row]) -> list[dict[str, object]]:
    return [{**person, "delen": [part for part in parts if part["klant_bsn"] == person["klant_bsn"]]} for person in people]


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
