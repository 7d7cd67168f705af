"""Who may do what: each role, at each page, with a request that is theirs, of a colleague, of another receiver, and that is not there."""

from datetime import timedelta

import pytest

from blauweknop.adapters.verifier_colleagues import ColleagueStore
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from tests.unit.verifier.staff.staff_world import NUMBERS, PACKAGE, StaffBrowser, StaffWorld

FORM = f"/verzoeken/nieuw/{PACKAGE}"
NOBODY = "0" * 64
ROLES = ("sanne", "youssef", "karin", "tom")
"""Worker with the task, worker without, manager, reviewer."""


@pytest.fixture
def request_of_sanne(world: StaffWorld) -> str:
    with world.browser() as browser:
        browser.log_in("sanne")
        return browser.ask(reference="zaak Jansen")


@pytest.fixture
def answered(world: StaffWorld, request_of_sanne: str) -> str:
    asking = world.services["huur"].asking
    kept = asking.requests.by_id(request_of_sanne)
    assert kept is not None
    item = kept.question.items[0]
    received = CheckedItem(item.id, f"{item.id}-kort", item.datasets[0], "dc+sd-jwt", Colour.GREEN, claims={"family_name": "Pietersen"})
    assert asking.answers.keep(Answer(kept.id, kept.question, (received,), world.now), erase_at=world.now + timedelta(days=9)) is not None
    return request_of_sanne


def visit(world: StaffWorld, name: str, path: str, **form: str) -> int:
    with world.browser() as browser:
        browser.log_in(name)
        return send(browser, path, **form)


def send(browser: StaffBrowser, path: str, **form: str) -> int:
    return (browser.post(path, **form) if form else browser.get(path)).status_code


@pytest.mark.parametrize(("name", "status"), list(zip(ROLES, (200, 200, 303, 303), strict=True)))
def test_requests_are_for_workers(world: StaffWorld, name: str, status: int) -> None:
    assert visit(world, name, "/verzoeken") == status


@pytest.mark.parametrize(("name", "status"), list(zip(ROLES, (200, 200, 403, 403), strict=True)))
def test_asking_is_for_workers(world: StaffWorld, name: str, status: int) -> None:
    assert visit(world, name, FORM) == status
    assert visit(world, name, FORM, **NUMBERS) == status


@pytest.mark.parametrize(("name", "status"), list(zip(ROLES, (403, 403, 200, 403), strict=True)))
def test_tasks_are_given_by_managers(world: StaffWorld, name: str, status: int) -> None:
    assert visit(world, name, "/taken") == status


@pytest.mark.parametrize(("name", "status"), list(zip(ROLES, (403, 403, 403, 200), strict=True)))
def test_what_waits_is_for_reviewers(world: StaffWorld, name: str, status: int) -> None:
    assert visit(world, name, "/akkoord") == status


@pytest.mark.parametrize(("name", "status"), list(zip(ROLES, (403, 403, 200, 200), strict=True)))
def test_the_log_is_for_managers_and_reviewers(world: StaffWorld, name: str, status: int) -> None:
    assert visit(world, name, "/logboek") == status
    assert visit(world, name, "/logboek.ndjson") == status


@pytest.mark.parametrize(("name", "place"), [("karin", "/taken"), ("tom", "/akkoord")])
def test_who_makes_no_requests_lands_on_their_own_work(world: StaffWorld, name: str, place: str) -> None:
    with world.browser() as browser:
        browser.log_in(name)
        assert browser.get("/verzoeken").headers["location"] == f"/huur{place}"


@pytest.mark.parametrize(("name", "seen"), list(zip(ROLES, (True, False, False, False), strict=True)))
def test_a_request_is_for_who_has_the_task(world: StaffWorld, request_of_sanne: str, name: str, seen: bool) -> None:
    assert visit(world, name, f"/verzoeken/{request_of_sanne}") == (200 if seen else 403)
    assert visit(world, name, f"/dossiers/{request_of_sanne}") == (200 if seen else 404)
    assert visit(world, name, f"/verzoeken/{request_of_sanne}/intrekken", answer="ja") == (303 if seen else 403)


