from collections import Counter, defaultdict

import jsonschema

from blauweknop.adapters.sources import FileAdapter, RestAdapter, SqlAdapter
from blauweknop.catalogue import json_schema
from blauweknop.domain.document import Found, NoData, Refused
from tests.contracts.demo_answers import CATALOGUE, Asked


def test_every_source_gives_something_or_says_why_not(asked: Asked) -> None:
    odd = {key: outcome for key, outcome in asked.outcomes.items() if not isinstance(outcome, Found | NoData | Refused)}

    assert odd == {}


def test_every_snapshot_has_the_shape_of_its_data_set(asked: Asked) -> None:
    validators = {
        dataset.id: jsonschema.Draft202012Validator(
            json_schema(dataset)["properties"]["data"], format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        for dataset in CATALOGUE.datasets.values()
    }
    for (_, _, dataset_id), outcome in asked.outcomes.items():
        if isinstance(outcome, Found):
            assert [error.json_path for error in validators[dataset_id].iter_errors(dict(outcome.snapshot.data))] == []


def test_every_data_set_is_known_of_at_least_three_people(asked: Asked) -> None:
    known = Counter(dataset_id for (_, _, dataset_id), outcome in asked.outcomes.items() if isinstance(outcome, Found))

    assert set(known) == set(CATALOGUE.datasets)
    assert min(known.values()) >= 3


def test_every_source_calls_a_person_the_same(asked: Asked) -> None:
    subjects = defaultdict(set)
    for (person_id, _, _), outcome in asked.outcomes.items():
        if isinstance(outcome, Found):
            subject = outcome.snapshot.subject
            subjects[person_id].add((subject.given_name, subject.family_name, subject.birth_date))
    for person in asked.people:
        assert subjects[person.id] <= {(person.given_name, person.surname, person.birth)}


def test_all_kinds_of_adapters_are_in_use(asked: Asked) -> None:
    kinds = {type(dataset.adapter) for source in asked.settings.sources.values() for dataset in source.datasets.values()}

    assert kinds == {SqlAdapter, RestAdapter, FileAdapter}


def test_what_is_open_is_what_is_owed_less_what_is_settled(asked: Asked) -> None:
    for (person_id, source, dataset_id), outcome in asked.outcomes.items():
        if not (isinstance(outcome, Found) and CATALOGUE.dataset(dataset_id).family == "fcid"):
            continue
        data = asked.found(person_id, source, dataset_id)
        for case in data["financiele_zaken"]:
            events = [event for event in data["gebeurtenissen"] if event["zaakkenmerk"] == case["zaakkenmerk"]]
            imposed = sum(event["bedrag"] for event in events if event["gebeurtenis_type"] == "FinancieleVerplichtingOpgelegd")
            kinds = ("BetalingVerwerkt", "FinancieleVerplichtingKwijtgescholden")
            settled = sum(event["bedrag"] for event in events if event["gebeurtenis_type"] in kinds)
            assert (case["totaal_financieel_verplicht"], case["totaal_financieel_vereffend"]) == (imposed, settled)
            assert case["saldo"] == imposed - settled


def test_a_tax_bill_is_also_among_the_obligations(asked: Asked) -> None:
    for person in asked.people:
        if not person.tax:
            continue
        bill = asked.found(person.id, person.municipality, "gem.belastingaanslag")
        cases = asked.found(person.id, person.municipality, "gem.betaaloverzicht")["financiele_zaken"]
        case = next(case for case in cases if case["zaakkenmerk"] == bill["aanslagbiljetnummer"])
        assert case["saldo"] == bill["saldo"]
        assert sum(line["bedrag"] for line in bill["aanslagregels"]) == bill["totaal_financieel_verplicht"]


def test_arrears_at_duo_are_the_open_obligation(asked: Asked) -> None:
    debt = asked.found("mohammed", "duo", "duo.studieschuld")
    case = asked.found("mohammed", "duo", "duo.betaaloverzicht")["financiele_zaken"][0]

    assert case["omschrijving"] == "Achterstand studieschuld"
    assert debt["achterstand"] <= case["saldo"]  # the case has the costs of the warning as well


def test_the_deceased_and_the_emigrated_get_their_own_reason(asked: Asked) -> None:
    hendrik = asked.outcomes["hendrik", "denhaag", "gem.brp"]
    carmen = asked.outcomes["carmen", "denhaag", "gem.brp"]

    assert isinstance(hendrik, Refused)
    assert isinstance(carmen, Refused)
    assert (hendrik.code, carmen.code) == ("deceased", "emigrated")


def test_a_municipality_knows_nobody_of_another(asked: Asked) -> None:
    assert asked.outcomes["samira", "dichtbij", "gem.brp"] == NoData()


def test_a_boy_at_school_is_not_known_everywhere(asked: Asked) -> None:
    unknown = [key for key, outcome in asked.outcomes.items() if key[0] == "milan" and outcome == NoData()]

    assert {source for _, source, _ in unknown} == {"duo", "uwv", "cak", "denhaag", "dichtbij"}


def test_an_address_under_investigation_says_so_with_the_value(asked: Asked) -> None:
    residence = asked.found("mohammed", "denhaag", "gem.brp")["verblijfplaats"]

    assert residence["verblijfadres"]["inOnderzoek"]["officieleStraatnaam"] is True
    assert residence["inOnderzoek"]["datumVan"] is True


def test_a_houseboat_is_a_place_without_an_address(asked: Asked) -> None:
    residence = asked.found("gyorgyi", "denhaag", "gem.brp")["verblijfplaats"]

    assert residence["type"] == "Locatie"
    assert residence["verblijfadres"] == {"locatiebeschrijving": "Woonboot De Ooievaar, Laakhaven"}
