from datetime import date
from typing import Any

import pytest

from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.events import ASKED, IMPOSED, PAID
from blauweknop.insight.overview import Overview, overview_of
from blauweknop.insight.remarks import Remark, RemarkKind
from tests.unit.insight import papers as p

SPRING, AUTUMN = date(2026, 4, 1), date(2026, 10, 1)


def imposed(number: str, kind: str, reference: str, cents: int, **more: Any) -> dict[str, Any]:
    return p.event(number, IMPOSED, reference, cents, type=kind, primaire_verplichting=True, **more)


def said(overview: Overview, kind: RemarkKind) -> list[Remark]:
    return [remark for remark in overview.remarks if remark.kind is kind]


def totals(overview: Overview) -> tuple[int | None, int | None]:
    return tuple(amount.cents if amount else None for amount in (overview.debts.total, overview.debts.arrears))  # type: ignore[return-value] # two


def test_a_debt_is_what_was_imposed_less_what_was_settled_for_each_creditor_and_kind() -> None:
    cases = [p.case("A", 10_000, 2_500, 500), p.case("B", 4_000)]
    events = [imposed("A", "cak_eigen_bijdrage", "A1", 10_000), imposed("B", "cak_wanbetalerspremie", "B1", 4_000)]
    debts = p.overview(p.owed("cak.betaaloverzicht", cases, events)).debts

    assert [(creditor.creditor, creditor.total.cents) for creditor in debts.creditors] == [("CAK", 11_500)]
    assert [(kind.kind, kind.total.cents) for kind in debts.kinds] == [("cak_eigen_bijdrage", 7_500), ("cak_wanbetalerspremie", 4_000)]
    assert debts.arrears is not None
    assert debts.arrears.cents == 500


def test_the_steps_of_a_debt_name_what_was_imposed_and_settled_and_open_their_fields() -> None:
    debt = p.overview(p.owed("cak.betaaloverzicht", [p.case("A", 10_000, 2_500)])).debts.all[0]

    assert debt.balance.steps("en") == ("Imposed: €100.00", "Paid or waived: -€25.00", "Together: €75.00")
    assert [origin.path for origin in debt.balance.origins] == [
        "data.financiele_zaken[0].totaal_financieel_verplicht",
        "data.financiele_zaken[0].totaal_financieel_vereffend",
    ]


def test_a_balance_that_is_no_sum_of_its_parts_is_computed_again_and_told() -> None:
    overview = p.overview(p.owed("cak.betaaloverzicht", [p.case("A", 10_000, 2_500, saldo=9_999)]))

    assert totals(overview) == (7_500, 0)
    assert len(said(overview, RemarkKind.CONTRADICTION)) == 1


def test_money_that_comes_back_makes_no_other_debt_smaller() -> None:
    debts = p.overview(p.owed("cak.betaaloverzicht", [p.case("A", 100, 400), p.case("B", 1_000), p.case("C", 50, 50)])).debts

    assert debts.total is not None
    assert debts.total.cents == 1_000
    assert [debt.balance.cents for debt in debts.credits] == [-300]
    assert [debt.case for debt in debts.settled] == ["C"]


def test_arrears_that_no_document_mentions_are_unknown_and_not_zero() -> None:
    debts = p.overview(p.owed("cak.betaaloverzicht", [p.case("A", 100, arrears=None)])).debts

    assert debts.arrears is None
    assert [debt.case for debt in debts.arrears_unknown] == ["A"]


def test_a_tax_bill_that_is_among_the_obligations_counts_once() -> None:
    bill = p.paper(
        "gem.belastingaanslag",
        {"aanslagbiljetnummer": "DH-1", "totaal_financieel_verplicht": 500, "totaal_financieel_vereffend": 0, "saldo": 500},
    )
    overview = p.overview(bill, p.owed("gem.betaaloverzicht", [p.case("DH-1", 500)]))

    assert totals(overview) == (500, 0)
    assert [len(remark.origins) for remark in said(overview, RemarkKind.COUNTED_ONCE)] == [2]


def test_the_same_number_at_two_municipalities_is_two_debts() -> None:
    one, other = (p.owed("gem.betaaloverzicht", [p.case("1", 500)], source=source) for source in (p.THE_HAGUE, p.BOXTEL))

    assert totals(p.overview(one, other)) == (1_000, 0)


def test_of_one_case_in_two_documents_the_newest_amount_counts() -> None:
    claim = {
        "zaakkenmerk": "PW",
        "totaal_financieel_verplicht": 900,
        "totaal_financieel_vereffend": 300,
        "saldo": 600,
        "aflossingsafspraken": [],
    }
    overview = p.overview(
        p.paper("gem.pw_vordering", {"vorderingen": [claim]}, on=AUTUMN), p.owed("gem.betaaloverzicht", [p.case("PW", 900)], on=SPRING)
    )

    assert totals(overview) == (600, 0)
    assert said(overview, RemarkKind.CONTRADICTION) == []


