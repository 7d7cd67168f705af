"""The debtor accounts of DUO, UWV and the municipalities: three tables of one off-the-shelf package, with codes of its own."""

from collections.abc import Sequence
from datetime import datetime

from blauweknop.demo.people_facts import Case, Event, Person
from blauweknop.demo.tables import Tables, euros
from blauweknop.domain.dates import AMSTERDAM

__all__ = ["EVENT_CODES", "LEDGER_INDEXES", "ledger_tables", "local_text"]

EVENT_CODES = {
    "FinancieleVerplichtingOpgelegd": "OPL",
    "BetalingsverplichtingOpgelegd": "BVZ",
    "BetalingsverplichtingIngetrokken": "BVI",
    "BetalingVerwerkt": "ONT",
    "FinancieleVerplichtingKwijtgescholden": "KWS",
}
LEDGER_INDEXES = ("deb_persoon.bsn", "deb_zaak.bsn", "deb_mutatie.bsn")


def ledger_tables(people: Sequence[Person], source: str) -> Tables:
    """Everyone whom the source has a case of, with all mutations."""
    debtors = [person for person in people if person.cases_at(source)]
    cases = [(person, case) for person in debtors for case in person.cases_at(source)]
    return {
        "deb_persoon": (
            ("bsn TEXT", "voorn TEXT", "tussenv TEXT", "naam TEXT", "gebdat TEXT"),
            [(p.bsn.digits, p.given_name, p.prefix, p.family_name, register_date(p)) for p in debtors],
        ),
        "deb_zaak": (
            ("bsn TEXT", "zaaknr TEXT", "oms TEXT", "opgelegd NUMERIC", "voldaan NUMERIC", "open_saldo NUMERIC", "te_laat NUMERIC"),
            [_case_row(person, case) for person, case in cases],
        ),
        "deb_mutatie": (
            (
                "bsn TEXT",
                "zaaknr TEXT",
                "mutnr TEXT",
                "srt TEXT",
                "tijdstip TEXT",
                "opgelegd_op TEXT",
                "bedrag NUMERIC",
                "oms TEXT",
                "verplichting TEXT",
                "cat TEXT",
                "brief TEXT",
                "betkenmerk TEXT",
                "vervalt TEXT",
                "besluit TEXT",
                "hoofd TEXT",
                "wet TEXT",
                "wet_url TEXT",
            ),
            [row for person, case in cases for row in _event_rows(person, case)],
        ),
    }


def register_date(person: Person) -> str:
    """Eight digits, zeros for what is not known."""
    birth = person.birth
    return f"{birth.year or 0:04d}{birth.month or 0:02d}{birth.day or 0:02d}"


def local_text(moment: datetime) -> str:
    """As Dutch clocks show it, without zone."""
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%dT%H:%M:%S}"


def _imposed(event: Event) -> str | None:
    return local_text(event.moment) if event.kind == "FinancieleVerplichtingOpgelegd" else None


def _case_row(person: Person, case: Case) -> Sequence[object]:
    return (person.bsn.digits, case.number, case.text, *map(euros, (case.obliged, case.settled, case.balance, case.overdue)))


def _event_rows(person: Person, case: Case) -> list[Sequence[object]]:
    return [
        (
            person.bsn.digits,
            case.number,
            event.reference,
            EVENT_CODES[event.kind],
            local_text(event.moment),
            _imposed(event),
            euros(event.amount),
            event.text,
            event.obligation_type,
            event.category,
            event.request_kind,
            event.payment_reference,
            event.due and event.due.isoformat(),
            event.decision,
            ("J" if event.category == "ALGEMEEN" else "N") if event.obligation_type else None,
            event.law,
            event.law_url,
        )
        for event in case.events
    ]
