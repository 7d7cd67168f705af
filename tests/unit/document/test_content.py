import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.catalogue import load_catalogue
from blauweknop.document.content import Content, SelectionRefused, choose, compose_content
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, Subject
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.texts import Text
from tests.unit.document.content_samples import FACTS, SOURCE, content_of, snapshot_of

CATALOGUE = load_catalogue()
ALL = [pytest.param(dataset, id=dataset.id) for dataset in CATALOGUE.datasets.values()]
JOBS = CATALOGUE.dataset("uwv.verzekeringsbericht")
EVENTS = CATALOGUE.dataset("duo.betaaloverzicht")
PERSON = CATALOGUE.dataset("gem.brp")
DEBT = CATALOGUE.dataset("duo.studieschuld")
REFERENCE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def whole(dataset: Dataset, months: int | None = None) -> Selection:
    return Selection(dataset.id, frozenset(part.id for part in dataset.parts), months)


def snapshot(dataset: Dataset, data: dict[str, JsonValue], reference: datetime = REFERENCE) -> Snapshot:
    return Snapshot(dataset.id, Subject("Zoë", "van der Berg", PartialDate(1985)), data, reference)


def events(*moments: str) -> dict[str, JsonValue]:
    return {"financiele_zaken": [], "gebeurtenissen": [{"datumtijd_gebeurtenis": moment} for moment in moments]}


def jobs(*periods: tuple[str, ...]) -> dict[str, JsonValue]:
    return {
        "inkomstenverhoudingen": [
            {"werkgever_naam": f"Baan {number}", "loonitems": [{"periode_einde": day} for day in days]}
            for number, days in enumerate(periods)
        ]
    }


def counts(found: list[Content]) -> dict[object, tuple[object, object]]:
    return {count["lijst"]: (count["opgenomen"], count["beschikbaar"]) for count in found}


def completeness(content: Content) -> dict[str, JsonValue]:
    value = content["volledigheid"]
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("dataset", ALL)
def test_each_part_left_out_takes_its_fields_along_and_is_named(dataset: Dataset) -> None:
    required = {part.id for part in dataset.parts if part.required}
    content = content_of(dataset, parts=sorted(required))
    data, left_out = content["data"], completeness(content)["weggelaten_subsets"]
    assert isinstance(data, dict)
    assert set(data) == {field.path[0] for field in dataset.fields if field.part in required}
    assert left_out == [part.id for part in dataset.parts if part.id not in required] + ["burgerservicenummer"]


@pytest.mark.parametrize("dataset", ALL)
def test_everything_chosen_is_everything_the_source_has(dataset: Dataset) -> None:
    content = content_of(dataset)
    assert content["data"] == snapshot_of(dataset, "full").data
    assert completeness(content)["compleet"] is True


def test_what_the_source_does_not_have_is_not_in_the_content() -> None:
    chosen, _ = choose(snapshot(DEBT, {"schuldsaldo_inclusief_rente": 5}), whole(DEBT), DEBT)
    assert chosen == {"schuldsaldo_inclusief_rente": 5}


@pytest.mark.parametrize(
    "selection",
    [
        Selection("duo.studieschuld", frozenset({"schuld", "iets"})),
        Selection("duo.studieschuld", frozenset()),
        Selection("duo.studieschuld", frozenset({"schuld"}), 12),
        Selection("uwv.verzekeringsbericht", frozenset({"schuld"})),
    ],
    ids=["unknown-part", "required-part-left-out", "period-not-offered", "other-data-set"],
)
def test_a_selection_that_does_not_fit_is_refused(selection: Selection) -> None:
    with pytest.raises(SelectionRefused):
        compose_content(snapshot_of(DEBT, "full"), selection, DEBT, SOURCE, FACTS)


def test_a_number_of_months_that_is_not_offered_is_refused() -> None:
    with pytest.raises(SelectionRefused):
        compose_content(snapshot_of(JOBS, "full"), whole(JOBS, 7), JOBS, SOURCE, FACTS)


