from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.document.package_claims import (
    PackageProblem,
    asked_claims,
    asked_items,
    compose_query,
    conclusion_claim,
    item_id_of,
    registered_credentials,
    registered_updates,
    with_mdocs,
)
from blauweknop.document.summary_claims import claims_of
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.life_event import Conclusion, Need, Package
from blauweknop.domain.summary import AtLeast
from blauweknop.standards.dcql import CredentialQuery, DcqlQuery, dcql_json, read_dcql
from blauweknop.standards.registration import Registration
from blauweknop.standards.registration_claims import RegisteredCredential, read_registration, registration_claims
from blauweknop.standards.request_scope import beyond_registration
from tests.unit.catalogue.samples import sample_data
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w
from tests.unit.standards import receivers as r

CATALOGUE = load_catalogue()
ASKING = [package for package in load_life_events().packages if package.items]
JOBS = CATALOGUE.summaries["uwv.verzekeringsbericht"]
INCOME = Conclusion("sv_loon_jaar", 12, ("huur", "keer"))
RENT, TIMES = st.integers(100, 1_000_000), st.integers(1, 5)
AMOUNTS = ("sv_loon_jaar", "laatste_sv_loon")


def package(package_id: str) -> Package:
    return load_life_events().package(package_id)


def optional_of(found: Package) -> list[str]:
    return [item.id for item in found.items if item.need is Need.OPTIONAL]


def everything(found: Package) -> DcqlQuery:
    least = {parameter.name: parameter.least for parameter in found.parameters}
    return compose_query(found, CATALOGUE, optional=optional_of(found), parameters=least)


def registration_from_file(registration: Registration) -> tuple[RegisteredCredential, ...]:
    return read_registration(registration_claims(registration)).credentials


def query_of(asked: DcqlQuery, name: str) -> CredentialQuery:
    return next(query for query in asked.credentials if query.id == name)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Package, DcqlQuery]:
    found = draw(st.sampled_from([asking for asking in ASKING if asking.id != "huurwoning.vrije_sector.na_bezichtiging"]))
    values = {parameter.name: draw(st.integers(parameter.least, parameter.most)) for parameter in found.parameters}
    chosen = draw(st.sets(st.sampled_from(optional_of(found)))) if optional_of(found) else set[str]()
    return found, compose_query(found, CATALOGUE, optional=chosen, parameters=values, household=draw(st.booleans()))


@settings(deadline=None)
@given(questions())
def test_every_question_reads_back_and_stays_within_what_its_package_registers(asked: tuple[Package, DcqlQuery]) -> None:
    found, query = asked
    registration = replace(
        r.REGISTRATION, credentials=registered_credentials(found, CATALOGUE), bsn_law="Wabb artikel 10" if found.may_ask_bsn else None
    )
    assert read_dcql(dcql_json(query)) == query
    assert beyond_registration(query, registration) == ()


@settings(deadline=None)
@given(questions())
def test_every_question_with_mdocs_reads_back_too_and_stays_within_the_same_registration(asked: tuple[Package, DcqlQuery]) -> None:
    found, query = asked
    mobile = with_mdocs(query, CATALOGUE)
    credentials = registered_credentials(found, CATALOGUE)
    registration = replace(r.REGISTRATION, credentials=credentials, bsn_law="Wabb artikel 10" if found.may_ask_bsn else None)
    assert read_dcql(dcql_json(mobile)) == mobile
    assert beyond_registration(mobile, registration) == ()
    assert registration_from_file(registration) == credentials


@settings(deadline=None)
@given(questions())
def test_with_mdocs_nothing_is_asked_that_was_not_asked_before_and_the_first_choices_stay(asked: tuple[Package, DcqlQuery]) -> None:
    found, query = asked
    mobile = with_mdocs(query, CATALOGUE)
    shorts = {item_id_of(one.id): one for one in query.credentials if one.holder_binding}
    for one in mobile.credentials[len(query.credentials) :]:
        assert one.format == "mso_mdoc"
        assert one.holder_binding
        assert [claim.path for claim in one.claims] == [(*one.types, *claim.path) for claim in shorts[item_id_of(one.id)].claims]
        assert one.claim_sets == shorts[item_id_of(one.id)].claim_sets
    for before, after in zip(query.sets, mobile.sets, strict=True):
        assert (after.options[: len(before.options)], after.required) == (before.options, before.required)
        assert {item_id_of(name) for option in after.options for name in option} <= {item.id for item in found.items}


