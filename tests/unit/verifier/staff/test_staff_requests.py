import re

import pytest

from blauweknop.verifier.asking.ports import RequestState
from tests.unit.verifier.staff.staff_world import NUMBERS, PACKAGE, StaffWorld

FORM = f"/verzoeken/nieuw/{PACKAGE}"


def test_a_request_gives_a_link_once_with_a_text_that_names_nobody(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        made = browser.post(FORM, **NUMBERS, reference="zaak 12")
        one = browser.get("/verzoeken")
    assert made.text.count("https://proef.example/huur/verzoek/") >= 2
    assert "zaak 12" not in re.search(r"<textarea.*?</textarea>", made.text, re.DOTALL)[0]  # type: ignore[index]
    assert "zaak 12" in one.text
    assert "https://proef.example/huur/verzoek/" not in one.text


def test_the_name_of_the_person_is_kept_for_the_dossier_and_told_to_nobody_else(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        made = browser.post(FORM, **NUMBERS, expected="  Samira   el Amrani ")
        link = re.search(r"https://proef\.example(/huur/verzoek/[\w-]+)", made.text)
        assert link is not None
        assert "Amrani" not in browser.get(link[1].removeprefix("/huur")).text
    (kept,) = world.services["huur"].asking.requests.newest(most=1)
    assert kept.expected == "Samira el Amrani"
    assert "Amrani" not in repr(kept)


@pytest.mark.parametrize(
    "changed",
    [
        {"huur": "0"},
        {"huur": "10001"},
        {"huur": "-1"},
        {"huur": "9,50"},
        {"huur": ""},
        {"huur": "١٠٠"},
        {"huur": "1" * 30},
        {"keer": "6"},
        {"reference": "x" * 41},
        {"reference": "a\u202eb"},
        {"expected": "x" * 101},
        {"expected": "a\u202eb"},
        {"extra": "bsn"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(world: StaffWorld, changed: dict[str, str]) -> None:
    with world.browser() as browser:
        browser.log_in()
        answer = browser.post(FORM, **{**NUMBERS, **changed})
    assert answer.status_code == 422
    assert world.services["huur"].asking.requests.newest(most=1) == []


def test_only_registered_questions_can_be_picked(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        assert browser.get("/verzoeken/nieuw/schuldhulp.intake").status_code == 403
        assert browser.post("/verzoeken/nieuw/schuldhulp.intake").status_code == 403


def test_a_colleague_without_the_task_sees_nothing(world: StaffWorld) -> None:
    with world.browser() as sanne, world.browser() as youssef:
        sanne.log_in("sanne")
        youssef.log_in("youssef")
        request_id = sanne.ask(reference="zaak 12")
        assert sanne.get(f"/verzoeken/{request_id}").status_code == 200
        refused, unknown = youssef.get(f"/verzoeken/{request_id}"), youssef.get("/verzoeken/" + "0" * 64)
        assert "zaak 12" not in youssef.get("/verzoeken").text
        assert youssef.post(f"/verzoeken/{request_id}/intrekken").status_code == 403
    assert (refused.status_code, refused.text.replace(request_id, "")) == (unknown.status_code, unknown.text.replace("0" * 64, ""))
    kept = world.services["huur"].asking.requests.by_id(request_id)
    assert kept is not None
    assert kept.state is RequestState.OPEN


@pytest.mark.parametrize(
    "file", ["", "/dossier.json", "/schulden.csv", "/inkomen.csv", "/stukken.csv", "/fcid.json", "/dossier.pdf", "/papieren/1"]
)
def test_a_dossier_is_only_there_for_who_has_the_task(world: StaffWorld, file: str) -> None:
    with world.browser() as sanne, world.browser() as youssef, world.browser() as nobody:
        sanne.log_in("sanne")
        youssef.log_in("youssef")
        path = f"/dossiers/{sanne.ask()}{file}"
        assert youssef.get(path).status_code == 404
        assert nobody.get(path).headers["location"] == f"/huur/inloggen?naar={path}"
        assert sanne.get(path).status_code == (404 if file else 200)  # there is no answer yet to take along


@pytest.mark.parametrize("name", ["sanne", "youssef"])
def test_the_page_of_a_dossier_says_who_is_in_and_lets_them_log_out(world: StaffWorld, name: str) -> None:
    with world.browser() as sanne, world.browser() as browser:
        sanne.log_in("sanne")
        browser.log_in(name)
        page = browser.get(f"/dossiers/{sanne.ask()}").text
    assert f"{name.capitalize()} Oefening" in page
    assert 'action="/huur/uitloggen"' in page


def test_a_dossier_after_a_session_that_ended_leads_to_the_login_and_back(world: StaffWorld) -> None:
    with world.browser() as sanne:
        sanne.log_in("sanne")
        path = f"/dossiers/{sanne.ask()}"
        world.later(minutes=16)
        ended = sanne.get(path)
        assert (ended.status_code, f"/huur/inloggen?naar={path}" in ended.text) == (401, True)
        assert sanne.log_in("sanne", path).headers["location"] == f"/huur{path}"


@pytest.mark.parametrize("name", ["karin", "tom"])
def test_only_workers_ask(world: StaffWorld, name: str) -> None:
    with world.browser() as browser:
        browser.log_in(name)
        assert browser.get(FORM).status_code == 403
        assert browser.post(FORM, **NUMBERS).status_code == 403
    assert world.services["huur"].asking.requests.newest(most=1) == []


def test_a_request_of_one_receiver_is_not_there_at_another(world: StaffWorld) -> None:
    with world.browser("huur") as here, world.browser("schuldhulp") as there:
        here.log_in()
        there.log_in()
        assert there.get(f"/verzoeken/{here.ask()}").status_code == 403


def test_a_request_that_is_taken_back_stays_listed_and_cannot_be_answered(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        request_id = browser.ask()
        assert browser.post(f"/verzoeken/{request_id}/intrekken").status_code == 303
        page = browser.get(f"/verzoeken/{request_id}")
    assert "Ingetrokken" in page.text
    kept = world.services["huur"].asking.requests.by_id(request_id)
    assert kept is not None
    assert kept.state is RequestState.WITHDRAWN


def test_nothing_is_made_without_a_form_of_ours(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        assert browser.client.post(f"https://proef.example/huur{FORM}", data=NUMBERS).status_code == 403
    assert world.services["huur"].asking.requests.newest(most=1) == []


@pytest.mark.parametrize("request_id", ["x", "0" * 63, "%00", "é" * 32])
def test_an_id_that_cannot_be_one_is_refused(world: StaffWorld, request_id: str) -> None:
    with world.browser() as browser:
        browser.log_in()
        assert browser.get(f"/verzoeken/{request_id}").status_code in (403, 404)
