"""What rules say with a person's own documents: inputs from fields, the rest from a form that is kept nowhere, refusals in words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.holder.explained import Links
from blauweknop.holder.indications import indications
from tests.unit.holder.filled_vaults import keep, vault_of
from tests.unit.holder.holder_world import NOON, HolderWorld, Person, words
from tests.unit.insight import papers as p
from tests.unit.insight.test_income import months_of_pay

PAGE = "/overzicht/indicaties"
DEBT: dict[str, Any] = {
    "schuldsaldo_inclusief_rente": 2_500_000, "rentepercentage": "0.0233", "terugbetaalregime": "SF35", "fase": "aflosfase",
    "resterende_maanden": 420, "te_betalen_maandbedrag": 9_000, "wettelijk_maandbedrag": 8_711,
}  # fmt: skip
PLAN = {
    "regel": "betalingsregeling",
    "net_income": "1.700,00", "minimum": "1600", "minimum_by": "gemeente Den Haag", "minimum_on": "2026-11-01",
}  # fmt: skip
PERMANENT = "publiekrechtelijke aanstelling voor onbepaalde tijd"


def with_debt(world: HolderWorld, **changes: Any) -> tuple[Person, str]:
    person = world.person().settle()
    return person, keep(vault_of(person), p.content("duo.studieschuld", {**DEBT, **changes}, on=world.moment.date()), world.moment)


def with_state_debt(world: HolderWorld, cents: int = 60_000) -> tuple[Person, str, str]:
    """And the name of that debt in the form."""
    person = world.person().settle()
    cases = {"financiele_zaken": [p.case("Z", cents, omschrijving="Boete")], "gebeurtenissen": []}
    key = keep(vault_of(person), p.content("uwv.betaaloverzicht", cases, on=NOON.date()), NOON)
    return person, key, f"{key}/data.financiele_zaken[0].totaal_financieel_verplicht"


def ask(person: Person, **typed: str) -> Any:
    return person.send(PAGE, **typed)


def part(page: str, name: str) -> str:
    """The words of one rule on the page."""
    return words(page.partition(f'<section aria-labelledby="{name}">')[2].partition("</section>")[0])


def test_what_pays_a_study_debt_off_is_computed_from_its_fields(world: HolderWorld) -> None:
    person, key = with_debt(world)
    page = person.open(PAGE).text
    shown = part(page, "studieschuld")
    assert "€ 87,11 Met dit bedrag per maand is de schuld op tijd afbetaald" in shown
    assert "In uw document noemt DUO zelf een wettelijk maandbedrag van € 87,11." in shown
    assert f'href="/mijn/documenten/{key}#data.rentepercentage"' in page
    assert "Dit is een indicatie." in shown
    assert "Wij kennen deze regel van 1 januari 2026 tot en met 31 december 2026." in shown


def test_a_year_that_a_rule_is_not_known_for_gives_a_calm_reason_and_asks_nothing(world: HolderWorld) -> None:
    person, _ = with_debt(world)
    page = person.open(PAGE).text
    shown = part(page, "hypotheek")
    assert "De regels voor 2026 kennen wij nog niet. De tabel is van 2025." in shown
    assert 'value="hypotheek"' not in page


def test_without_documents_each_rule_says_what_it_needs(world: HolderWorld) -> None:
    page = world.person().settle().open(PAGE).text
    assert "Hiervoor is een heel document van DUO" in part(page, "studieschuld")
    assert "Hiervoor is uw verzekeringsbericht van UWV nodig." in part(page, "toetsinkomen")
    assert "staat geen schuld bij een organisatie van het Rijk" in part(page, "betalingsregeling")
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]


def test_what_no_answer_can_change_is_refused_without_asking(world: HolderWorld) -> None:
    person = world.person().settle()
    job = p.relation(*months_of_pay(200_000, first=1))
    keep(vault_of(person), p.content("uwv.verzekeringsbericht", {"aanmaakdatum": "2026-11-30", "inkomstenverhoudingen": [job]}), NOON)
    page = person.open(PAGE).text
    assert "geen werk van de laatste twee maanden" in part(page, "toetsinkomen")
    assert 'value="toetsinkomen"' not in page


def test_assessed_income_comes_from_the_insurance_statement(world: HolderWorld) -> None:
    person = world.person().settle()
    job = {**p.relation(*months_of_pay(*[200_000] * 30, first=5, year=2024)), "contractvorm": PERMANENT}
    keep(vault_of(person), p.content("uwv.verzekeringsbericht", {"aanmaakdatum": "2026-11-30", "inkomstenverhoudingen": [job]}), NOON)
    before = part(person.open(PAGE).text, "toetsinkomen")
    after = part(ask(person, regel="toetsinkomen", pension="1.200").text, "toetsinkomen")
    assert "€ 24.000,00 Toetsinkomen per jaar" in before
    assert "€ 25.200,00 Toetsinkomen per jaar" in after
    assert "Zelf ingevuld, niet gewaarmerkt" in after


def test_a_payment_plan_is_computed_with_a_debt_of_a_document_and_what_was_typed(world: HolderWorld) -> None:
    person, key, debt = with_state_debt(world)
    assert "Een standaardregeling" not in part(person.open(PAGE).text, "betalingsregeling")
    answer = ask(person, debt=debt, **PLAN)
    shown = part(answer.text, "betalingsregeling")
    assert answer.status_code == 200
    assert "Een standaardregeling" in shown
    assert "Bedrag per maand € 50,00" in shown
    assert "vastgesteld door gemeente Den Haag op 1 november 2026" in shown
    assert f'href="/mijn/documenten/{key}#data.financiele_zaken.0.totaal_financieel_verplicht"' in answer.text


@pytest.mark.parametrize(
    ("typed", "words_of_refusal"),
    [
        ({"own_fault": "yes"}, "Na een verzuim waaraan u zelf schuld hebt"),
        ({"net_income": "1600"}, "U houdt per maand niets over."),
    ],
)
def test_a_rule_that_says_no_says_why_and_can_be_tried_again(world: HolderWorld, typed: dict[str, str], words_of_refusal: str) -> None:
    person, _, debt = with_state_debt(world)
    shown = part(ask(person, debt=debt, **{**PLAN, **typed}).text, "betalingsregeling")
    assert "Dit rekenen wij nu niet uit" in shown
    assert words_of_refusal in shown
    assert "Reken uit" in shown


@pytest.mark.parametrize(
    ("name", "typed", "complaint"),
    [
        ("net_income", "veel", "Vul een bedrag in euro&#39;s in"),
        ("net_income", "", "Vul een bedrag in euro&#39;s in"),
        ("minimum", "-1", "Vul een bedrag in euro&#39;s in"),
        ("minimum_by", " ", "Vul in wie het was"),
        ("minimum_by", "a\u202eb", "Vul in wie het was"),
        ("minimum_by", "x" * 101, "Vul in wie het was"),
        ("minimum_on", "2026-12-01", "Vul een dag in die is geweest"),
        ("minimum_on", "morgen", "Vul een dag in die is geweest"),
        ("debt", "x", "Kies een van de mogelijkheden"),
    ],
)
def test_a_wrong_answer_is_told_at_its_field_and_the_others_stay(world: HolderWorld, name: str, typed: str, complaint: str) -> None:
    person, _, debt = with_state_debt(world)
    answer = ask(person, **{"debt": debt, **PLAN, name: typed})
    assert answer.status_code == 422
    assert answer.text.count(complaint) == 2  # in the summary and at the field
    assert f'href="#betalingsregeling-{name}"' in answer.text
    kept = "1.700,00" if name != "net_income" else "gemeente Den Haag"
    assert f'value="{kept}"' in answer.text


def test_a_form_for_one_rule_answers_no_other(world: HolderWorld) -> None:
    person, _, debt = with_state_debt(world)
    assert "Een standaardregeling" not in ask(person, debt=debt, **{**PLAN, "regel": "toetsinkomen"}).text


def test_a_debt_to_a_municipality_and_the_study_debt_are_no_choice_for_a_plan_of_the_state(world: HolderWorld) -> None:
    person, _ = with_debt(world)
    claim = {"vorderingen": [p.case("G", 50_000, arrears=None)]}
    keep(vault_of(person), p.content("gem.pw_vordering", claim, on=NOON.date()), NOON)
    assert "staat geen schuld bij een organisatie van het Rijk" in part(person.open(PAGE).text, "betalingsregeling")


def test_in_2025_income_and_household_are_asked_and_the_lowest_is_to_be_paid(world: HolderWorld) -> None:
    world.moment = datetime(2025, 6, 2, 12, tzinfo=UTC)
    person, _ = with_debt(world, rentepercentage="0.0257")
    shown = part(ask(person, regel="studieschuld", income="45.000", household="single").text, "studieschuld")
    assert "€ 55,31 Te betalen per maand" in shown
    refused = part(ask(person, regel="studieschuld", income="45.000", household="partner").text, "studieschuld")
    assert "Met een partner of kinderen gelden andere bedragen." in refused


def test_in_2025_the_cost_in_a_mortgage_follows_the_test_rate(world: HolderWorld) -> None:
    world.moment = datetime(2025, 6, 2, 12, tzinfo=UTC)
    person, _ = with_debt(world)
    assert "€ 117,00 Maandlast" in part(ask(person, regel="hypotheek", test_rate="4,1").text, "hypotheek")


def test_what_was_typed_is_kept_nowhere_and_stands_in_no_address(world: HolderWorld) -> None:
    person, _, debt = with_state_debt(world)
    before = sorted(head.head for head in vault_of(person).heads())
    answer = ask(person, debt=debt, **PLAN)
    assert answer.headers["cache-control"] == "no-store"
    assert 'method="post" action="/mijn/overzicht/indicaties#betalingsregeling"' in answer.text
    assert sorted(head.head for head in vault_of(person).heads()) == before
    assert "1.700,00" not in person.open(PAGE).text


def test_what_must_be_attested_is_never_computed_and_that_is_said(world: HolderWorld) -> None:
    shown = words(world.person().settle().open(PAGE).text)
    assert "Beslagvrije voet en vrij te laten bedrag Deze rekenen wij nooit uit." in shown


def test_a_form_without_our_token_is_refused(world: HolderWorld) -> None:
    person, _, debt = with_state_debt(world)
    sent = person.client.post(f"/mijn{PAGE}", data={"debt": debt, **PLAN}, headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.status_code == 403


def test_a_locked_account_computes_nothing(world: HolderWorld) -> None:
    person, _ = with_debt(world)
    world.wait(minutes=16)
    assert person.open(PAGE).headers["location"] == f"/mijn/vergrendeld?naar={PAGE}"


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2027, 1, 1)])
def test_outside_its_days_no_rule_computes_anything(world: HolderWorld, day: date) -> None:
    world.moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(hours=1)
    person, _ = with_debt(world)
    page = words(person.open(PAGE).text)
    assert page.count(f"De regels voor {day.year} kennen wij nog niet.") == 4
    assert "€" not in page


_CASES = p.owed("uwv.betaaloverzicht", [p.case("Z", 60_000)])
_OWES = p.overview(_CASES, p.paper("duo.studieschuld", DEBT), at=date(2025, 6, 2))
_FIELDS = ("regel", "debt", "net_income", "minimum", "minimum_by", "minimum_on", "own_fault", "income", "household", "pension", "test_rate")
_TYPED = st.text() | st.sampled_from(["betalingsregeling", "studieschuld", "hypotheek", "single", "1.700,00", "4,1", "2025-06-01"])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS), _TYPED), st.sampled_from(["nl", "en"]))
def test_whatever_is_typed_each_rule_answers_asks_or_says_why_not(typed: dict[str, str], language: str) -> None:
    links = Links.to(_OWES.collection.documents, p.CATALOGUE, "/documenten", language)
    found = indications(_OWES, packs=load_rule_packs(), links=links, typed=typed)
    assert [each.name for each in found] == ["studieschuld", "betalingsregeling", "toetsinkomen", "hypotheek"]
    assert all(each.computed or each.refusal or each.asked for each in found)
    wrong = {each.name for each in found if any(question.complaint for question in each.asked)}
    assert wrong <= {typed.get("regel")}
