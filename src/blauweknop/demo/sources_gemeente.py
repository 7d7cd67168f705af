"""The municipalities of the exercise: a SQLite database for taxes, WOZ, assistance and claims, and a file for the population register."""

import json
from collections.abc import Sequence
from pathlib import Path

from blauweknop.demo.brp_record import brp_record
from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources_ledger import LEDGER_INDEXES, ledger_tables, register_date
from blauweknop.demo.tables import Tables, euros, write_tables

__all__ = ["write_gemeente"]

_PERSON_COLUMNS = ("bsn TEXT", "voornamen TEXT", "voorvoegsel TEXT", "geslachtsnaam TEXT", "geboren TEXT")


def write_gemeente(folder: Path, source: str, people: Sequence[Person]) -> None:
    here = [person for person in people if person.municipality == source]
    tables: Tables = {
        "inwoner": (
            _PERSON_COLUMNS,
            [(p.bsn.digits, p.given_name, p.prefix, p.family_name, register_date(p)) for p in here],
        ),
        **_taxes(here),
        **_homes(here),
        **_assistance(here),
        **_claims(here),
        **ledger_tables(people, source),
    }
    owners = (
        "aanslag.bsn",
        "aanslagregel.bsn",
        "woz_object.bsn",
        "woz_waarde.bsn",
        "bijstand.bsn",
        "bijstand_maand.bsn",
        "bijstand_deel.bsn",
    )
    claims = ("pw_vordering.bsn", "pw_afspraak.bsn", "pw_deel.bsn")
    write_tables(folder / f"{source}.db", tables, ("inwoner.bsn", *owners, *claims, *LEDGER_INDEXES))
    register = {person.bsn.digits: brp_record(person) for person in here}
    (folder / f"brp-{source}.json").write_text(json.dumps(register, ensure_ascii=False, indent=1), "utf-8")


def _taxes(people: Sequence[Person]) -> Tables:
    bills = [(person.bsn.digits, person.tax) for person in people if person.tax]
    return {
        "aanslag": (
            (
                "bsn TEXT",
                "biljet TEXT",
                "jaar INTEGER",
                "dagtekening TEXT",
                "vervalt TEXT",
                "totaal NUMERIC",
                "voldaan NUMERIC",
                "open_saldo NUMERIC",
                "incasso INTEGER",
                "kwijt TEXT",
                "dwang INTEGER",
            ),
            [
                (
                    bsn,
                    t.number,
                    t.year,
                    t.dated.isoformat(),
                    t.due.isoformat(),
                    euros(t.case.obliged),
                    euros(t.case.settled),
                    euros(t.case.balance),
                    int(t.direct_debit),
                    t.remission[0].upper() if t.remission != "geen" else "-",
                    int(t.writ),
                )
                for bsn, t in bills
            ],
        ),
        "aanslagregel": (
            ("bsn TEXT", "biljet TEXT", "soort TEXT", "grondslag TEXT", "tarief TEXT", "bedrag NUMERIC"),
            [
                *((bsn, t.number, kind, basis, rate, euros(amount)) for bsn, t in bills for kind, basis, rate, amount in t.lines),
                *(
                    (bsn, t.number, "overig", e.text, "vast bedrag", euros(e.amount))
                    for bsn, t in bills
                    for e in t.case.events
                    if _is_fee(e.category)
                ),
            ],
        ),
    }


def _is_fee(category: str) -> bool:
    return category == "ADMINISTRATIEKOSTEN"


