"""Who works at a receiver asks two people who apply together; each part is a task, and the whole is for who has a part of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.household import Household, Needed
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest, RequestState
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.logbook import Deed
from tests.unit.verifier.asking.asking_world import opened
from tests.unit.verifier.staff.staff_world import NUMBERS, PACKAGE, StaffBrowser, StaffWorld

FORM = f"/verzoeken/nieuw/{PACKAGE}"
ROLES = ("sanne", "youssef", "karin", "tom")


def asking(world: StaffWorld) -> AskingServices:
    return world.services["huur"].asking


def kept(world: StaffWorld, page: str, anchor: str) -> KeptRequest:
    token = re.search(rf'id="{anchor}" href="https://proef.example/huur/verzoek/([^"]+)"', page)
    assert token is not None
    found = asking(world).requests.by_token(token[1], now=world.now)
    assert found is not None
    return found


@dataclass(frozen=True)
class Two:
    first: KeptRequest
    second: KeptRequest


def ask_two(world: StaffWorld, browser: StaffBrowser) -> Two:
    made = browser.post(FORM, **NUMBERS, household="ja", reference="zaak 12")
    assert made.status_code == 200, made.text
    return Two(kept(world, made.text, "verzoek"), kept(world, made.text, "verzoek-partner"))


def answer(world: StaffWorld, request: KeptRequest, name: str, bracket: str, index: int) -> None:
    who: dict[str, JsonValue] = {"given_name": name, "family_name": "Vries"}
    person = CheckedItem("persoon", "persoon-kort", "gem.brp", "dc+sd-jwt", Colour.GREEN, claims=who)
    claims: dict[str, JsonValue] = {**who, "income_year": 2025, "income_bracket": bracket}
    income = CheckedItem("inkomen", "inkomen-kort", "uwv.verzekeringsbericht", "dc+sd-jwt", Colour.GREEN, claims=claims, status_index=index)
    given = Answer(request.id, request.question, (person, income), world.now)
    assert asking(world).answers.keep(given, erase_at=world.now + timedelta(days=9)) is not None


def asks_of(request: KeptRequest) -> set[str]:
    return {str(claim.path[0]) for query in request.question.query.credentials for claim in query.claims if query.id == "inkomen-kort"}


@pytest.fixture
def two(world: StaffWorld) -> Two:
    with world.browser() as browser:
        browser.log_in("sanne")
        return ask_two(world, browser)


def test_one_form_gives_two_links_and_texts_that_name_nobody(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        made = browser.post(FORM, **NUMBERS, household="ja", reference="zaak 12").text
        listed = browser.get("/verzoeken").text
    assert len(set(re.findall(r"https://proef.example/huur/verzoek/[A-Za-z0-9_-]+", made))) == 2
    assert all("zaak 12" not in words for words in re.findall(r"<textarea.*?</textarea>", made, re.DOTALL))
    assert listed.count("(aanvrager)") == listed.count("(partner of medeaanvrager)") == 1


def test_both_are_asked_the_bracket_and_the_receiver_remembers_what_is_needed(world: StaffWorld, two: Two) -> None:
    household = asking(world).households.of_request(two.first.id)
    assert household == Household(two.first.id, two.second.id, Needed("inkomen", "sv_loon_jaar", 3_600_000))
    for request in (two.first, two.second):
        assert "income_bracket" in asks_of(request)
        assert not any(name.startswith("income_at_least") for name in asks_of(request))


def test_without_the_tick_one_person_is_asked(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        request_id = browser.ask()
    assert asking(world).households.of_request(request_id) is None


@pytest.mark.parametrize(("package", "ticked"), [(PACKAGE, False), ("huurwoning.sociaal", True)])
def test_where_the_household_counts_the_tick_is_there_already(world: StaffWorld, package: str, ticked: bool) -> None:
    with world.browser() as browser:
        browser.log_in()
        page = browser.get(f"/verzoeken/nieuw/{package}").text
    field = re.search(r'<input type="checkbox"[^>]*name="household"[^>]*>', page)
    assert field is not None
    assert (" checked" in field[0]) == ticked


def test_a_package_of_one_person_cannot_be_asked_of_two(world: StaffWorld) -> None:
    package = "huurwoning.vrije_sector.na_bezichtiging"
    with world.browser() as browser:
        browser.log_in()
        assert 'name="household"' not in browser.get(f"/verzoeken/nieuw/{package}").text
        assert browser.post(f"/verzoeken/nieuw/{package}", extra="burgerlijke_staat", household="ja").status_code == 422


def test_a_new_link_for_the_second_ends_the_old_one_and_stays_the_same_task(world: StaffWorld, two: Two) -> None:
    with world.browser() as browser:
        browser.log_in("sanne")
        made = browser.post(f"/verzoeken/{two.first.id}/partner")
        new = kept(world, made.text, "verzoek-partner")
        assert browser.get(f"/verzoeken/{new.id}").status_code == 200
    old = asking(world).requests.by_id(two.second.id)
    assert old is not None
    assert old.state is RequestState.WITHDRAWN


def test_the_second_link_can_be_taken_back_and_ends_with_the_first(world: StaffWorld, two: Two) -> None:
    with world.browser() as browser:
        browser.log_in("sanne")
        assert browser.post(f"/verzoeken/{two.first.id}/partner/intrekken").status_code == 303
        assert "Er werkt geen link" in browser.get(f"/verzoeken/{two.first.id}").text
        new = kept(world, browser.post(f"/verzoeken/{two.first.id}/partner").text, "verzoek-partner")
        assert browser.post(f"/verzoeken/{two.first.id}/intrekken").status_code == 303
    ended = asking(world).requests.by_id(new.id)
    assert ended is not None
    assert ended.state is RequestState.WITHDRAWN


def test_a_second_part_that_was_answered_gets_no_new_link(world: StaffWorld, two: Two) -> None:
    answer(world, two.second, "Bea", "20000_to_25000", 2)
    with world.browser() as browser:
        browser.log_in("sanne")
        assert browser.post(f"/verzoeken/{two.first.id}/partner").status_code == 303
        assert "Maak een nieuwe link" not in browser.get(f"/verzoeken/{two.first.id}").text
    assert asking(world).households.of_request(two.first.id) is not None


def test_there_is_nothing_to_take_along_until_somebody_answered(world: StaffWorld, two: Two) -> None:
    with world.browser() as browser:
        browser.log_in("sanne")
        place = f"/huishoudens/{two.first.id}"
        assert "huishouden.json" not in browser.get(place).text
        answer(world, two.second, "Bea", "20000_to_25000", 2)
        assert "huishouden.json" in browser.get(place).text


@pytest.mark.parametrize(("name", "seen"), list(zip(ROLES, (True, False, False, False), strict=True)))
def test_both_parts_together_are_for_who_has_the_task(world: StaffWorld, two: Two, name: str, seen: bool) -> None:
    answer(world, two.first, "Anna", "30000_to_35000", 1)
    answer(world, two.second, "Bea", "20000_to_25000", 2)
    place = f"/huishoudens/{two.first.id}"
    files = ("huishouden.json", "schulden.csv", "inkomen.csv", "stukken.csv")
    with world.browser() as browser:
        browser.log_in(name)
        received = [browser.get(path) for path in (place, *(f"{place}/{file}" for file in files))]
        changed = [browser.post(f"/verzoeken/{two.first.id}/partner{rest}") for rest in ("", "/intrekken")]
    assert {answer.status_code for answer in received} == ({200} if seen else {404})
    assert ("Bea Vries" in received[0].text) == seen
    assert {answer.status_code == 403 for answer in changed} == {not seen}


def test_who_tried_to_see_the_household_of_a_colleague_is_in_the_log(world: StaffWorld, two: Two) -> None:
    with world.browser() as youssef:
        youssef.log_in("youssef")
        assert youssef.get(f"/huishoudens/{two.first.id}").status_code == 404
    last = [*world.services["huur"].log.lines()][-1]
    assert (last.deed, last.about) == ("page_refused", two.first.id)


def test_a_link_that_was_not_there_is_not_taken_back_in_the_log(world: StaffWorld, two: Two) -> None:
    with world.browser() as sanne:
        sanne.log_in("sanne")
        for _ in range(2):
            assert sanne.post(f"/verzoeken/{two.first.id}/partner/intrekken", x="x").status_code in (302, 303)
    assert [line.deed for line in world.services["huur"].log.lines()].count("request_taken_back") == 1


def test_the_part_of_a_colleague_is_not_shown_and_nothing_is_added_up(world: StaffWorld, two: Two) -> None:
    answer(world, two.first, "Anna", "30000_to_35000", 1)
    answer(world, two.second, "Bea", "20000_to_25000", 2)
    services = world.services["huur"]
    for worker in services.tasks.of_whom(two.second.id):
        services.tasks.take(two.second.id, worker)
    with world.browser() as browser:
        browser.log_in("sanne")
        page = browser.get(f"/huishoudens/{two.first.id}").text
        told = browser.get(f"/huishoudens/{two.first.id}/huishouden.json").text
        assert browser.get(f"/huishoudens/{two.second.id}").status_code == 404
    assert "Dit deel is niet uw taak" in page
    assert "Nog niet compleet" in page
    assert "Bea" not in page + told


def test_another_receiver_and_a_request_of_one_person_have_no_household(world: StaffWorld, two: Two) -> None:
    with world.browser("schuldhulp") as elsewhere, world.browser() as browser:
        elsewhere.log_in("sanne")
        browser.log_in("sanne")
        assert elsewhere.get(f"/huishoudens/{two.first.id}").status_code == 404
        assert browser.get(f"/huishoudens/{browser.ask()}").status_code == 404
        assert browser.get("/huishoudens/geen-nummer").status_code == 404


def test_a_dossier_of_one_of_two_says_so_and_leads_to_both(world: StaffWorld, two: Two) -> None:
    answer(world, two.second, "Bea", "20000_to_25000", 2)
    with world.browser() as browser:
        browser.log_in("sanne")
        page = browser.get(f"/dossiers/{two.second.id}").text
    assert "Dit is een van twee delen" in page
    assert f"/huur/huishoudens/{two.second.id}" in page


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[StaffWorld]:
    """Where nothing leaves without a colleague."""
    engine = opened(tmp_path)
    with StaffWorld.running(engine, Guarded.EXPORT) as running:
        yield running
    engine.dispose()


@pytest.mark.parametrize(("name", "of_one"), [("huishouden.json", "dossier.json"), ("schulden.csv", "schulden.csv")])
def test_a_file_of_both_leaves_after_a_yes_for_each_part_and_once(strict: StaffWorld, name: str, of_one: str) -> None:
    with strict.browser() as sanne, strict.browser() as tom:
        sanne.log_in("sanne")
        tom.log_in("tom")
        two = ask_two(strict, sanne)
        answer(strict, two.first, "Anna", "30000_to_35000", 1)
        answer(strict, two.second, "Bea", "20000_to_25000", 2)
        place = f"/huishoudens/{two.first.id}/{name}"

        def agree(request: KeptRequest) -> None:
            asked = sanne.post(f"/dossiers/{request.id}/meenemen/{of_one}", reason="Voor het contract")
            assert tom.post(str(asked.headers["location"]).removeprefix("/huur"), answer="ja").status_code == 303

        assert sanne.get(place).headers["location"] == f"/huur/dossiers/{two.first.id}/meenemen/{of_one}"
        agree(two.first)
        for _ in range(2):  # the yes for the first is not used up by a part that waits
            assert sanne.get(place).headers["location"] == f"/huur/dossiers/{two.second.id}/meenemen/{of_one}"
        agree(two.second)
        assert sanne.get(place).status_code == 200
        assert sanne.get(place).status_code == 303


def test_who_saw_both_parts_is_in_the_log_of_each(world: StaffWorld, two: Two) -> None:
    answer(world, two.first, "Anna", "30000_to_35000", 1)
    answer(world, two.second, "Bea", "20000_to_25000", 2)
    with world.browser() as browser:
        browser.log_in("sanne")
        assert browser.get(f"/huishoudens/{two.first.id}").status_code == 200
    seen = {line.about for line in world.services["huur"].log.lines() if line.deed == Deed.DOSSIER_SEEN}
    assert seen == {two.first.id, two.second.id}
