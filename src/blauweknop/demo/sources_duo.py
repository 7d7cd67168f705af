"""DUO of the exercise: one SQLite database, amounts in euros, dates as eight digits, codes of one letter."""

from collections.abc import Sequence
from pathlib import Path

from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources_ledger import LEDGER_INDEXES, ledger_tables, register_date
from blauweknop.demo.tables import Tables, euros, write_tables

__all__ = ["write_duo"]

_REGIMES = {"SF35": "35", "SF15_NIEUW": "15N", "SF15_OUD": "15O", "SF15_LLLK": "LLK"}
_PHASES = {"aanloopfase": "A", "aflosfase": "T", "aflosvrije_periode": "J", "afgelost": "X"}
_PARTS = {"lening": "LEN", "ov": "OVR", "prestatiebeurs": "PRB", "levenlanglerenkrediet": "LLL", "collegegeldkrediet": "CGK"}


def write_duo(folder: Path, people: Sequence[Person]) -> None:
    known = [person for person in people if person.student_debt or person.study_finance]
    numbers = {person.id: f"K{index:06d}" for index, person in enumerate(known, 1)}
    debts = [(numbers[person.id], person.student_debt) for person in known if person.student_debt]
    finance = [(numbers[person.id], person.study_finance) for person in known if person.study_finance]
    persons = [(numbers[p.id], p.bsn.digits, p.given_name, p.prefix, p.family_name, register_date(p)) for p in known]
    tables: Tables = {
        "klant": (("klantnr TEXT", "bsn TEXT", "voornamen TEXT", "voorvoegsel TEXT", "achternaam TEXT", "geboortedatum TEXT"), persons),
        "lening": (
            (
                "klantnr TEXT",
                "debiteurnr TEXT",
                "regeling TEXT",
                "fase TEXT",
                "schuld_begin NUMERIC",
                "schuld_nu NUMERIC",
                "achterstand NUMERIC",
                "rente_pct NUMERIC",
                "rente_tot TEXT",
                "aflos_start TEXT",
                "termijn_wet NUMERIC",
                "termijn_dk NUMERIC",
                "termijn NUMERIC",
                "mnd_rest INTEGER",
                "mnd_vrij INTEGER",
            ),
            [
                (
                    number,
                    d.customer_number,
                    _REGIMES[d.regime],
                    _PHASES[d.phase],
                    euros(d.original),
                    euros(d.balance),
                    euros(d.arrears),
                    str(d.ratio * 100),
                    f"{d.rate_until:%Y%m%d}",
                    f"{d.repayment_start:%Y%m%d}",
                    euros(d.statutory),
                    euros(d.by_capacity),
                    euros(d.to_pay),
                    d.months_left,
                    d.free_months_left,
                )
                for number, d in debts
            ],
        ),
        "lening_deel": (
            ("klantnr TEXT", "soort TEXT", "bedrag NUMERIC"),
            [(number, _PARTS[kind], euros(amount)) for number, debt in debts for kind, amount in debt.parts],
        ),
        "toekenning": (
            (
                "klantnr TEXT",
                "actief TEXT",
                "niveau TEXT",
                "uitwonend TEXT",
                "basis NUMERIC",
                "aanvullend NUMERIC",
                "lening NUMERIC",
                "college NUMERIC",
                "ov TEXT",
                "van TEXT",
                "tot TEXT",
            ),
            [
                (
                    number,
                    _yes(f.receives),
                    f.level,
                    _yes(f.away_from_home),
                    euros(f.basic_grant),
                    euros(f.extra_grant),
                    euros(f.loan),
                    euros(f.fee_loan),
                    _yes(f.travel),
                    f"{f.first:%Y%m%d}",
                    f"{f.last:%Y%m%d}",
                )
                for number, f in finance
            ],
        ),
        **ledger_tables(people, "duo"),
    }
    write_tables(folder / "duo.db", tables, ("klant.bsn", "lening.klantnr", "lening_deel.klantnr", "toekenning.klantnr", *LEDGER_INDEXES))


def _yes(value: bool) -> str:
    return "J" if value else "N"
