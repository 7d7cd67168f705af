"""Two answers put together: what both prove, what is not certain, and nothing that counts twice."""

import csv
import io
import json
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from blauweknop.adapters.verifier_answers import sweep_answers
from blauweknop.domain.amount_range import AmountRange
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.insight.household import Doubt, HouseholdOutcome
from blauweknop.verifier.asking.answers import PERSON_DIFFERS, TOO_OLD, Answer, CheckedItem
from blauweknop.verifier.asking.household import Household, Needed, Sameness
from blauweknop.verifier.dossier.tables import debts_csv, income_csv
from blauweknop.verifier.household.exporting import household_csv, household_json
from blauweknop.verifier.household.household import HouseholdDossier, PartState, household_dossier
from blauweknop.verifier.household.income import range_in_words
from tests.unit.verifier.dossier.dossier_world import CJIB, SANNE, UWV, DossierWorld, family, piece, question, study_debt, wages

NEEDED = Needed("loon", "sv_loon_jaar", 4320000)


@dataclass
class Two:
    """Two requests of one receiver, each answered or not."""

    world: DossierWorld
    household: Household

    @classmethod
    def of(cls, engine: Engine, first: list[CheckedItem] | None, second: list[CheckedItem] | None, needed: Needed | None = NEEDED) -> "Two":
        world = DossierWorld(engine)
        services, now = world.services(), world.asking.now
        ids: list[str] = []
        for items in (first, second):
            _, request = services.requests.open(question(), now=now, life=timedelta(days=7))
            if items is not None:
                kept = services.answers.keep(
                    Answer(request.id, question(), tuple(items), now), erase_at=now + timedelta(days=30 + len(ids))
                )
                assert kept is not None
            ids.append(request.id)
        household = Household(ids[0], ids[1], needed)
        services.households.begin(household)
        return cls(world, household)

    def seen(self, language: str = "nl") -> HouseholdDossier:
        services = self.world.dossiers()
        household = services.asking.households.of_request(str(self.household.second))
        assert household is not None
        return household_dossier(household, "p", SANNE.staff, services, at=self.world.asking.now, language=language)


def income(name: str, **claims: JsonValue) -> CheckedItem:
    said: dict[str, JsonValue] = {"given_name": name, "family_name": "de Vries", "income_year": 2025, **claims}
    return piece("loon", "uwv.verzekeringsbericht", UWV, said, short=True)


ANNA, BEA = income("Anna", income_bracket="25000_to_30000"), income("Bea", income_bracket="20000_to_25000")


def test_two_brackets_prove_together_what_is_needed(engine: Engine) -> None:
    seen = Two.of(engine, [ANNA], [BEA]).seen()
    assert seen.income is not None
    assert (seen.income.outcome, seen.income.certain) == (HouseholdOutcome.ENOUGH, True)
    assert seen.income.together == AmountRange(4500000, 5499999)
    assert [part.name for part in seen.parts] == ["Anna de Vries", "Bea de Vries"]
    assert seen.complete


@pytest.mark.parametrize("missing", [0, 1])
def test_without_one_part_nothing_is_said_of_both(engine: Engine, missing: int) -> None:
    rich = [income("Anna", income_bracket="80000_or_more")]
    seen = Two.of(engine, *((None, rich) if missing == 0 else (rich, None))).seen()
    assert seen.income is not None
    assert (seen.income.outcome, seen.income.together) == (HouseholdOutcome.INCOMPLETE, None)
    assert seen.parts[missing].state is PartState.OPEN
    assert (seen.sums, seen.complete) == ((), False)


def test_a_part_that_is_erased_leaves_the_other_and_the_test_is_not_complete(engine: Engine) -> None:
    two = Two.of(engine, [ANNA], [BEA])
    assert sweep_answers(engine, two.world.asking.now + timedelta(days=30)) == 1
    seen = two.seen()
    assert [part.state for part in seen.parts] == [PartState.NOBODY, PartState.ANSWERED]
    assert seen.income is not None
    assert seen.income.outcome is HouseholdOutcome.INCOMPLETE


def test_a_piece_that_is_not_certain_makes_the_test_uncertain(engine: Engine) -> None:
    seen = Two.of(engine, [ANNA], [BEA.remarked(TOO_OLD)]).seen()
    assert seen.income is not None
    assert (seen.income.outcome, seen.income.certain, seen.income.doubts) == (HouseholdOutcome.ENOUGH, False, (Doubt.NOT_SURE,))


@pytest.mark.parametrize("changed", [replace(BEA, colour=Colour.RED), BEA.remarked(PERSON_DIFFERS)], ids=["red", "of somebody else"])
def test_a_piece_that_does_not_count_proves_no_income(engine: Engine, changed: CheckedItem) -> None:
    seen = Two.of(engine, [ANNA], [changed]).seen()
    assert seen.income is not None
    assert (seen.income.outcome, seen.income.doubts) == (HouseholdOutcome.OPEN, (Doubt.NOT_SHOWN,))


def test_who_shows_no_income_counts_as_nothing(engine: Engine) -> None:
    seen = Two.of(engine, [income("Anna", income_bracket="50000_to_60000")], [study_debt()]).seen()
    assert seen.income is not None
    assert (seen.income.outcome, seen.income.doubts) == (HouseholdOutcome.ENOUGH, (Doubt.NOT_SHOWN,))