def test_of_a_family_as_many_mdocs_as_there_are_may_answer() -> None:
    mobile = with_mdocs(everything(package("schuldhulp.plan_van_aanpak")), CATALOGUE)
    (payments,) = [one for one in mobile.sets if ("betalingen-kort",) in one.options]
    ways = [option for option in payments.options if "mdoc" in option[0]]
    assert ways[0] == tuple(f"betalingen-mdoc-{number}" for number in range(1, 5))
    assert (len(ways), len({*ways})) == (15, 15)


@settings(deadline=None)
@given(questions())
def test_every_way_to_answer_is_bound_to_a_holder(asked: tuple[Package, DcqlQuery]) -> None:
    _, query = asked
    bound = {one.id for one in query.credentials if one.holder_binding}
    assert all(bound & set(option) for item in query.sets for option in item.options)


@pytest.mark.parametrize("found", ASKING, ids=lambda found: found.id)
def test_every_credential_is_in_a_set_and_each_item_is_asked_as_it_is_needed(found: Package) -> None:
    query = everything(found)
    assert {name for item in query.sets for option in item.options for name in option} == {one.id for one in query.credentials}
    for item in found.items:
        (asked,) = [one for one in query.sets if any(f"{item.id}-kort" in option for option in one.options)]
        assert asked.required is (item.need is Need.REQUIRED)


@pytest.mark.parametrize("found", ASKING, ids=lambda found: found.id)
def test_the_document_is_the_first_choice_and_the_summary_alone_is_enough(found: Package) -> None:
    query = everything(found)
    for item in found.items:
        options = [option for one in query.sets for option in one.options if f"{item.id}-kort" in option]
        assert options == ([(item.id, f"{item.id}-kort")] if item.whole else []) + [(f"{item.id}-kort",)]


def test_one_of_a_group_is_enough() -> None:
    query = everything(package("schuldhulp.plan_van_aanpak"))
    (income,) = [one for one in query.sets if ("loon-kort",) in one.options]
    assert {("bijstand-kort",), ("studiefinanciering-kort",), ("uitkering_uwv", "uitkering_uwv-kort")} <= set(income.options)
    assert income.required


def test_what_every_organisation_has_is_one_question_with_more_answers() -> None:
    query = everything(package("schuldhulp.plan_van_aanpak"))
    found = query_of(query, "betalingen-kort")
    family = [dataset for dataset in CATALOGUE.datasets.values() if dataset.family == "fcid"]
    assert found.multiple
    assert set(found.types) == {vct_of(dataset) for dataset in family}
    assert set(query_of(query, "betalingen").types) == {dataset.type_uri for dataset in family}
    assert [claim.path for claim in query_of(query, "betalingen").claims if claim.path[0] == "data"] == [("data",)]


def test_the_person_and_the_day_come_with_every_summary() -> None:
    for found in ASKING:
        wanted = {(name,) for name in (*found.person, "reference_date")}
        shorts = [one for one in everything(found).credentials if one.holder_binding]
        assert all(wanted <= {claim.path for claim in one.claims} for one in shorts)


def test_only_items_that_are_asked_for_it_have_the_number() -> None:
    for found in ASKING:
        with_number = {one.id.removesuffix("-kort") for one in everything(found).credentials if "bsn" in str(one.claims)}
        assert with_number == {item.id for item in found.items if item.bsn}


def fitting(asked: CredentialQuery, names: set[str]) -> set[str]:
    """What a holder with these claims gives: the first set that fits (OpenID4VP 1.0 section 6.4.1)."""
    by_id = {claim.id: str(claim.path[-1]) for claim in asked.claims}
    sets = [[by_id[name] for name in one] for one in asked.claim_sets] or [list(by_id.values())]
    return set(next(found for found in sets if set(found) <= names))


@given(st.sets(st.sampled_from(["huisletter", "huisnummertoevoeging", "kinderen_onder_18_aantal", "bsn", "birth_date"])))
def test_who_does_not_have_what_may_be_absent_answers_with_the_rest(there: set[str]) -> None:
    asked = query_of(everything(package("schuldhulp.intake")), "persoon-kort")
    always = {"given_name", "family_name", "reference_date", "straat", "huisnummer", "postcode", "woonplaats", "gemeente"}
    assert fitting(asked, always | there | {"geboorteplaats"}) == always | there


@pytest.mark.parametrize("born", [PartialDate(1985, 8, 12), PartialDate(1985, None, None)])
def test_who_was_born_on_a_day_that_nobody_knows_can_answer(born: PartialDate) -> None:
    summary = CATALOGUE.summaries["gem.brp"]
    data = sample_data([field for field in summary.dataset.fields if "inOnderzoek" not in field.name]) | {"geboorte": {}}
    claims = claims_of(w.snapshot("gem.brp", data, born=born), summary, x.DUO)
    asked = query_of(everything(package("schuldhulp.intake")), "persoon-kort")
    assert {"given_name", "postcode"} <= fitting(asked, set(claims))