def test_a_bsn_that_the_source_did_not_give_is_refused() -> None:
    with pytest.raises(SelectionRefused):
        compose_content(snapshot_of(DEBT, "full"), replace(whole(DEBT), with_bsn=True), DEBT, SOURCE, FACTS)


def test_the_bsn_is_in_the_content_only_when_chosen() -> None:
    with_bsn = snapshot_of(DEBT, "extreme")
    without = compose_content(with_bsn, whole(DEBT), DEBT, SOURCE, FACTS)
    assert "bsn" not in str(without["subject"])
    chosen = compose_content(with_bsn, replace(whole(DEBT), with_bsn=True), DEBT, SOURCE, FACTS)["subject"]
    assert isinstance(chosen, dict)
    assert chosen["bsn"] == "999990019"


def test_a_period_keeps_rows_from_the_first_day_of_its_first_month() -> None:
    data = events("2025-10-31T23:59:59+01:00", "2025-11-01T00:00:00+01:00", "2026-11-23T10:00:00+01:00")
    chosen, found = choose(snapshot(EVENTS, data), whole(EVENTS, 12), EVENTS)
    assert chosen["gebeurtenissen"] == data["gebeurtenissen"][1:]  # type: ignore[index]  # the list of the line above
    assert counts(found)["gebeurtenissen"] == (2, 3)


def test_a_moment_falls_on_the_day_that_dutch_calendars_have() -> None:
    data = events("2025-10-31T22:30:00Z", "2025-10-31T23:30:00Z")
    chosen, _ = choose(snapshot(EVENTS, data), whole(EVENTS, 12), EVENTS)
    assert chosen["gebeurtenissen"] == [{"datumtijd_gebeurtenis": "2025-10-31T23:30:00Z"}]


def test_without_a_period_every_row_is_there() -> None:
    data = events("1999-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00")
    _, found = choose(snapshot(EVENTS, data), whole(EVENTS), EVENTS)
    assert counts(found)["gebeurtenissen"] == (2, 2)


def test_a_list_in_rows_is_cut_and_a_row_with_nothing_left_goes() -> None:
    data = jobs(("2025-10-31", "2025-11-30"), ("2020-01-31",))
    chosen, found = choose(snapshot(JOBS, data), whole(JOBS, 12), JOBS)
    assert chosen["inkomstenverhoudingen"] == [{"werkgever_naam": "Baan 0", "loonitems": [{"periode_einde": "2025-11-30"}]}]
    assert counts(found) == {"inkomstenverhoudingen": (1, 2), "inkomstenverhoudingen.loonitems": (1, 3)}


def test_cutting_leaves_the_snapshot_as_it_was() -> None:
    data = jobs(("2025-10-31", "2025-11-30"))
    choose(snapshot(JOBS, data), whole(JOBS, 12), JOBS)
    assert data == jobs(("2025-10-31", "2025-11-30"))


def test_a_month_counts_from_its_first_day() -> None:
    months = Field("maand", FieldType.YEAR_MONTH, "sv_dagen", Text("Maand", "Month"), required=True)
    fields = tuple(replace(field, fields=(months,)) if field.name == "sv_dagen_per_maand" else field for field in JOBS.fields)
    assert JOBS.period is not None
    dataset = replace(JOBS, fields=fields, period=replace(JOBS.period, list="sv_dagen_per_maand", date_field="maand"))
    data: dict[str, JsonValue] = {"sv_dagen_per_maand": [{"maand": month} for month in ("2025-10", "2025-11", "2026-11")]}
    chosen, _ = choose(snapshot(dataset, data), whole(dataset, 12), dataset)
    assert chosen["sv_dagen_per_maand"] == [{"maand": "2025-11"}, {"maand": "2026-11"}]


@pytest.mark.parametrize("moment", ["", "gisteren", "2026-11-03T10:00:00", 5, None])
def test_a_row_without_a_readable_date_is_not_left_out_in_silence(moment: JsonValue) -> None:
    data: dict[str, JsonValue] = {"gebeurtenissen": [{"datumtijd_gebeurtenis": moment}]}
    with pytest.raises(MalformedValue, match="datumtijd_gebeurtenis"):
        choose(snapshot(EVENTS, data), whole(EVENTS, 12), EVENTS)


