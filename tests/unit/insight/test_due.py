from datetime import date
from typing import Any

import pytest

from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.due import DueItem, DueKind
from blauweknop.insight.events import ASKED, WITHDRAWN
from blauweknop.insight.obligations import Obligations
from tests.unit.insight import papers as p


def asked(
    reference: str, cents: int, due: str, *, moment: str = "2026-06-01T09:00:00Z", kind: str = ASKED, payment: str = "P1"
) -> dict[str, Any]:
    return p.event("A", kind, reference, cents, moment, betalingskenmerk=payment, vervaldatum=due)


def to_pay(*events: dict[str, Any], arrears: int | None = None, obliged: int = 10_000) -> list[tuple[str, int, bool]]:
    found = p.overview(p.owed("cak.betaaloverzicht", [p.case("A", obliged, arrears=arrears)], events)).calendar
    return [(str(item.day), item.amount.cents, item.late) for item in found if item.kind is DueKind.PAY and item.amount]


def test_a_payment_request_stands_on_its_day_and_a_past_one_is_late() -> None:
    assert to_pay(asked("1", 300, "2026-12-01")) == [("2026-12-01", 300, False)]
    assert to_pay(asked("1", 300, "2026-11-22")) == [("2026-11-22", 300, True)]
    assert to_pay(asked("1", 300, "2026-11-23")) == [("2026-11-23", 300, False)]


def test_a_reminder_takes_the_place_of_the_letter_before_it() -> None:
    first, reminder = asked("1", 300, "2026-07-01"), asked("2", 318, "2026-09-01", moment="2026-08-01T09:00:00Z")

    assert to_pay(reminder, first) == [("2026-09-01", 318, True)]


def test_requests_with_other_payment_references_stand_apart() -> None:
    assert len(to_pay(asked("1", 300, "2026-12-01"), asked("2", 300, "2027-01-01", payment="P2"))) == 2


def test_a_withdrawn_request_is_not_there() -> None:
    assert to_pay(asked("1", 300, "2026-12-01"), asked("2", 300, "2026-12-01", kind=WITHDRAWN, moment="2026-08-01T09:00:00Z")) == []


def test_never_more_is_asked_than_is_open() -> None:
    assert to_pay(asked("1", 300, "2026-12-01"), obliged=120) == [("2026-12-01", 120, False)]


def test_a_past_day_of_which_the_organisation_says_that_nothing_is_late_is_left_out() -> None:
    assert to_pay(asked("1", 300, "2026-07-01"), arrears=0) == []
    assert to_pay(asked("1", 300, "2026-07-01"), arrears=1) == [("2026-07-01", 300, True)]
    assert to_pay(asked("1", 300, "2026-11-23"), arrears=0) == [("2026-11-23", 300, False)]
    assert to_pay(asked("1", 300, "2026-12-01"), arrears=0) == [("2026-12-01", 300, False)]


def bill(saldo: int = 500) -> InsightDocument:
    return p.paper("gem.belastingaanslag", {"aanslagbiljetnummer": "A", "saldo": saldo, "vervaldatum": "2026-12-31"})


def test_a_tax_bill_stands_on_its_day_once() -> None:
    with_request = p.overview(bill(), p.owed("gem.betaaloverzicht", [p.case("A", 500)], [asked("1", 500, "2026-12-31")]))

    for overview in (p.overview(bill()), with_request):
        assert [item.amount.cents for item in overview.calendar if item.amount] == [500]
    assert not [item for item in p.overview(bill(0)).calendar if item.kind is DueKind.PAY]


def test_what_ends_or_begins_is_there_from_today_and_not_before() -> None:
    debt = {"fase": "aflosfase", "rente_geldig_tot": "2026-12-31", "startdatum_aflosfase": "2026-11-22"}
    found = p.overview(p.paper("duo.studieschuld", debt)).calendar

    assert [(item.kind, str(item.day)) for item in found] == [(DueKind.ENDS, "2026-12-31"), (DueKind.RENEW, "2027-02-21")]


