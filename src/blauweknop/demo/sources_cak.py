"""CAK of the exercise delivers files: CSV with decimal commas for decisions, NDJSON for accounts."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from blauweknop.demo.people_facts import Case, Person
from blauweknop.demo.sources_ledger import EVENT_CODES, local_text, register_date
from blauweknop.demo.tables import euros

__all__ = ["write_cak"]

_PERSON = ("BSN", "VOORNAMEN", "VOORVOEGSELS", "NAAM", "GEBDATUM")
_KINDS = {"wlz_laag": "LAAG", "wlz_hoog": "HOOG", "wmo_maandbedrag": "ABONNEMENT", "wmo_beschermd_wonen": "BESCHERMD"}
_COLLECTION = {"broninhouding": "BRON", "cjib_acceptgiro": "CJIB", "zorgtoeslag_omgeleid": "TOESLAG"}


def write_cak(folder: Path, people: Sequence[Person]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    contributions = [(person, person.contribution) for person in people if person.contribution]
    _write_csv(
        folder / "cak-bijdragen.csv",
        (*_PERSON, "WET", "SOORT", "ZORG", "BEDRAG", "PER", "INGANG", "INKOMEN", "PEILJAAR", "VOORLOPIG"),
        (
            (
                *_person(p),
                c.law,
                _KINDS[c.kind],
                c.care,
                _comma(c.amount),
                "M",
                f"{c.first:%d-%m-%Y}",
                _comma(c.income),
                c.income_year,
                int(c.provisional),
            )
            for p, c in contributions
        ),
    )
    defaulters = [(person, person.defaulter) for person in people if person.defaulter]
    unaffected = [person for person in people if person.known_to_cak and not person.defaulter]
    _write_csv(
        folder / "cak-wanbetalers.csv",
        (*_PERSON, "AANGEMELD", "SINDS", "VERZEKERAAR", "PREMIE", "INNING", "OPEN"),
        [
            *(
                (
                    *_person(p),
                    "1",
                    f"{d.registered:%d-%m-%Y}",
                    d.insurer,
                    _comma(d.premium),
                    _COLLECTION[d.collection],
                    _comma(d.still_to_pay),
                )
                for p, d in defaulters
            ),
            *((*_person(p), "0", "", "", "0,00", "", "0,00") for p in unaffected),
        ],
    )
    debtors = [person for person in people if person.cases_at("cak")]
    lines = (json.dumps(_account(person), ensure_ascii=False) + "\n" for person in debtors)
    (folder / "cak-rekeningen.ndjson").write_text("".join(lines), "utf-8")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        writer.writerows(rows)


def _person(person: Person) -> tuple[str, ...]:
    return person.bsn.digits, person.given_name, person.prefix, person.family_name, register_date(person)


def _comma(cents: int) -> str:
    return str(euros(cents)).replace(".", ",")


def _account(person: Person) -> dict[str, object]:
    given, prefix, family = person.given_name, person.prefix, person.family_name
    return {
        "bsn": person.bsn.digits,
        "klant": {"voornamen": given, "voorvoegsel": prefix, "naam": family, "geboren": register_date(person)},
        "facturen": [_invoice(case) for case in person.cases_at("cak")],
        "boekingen": [booking for case in person.cases_at("cak") for booking in _bookings(case)],
    }


def _invoice(case: Case) -> dict[str, object]:
    return {
        "nummer": case.number,
        "omschrijving": case.text,
        "totaal": case.obliged,
        "voldaan": case.settled,
        "open": case.balance,
        "achterstallig": case.overdue,
    }


def _bookings(case: Case) -> list[dict[str, object]]:
    return [
        {
            "factuur": case.number,
            "id": event.reference,
            "code": EVENT_CODES[event.kind],
            "moment": local_text(event.moment),
            "centen": event.amount,
            "tekst": event.text,
            "verplichting": event.obligation_type,
            "hoofdverplichting": event.category == "ALGEMEEN" if event.obligation_type else None,
            "categorie": event.category,
            "brief": event.request_kind,
            "kenmerk": event.payment_reference,
            "vervaldatum": event.due and event.due.isoformat(),
            "besluit": event.decision,
            "wet": event.law,
            "wetUrl": event.law_url,
        }
        for event in case.events
    ]