def test_pieces_that_contradict_each_other_prove_nothing(engine: Engine) -> None:
    seen = Two.of(engine, [ANNA, income("Anna", income_bracket="80000_or_more")], [BEA]).seen()
    assert seen.income is not None
    assert seen.income.doubts == (Doubt.NOT_SHOWN,)
    assert seen.income.outcome is HouseholdOutcome.OPEN


def test_amounts_and_brackets_add_up(engine: Engine) -> None:
    seen = Two.of(engine, [income("Anna", sv_loon_jaar=2500050)], [BEA]).seen()
    assert seen.income is not None
    assert seen.income.together == AmountRange(4500050, 5000050)


def test_one_person_who_gave_both_parts_counts_once(engine: Engine) -> None:
    seen = Two.of(
        engine, [replace(ANNA, status_uri="https://u", status_index=4)], [replace(ANNA, status_uri="https://u", status_index=4)]
    ).seen()
    assert seen.same is Sameness.SAME
    assert seen.income is not None
    assert (seen.income.outcome, seen.sums, seen.complete) == (HouseholdOutcome.INCOMPLETE, (), False)


def test_two_of_the_same_name_are_added_up_and_never_certain(engine: Engine) -> None:
    seen = Two.of(engine, [ANNA], [income("Anna", income_bracket="20000_to_25000")]).seen()
    assert seen.income is not None
    assert (seen.same, seen.income.doubts, seen.income.certain) == (Sameness.PERHAPS, (Doubt.PERHAPS_SAME,), False)


def fine(number: str, cents: int, arrears: int) -> CheckedItem:
    rows: list[JsonValue] = [{"zaakkenmerk": number, "omschrijving": "Boete", "saldo": cents, "achterstand": arrears}]
    return piece("betalingen", family(), CJIB, {"data": {"saldo": cents, "financiele_zaken": rows}})


def test_amounts_of_both_are_added_and_a_debt_in_both_counts_once(engine: Engine) -> None:
    two = Two.of(engine, [ANNA, wages(), fine("4711", 25000, 10000)], [BEA, wages(), fine("4711", 25000, 10000)], None)
    sums = {each.name: (each.first, each.second, each.together, each.sure) for each in two.seen().sums}
    assert sums == {
        "income": (250000, 250000, 500000, True),
        "debt": (25000, 25000, 25000, True),
        "arrears": (10000, 10000, 10000, True),
    }


def test_what_is_not_known_of_one_is_not_known_of_both(engine: Engine) -> None:
    sums = {each.name: each.together for each in Two.of(engine, [ANNA, fine("1", 5, 0)], [BEA, wages()], None).seen().sums}
    assert sums == {"income": None, "debt": None, "arrears": None}


def test_every_row_that_is_taken_along_says_whose_it_is(engine: Engine) -> None:
    seen = Two.of(engine, [ANNA, fine("=1", 25000, 10000)], [BEA, wages(), fine("8", 100, 0)]).seen()
    debts = list(csv.DictReader(io.StringIO(household_csv(seen, debts_csv))))
    assert [(row["deel"], row["referentie"], row["bedrag_cent"]) for row in debts] == [
        ("aanvrager", "'=1", "25000"),
        ("partner", "8", "100"),
    ]
    months = list(csv.DictReader(io.StringIO(household_csv(seen, income_csv))))
    assert {row["deel"] for row in months if row["totaal_cent"]} == {"partner"}


def test_a_part_that_is_not_there_has_no_rows(engine: Engine) -> None:
    seen = Two.of(engine, [ANNA, fine("1", 25000, 0)], None).seen()
    assert {row["deel"] for row in csv.DictReader(io.StringIO(household_csv(seen, debts_csv)))} == {"aanvrager"}


def test_the_json_has_both_parts_by_name_and_the_test(engine: Engine) -> None:
    told = json.loads(household_json(Two.of(engine, [ANNA], [BEA]).seen()))
    assert [(part["part"], part["name"], part["dossier"]["pieces"][0]["item"]) for part in told["parts"]] == [
        ("first", "Anna de Vries", "loon"),
        ("second", "Bea de Vries", "loon"),
    ]
    assert told["income_test"] == {
        "needed": 4320000,
        "outcome": "enough",
        "certain": True,
        "doubts": [],
        "together": {"least": 4500000, "below": 5499999},
        "parts": [
            {"income": {"least": 2500000, "below": 3000000}, "year": 2025, "certain": True},
            {"income": {"least": 2000000, "below": 2500000}, "year": 2025, "certain": True},
        ],
    }


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (AmountRange.exactly(4500050), "€ 45.000,50"),
        (AmountRange(4500000, 5499999), "van € 45.000,00 tot € 55.000,00"),
        (AmountRange(0, 3999999), "minder dan € 40.000,00"),
        (AmountRange(8000000), "€ 80.000,00 of meer"),
    ],
)
def test_how_much_is_known_is_said_in_words(amount: AmountRange, words: str) -> None:
    assert range_in_words(amount, "nl").replace("\u00a0", " ") == words
