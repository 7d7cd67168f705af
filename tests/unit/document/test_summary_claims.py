from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.demo.people import make_people
from blauweknop.document.summary_claims import NoSummary, claims_of
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.periods import Month, Period, four_week_periods
from tests.unit.catalogue.samples import sample_data, sample_snapshot
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w

MONTHS = [Month(w.YEAR, number).period for number in range(1, 13)]
FOUR_WEEKS = list(four_week_periods(w.YEAR))
INCOME = {"sv_loon_jaar", "income_year", "income_bracket"}


def paid(periods: list[Period], amount: int = 250_000) -> list[tuple[date, date, int]]:
    return [(period.first, period.last, amount) for period in periods]


@pytest.mark.parametrize("dataset_id", w.IDS)
def test_every_value_is_single_and_of_the_kind_of_its_claim(dataset_id: str) -> None:
    summary = w.summary(dataset_id)
    claims = claims_of(sample_snapshot(summary.dataset), summary, x.DUO)
    assert {type(value) for value in claims.values()} <= {str, int, bool, date}
    assert {"given_name", "family_name", "reference_date", "source_name"} <= claims.keys()
    assert "bsn" not in claims


@pytest.mark.parametrize("dataset_id", w.IDS)
def test_claims_that_are_always_there_are_there_when_a_source_says_as_little_as_it_may(dataset_id: str) -> None:
    summary = w.summary(dataset_id)
    least = sample_data([field for field in summary.dataset.fields if summary.dataset.part(field.part).required], only_required=True)
    claims = claims_of(replace(sample_snapshot(summary.dataset), data=least), summary, x.DUO)
    assert {claim.name for claim in summary.claims if claim.always} <= claims.keys()


def test_the_number_of_a_person_is_there_when_it_was_chosen() -> None:
    assert w.said("duo.studieschuld", x.DATA, with_bsn=True)["bsn"] == x.BSN


def test_a_number_that_the_source_did_not_give_is_not_made_up() -> None:
    summary = w.summary("duo.studieschuld")
    with pytest.raises(NoSummary):
        claims_of(sample_snapshot(summary.dataset), summary, x.DUO, with_bsn=True)


def test_a_snapshot_of_another_data_set_is_refused() -> None:
    with pytest.raises(NoSummary):
        claims_of(w.snapshot("duo.studieschuld", x.DATA), w.summary("gem.woz"), x.DUO)


def test_an_amount_that_not_every_reader_keeps_exactly_is_refused() -> None:
    with pytest.raises(NoSummary):
        w.said("duo.studieschuld", {**x.DATA, "schuldsaldo_inclusief_rente": 2**53})


def test_text_is_in_normal_form() -> None:
    assert w.said("gem.bijstand", {"soort_uitkering": "e\u0301"})["soort_uitkering"] == "\u00e9"


@pytest.mark.parametrize("periods", [MONTHS, FOUR_WEEKS], ids=["months", "four weeks"])
def test_a_whole_year_of_pay_is_added_up(periods: list[Period]) -> None:
    claims = w.of_jobs(w.pay(*paid(periods)))
    assert (claims["sv_loon_jaar"], claims["income_year"]) == (250_000 * len(periods), w.YEAR)


def test_months_and_four_weeks_in_one_year_are_added_up_without_parts_of_periods() -> None:
    claims = w.of_jobs(w.pay(*paid(MONTHS[:6])), w.pay(*paid(FOUR_WEEKS[6:])))
    assert claims["sv_loon_jaar"] == 250_000 * (6 + 7)


@pytest.mark.parametrize("missing", range(12))
def test_one_month_that_was_not_reported_leaves_the_year_unsaid(missing: int) -> None:
    claims = w.of_jobs(w.pay(*paid([period for number, period in enumerate(MONTHS) if number != missing])))
    assert INCOME.isdisjoint(claims)


def test_a_month_of_which_only_a_correction_is_known_was_not_reported() -> None:
    claims = w.of_jobs(w.pay(*paid(MONTHS[:-1]), (MONTHS[-1].first, MONTHS[-1].last, -1)))
    assert INCOME.isdisjoint(claims)


def test_a_negative_correction_is_taken_off() -> None:
    claims = w.of_jobs(w.pay(*paid(MONTHS), (MONTHS[3].first, MONTHS[3].last, -31_250)))
    assert claims["sv_loon_jaar"] == 12 * 250_000 - 31_250


def test_a_period_that_lies_partly_in_the_year_leaves_it_unsaid() -> None:
    claims = w.of_jobs(w.pay(*paid(MONTHS), (date(w.YEAR, 12, 29), date(w.YEAR + 1, 1, 25), 100)))
    assert INCOME.isdisjoint(claims)


def test_pay_outside_the_year_does_not_count() -> None:
    around = [Month(w.YEAR - 1, 12).period, Month(w.YEAR + 1, 1).period]
    assert w.of_jobs(w.pay(*paid(MONTHS), *paid(around, 999)))["sv_loon_jaar"] == 12 * 250_000