def _homes(people: Sequence[Person]) -> Tables:
    homes = [(person, person.home) for person in people if person.home]
    return {
        "woz_object": (
            (
                "bsn TEXT",
                "objectnr TEXT",
                "straat TEXT",
                "huisnr INTEGER",
                "letter TEXT",
                "toev TEXT",
                "pc TEXT",
                "plaats TEXT",
                "opp INTEGER",
                "gemeente TEXT",
                "eigenaar TEXT",
            ),
            [
                (
                    p.bsn.digits,
                    h.number,
                    h.address.street,
                    h.address.number,
                    h.address.letter,
                    h.address.addition,
                    h.address.postcode,
                    h.address.town,
                    h.area,
                    h.address.municipality,
                    p.name,
                )
                for p, h in homes
            ],
        ),
        "woz_waarde": (
            ("bsn TEXT", "objectnr TEXT", "peildatum TEXT", "ingang TEXT", "waarde INTEGER", "status TEXT", "bezwaar INTEGER"),
            [
                (
                    p.bsn.digits,
                    h.number,
                    f"{year}-01-01",
                    f"{year + 1}-01-01",
                    value,
                    "bezwaar_ingediend" if year == h.objection_year else "beschikking_genomen",
                    int(year == h.objection_year),
                )
                for p, h in homes
                for year, value in h.values
            ],
        ),
    }


def _assistance(people: Sequence[Person]) -> Tables:
    receiving = [(person.bsn.digits, person.assistance) for person in people if person.assistance]
    months = [(bsn, month) for bsn, a in receiving for month in a.months]
    components = [
        (bsn, period.replace("-", ""), text, side, euros(amount), code)
        for bsn, (period, _, norm, withheld, _, _) in months
        for text, side, amount, code in (("Norm", "C", norm, "1001"), ("Reservering vakantiegeld", "D", withheld, "1090"))
    ]
    return {
        "bijstand": (
            (
                "bsn TEXT",
                "leefvorm TEXT",
                "ingang TEXT",
                "toegekend TEXT",
                "delers INTEGER",
                "iban TEXT",
                "stop TEXT",
                "gestopt TEXT",
                "vrij NUMERIC",
            ),
            [
                (
                    bsn,
                    a.living,
                    a.first.isoformat(),
                    a.granted.isoformat(),
                    a.cost_sharers,
                    a.account,
                    "J" if a.stopped else "N",
                    a.stopped,
                    euros(a.exempted),
                )
                for bsn, a in receiving
            ],
        ),
        "bijstand_maand": (
            ("bsn TEXT", "periode TEXT", "betaaldatum TEXT", "totaal NUMERIC", "client NUMERIC", "derde NUMERIC", "inhouding NUMERIC"),
            [
                (bsn, period.replace("-", ""), paid.isoformat(), euros(client + other), euros(client), euros(other), euros(withheld))
                for bsn, (period, paid, _, withheld, client, other) in months
            ],
        ),
        "bijstand_deel": (("bsn TEXT", "periode TEXT", "oms TEXT", "dc TEXT", "bedrag NUMERIC", "code TEXT"), components),
    }


def _claims(people: Sequence[Person]) -> Tables:
    claims = [(person.bsn.digits, claim) for person in people for claim in person.claims]
    return {
        "pw_vordering": (
            (
                "bsn TEXT",
                "zaaknr TEXT",
                "oms TEXT",
                "soort TEXT",
                "regeling TEXT",
                "van TEXT",
                "tot TEXT",
                "bruto TEXT",
                "totaal NUMERIC",
                "voldaan NUMERIC",
                "open_saldo NUMERIC",
            ),
            [
                (
                    bsn,
                    c.case.number,
                    c.case.text,
                    c.kind,
                    c.scheme,
                    c.first.isoformat(),
                    c.last.isoformat(),
                    "Ja" if c.gross else "Nee",
                    euros(c.case.obliged),
                    euros(c.case.settled),
                    euros(c.case.balance),
                )
                for bsn, c in claims
            ],
        ),
        "pw_afspraak": (
            ("bsn TEXT", "zaaknr TEXT", "van TEXT", "bedrag NUMERIC"),
            [(bsn, c.case.number, c.agreed.isoformat(), euros(c.monthly)) for bsn, c in claims],
        ),
        "pw_deel": (
            ("bsn TEXT", "zaaknr TEXT", "soort TEXT", "datum TEXT", "bedrag NUMERIC"),
            [
                (bsn, c.case.number, "Aflossing", e.moment.date().isoformat(), euros(e.amount))
                for bsn, c in claims
                for e in c.case.events
                if e.kind == "BetalingVerwerkt"
            ],
        ),
    }