def test_documents_of_a_source_that_go_out_of_date_on_one_day_are_one_item() -> None:
    found = p.overview(p.paper("cak.wanbetalers", {}), p.paper("cak.eigen_bijdrage", {})).calendar

    assert [(item.kind, len(item.origins)) for item in found] == [(DueKind.RENEW, 2)]


def monthly(dataset: str, data: dict[str, Any]) -> Obligations:
    return p.overview(p.paper(dataset, data)).obligations


@pytest.mark.parametrize(("period", "cents"), [("maand", 1_000), ("vier_weken", 1_083), ("week", 4_333), ("kwartaal", 333), ("jaar", 83)])
def test_other_periods_are_counted_over_to_a_month(period: str, cents: int) -> None:
    found = monthly("cak.eigen_bijdrage", {"bijdrage": {"bedrag": 1_000, "periode": period}, "ingangsdatum": "2026-01-01"})

    assert found.total is not None
    assert found.total.cents == cents


@pytest.mark.parametrize("data", [{"ingangsdatum": "2026-11-24"}, {"ingangsdatum": "2026-01-01", "einddatum": "2026-11-22"}])
def test_a_contribution_that_does_not_run_today_is_no_obligation(data: dict[str, Any]) -> None:
    assert monthly("cak.eigen_bijdrage", {"bijdrage": {"bedrag": 1_000, "periode": "maand"}, **data}).total is None


@pytest.mark.parametrize(("phase", "cents"), [("aflosfase", 9_000), ("aanloopfase", None), ("aflosvrije_periode", None)])
def test_a_study_debt_is_an_obligation_while_it_is_paid_back(phase: str, cents: int | None) -> None:
    found = monthly("duo.studieschuld", {"fase": phase, "te_betalen_maandbedrag": 9_000, "wettelijk_maandbedrag": 9_500})

    assert (found.total.cents if found.total else None) == cents


@pytest.mark.parametrize(("way", "to_pay"), [("broninhouding", None), ("zorgtoeslag_omgeleid", None), ("cjib_acceptgiro", 18_430)])
def test_what_is_taken_off_income_is_an_obligation_that_the_person_does_not_pay_again(way: str, to_pay: int | None) -> None:
    found = monthly("cak.wanbetalers", {"aangemeld": True, "bestuursrechtelijke_premie": 18_430, "inning": way})

    assert found.total is not None
    assert found.total.cents == 18_430
    assert (found.to_pay.cents if found.to_pay else None) == to_pay


@pytest.mark.parametrize(
    ("row", "saldo", "runs"),
    [
        ({"startdatum": "2026-01-01"}, 100, True),
        ({"startdatum": "2026-12-01"}, 100, False),
        ({"startdatum": "2026-01-01", "einddatum": "2026-10-01"}, 100, False),
        ({"startdatum": "2026-01-01"}, 0, False),
    ],
)
def test_an_agreement_runs_between_its_days_while_something_is_open(row: dict[str, Any], saldo: int, runs: bool) -> None:
    claim = {"zaakkenmerk": "A", "saldo": saldo, "aflossingsafspraken": [{**row, "bedrag": 3_500}]}

    assert (monthly("gem.pw_vordering", {"vorderingen": [claim]}).total is not None) is runs


def test_each_item_of_the_calendar_opens_a_field() -> None:
    items: tuple[DueItem, ...] = p.overview(
        bill(), p.paper("duo.studieschuld", {"fase": "aflosfase", "rente_geldig_tot": str(date(2026, 12, 31))})
    ).calendar

    assert len(items) > 1
    assert all(origin.document and origin.path for item in items for origin in item.origins)
    assert all(item.origins for item in items)


def test_an_end_in_the_year_9999_is_no_end() -> None:
    found = p.overview(p.paper("cak.eigen_bijdrage", {"einddatum": "9999-12-31"})).calendar

    assert [item.kind for item in found] == [DueKind.RENEW]


def test_an_item_says_to_whom_and_which_case() -> None:
    (item,) = (each for each in p.overview(bill()).calendar if each.kind is DueKind.PAY)

    assert (item.creditor, item.case, item.said.in_language("en")) == ("Gemeente Den Haag", "A", "Pay: municipal taxes")