def test_who_has_no_income_at_this_source_is_said_to_have_no_jobs_and_nothing_of_an_income() -> None:
    claims = w.of_jobs()
    assert claims["aantal_inkomstenverhoudingen"] == 0
    assert not {name for name in claims if name.startswith(("income", "sv_loon", "laatste"))}


def test_a_year_without_pay_that_was_reported_is_an_income_of_nothing() -> None:
    claims = w.of_jobs(w.pay(*paid(MONTHS, 0)))
    assert (claims["sv_loon_jaar"], claims["income_bracket"], claims["income_at_least_20000"]) == (0, "below_20000", False)


@given(st.integers(-(10**7), 2 * 10**7))
def test_brackets_and_steps_say_the_same_as_the_amount(december: int) -> None:
    corrected = min(december, 0)
    rows = [
        *paid(MONTHS[:-1], 0),
        (MONTHS[-1].first, MONTHS[-1].last, december - corrected),
        (MONTHS[-1].first, MONTHS[-1].last, corrected),
    ]
    claims = w.of_jobs(w.pay(*rows))
    reached = [int(name.rpartition("_")[2]) for name, value in claims.items() if name.startswith("income_at_least_") and value is True]
    assert reached == [euros for euros in (20000, 25000, 30000, 35000, 40000, 50000, 60000, 80000) if december >= euros * 100]
    bracket = str(claims["income_bracket"])
    assert bracket == "below_20000" if not reached else bracket.startswith(f"{max(reached)}_")


_DAYS_OF_YEARS = st.integers(0, 3 * 365).map(lambda number: date(w.YEAR - 1, 1, 1) + timedelta(days=number))
_CALENDAR = st.sampled_from([MONTHS, FOUR_WEEKS])
_ODD = st.tuples(_DAYS_OF_YEARS, st.integers(0, 40), st.integers(-(10**6), 10**6)).map(
    lambda drawn: (drawn[0], drawn[0] + timedelta(days=drawn[1]), drawn[2])
)


@given(_CALENDAR, st.sets(st.integers(0, 12), max_size=2), st.lists(_ODD, max_size=4), st.integers(0, 400_000))
def test_the_total_of_a_year_is_that_of_counting_day_by_day(
    periods: list[Period], missing: set[int], odd: list[tuple[date, date, int]], amount: int
) -> None:
    rows = [*paid([period for number, period in enumerate(periods) if number not in missing], amount), *odd]
    assert w.of_jobs(w.pay(*rows[::2]), w.pay(*rows[1::2])).get("sv_loon_jaar") == _slowly(rows)


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_the_total_of_a_made_up_life_is_that_of_counting_day_by_day(seed: int) -> None:
    for person in make_people(30, seed)[18:]:
        jobs = [[(item.first, item.last, item.pay) for item in job.items] for job in person.jobs]
        assert w.of_jobs(*(w.pay(*rows) for rows in jobs)).get("sv_loon_jaar") == _slowly([row for rows in jobs for row in rows])


def _slowly(rows: list[tuple[date, date, int]]) -> int | None:
    """Day by day: each must be reported by somebody; whoever reports it must lie in the year as a whole."""
    counted: set[int] = set()
    day = date(w.YEAR, 1, 1)
    while day.year == w.YEAR:
        about = [number for number, (first, last, _) in enumerate(rows) if first <= day <= last]
        if any(rows[number][0].year != w.YEAR or rows[number][1].year != w.YEAR for number in about):
            return None
        if not any(rows[number][2] >= 0 for number in about):
            return None
        counted.update(about)
        day += timedelta(days=1)
    return sum(rows[number][2] for number in counted)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)), max_size=6))
def test_totals_of_cases_are_those_of_adding_them_one_by_one(amounts: list[tuple[int, int]]) -> None:
    cases: list[JsonValue] = [
        {
            "zaakkenmerk": str(number),
            "totaal_financieel_verplicht": owed + paid_off,
            "totaal_financieel_vereffend": paid_off,
            "saldo": owed,
        }
        for number, (owed, paid_off) in enumerate(amounts)
    ]
    claims = w.said("duo.betaaloverzicht", {"financiele_zaken": cases, "gebeurtenissen": []})
    owed = settled = 0
    for still, done in amounts:
        owed, settled = owed + still, settled + done
    assert (claims["aantal_zaken"], claims["saldo"], claims["totaal_financieel_vereffend"]) == (len(amounts), owed, settled)
    assert claims["totaal_financieel_verplicht"] == owed + settled
    assert claims["has_open_amount"] is (owed > 0)


def test_an_event_just_after_midnight_is_of_the_dutch_day() -> None:
    event: JsonValue = {"datumtijd_gebeurtenis": "2026-06-30T22:30:00Z", "zaakkenmerk": "1", "bedrag": 1}
    assert w.said("duo.betaaloverzicht", {"financiele_zaken": [], "gebeurtenissen": [event]})["laatste_gebeurtenis"] == date(2026, 7, 1)


