from datetime import UTC, datetime

from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import PERSON_DIFFERS, TOO_OLD, Answer, CheckedItem
from blauweknop.verifier.dossier.checklist import Standing, checklist
from blauweknop.verifier.dossier.figures import Figures, figures_of
from blauweknop.verifier.dossier.pieces import pieces_of
from tests.unit.verifier.dossier.dossier_world import (
    CJIB,
    DUO,
    UWV,
    family,
    payments,
    piece,
    question,
    study_debt,
    the_catalogue,
    total_only,
    wages,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def figures(*items: CheckedItem) -> Figures:
    pieces = pieces_of(Answer("00" * 32, question(), items, NOW))
    return figures_of(pieces, catalogue=the_catalogue(), received_at=NOW, language="nl")


def standings(*items: CheckedItem) -> dict[str, Standing]:
    answer = Answer("00" * 32, question(), items, NOW)
    return {line.item.id: line.standing for line in checklist(answer.question, pieces_of(answer), on=NOW.date())}


def test_each_debt_names_its_creditor_reference_amount_arrears_and_piece() -> None:
    found = figures(study_debt(), payments(family()))
    assert [(line.creditor, line.reference, line.cents, line.arrears, line.pieces) for line in found.debts] == [
        ("DUO", "", 1234567, 5000, (1,)),
        ("CJIB", "4711", 25000, 10000, (2,)),
        ("CJIB", '=HYPERLINK("x")', 7000, None, (2,)),
    ]
    assert (found.debt, found.arrears) == (1266567, 15000)


def test_a_total_without_cases_stands_apart_and_is_in_no_sum() -> None:
    found = figures(total_only(family()), study_debt())
    assert [(line.organisation, line.cents, line.piece) for line in found.totals] == [("CJIB", 32000, 1)]
    assert found.debt == 1234567


def test_a_document_and_its_summary_count_once() -> None:
    found = figures(payments(family()), total_only(family()))
    assert found.totals == ()
    assert found.debt == 32000


def test_of_a_document_without_its_total_the_summary_tells_it() -> None:
    document = piece("betalingen", family(), CJIB, {"data": {"financiele_zaken": []}})
    assert [(line.cents, line.piece) for line in figures(document, total_only(family())).totals] == [(32000, 2)]


def test_what_is_perhaps_of_somebody_else_is_never_added_up() -> None:
    other = study_debt(colour=Colour.ORANGE, reasons=(PERSON_DIFFERS,))
    assert figures(other).debts == ()
    assert standings(other)["studieschuld"] is Standing.DOUBTFUL


def test_what_is_not_certain_counts_and_says_so() -> None:
    (line,) = figures(study_debt(colour=Colour.ORANGE, reasons=(TOO_OLD,))).debts
    assert not line.sure
    assert figures(study_debt()).debts[0].sure


def test_what_is_red_counts_in_nothing() -> None:
    red = study_debt(colour=Colour.RED)
    assert figures(red).debts == ()
    assert standings(red)["studieschuld"] is Standing.REFUSED


def test_nothing_known_is_not_zero() -> None:
    found = figures()
    assert (found.debt, found.arrears, found.income) == (None, None, None)


def test_a_value_of_another_type_makes_no_figure_and_is_told() -> None:
    found = figures(piece("studieschuld", "duo.studieschuld", DUO, {"schuldsaldo_inclusief_rente": "veel"}, short=True))
    assert found.debts == ()
    assert len(found.remarks) == 1


def test_what_does_not_say_of_which_day_it_is_makes_no_figure() -> None:
    assert figures(study_debt(reference_date=None)).debts == ()
    assert figures(study_debt(reference_date="gisteren")).debts == ()


def test_income_stands_by_month_with_its_piece() -> None:
    found = figures(wages())
    assert [(str(month.month), month.jobs, month.total, month.pieces) for month in found.months] == [("2026-09", 250000, 250000, (1,))]
    assert (found.income, found.missing) == (250000, 11)


def test_of_a_choice_the_other_items_are_not_needed_when_one_came() -> None:
    came = standings(piece("loon", "uwv.verzekeringsbericht", UWV, {"data": {}}))
    assert (came["loon"], came["bijstand"], came["woning"]) == (Standing.CERTIFIED, Standing.OTHERWISE, Standing.MISSING)
    assert standings()["bijstand"] is Standing.MISSING
