"""The official test set of the population register as a source, and who is in it by a reading of its own, beside the product's."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.settings_table import read_toml
from blauweknop.adapters.sources import Source, open_source
from blauweknop.adapters.sources.reading import dataset_settings
from blauweknop.catalogue import load_catalogue
from blauweknop.domain.identifiers import eleven_test

__all__ = ["CONTRADICTORY", "RegisteredPerson", "registered_people", "rvig_source"]

_SET = "rvig-gbav-testset-20220502.csv"
_EXAMPLE = Path(__file__).parents[2] / "docs" / "roles" / "brp-from-file.toml"
CONTRADICTORY = "contradictory"  # two people with this BSN, or a date of birth or death that is no date: nobody can say what is true


@dataclass(frozen=True, slots=True)
class RegisteredPerson:
    """`expected` is None for who may get an extract, else the code of the refusal."""

    bsn: str
    given_name: str
    family_name: str
    birth: str  # eight digits
    expected: str | None


def rvig_source(shared_folder: Path, folder: Path) -> Source:
    """The data set gem.brp, mapped as in the worked example of the documentation; `folder` gets the configuration."""
    text = _EXAMPLE.read_text("utf-8").replace(_SET, str(shared_folder / "data" / "rvig" / _SET))
    path = folder / "brp.toml"
    path.write_text(text, "utf-8")
    return open_source(dataset_settings("gem.brp", read_toml(path), load_catalogue(), "gemeente", exercise=True))


def registered_people(shared_folder: Path) -> list[RegisteredPerson]:
    """Everyone with a BSN that can log in, in the order of the file."""
    with (shared_folder / "data" / "rvig" / _SET).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    header = rows[0]
    people = [dict(zip(reversed(header), reversed(row), strict=True)) for row in rows[1:] if row[0]]
    counted = Counter(person["01.01.20"] for person in people)
    return [_person(person, counted) for person in people if eleven_test(person["01.01.20"])]


def _person(row: dict[str, str], counted: Counter[str]) -> RegisteredPerson:
    bsn = row["01.01.20"]
    family = f"{row['01.02.30']} {row['01.02.40']}".strip()
    return RegisteredPerson(bsn, row["01.02.10"].strip(), family, row["01.03.10"] or "00000000", _expected(row, counted[bsn]))


def _expected(row: dict[str, str], people_with_this_bsn: int) -> str | None:
    no_death = row["06.08.10"] and len(row["06.08.10"]) != 8
    no_birth = row["01.03.10"][4:6] == "00" != row["01.03.10"][6:]
    if people_with_this_bsn > 1 or no_death or no_birth:
        return CONTRADICTORY
    if row["06.08.10"] or row["07.67.20"] == "O":
        return "deceased"
    if row["07.67.20"] in ("R", "M", "F", "W"):
        return "suspended"
    if row["08.13.10"] == "0000" or row["08.11.10"] == ".":
        return "address_unknown"
    if row["07.67.20"] == "E":
        return "emigrated"
    if row["08.13.10"] and not row["07.67.20"]:
        return "emigrated"
    return "suspended" if row["07.67.20"] else None