def test_two_last_payments_that_differ_are_not_chosen_between() -> None:
    claims = w.of_jobs(w.pay(*paid(MONTHS, 1)), w.pay(*paid(MONTHS, 2)))
    assert claims["laatste_periode_einde"] == date(w.YEAR, 12, 31)
    assert "laatste_sv_loon" not in claims


def test_an_amount_that_is_not_there_is_not_taken_for_nothing() -> None:
    with pytest.raises(MalformedValue):
        w.said("duo.betaaloverzicht", {"financiele_zaken": [{"zaakkenmerk": "1"}], "gebeurtenissen": []})


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(MalformedValue):
        w.of_jobs(w.pay((date(w.YEAR, 2, 1), date(w.YEAR, 1, 1), 1)))


def test_the_value_of_a_building_is_in_cents() -> None:
    building: JsonValue = {"identificatie": "051800000001", "waarden": [{"waardepeildatum": "2025-01-01", "vastgesteldeWaarde": 431_000}]}
    claims = w.said("gem.woz", {"wozObjecten": [building]})
    assert (claims["vastgestelde_waarde"], claims["currency"], claims["identificatie"]) == (43_100_000, "EUR", "051800000001")


def test_of_two_buildings_no_address_is_chosen() -> None:
    buildings: list[JsonValue] = [{"identificatie": f"05180000000{number}", "waarden": []} for number in (1, 2)]
    claims = w.said("gem.woz", {"wozObjecten": buildings})
    assert claims["aantal_objecten"] == 2
    assert "identificatie" not in claims


def extract(born: PartialDate, **more: JsonValue) -> dict[str, JsonValue]:
    return {"naam": {"volledigeNaam": "Zoë van der Berg"}, "geboorte": {"datum": {**born.as_json()}}, **more}


@pytest.mark.parametrize(
    ("born", "answer"),
    [
        (PartialDate(2008, 11, 23), True),
        (PartialDate(2008, 11, 24), False),
        (PartialDate(2008, 10), True),
        (PartialDate(2008, 11), None),
        (PartialDate(2008, 12), False),
        (PartialDate(2007), True),
        (PartialDate(2008), None),
        (PartialDate(2009), False),
        (PartialDate(None), None),
    ],
)
def test_who_is_eighteen_is_said_when_it_is_sure(born: PartialDate, answer: bool | None) -> None:
    assert w.said("gem.brp", extract(born)).get("age_over_18") is answer


@pytest.mark.parametrize("born", [PartialDate(1985, 8), PartialDate(1985), PartialDate(None)])
@pytest.mark.parametrize("dataset_id", ["gem.brp", "duo.studieschuld"])
def test_a_date_of_birth_of_which_a_part_is_unknown_is_absent(dataset_id: str, born: PartialDate) -> None:
    data = extract(born) if dataset_id == "gem.brp" else x.DATA
    assert "birth_date" not in claims_of(w.snapshot(dataset_id, data, born=born), w.summary(dataset_id), x.DUO)


@given(st.integers(0, 40 * 365), st.integers(0, 2))
def test_what_is_said_of_a_date_with_unknown_parts_holds_for_every_day_that_it_may_be(ago: int, known: int) -> None:
    day = w.AT.date() - timedelta(days=ago)
    born = PartialDate(day.year, day.month if known else None, day.day if known == 2 else None)
    first, length = date(day.year, 1, 1), 366
    may_be = [one for one in (first + timedelta(days=number) for number in range(length)) if one.year == day.year]
    may_be = [one for one in may_be if known == 0 or one.month == day.month]
    may_be = [one for one in may_be if known < 2 or one == day]
    answers = {(w.AT.year - 18, w.AT.month, w.AT.day) >= (one.year, one.month, one.day) for one in may_be}
    assert w.said("gem.brp", extract(born)).get("age_over_18") is (answers.pop() if len(answers) == 1 else None)


def test_a_date_of_birth_that_is_looked_into_is_absent_with_what_follows_from_it() -> None:
    data = extract(PartialDate(1985, 8, 12))
    data["geboorte"] = {"datum": {**PartialDate(1985, 8, 12).as_json()}, "inOnderzoek": {"datum": True}}
    assert {"birth_date", "age_over_18"}.isdisjoint(w.said("gem.brp", data))


@pytest.mark.parametrize("indication", [{"inOnderzoek": {"postcode": True}}, {"inOnderzoek": True}])
def test_a_value_that_is_looked_into_is_absent(indication: dict[str, JsonValue]) -> None:
    address: dict[str, JsonValue] = {"postcode": "2511AB", "woonplaats": "Den Haag", **indication}
    data = extract(PartialDate(1985, 8, 12), verblijfplaats={"type": "Adres", "verblijfadres": address})
    assert "postcode" not in w.said("gem.brp", data)