def test_two_amounts_of_one_case_on_one_day_are_a_contradiction() -> None:
    claim = {"zaakkenmerk": "PW", "totaal_financieel_verplicht": 900, "totaal_financieel_vereffend": 300, "saldo": 600}
    overview = p.overview(p.paper("gem.pw_vordering", {"vorderingen": [claim]}), p.owed("gem.betaaloverzicht", [p.case("PW", 900)]))

    assert totals(overview) == (900, 0)
    assert len(said(overview, RemarkKind.CONTRADICTION)) == 1


def test_the_premium_of_who_does_not_pay_the_insurer_is_among_the_bills_of_cak() -> None:
    premium = p.paper("cak.wanbetalers", {"aangemeld": True, "bestuursrechtelijke_premie": 18_430, "nog_te_betalen": 700})

    assert totals(p.overview(premium)) == (700, None)
    both = p.overview(premium, p.owed("cak.betaaloverzicht", [p.case("A", 700, arrears=700)]))
    assert totals(both) == (700, 700)
    assert len(said(both, RemarkKind.COUNTED_ONCE)) == 1


def test_the_debt_to_the_health_insurer_is_told_as_missing() -> None:
    overview = p.overview(
        p.paper("cak.wanbetalers", {"aangemeld": True, "bestuursrechtelijke_premie": 18_430, "zorgverzekeraar": "De Voorzorg"})
    )

    assert [origin.field_name for remark in said(overview, RemarkKind.MISSING) for origin in remark.origins] == [
        "aangemeld",
        "zorgverzekeraar",
    ]


def test_arrears_of_a_study_debt_that_duo_also_asks_for_count_once_and_the_rest_is_told() -> None:
    study = p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": 90_000, "achterstand": 1_500})
    term = p.owed("duo.betaaloverzicht", [p.case("T", 3_300, 0, 3_300)], [imposed("T", "duo_studieschuld_achterstand", "T1", 1_500)])
    overview = p.overview(study, term)

    assert totals(overview) == (93_300, 3_300)
    assert [remark.kind for remark in overview.remarks] == [RemarkKind.COUNTED_ONCE, RemarkKind.PERHAPS_TWICE]
    assert totals(p.overview(study)) == (90_000, 1_500)


def collected(number: str, cents: int, *, decision: str = "B-1", reference: str = "E1", on: date = p.AT) -> InsightDocument:
    events = [imposed(number, "cak_wanbetalerspremie", reference, cents, beschikkingsnummer=decision)]
    return p.owed("cjib.vorderingen", [p.case(number, cents, arrears=cents)], events, on=on)


def at_principal(number: str, cents: int, *, decision: str = "B-1", reference: str = "E9", on: date = p.AT) -> InsightDocument:
    events = [imposed(number, "cak_wanbetalerspremie", reference, cents, beschikkingsnummer=decision)]
    return p.owed("cak.betaaloverzicht", [p.case(number, cents, arrears=0)], events, on=on)


def with_collector(*documents: InsightDocument) -> Overview:
    return overview_of(documents, catalogue=p.with_collector(), at=p.AT)


@pytest.mark.parametrize(
    ("principal", "collector"),
    [
        ({"number": "Z-1", "decision": "x"}, {"number": "Z-1", "decision": "y"}),
        ({"number": "Z-1"}, {"number": "CJIB-7"}),
        ({"number": "Z-1", "decision": "x", "reference": "E"}, {"number": "CJIB-7", "decision": "y", "reference": "E"}),
    ],
    ids=["same case", "same decision", "same event"],
)
def test_a_debt_that_cjib_collects_for_its_principal_counts_once_and_says_both(
    principal: dict[str, str], collector: dict[str, str]
) -> None:
    overview = with_collector(at_principal(cents=500, **principal), collected(cents=500, **collector))  # type: ignore[arg-type] # texts only

    assert overview.debts.total is not None
    assert overview.debts.total.cents == 500
    assert [(debt.creditor, debt.collector) for debt in overview.debts.all] == [("CAK", "CJIB")]
    assert [remark.said.in_language("en")[:33] for remark in said(overview, RemarkKind.COUNTED_ONCE)] == [
        "CJIB collects this debt for CAK: "
    ]


def test_of_a_collector_and_its_principal_the_newest_amount_counts() -> None:
    later = with_collector(at_principal("Z", 500, on=SPRING), collected("C", 300, on=AUTUMN))
    sooner = with_collector(at_principal("Z", 400, on=AUTUMN), collected("C", 500, on=SPRING))

    assert [totals(later), totals(sooner)] == [(300, 300), (400, 0)]
    assert {debt.creditor for overview in (later, sooner) for debt in overview.debts.all} == {"CAK"}


def test_a_debt_that_cjib_collects_without_its_principal_says_for_whom() -> None:
    (debt,) = with_collector(collected("C", 500)).debts.all

    assert (debt.creditor, debt.on_behalf_of, debt.collector) == ("CJIB", "cak", None)