@given(RENT, TIMES)
def test_the_lowest_threshold_that_proves_enough_income_is_asked(huur: int, keer: int) -> None:
    needed = 12 * huur * keer
    thresholds = {claim.rule.cents: claim.name for claim in JOBS.claims if isinstance(claim.rule, AtLeast)}
    enough = [cents for cents in thresholds if cents >= needed]
    expected = thresholds[min(enough)] if enough else "income_bracket"
    assert conclusion_claim(INCOME, JOBS, {"huur": huur, "keer": keer}).name == expected


@pytest.mark.parametrize(
    ("huur", "keer", "name"),
    [
        (100_000, 3, "income_at_least_40000"),
        (111_111, 3, "income_at_least_40000"),
        (111_112, 3, "income_at_least_50000"),
        (666_666, 1, "income_at_least_80000"),
        (666_667, 1, "income_bracket"),
        (100, 1, "income_at_least_20000"),
    ],
)
def test_a_rent_leads_to_one_conclusion(huur: int, keer: int, name: str) -> None:
    assert conclusion_claim(INCOME, JOBS, {"huur": huur, "keer": keer}).name == name


@given(RENT, TIMES)
def test_of_each_person_of_a_household_the_bracket_is_asked_so_that_two_can_be_added_up(huur: int, keer: int) -> None:
    assert conclusion_claim(INCOME, JOBS, {"huur": huur, "keer": keer}, household=True).name == "income_bracket"


@settings(deadline=None)
@given(RENT, TIMES)
def test_a_landlord_never_asks_an_amount(huur: int, keer: int) -> None:
    found = package("huurwoning.vrije_sector.contract")
    query = compose_query(found, CATALOGUE, parameters={"huur": huur, "keer": keer})
    asked = [claim.path for claim in query_of(query, "inkomen-kort").claims]
    assert not {(name,) for name in AMOUNTS} & set(asked)
    assert len([path for path in asked if str(path[0]).startswith(("income_at_least", "income_bracket"))]) == 1


def test_what_is_asked_has_words() -> None:
    found = package("huurwoning.vrije_sector.contract")
    claims = asked_claims(found, found.items[1], JOBS, {"huur": 100_000, "keer": 3})
    assert [claim.label.nl for claim in claims if claim.name.startswith("income_at")] == ["Inkomen van 40.000 euro of meer"]


def test_a_registration_holds_every_threshold_and_no_amount() -> None:
    claims = {path for item in registered_credentials(package("huurwoning.vrije_sector.contract"), CATALOGUE) for path in item.claims}
    assert {("income_bracket",), *((f"income_at_least_{euros}",) for euros in (20000, 40000, 80000))} <= claims
    assert not {(name,) for name in AMOUNTS} & claims


RIGHT: dict[str, Any] = {"huur": 100_000, "keer": 3}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"huur": 100_000},
        {**RIGHT, "meer": 1},
        {**RIGHT, "keer": 0},
        {**RIGHT, "keer": 6},
        {**RIGHT, "huur": 99},
        {**RIGHT, "huur": 1_000_001},
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(parameters: dict[str, int]) -> None:
    with pytest.raises(PackageProblem):
        compose_query(package("huurwoning.vrije_sector.contract"), CATALOGUE, parameters=parameters)


@pytest.mark.parametrize("chosen", ["loonstroken", "persoon", "inkomen", ""])
def test_only_an_optional_item_can_be_chosen(chosen: str) -> None:
    with pytest.raises(PackageProblem, match="no optional items"):
        asked_items(package("schuldhulp.plan_van_aanpak"), [chosen])


@pytest.mark.parametrize("name", ["schuldhulp.aanmelding", "huurwoning.vrije_sector.na_bezichtiging"])
def test_a_package_of_which_nothing_certified_is_chosen_makes_no_question(name: str) -> None:
    with pytest.raises(PackageProblem, match="asks nothing certified"):
        compose_query(package(name), CATALOGUE)


def test_updates_are_registered_in_each_way_in_which_the_item_is_asked() -> None:
    found = registered_updates(package("schuldhulp.intake"), CATALOGUE)
    assert found is not None
    debt = CATALOGUE.dataset("duo.studieschuld")
    registered = {kind for credential in registered_credentials(package("schuldhulp.intake"), CATALOGUE) for kind in credential.types}
    assert found.longest == "P3M"
    assert vct_of(debt) in found.types
    assert {*found.types} <= registered
    assert vct_of(CATALOGUE.dataset("gem.brp")) not in found.types


def test_a_package_that_asks_no_updates_registers_none() -> None:
    assert registered_updates(package("hypotheek.aanvraag"), CATALOGUE) is None
