"""Taking data out, and asking for the BSN, wait for the yes of a colleague; and what one could try to go around that."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response

from blauweknop.adapters.verifier_answers import sweep_answers
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.staff.four_eyes import ApprovalState, Guarded
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.people import Role, Staff
from blauweknop.verifier.staff.ports import LoggedInStaff
from tests.unit.verifier.asking.asking_world import opened
from tests.unit.verifier.staff.staff_world import StaffBrowser, StaffWorld

FILE = "schulden.csv"
BSN_PACKAGE = "schuldhulp.intake"
WHY = "Nodig voor het plan"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StaffWorld]:
    engine = opened(tmp_path)
    with StaffWorld.running(engine, Guarded.EXPORT, Guarded.BSN) as running:
        yield running
    engine.dispose()


@pytest.fixture
def tom(world: StaffWorld) -> Iterator[StaffBrowser]:
    with world.browser() as browser:
        browser.log_in("tom")
        yield browser


@pytest.fixture
def dossier(world: StaffWorld, sanne: StaffBrowser) -> str:
    return answered(world, sanne)


def answered(world: StaffWorld, browser: StaffBrowser) -> str:
    request = browser.ask(reference="zaak Jansen")
    asking = world.services["huur"].asking
    kept = asking.requests.by_id(request)
    assert kept is not None
    item = kept.question.items[0]
    received = CheckedItem(item.id, f"{item.id}-kort", item.datasets[0], "dc+sd-jwt", Colour.GREEN, claims={"family_name": "Pietersen"})
    assert asking.answers.keep(Answer(kept.id, kept.question, (received,), world.now), erase_at=world.now + timedelta(days=9)) is not None
    return request


def ask(browser: StaffBrowser, dossier: str, name: str = FILE, reason: str = WHY) -> str:
    """Ask a colleague; the place of the question."""
    answer = browser.post(f"/dossiers/{dossier}/meenemen/{name}", reason=reason)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("/huur")


def take(browser: StaffBrowser, dossier: str, name: str = FILE) -> Response:
    return browser.get(f"/dossiers/{dossier}/{name}")


def is_held_back(answer: Response, dossier: str, name: str = FILE) -> bool:
    return answer.status_code == 303 and answer.headers["location"] == f"/huur/dossiers/{dossier}/meenemen/{name}"


def deeds(world: StaffWorld, receiver: str = "huur") -> list[str]:
    return [line.deed for line in world.services[receiver].log.lines()]


def test_a_file_goes_after_the_yes_of_a_colleague_and_once(world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    assert is_held_back(take(sanne, dossier), dossier)
    place = ask(sanne, dossier)
    assert "Wacht op een collega" in sanne.get(place).text
    assert is_held_back(take(sanne, dossier), dossier)
    assert tom.post(place, answer="ja").status_code == 303
    assert f"/huur/dossiers/{dossier}/{FILE}" in sanne.get(place).text
    taken = take(sanne, dossier)
    assert taken.status_code == 200
    assert taken.headers["content-disposition"] == f'attachment; filename="{FILE}"'
    assert is_held_back(take(sanne, dossier), dossier)
    assert [deed for deed in deeds(world) if deed.startswith(("yes", "exported"))] == ["yes_asked", "yes_given", "exported"]


def test_the_colleague_sees_who_what_and_why_and_nothing_of_the_person(tom: StaffBrowser, sanne: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    assert place in tom.get("/akkoord").text
    page = tom.get(place).text
    assert "Sanne Oefening" in page
    assert WHY in page
    assert "Schulden (CSV)" in page
    assert "Pietersen" not in page
    assert "zaak Jansen" not in page
    assert tom.get(f"/dossiers/{dossier}").status_code == 404


def test_a_no_lets_nothing_go(sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    tom.post(place, answer="nee")
    assert "Uw collega zei nee" in sanne.get(place).text
    assert is_held_back(take(sanne, dossier), dossier)


@pytest.mark.parametrize("name", ["dossier.json", "fcid.json", "schulden.csv", "inkomen.csv"])
def test_no_file_goes_by_its_address(sanne: StaffBrowser, dossier: str, name: str) -> None:
    assert is_held_back(take(sanne, dossier, name), dossier, name)


def test_a_yes_is_for_one_file_of_one_dossier(world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    other = answered(world, sanne)
    tom.post(ask(sanne, dossier), answer="ja")
    assert is_held_back(take(sanne, other), other)
    assert is_held_back(take(sanne, dossier, "dossier.json"), dossier, "dossier.json")
    assert take(sanne, dossier).status_code == 200


def test_a_yes_for_one_person_is_none_for_a_colleague_with_the_task(
    world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str
) -> None:
    tom.post(ask(sanne, dossier), answer="ja")
    with world.browser() as youssef:
        youssef.log_in("youssef")
        services = world.services["huur"]
        own = next(each.id for each in services.colleagues.known() if each.name.startswith("Youssef"))
        services.tasks.give(dossier, own, now=world.now)
        assert is_held_back(take(youssef, dossier), dossier)


def test_a_note_after_the_yes_makes_it_worth_nothing(sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    tom.post(ask(sanne, dossier), answer="ja")
    sanne.post(f"/dossiers/{dossier}/aantekeningen", text="gebeld")
    assert is_held_back(take(sanne, dossier), dossier)
    assert "is veranderd nadat u dit vroeg" in sanne.get(f"/dossiers/{dossier}/meenemen/{FILE}").text


def test_a_dossier_that_was_erased_after_the_yes_is_gone(world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    tom.post(place, answer="ja")
    world.later(days=10)
    sweep_answers(world.engine, world.now)
    sanne.log_in("sanne")
    assert take(sanne, dossier).status_code == 404


def test_who_lost_the_task_after_the_yes_gets_nothing(world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    tom.post(place, answer="ja")
    services = world.services["huur"]
    for worker in services.tasks.of_whom(dossier):
        services.tasks.take(dossier, worker)
    assert take(sanne, dossier).status_code == 404
    assert sanne.get(place).status_code == 403


def test_a_yes_is_for_a_day(world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    tom.post(ask(sanne, dossier), answer="ja")
    world.later(hours=24)
    sanne.log_in("sanne")
    assert is_held_back(take(sanne, dossier), dossier)


def test_a_question_without_a_reason_is_not_put(world: StaffWorld, sanne: StaffBrowser, dossier: str) -> None:
    answer = sanne.post(f"/dossiers/{dossier}/meenemen/{FILE}", reason="  ")
    assert answer.status_code == 422
    assert [*world.services["huur"].approvals.waiting(now=world.now, most=9)] == []


def test_nobody_says_yes_to_themselves_in_whatever_role_or_session(world: StaffWorld, sanne: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    services = world.services["huur"]
    approval = services.approvals.by_id(place.rpartition("/")[2], now=world.now)
    assert approval is not None
    with world.browser() as elsewhere:
        elsewhere.log_in("sanne")
        both = Staff(approval.asker.id, "Sanne Oefening", frozenset({Role.WORKER, Role.REVIEWER}))
        session_of(world, elsewhere, both)
        assert place not in elsewhere.get("/akkoord").text
        assert elsewhere.post(place, answer="ja").status_code == 403
    again = services.approvals.by_id(approval.id, now=world.now)
    assert again is not None
    assert again.state is ApprovalState.WAITING


@pytest.mark.parametrize("name", ["youssef", "karin"])
def test_only_who_has_the_role_says_yes(world: StaffWorld, sanne: StaffBrowser, dossier: str, name: str) -> None:
    place = ask(sanne, dossier)
    with world.browser() as browser:
        browser.log_in(name)
        assert browser.get(place).status_code == 403
        assert browser.post(place, answer="ja").status_code == 403
    assert is_held_back(take(sanne, dossier), dossier)


def test_a_reviewer_of_another_receiver_says_nothing(world: StaffWorld, sanne: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    with world.browser("schuldhulp") as elsewhere:
        elsewhere.log_in("tom")
        assert elsewhere.post(place, answer="ja").status_code == 403
    assert is_held_back(take(sanne, dossier), dossier)


def test_an_answer_that_is_neither_yes_nor_no_is_none(sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    assert tom.post(place, answer="misschien").status_code == 422
    assert is_held_back(take(sanne, dossier), dossier)


def test_a_yes_after_a_no_does_nothing(sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    tom.post(place, answer="nee")
    tom.post(place, answer="ja")
    assert is_held_back(take(sanne, dossier), dossier)


def test_a_browser_that_looks_ahead_does_not_use_up_a_yes(sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    tom.post(ask(sanne, dossier), answer="ja")
    ahead = sanne.client.get(f"/huur/dossiers/{dossier}/{FILE}", headers={"Sec-Purpose": "prefetch"})
    assert is_held_back(ahead, dossier)
    assert take(sanne, dossier).status_code == 200


def test_a_link_to_a_file_that_waits_does_not_save_the_page_that_says_so(world: StaffWorld, sanne: StaffBrowser, dossier: str) -> None:
    page = sanne.get(f"/dossiers/{dossier}").text
    assert f'href="/huur/dossiers/{dossier}/{FILE}"' in page
    assert " download" not in page
    assert "Een bestand meenemen kan pas als een collega ja zegt." in page


def test_a_file_that_we_do_not_make_is_not_asked_for(sanne: StaffBrowser, dossier: str) -> None:
    assert sanne.get(f"/dossiers/{dossier}/meenemen/alles.exe").status_code == 404
    assert sanne.post(f"/dossiers/{dossier}/meenemen/alles.exe", reason=WHY).status_code == 404


def test_what_was_asked_can_be_taken_back(world: StaffWorld, sanne: StaffBrowser, tom: StaffBrowser, dossier: str) -> None:
    place = ask(sanne, dossier)
    assert tom.post(f"{place}/trek-terug", answer="x").status_code == 403
    assert sanne.post(f"{place}/trek-terug", answer="x").status_code == 303
    assert tom.get(place).status_code == 403
    assert deeds(world)[-2:] == [Deed.YES_TAKEN_BACK, Deed.PAGE_REFUSED]


def test_a_request_for_the_bsn_is_made_after_the_yes_and_once(world: StaffWorld) -> None:
    with world.browser("schuldhulp") as sanne, world.browser("schuldhulp") as tom:
        sanne.log_in("sanne")
        tom.log_in("tom")
        asked = sanne.post(f"/verzoeken/nieuw/{BSN_PACKAGE}", reason=WHY, reference="zaak 1")
        place = str(asked.headers["location"]).removeprefix("/schuldhulp")
        assert [*world.services["schuldhulp"].asking.requests.newest(most=9)] == []
        assert sanne.post(f"{place}/maak", x="x").status_code == 303
        seen = tom.get(place).text
        assert WHY in seen
        assert "zaak 1" not in seen
        assert tom.post(f"{place}/maak", x="x").status_code == 403
        tom.post(place, answer="ja")
        made = sanne.post(f"{place}/maak", x="x")
        assert re.search(r'id="verzoek" href="[^"]+/schuldhulp/verzoek/', made.text)
        assert sanne.post(f"{place}/maak", x="x").status_code == 403
    [kept] = world.services["schuldhulp"].asking.requests.newest(most=9)
    assert kept.reference == "zaak 1"
    assert world.services["schuldhulp"].tasks.of_whom(kept.id)
    assert [deed for deed in deeds(world, "schuldhulp") if deed.startswith(("yes", "request"))] == [
        "yes_asked",
        "yes_given",
        "request_made",
    ]


@pytest.mark.parametrize(("form", "of_two"), [({}, False), ({"household": "ja"}, True)])
def test_who_decides_on_the_bsn_and_who_asked_read_whether_two_people_are_asked(
    world: StaffWorld, form: dict[str, str], of_two: bool
) -> None:
    with world.browser("schuldhulp") as sanne, world.browser("schuldhulp") as tom:
        sanne.log_in("sanne")
        tom.log_in("tom")
        asked = sanne.post(f"/verzoeken/nieuw/{BSN_PACKAGE}", reason=WHY, **form)
        place = str(asked.headers["location"]).removeprefix("/schuldhulp")
        for page in (sanne.get(place).text, tom.get(place).text):
            assert ("Dit wordt aan twee mensen gevraagd" in page) is of_two
            assert ("elk van beide personen" in page) is of_two
            assert ("Dit wordt de persoon gevraagd" in page) is not of_two


def test_a_request_for_the_bsn_needs_a_reason(world: StaffWorld) -> None:
    with world.browser("schuldhulp") as sanne:
        sanne.log_in("sanne")
        answer = sanne.post(f"/verzoeken/nieuw/{BSN_PACKAGE}", reason=" ")
    assert answer.status_code == 422
    assert "Schrijf op waarom dit nodig is." in answer.text


def test_a_request_without_the_bsn_waits_for_nobody(sanne: StaffBrowser) -> None:
    assert sanne.ask()


def session_of(world: StaffWorld, browser: StaffBrowser, staff: Staff) -> None:
    """A session of the same person, to whom the organisation gave another role since."""
    services = world.services["huur"]
    reference = services.sessions.start(LoggedInStaff(staff), now=world.now, replaces=None)
    assert reference is not None
    browser.client.cookies.set(services.session_cookie.name, reference)
