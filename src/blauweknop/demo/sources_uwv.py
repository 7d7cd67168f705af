"""UWV of the exercise: one SQLite database (polisadministratie and benefits), amounts in cents, dates as day-month-year."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources_ledger import LEDGER_INDEXES, ledger_tables, register_date
from blauweknop.demo.tables import Tables, write_tables

__all__ = ["write_uwv"]


def write_uwv(folder: Path, people: Sequence[Person], today: date) -> None:
    known = [person for person in people if person.jobs or person.benefits]
    relations = [(p.bsn.digits, f"{p.id}-{index}", job) for p in known for index, job in enumerate(p.jobs)]
    benefits = [(p.bsn.digits, f"{p.id}-u{index}", benefit) for p in known for index, benefit in enumerate(p.benefits)]
    persons = [(p.bsn.digits, p.given_name, p.prefix, p.family_name, register_date(p), _day(today)) for p in known]
    tables: Tables = {
        "verzekerde": (("bsn TEXT", "voornaam TEXT", "tussenvoegsel TEXT", "achternaam TEXT", "gebdat TEXT", "bijgewerkt TEXT"), persons),
        "ikv": (
            ("bsn TEXT", "ikv_id TEXT", "werkgever TEXT", "lhnr TEXT", "contract TEXT", "wetten TEXT", "ind_uitkering INTEGER"),
            [(bsn, key, job.employer, job.wage_tax_number, job.contract, job.laws, int(job.is_benefit)) for bsn, key, job in relations],
        ),
        "loonopgave": (
            ("bsn TEXT", "ikv_id TEXT", "van TEXT", "tot TEXT", "uren NUMERIC", "svloon INTEGER", "auto_eb INTEGER", "auto_bij INTEGER"),
            [
                (bsn, key, _day(item.first), _day(item.last), str(item.hours), item.pay, item.car_contribution, item.car_value)
                for bsn, key, job in relations
                for item in job.items
            ],
        ),
        "sv_dagen": (
            ("bsn TEXT", "maand INTEGER", "dagen INTEGER"),
            [(p.bsn.digits, month, days) for p in known for month, days in _insured_days(p)],
        ),
        "arbeidsjaar": (
            ("bsn TEXT", "jaar INTEGER", "telt TEXT"),
            [(p.bsn.digits, year, telt) for p in known for year, telt in _working_years(p, today)],
        ),
        "uitkering": (
            (
                "bsn TEXT",
                "uitk_id TEXT",
                "soort TEXT",
                "ritme TEXT",
                "lhk TEXT",
                "tw TEXT",
                "recht_tot TEXT",
                "beslag TEXT",
                "boete TEXT",
                "maatregel TEXT",
            ),
            [
                (
                    bsn,
                    key,
                    b.kind,
                    "4W" if b.four_weeks else "MND",
                    _yes(b.tax_credit),
                    _yes(b.supplement),
                    b.right_until and _day(b.right_until),
                    _yes(b.seized),
                    _yes(b.fined),
                    _yes(b.reduced),
                )
                for bsn, key, b in benefits
            ],
        ),
        "betaling": (
            ("bsn TEXT", "uitk_id TEXT", "van TEXT", "tot TEXT", "bruto INTEGER", "netto INTEGER"),
            [(bsn, key, _day(slip.first), _day(slip.last), slip.gross, slip.net) for bsn, key, b in benefits for slip in b.slips],
        ),
        **ledger_tables(people, "uwv"),
    }
    indexes = ("verzekerde.bsn", "ikv.bsn", "loonopgave.bsn", "sv_dagen.bsn", "arbeidsjaar.bsn", "uitkering.bsn", "betaling.bsn")
    write_tables(folder / "uwv.db", tables, (*indexes, *LEDGER_INDEXES))


def _insured_days(person: Person) -> list[tuple[int, int]]:
    """Per month at most twenty-two days, from the hours that were paid."""
    hours: dict[int, float] = {}
    for job in person.jobs:
        for item in job.items:
            if not job.is_benefit:
                month = item.last.year * 100 + item.last.month
                hours[month] = hours.get(month, 0) + float(item.hours)
    return [(month, max(0, min(22, round(worked / 8)))) for month, worked in sorted(hours.items())]


def _working_years(person: Person, today: date) -> list[tuple[int, str]]:
    if person.birth.year is None or not any(not job.is_benefit for job in person.jobs):
        return []
    first = max(1998, person.birth.year + 18)
    return [(year, "J" if (year + len(person.id)) % 7 else "N") for year in range(first, today.year)]


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _yes(value: bool) -> str:
    return "J" if value else "N"
