from datetime import date
from typing import Any

import pytest

from blauweknop.domain.errors import MalformedValue
from blauweknop.insight.collection import KeyTwice, collect
from blauweknop.insight.documents import InsightDocument, read_document
from blauweknop.insight.remarks import RemarkKind
from tests.unit.insight import papers as p


def debt(cents: int, **envelope: Any) -> InsightDocument:
    return p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": cents, "fase": "aflosfase"}, **envelope)


def test_the_newest_document_of_a_data_set_counts_and_the_older_ones_stay() -> None:
    older, newer = debt(900, on=date(2026, 3, 1)), debt(800, on=date(2026, 9, 1))
    overview = p.overview(newer, older)

    assert overview.debts.total is not None
    assert overview.debts.total.cents == 800
    assert overview.collection.series == ((newer, older),)


def test_the_same_data_set_of_two_municipalities_counts_twice() -> None:
    two = [p.owed("gem.betaaloverzicht", [p.case("1", 500)], source=source) for source in (p.THE_HAGUE, p.BOXTEL)]

    assert [creditor.total.cents for creditor in p.overview(*two).debts.creditors] == [500, 500]


def test_of_the_population_register_only_the_newest_extract_counts() -> None:
    old = p.paper("gem.brp", {}, on=date(2025, 1, 1), source=p.THE_HAGUE)
    new = p.paper("gem.brp", {}, on=date(2026, 1, 1), source=p.BOXTEL)

    assert collect([old, new], ()).current == (new,)


def test_bills_of_two_years_are_two_series() -> None:
    bills = [
        p.paper("gem.belastingaanslag", {"aanslagbiljetnummer": str(year), "saldo": 100}, on=date(year, 3, 1)) for year in (2025, 2026)
    ]

    assert len(p.overview(*bills).debts.all) == 2


def test_the_same_document_under_two_keys_counts_once() -> None:
    one, copy = debt(700, key="a", number="n"), debt(700, key="b", number="n")

    assert collect([copy, one], ()).documents == (one,)


def test_a_key_that_names_two_documents_is_refused() -> None:
    with pytest.raises(KeyTwice, match="key of its own"):
        collect([debt(1, key="a"), debt(2, key="a")], ())


def test_a_document_made_smaller_counts_only_without_a_whole_one_and_is_told() -> None:
    whole, smaller = debt(900, on=date(2026, 1, 1)), debt(100, on=date(2026, 9, 1), reduced=True)
    with_whole, without = p.overview(whole, smaller), p.overview(smaller)

    assert with_whole.debts.total is not None
    assert with_whole.debts.total.cents == 900
    assert [remark.kind for remark in without.remarks if remark.kind is RemarkKind.REDUCED] == [RemarkKind.REDUCED]


def test_an_own_paper_is_in_no_figure_and_is_told() -> None:
    overview = p.overview(debt(900, certified=False))

    assert overview.debts.total is None
    assert [remark.kind for remark in overview.remarks] == [RemarkKind.OWN_PAPER]


def test_a_certified_document_does_not_give_way_to_an_own_paper_with_its_number() -> None:
    overview = p.overview(debt(900, key="b", number="n"), debt(1, key="a", number="n", certified=False))

    assert overview.debts.total is not None
    assert overview.debts.total.cents == 900


@pytest.mark.parametrize("odd", [{"version": 2}, {"dataset": "svb.uitkering"}])
def test_a_version_or_data_set_that_figures_do_not_know_is_told_and_not_counted(odd: dict[str, Any]) -> None:
    dataset = str(odd.pop("dataset", "duo.studieschuld"))
    document = p.paper(dataset, {"schuldsaldo_inclusief_rente": 900}, source=p.DUO, **odd)

    overview = p.overview(document)
    assert overview.debts.total is None
    assert [remark.kind for remark in overview.remarks] == [RemarkKind.UNREAD]


@pytest.mark.parametrize("lost", ["document_id", "type", "version", "source", "saldo_datumtijd", "issued_at", "valid_until", "data"])
def test_content_without_its_envelope_is_no_document(lost: str) -> None:
    said = p.content("duo.studieschuld", {})
    del said[lost]

    with pytest.raises(MalformedValue, match="content of a document"):
        read_document("k", said)


@pytest.mark.parametrize("moment", ["2026-11-23T12:00:00", "yesterday"])
def test_a_reference_moment_without_zone_is_refused(moment: str) -> None:
    with pytest.raises(MalformedValue, match="saldo_datumtijd"):
        read_document("k", {**p.content("duo.studieschuld", {}), "saldo_datumtijd": moment})


@pytest.mark.parametrize("value", [True, "12", 1.5, [1]])
def test_money_that_is_no_whole_number_is_refused_by_name_and_not_by_value(value: object) -> None:
    with pytest.raises(MalformedValue, match=r"^expected a whole number in schuldsaldo_inclusief_rente$"):
        p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": value}).root.integer("schuldsaldo_inclusief_rente")


@pytest.mark.parametrize(("reading", "value"), [("day", "2026-02-30"), ("day", "morgen"), ("moment", "2026-02-03T12:00"), ("month", "2026"),
    ("decimal", "veel"), ("decimal", "NaN"), ("text", 3), ("flag", "ja"), ("partial_date", "1985")])  # fmt: skip
def test_a_value_of_another_type_is_refused(reading: str, value: object) -> None:
    with pytest.raises(MalformedValue, match="expected"):
        getattr(p.paper("duo.studieschuld", {"it": value}).root, reading)("it")


@pytest.mark.parametrize(
    "item",
    [p.pay("2026-02-30", "2026-03-01", 1), p.pay("2026-03-31", "2026-03-01", 1), {**p.pay("2026-03-01", "2026-03-31", 1), "sv_loon": "1"}],
)
def test_a_document_that_cannot_be_read_is_left_out_whole_and_told_and_the_others_count(item: dict[str, Any]) -> None:
    broken = p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 100), item))
    overview = p.overview(broken, debt(900))

    assert overview.debts.total is not None
    assert overview.debts.total.cents == 900
    assert [month for month in overview.income.months if month.total] == []
    assert [(remark.kind, remark.origins[0].document) for remark in overview.remarks] == [(RemarkKind.UNREADABLE, broken.key)]


def test_personal_values_stay_out_of_repr() -> None:
    document = p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 7_654_321), payer="Bakkerij Bos"))
    shown = repr(document) + repr(p.overview(document))

    assert [word for word in ("7654321", "Bakkerij", "Zoë", "de Wit", "1985") if word in shown] == []