@pytest.mark.parametrize(("name", "seen"), list(zip(ROLES, (True, False, False, False), strict=True)))
def test_an_answer_is_for_who_has_the_task(world: StaffWorld, answered: str, name: str, seen: bool) -> None:
    place = f"/dossiers/{answered}"
    pages = (place, f"{place}/dossier.json", f"{place}/schulden.csv", f"{place}/inkomen.csv", f"{place}/fcid.json")
    with world.browser() as browser:
        browser.log_in(name)
        received = [browser.get(path) for path in pages]
        changed = [browser.post(f"{place}/{what}", text="gebeld") for what in ("aantekeningen", "opnieuw-controleren")]
    assert {answer.status_code for answer in received} == ({200} if seen else {404})
    assert ("Pietersen" in received[0].text) == seen
    assert {answer.status_code == 404 for answer in changed} == {not seen}


@pytest.mark.parametrize("name", ROLES)
def test_nobody_reaches_what_is_not_there_or_of_another_receiver(world: StaffWorld, request_of_sanne: str, name: str) -> None:
    with world.browser("schuldhulp") as elsewhere:
        elsewhere.log_in(name)
        for request_id in (NOBODY, request_of_sanne):
            assert send(elsewhere, f"/verzoeken/{request_id}") == 403
            assert send(elsewhere, f"/dossiers/{request_id}") == 404
            assert send(elsewhere, f"/verzoeken/{request_id}/intrekken", answer="ja") == 403
            assert send(elsewhere, f"/taken/{request_id}", give="aa" * 32) == 403


@pytest.mark.parametrize("name", ["sanne", "youssef", "tom"])
def test_nobody_gives_a_task_to_themselves(world: StaffWorld, request_of_sanne: str, name: str) -> None:
    services = world.services["huur"]
    before = services.tasks.of_whom(request_of_sanne)
    with world.browser() as browser:
        browser.log_in(name)
        own = next(each.id for each in services.colleagues.known() if each.name.lower().startswith(name))
        assert send(browser, f"/taken/{request_of_sanne}", give=own) == 403
    assert services.tasks.of_whom(request_of_sanne) == before


def test_a_manager_gives_a_task_and_takes_it(world: StaffWorld, request_of_sanne: str) -> None:
    services = world.services["huur"]
    with world.browser() as youssef, world.browser() as karin:
        youssef.log_in("youssef")
        karin.log_in("karin")
        ids = {each.name.split()[0]: each.id for each in services.colleagues.known()}
        assert send(karin, f"/taken/{request_of_sanne}", give=ids["Youssef"]) == 303
        assert send(youssef, f"/verzoeken/{request_of_sanne}") == 200
        assert send(karin, f"/taken/{request_of_sanne}", take=ids["Youssef"]) == 303
        assert send(youssef, f"/verzoeken/{request_of_sanne}") == 403


@pytest.mark.parametrize("name", ["karin", "tom", "els"])
def test_a_task_goes_to_workers_only(world: StaffWorld, request_of_sanne: str, name: str) -> None:
    services = world.services["huur"]
    with world.browser() as other, world.browser() as karin:
        other.log_in(name)
        karin.log_in("karin")
        known = {each.name.split()[0].lower(): each.id for each in services.colleagues.known()}
        assert send(karin, f"/taken/{request_of_sanne}", give=known.get(name, "bb" * 32)) == 403
    assert len(services.tasks.of_whom(request_of_sanne)) == 1


def test_a_worker_of_another_receiver_gets_no_task(world: StaffWorld, request_of_sanne: str) -> None:
    with world.browser("schuldhulp") as other, world.browser() as karin:
        other.log_in("youssef")
        karin.log_in("karin")
        stranger = world.services["schuldhulp"].colleagues.known()[0]
        assert send(karin, f"/taken/{request_of_sanne}", give=stranger.id) == 403


def test_who_gives_tasks_sees_nothing_of_the_person(world: StaffWorld, request_of_sanne: str) -> None:
    with world.browser() as karin:
        karin.log_in("karin")
        page = karin.get("/taken").text
    assert request_of_sanne in page
    assert "Sanne Oefening" in page
    assert "Jansen" not in page


def test_who_did_not_log_in_for_ninety_days_is_forgotten(world: StaffWorld, request_of_sanne: str) -> None:
    services = world.services["huur"]
    assert [each.name for each in services.colleagues.known()] == ["Sanne Oefening"]
    world.later(days=90)
    store = services.colleagues
    assert isinstance(store, ColleagueStore)
    assert store.sweep(world.now) == 1
    assert services.colleagues.known() == []
