"""Obligations of a made-up person with everything that happened to them: imposed, asked for, reminded of, paid, waived (after the FCID)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from blauweknop.demo.people_facts import Case, Event
from blauweknop.demo.people_life import DebtPlan
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.periods import Month

__all__ = ["case"]

_FEE = 1_800  # of a warning letter
_IMPOSED = "FinancieleVerplichtingOpgelegd"
_ASKED = "BetalingsverplichtingOpgelegd"
_PAID = "BetalingVerwerkt"
_WAIVED = "FinancieleVerplichtingKwijtgescholden"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an obligation is for, and the law behind it."""

    text: str
    obligation_type: str
    law: str
    law_url: str


_KINDS = {
    "achterstand": _Kind("Achterstand studieschuld", "duo_studieschuld_achterstand", "Wet studiefinanciering 2000", "BWBR0011453"),
    "maandbedrag": _Kind("Maandbedrag studieschuld", "duo_studieschuld_termijn", "Wet studiefinanciering 2000", "BWBR0011453"),
    "terugvordering": _Kind("Te veel ontvangen uitkering", "uwv_terugvordering", "Werkloosheidswet", "BWBR0004045"),
    "boete": _Kind("Boete: wijziging niet doorgegeven", "uwv_boete", "Werkloosheidswet", "BWBR0004045"),
    "premie": _Kind("Bestuursrechtelijke premie", "cak_wanbetalerspremie", "Zorgverzekeringswet", "BWBR0018450"),
    "bijdrage": _Kind("Eigen bijdrage", "cak_eigen_bijdrage", "Wet maatschappelijke ondersteuning 2015", "BWBR0035362"),
    "belasting": _Kind("Gemeentelijke belastingen", "gem_belastingen", "Gemeentewet", "BWBR0005416"),
    "parkeren": _Kind("Naheffing parkeerbelasting", "gem_parkeerbelasting", "Gemeentewet", "BWBR0005416"),
    "bijstand": _Kind("Terug te betalen bijstand", "gem_terugvordering_bijstand", "Participatiewet", "BWBR0015703"),
}


def case(plan: DebtPlan, today: date, rng: random.Random, number: str) -> Case:
    """An obligation with its events, oldest first; someone who is late was reminded, and then warned at a cost."""
    kind = _KINDS[plan.kind]
    imposed = Month.of(today).plus(-plan.months_ago).period.first + timedelta(days=rng.randint(1, 20))
    decision = f"{number}-B{rng.randrange(1000):03d}"
    payment = " ".join(f"{rng.randrange(10**4):04d}" for _ in range(4))
    events = [_imposed(kind, imposed, plan.amount, decision, "ALGEMEEN", kind.text)]
    owed = plan.amount
    for letter, days in (("Aanschrijving", 1), ("Herinnering", 46), ("Aanmaning", 76)):
        sent = imposed + timedelta(days=days)
        if sent >= today or (days > 1 and not plan.late):
            break
        if letter == "Aanmaning":
            events.append(_imposed(kind, sent, _FEE, decision, "ADMINISTRATIEKOSTEN", "Kosten van de aanmaning"))
            owed += _FEE
        due = sent + timedelta(days=30 if days == 1 else 14)
        events.append(Event(_ASKED, "", _moment(sent, 10), owed, kind.text, request_kind=letter, payment_reference=payment, due=due))
    for day, amount in _payments(int(owed * plan.paid), imposed, today, rng):
        events.append(Event(_PAID, "", _moment(day, 14), amount, payment_reference=payment))
    if plan.waived:
        events.append(Event(_WAIVED, "", _moment(today - timedelta(days=20), 11), int(owed * plan.waived)))
    events.sort(key=lambda event: event.moment)
    numbered = tuple(replace(event, reference=f"{number}-{index:03d}") for index, event in enumerate(events, 1))
    made = Case(number, kind.text, numbered)
    return replace(made, overdue=made.balance) if plan.late else made


def _imposed(kind: _Kind, day: date, amount: int, decision: str, category: str, text: str) -> Event:
    return Event(
        _IMPOSED,
        "",
        _moment(day, 9),
        amount,
        text,
        obligation_type=kind.obligation_type,
        category=category,
        decision=decision,
        law=kind.law,
        law_url=f"https://wetten.overheid.nl/{kind.law_url}",
    )


def _payments(total: int, start: date, today: date, rng: random.Random) -> Iterator[tuple[date, int]]:
    """Up to six payments that are the total together."""
    if total <= 0:
        return
    count = min(rng.randint(1, 6), max(1, (today - start).days // 31))
    term = total // count
    for index in range(count):
        amount = term if index < count - 1 else total - term * (count - 1)
        yield min(start + timedelta(days=25 + 30 * index), today - timedelta(days=1)), amount


def _moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 12), AMSTERDAM).astimezone(UTC)
