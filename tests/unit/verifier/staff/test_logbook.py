"""The log of the staff: all that they do and see is in it, nothing of a person is, and what cannot be logged does not happen."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from litestar.testing import TestClient

from blauweknop.adapters.database import StorageError
from blauweknop.assembly.dossiers import dossier_services
from blauweknop.assembly.staff import staff_routes
from blauweknop.verifier.staff.log_checking import first_break
from blauweknop.verifier.staff.logbook import Checkpoint, Deed, Entry, Head, Line
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import credentials as c
from tests.unit.verifier.asking.asking_world import ROW_KEY, SITE
from tests.unit.verifier.staff.staff_world import NUMBERS, PACKAGE, StaffBrowser, StaffWorld
from tests.unit.verifier.staff.test_four_eyes import answered


def lines(world: StaffWorld) -> list[Line]:
    return [*world.services["huur"].log.lines()]


def deeds(world: StaffWorld) -> list[str]:
    return [line.deed for line in lines(world)]


def test_a_day_at_work_is_in_the_log_in_its_order(world: StaffWorld) -> None:
    with world.browser() as sanne:
        sanne.log_in("sanne")
        request = answered(world, sanne)
        sanne.get(f"/verzoeken/{request}")
        sanne.get(f"/dossiers/{request}")
        sanne.get(f"/dossiers/{request}?afdrukken=ja")
        sanne.post(f"/dossiers/{request}/opnieuw-controleren", x="x")
        sanne.post(f"/dossiers/{request}/aantekeningen", text="Pietersen gebeld")
        sanne.post(f"/dossiers/{request}/aantekeningen/1/weg", x="x")
        sanne.get(f"/dossiers/{request}/schulden.csv")
        sanne.post("/uitloggen", x="x")
    assert deeds(world) == [
        "logged_in",
        "request_made",
        "request_seen",
        "dossier_seen",
        "dossier_seen",
        "dossier_checked",
        "note_written",
        "note_erased",
        "exported",
        "logged_out",
    ]
    assert {line.about for line in lines(world)[1:-1]} == {request}
    assert len({line.staff for line in lines(world)}) == 1


def test_tasks_and_refusals_are_in_the_log(world: StaffWorld) -> None:
    with world.browser() as sanne, world.browser() as karin, world.browser() as youssef:
        sanne.log_in("sanne")
        request = sanne.ask()
        youssef.log_in("youssef")
        youssef.get(f"/verzoeken/{request}")
        youssef.get("/dossiers/JANSEN")
        karin.log_in("karin")
        own = next(each.id for each in world.services["huur"].colleagues.known() if each.name.startswith("Youssef"))
        karin.post(f"/taken/{request}", give=own)
        karin.post(f"/taken/{request}", take=own)
    found = [(line.deed, line.about, line.detail) for line in lines(world)[3:] if line.deed != "logged_in"]
    assert found == [
        ("page_refused", request, ""),
        ("page_refused", None, ""),
        ("task_given", request, own),
        ("task_ended", request, own),
    ]


def test_who_may_not_come_in_is_in_the_log_and_what_anybody_can_do_is_not(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in("els")
        browser.get("/inloggen/terug?state=x&code=y&iss=z")
        browser.get("/verzoeken")
    assert [(line.deed, line.staff, line.detail) for line in lines(world)] == [("login_refused", None, "staff_no_role")]


def test_nothing_of_a_person_is_in_the_log(world: StaffWorld) -> None:
    with world.browser() as sanne, world.browser() as tom:
        sanne.log_in("sanne")
        request = answered(world, sanne)
        sanne.post(f"/dossiers/{request}/aantekeningen", text="Pietersen gebeld")
        tom.log_in("tom")
        page, taken = tom.get("/logboek").text, tom.get("/logboek.ndjson").text
    for word in ("Pietersen", "Jansen", "gebeld"):
        assert word not in page
        assert word not in taken


def test_the_page_shows_names_and_finds_a_request(world: StaffWorld) -> None:
    with world.browser() as sanne, world.browser() as tom:
        sanne.log_in("sanne")
        request = sanne.ask()
        tom.log_in("tom")
        everything, one = tom.get("/logboek").text, tom.get(f"/logboek?verzoek={request[:8]}").text
        wrong = tom.get("/logboek?verzoek=x").text
    assert "Sanne Oefening" in everything
    assert ">Ingelogd<" in everything
    assert "Verzoek gemaakt" in one
    assert ">Ingelogd<" not in one
    assert "Een nummer heeft vier of meer tekens" in wrong
    assert "Hier staat nog niets" not in wrong


def test_the_page_goes_back_to_the_first_line(world: StaffWorld) -> None:
    for _ in range(60):
        world.services["huur"].log.write(Entry(Deed.LOGGED_OUT), now=world.now)
    with world.browser() as tom:
        tom.log_in("tom")
        first = tom.get("/logboek").text
        assert "/huur/logboek?voor=13" in first
        assert "Oudere regels" in first
        older = tom.get("/logboek?voor=13").text
    assert older.count('<th scope="row"') == 12
    assert "Oudere regels" not in older


def test_what_is_taken_can_be_checked_by_others(world: StaffWorld) -> None:
    with world.browser() as tom:
        tom.log_in("tom")
        answer = tom.get("/logboek.ndjson")
    assert answer.headers["content-disposition"] == 'attachment; filename="logboek.ndjson"'
    read = [json.loads(text) for text in answer.text.splitlines()]
    written = [each for each in read if "hash" in each]
    read_lines = [Line(each["number"], datetime.fromisoformat(each["at"]), *(each[name] for name in _NAMES)) for each in written]
    checkpoints = [Checkpoint(each["checkpoint"], each["signed"], world.now) for each in read if "signed" in each]
    assert [line.deed for line in read_lines] == ["logged_in", "log_taken"]
    certificate = world.services["huur"].asking.receiver.signer.certificate
    head = Head(read_lines[-1].number, read_lines[-1].hash)
    assert len(checkpoints) == 1
    assert first_break(read_lines, receiver="huur", head=head, checkpoints=checkpoints, certificate=certificate) is None


_NAMES = ("staff", "deed", "about", "detail", "previous", "hash")


class _FullLog:
    """Stands in for `verifier.staff.logbook.Logbook`, of a database that writes nothing any more."""

    def write(self, entry: Entry, *, now: datetime) -> int:
        raise StorageError("no room")

    def newest(self, *, about: str = "", before: int | None = None, most: int) -> Sequence[Line]:
        return ()

    def lines(self) -> Iterator[Line]:
        return iter(())

    def head(self) -> Head | None:
        return None

    def checkpoints(self) -> Sequence[Checkpoint]:
        return ()

    def sign(self, *, now: datetime) -> None:
        raise StorageError("no room")

    def keep_up(self, *, now: datetime) -> int:
        raise StorageError("no room")


@pytest.fixture
def unlogged(world: StaffWorld) -> Iterator[tuple[StaffBrowser, str]]:
    """Sanne, who is in, with a dossier; and then the log is full."""
    with world.browser() as before:
        before.log_in("sanne")
        dossier = answered(world, before)
        cookies = dict(before.client.cookies)
    services = replace(world.services["huur"], log=_FullLog())
    dossiers = dossier_services((services,), world.engine, ROW_KEY, trust_with=lambda _uri, _now: c.trust())
    application = web_application(staff_routes((services,), dossiers), WebSettings(csrf_secret="s" * 32, secure=True, exercise=True))
    with TestClient(application, base_url=SITE, raise_server_exceptions=False, cookies=cookies) as client:
        client.follow_redirects = False
        yield StaffBrowser(client, world, "huur"), dossier


@pytest.mark.parametrize("rest", ["", "/schulden.csv", "/dossier.json"])
def test_a_dossier_that_cannot_be_logged_is_not_shown(unlogged: tuple[StaffBrowser, str], rest: str) -> None:
    browser, dossier = unlogged
    answer = browser.get(f"/dossiers/{dossier}{rest}")
    assert answer.status_code >= 500
    assert "Pietersen" not in answer.text


def test_what_cannot_be_logged_does_not_happen(world: StaffWorld, unlogged: tuple[StaffBrowser, str]) -> None:
    browser, dossier = unlogged
    asking = world.services["huur"].asking
    kept = asking.answers.of_request(dossier)
    assert kept is not None
    assert browser.post(f"/dossiers/{dossier}/aantekeningen", text="gebeld").status_code >= 500
    assert browser.post(f"/verzoeken/nieuw/{PACKAGE}", **NUMBERS).status_code == 422
    records = dossier_services((world.services["huur"],), world.engine, ROW_KEY, trust_with=lambda _uri, _now: c.trust())[0].records
    assert [*records.notes(kept.id)] == []
    assert [request.id for request in asking.requests.newest(most=9)] == [dossier]