def test_an_equal_amount_alone_does_not_prove_the_same_debt_and_is_told() -> None:
    overview = with_collector(at_principal("Z", 500, decision="x"), collected("C", 500, decision="y"))

    assert overview.debts.total is not None
    assert overview.debts.total.cents == 1_000
    assert len(said(overview, RemarkKind.PERHAPS_TWICE)) == 1


def test_a_fine_of_cjib_itself_is_nobody_elses_debt() -> None:
    fine = p.owed("cjib.vorderingen", [p.case("Z", 500)], [imposed("Z", "cjib_wahv", "E1", 500)])
    (debt,) = with_collector(fine).debts.all

    assert (debt.creditor, debt.on_behalf_of) == ("CJIB", None)


def test_an_event_in_two_documents_is_one_event() -> None:
    paid = p.event("A", PAID, "A2", 100)
    old = p.owed("cak.betaaloverzicht", [p.case("A", 900, 100)], [imposed("A", "cak_eigen_bijdrage", "A1", 900), paid], on=SPRING)
    new = p.owed("cak.betaaloverzicht", [p.case("A", 900, 100)], [paid], on=AUTUMN)

    assert [event.reference for event in p.overview(old, new).events.events] == ["A1", "A2"]
    assert p.overview(old, new).debts.all[0].kind == "cak_eigen_bijdrage"  # what an earlier document tells is not forgotten


@pytest.mark.parametrize("changed", [{"bedrag": 101}, {"gebeurtenis_type": ASKED}, {"datumtijd_gebeurtenis": "2026-06-02T09:00:00Z"}])
def test_an_event_that_changed_is_told_and_the_newest_document_counts(changed: dict[str, Any]) -> None:
    old = p.owed("cak.betaaloverzicht", [p.case("A", 900)], [p.event("A", PAID, "A2", 100)], on=SPRING)
    new = p.owed("cak.betaaloverzicht", [p.case("A", 900)], [{**p.event("A", PAID, "A2", 100), **changed}], on=AUTUMN)
    overview = p.overview(old, new)

    assert len(said(overview, RemarkKind.CONTRADICTION)) == 1
    assert len(overview.events.events) == 1
    assert overview.events.events[0].origin.document == new.key


def test_parts_of_a_study_debt_that_do_not_add_up_are_told() -> None:
    parts = [{"soort": "lening", "bedrag": 600}, {"soort": "ov", "bedrag": 300}]
    overview = p.overview(p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": 1_000, "schuldonderdelen": parts}))

    assert len(said(overview, RemarkKind.CONTRADICTION)) == 1


def test_arrears_of_an_older_document_count_only_while_so_much_is_open() -> None:
    claim = {"zaakkenmerk": "PW", "totaal_financieel_verplicht": 900, "totaal_financieel_vereffend": 700, "saldo": 200}
    newer = p.paper("gem.pw_vordering", {"vorderingen": [claim]}, on=AUTUMN)

    assert totals(p.overview(newer, p.owed("gem.betaaloverzicht", [p.case("PW", 900, arrears=200)], on=SPRING))) == (200, 200)
    assert totals(p.overview(newer, p.owed("gem.betaaloverzicht", [p.case("PW", 900, arrears=201)], on=SPRING))) == (200, None)


def test_a_kind_that_begins_with_no_known_organisation_names_no_principal() -> None:
    (debt,) = p.overview(p.owed("gem.betaaloverzicht", [p.case("Z", 500)], [imposed("Z", "dhg_ozb", "E1", 500)])).debts.all

    assert debt.on_behalf_of is None


def test_the_same_number_at_another_organisation_than_the_principal_is_another_debt() -> None:
    tax = p.owed("gem.betaaloverzicht", [p.case("Z-1", 500)], [imposed("Z-1", "gem_ozb", "E1", 500, beschikkingsnummer="B-1")])

    assert len(with_collector(tax, collected("Z-1", 300)).debts.all) == 2


def test_a_claim_of_which_the_number_was_left_out_is_no_case() -> None:
    claims = [{"saldo": 500}, {"zaakkenmerk": "A"}, {"zaakkenmerk": "B", "saldo": 700}]
    overview = p.overview(p.paper("gem.pw_vordering", {"vorderingen": claims}, reduced=True))

    assert totals(overview) == (700, None)


@pytest.mark.parametrize(("late", "arrears"), [(0, 1_500), (1, 1)])
def test_arrears_of_a_study_debt_are_elsewhere_only_when_a_case_is_late(late: int, arrears: int) -> None:
    study = p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": 90_000, "achterstand": 1_500})
    term = p.owed("duo.betaaloverzicht", [p.case("T", 3_300, 0, late)], [imposed("T", "duo_studieschuld_termijn", "T1", 1_500)])

    assert totals(p.overview(study, term)) == (93_300, arrears)