@given(st.lists(st.integers(0, 20 * 365 * 24).map(lambda hours: REFERENCE - timedelta(hours=hours)), max_size=8))
def test_rows_in_and_rows_left_out_are_together_all_rows(moments: list[datetime]) -> None:
    data = events(*(moment.isoformat() for moment in moments))
    chosen, found = choose(snapshot(EVENTS, data), whole(EVENTS, 12), EVENTS)
    kept = chosen["gebeurtenissen"]
    assert isinstance(kept, list)
    assert counts(found)["gebeurtenissen"] == (len(kept), len(moments))
    left_out = [moment for moment in moments if {"datumtijd_gebeurtenis": moment.isoformat()} not in kept]
    assert all(moment.date() <= date(2025, 10, 31) for moment in left_out)


def test_a_choice_that_cuts_is_not_complete() -> None:
    data = events("1999-01-01T00:00:00+01:00")
    content = compose_content(snapshot(EVENTS, data), whole(EVENTS, 12), EVENTS, SOURCE, FACTS)
    assert completeness(content)["compleet"] is False


def test_indications_of_doubt_are_found_in_fields_and_in_rows() -> None:
    data: dict[str, JsonValue] = {
        "naam": {"voornamen": "Zoë", "inOnderzoek": {"voornamen": True, "voorvoegsel": False}},
        "partners": [{"naam": {"voornamen": "Jan"}}, {"naam": {"inOnderzoek": {"geslachtsnaam": True}}}],
        "kinderen": [{"geboorte": {"inOnderzoek": {"datum": True}}}, {"geboorte": {"inOnderzoek": {"datum": True}}}],
    }
    content = compose_content(snapshot(PERSON, data), whole(PERSON), PERSON, SOURCE, FACTS)
    assert completeness(content)["in_onderzoek"] == [
        "naam.inOnderzoek.voornamen",
        "partners.naam.inOnderzoek.geslachtsnaam",
        "kinderen.geboorte.inOnderzoek.datum",
    ]


def test_an_indication_of_a_part_that_was_left_out_stays_out() -> None:
    data: dict[str, JsonValue] = {"partners": [{"naam": {"inOnderzoek": {"geslachtsnaam": True}}}]}
    required = frozenset(part.id for part in PERSON.parts if part.required)
    content = compose_content(snapshot(PERSON, data), Selection(PERSON.id, required), PERSON, SOURCE, FACTS)
    assert completeness(content)["in_onderzoek"] == []


@given(st.text(max_size=20), st.text(max_size=20))
def test_all_text_is_composed(name: str, employer: str) -> None:
    subject = Subject(unicodedata.normalize("NFD", name), "van der Berg", PartialDate(1985))
    data: dict[str, JsonValue] = {"inkomstenverhoudingen": [{"werkgever_naam": unicodedata.normalize("NFD", employer)}]}
    content = compose_content(Snapshot(JOBS.id, subject, data, REFERENCE), whole(JOBS), JOBS, SOURCE, FACTS)
    assert content["subject"] == {
        "given_name": unicodedata.normalize("NFC", name),
        "family_name": "van der Berg",
        "birth_date": {"type": "JaarDatum", "jaar": 1985, "langFormaat": "1985"},
    }
    assert content["data"] == {"inkomstenverhoudingen": [{"werkgever_naam": unicodedata.normalize("NFC", employer)}]}


def test_dates_are_those_of_dutch_calendars() -> None:
    late = replace(FACTS, issued_at=datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    content = compose_content(snapshot(DEBT, {}, datetime(2026, 6, 30, 22, 15, tzinfo=UTC)), whole(DEBT), DEBT, SOURCE, late)
    assert (content["reference_date"], content["issued_at"], content["valid_until"]) == (
        "2026-07-01",
        "2026-07-01T00:30:00+02:00",
        "2026-09-29",
    )
