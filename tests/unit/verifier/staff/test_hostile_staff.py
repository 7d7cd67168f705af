"""Somebody of the staff who tries every address there is: the pages themselves say which, so that a new page is tried too."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.ports import RequestState
from blauweknop.verifier.staff.four_eyes import Guarded
from tests.unit.verifier.asking.asking_world import SITE, opened
from tests.unit.verifier.staff.staff_world import StaffBrowser, StaffWorld

FILES = ("dossier.json", "dossier.pdf", "schulden.csv", "huishouden.json", "alles.exe")
_OUTSIDE = ((401, ""), (303, "/huur/inloggen"), (303, "/huur/uitgelogd"), (404, ""))
_BEFORE_LOGIN = ("/inloggen", "/uitloggen-bij-inlogdienst", "/uitgelogd")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    engine = opened(Path(tmp_path_factory.mktemp("staff")))
    with StaffWorld.running(engine, Guarded.EXPORT, Guarded.BSN) as running:
        yield running
    engine.dispose()


@pytest.fixture
def dossier(world: StaffWorld, sanne: StaffBrowser) -> str:
    """One of the tasks of Sanne, with a note."""
    request = sanne.ask(reference="zaak Jansen", household="ja")
    asking = world.services["huur"].asking
    kept = asking.requests.by_id(request)
    assert kept is not None
    item = kept.question.items[0]
    received = CheckedItem(item.id, f"{item.id}-kort", item.datasets[0], "dc+sd-jwt", Colour.GREEN, claims={"family_name": "Pietersen"})
    assert asking.answers.keep(Answer(kept.id, kept.question, (received,), world.now), erase_at=world.now + timedelta(days=9)) is not None
    assert sanne.post(f"/dossiers/{request}/aantekeningen", text="belt morgen").status_code == 303
    return request


@pytest.fixture
def approval(sanne: StaffBrowser, dossier: str) -> str:
    asked = sanne.post(f"/dossiers/{dossier}/meenemen/dossier.json", reason="Nodig voor het plan")
    return str(asked.headers["location"]).rpartition("/")[2]


def addresses(world: StaffWorld, dossier: str, approval: str, receiver: str = "huur") -> Sequence[tuple[str, str, HTTPRouteHandler]]:
    """Each method and path below a receiver that needs a login, with these ids in it."""
    assert world.application is not None
    found: list[tuple[str, str, HTTPRouteHandler]] = []
    for route in world.application.routes:
        path = route.path_format.removeprefix(f"/{receiver}")
        if not isinstance(route, HTTPRoute) or path == route.path_format or path.startswith(_BEFORE_LOGIN) or path in ("", "/"):
            continue
        filled = path.replace("{request_id}", dossier).replace("{approval_id}", approval).replace("{number}", "1")
        filled = filled.replace("{package_id}", "huurwoning.sociaal")
        names = FILES if "{name}" in filled else ("",)
        found += [
            (str(method), filled.replace("{name}", name), handler)
            for handler in route.route_handlers
            for method in sorted(handler.http_methods & {"GET", "POST"})
            for name in names
        ]
    return found


def state_of(world: StaffWorld, dossier: str) -> tuple[object, ...]:
    """All that a form could change of it."""
    services = world.services["huur"]
    kept = services.asking.requests.by_id(dossier)
    household = services.asking.households.of_request(dossier)
    answer = services.asking.answers.of_request(dossier)
    assert kept is not None
    assert household is not None
    assert answer is not None
    other = services.asking.requests.by_id(str(household.second))
    assert other is not None
    waiting = [(one.id, one.state) for one in services.approvals.waiting(now=world.now, most=99)]
    return kept.state, household, other.state, answer, services.tasks.of_whom(dossier), waiting


def test_the_addresses_are_found(world: StaffWorld, dossier: str, approval: str) -> None:
    known = {(method, path) for method, path, _ in addresses(world, dossier, approval)}
    assert ("POST", f"/akkoord/{approval}/maak") in known
    assert ("GET", f"/huishoudens/{dossier}") in known
    assert ("POST", f"/dossiers/{dossier}/aantekeningen/1/weg") in known
    assert {("GET", "/link-ontvangen"), ("POST", "/link-ontvangen")} <= known
    assert len(known) > 35


@pytest.mark.parametrize(("name", "receiver"), [("youssef", "huur"), ("tom", "huur"), ("sanne", "schuldhulp"), ("karin", "schuldhulp")])
def test_who_has_not_the_task_reaches_nothing_of_it_at_any_address(
    world: StaffWorld, dossier: str, approval: str, name: str, receiver: str
) -> None:
    before = state_of(world, dossier)
    reviewer = (name, receiver) == ("tom", "huur")
    with world.browser(receiver) as browser:
        browser.log_in(name)
        for method, path, _ in addresses(world, dossier, approval, receiver):
            if dossier not in path and (approval not in path or reviewer):
                continue
            told = browser.get(path) if method == "GET" else browser.post(path, text="x", reason="x", give="aa" * 32)
            assert told.status_code in (403, 404), (method, path)
            assert "Pietersen" not in told.text
            assert "zaak Jansen" not in told.text
            assert "belt morgen" not in told.text
    assert state_of(world, dossier) == before


def test_no_form_counts_without_the_token_of_its_browser(world: StaffWorld, sanne: StaffBrowser, dossier: str, approval: str) -> None:
    before = state_of(world, dossier)
    with world.browser() as elsewhere:
        elsewhere.get("/uitgelogd")
        strange = elsewhere.client.cookies["__Host-bk-form"]
    for method, path, handler in addresses(world, dossier, approval):
        if method == "POST" and not handler.opt.get("exclude_from_csrf"):
            for form in ({"text": "x"}, {"text": "x", "_csrf_token": strange}):
                assert sanne.client.post(f"{SITE}/huur{path}", data=form).status_code == 403, path
    assert state_of(world, dossier) == before


def test_nothing_that_changes_something_goes_by_a_link(world: StaffWorld, sanne: StaffBrowser, dossier: str, approval: str) -> None:
    before = state_of(world, dossier)
    every = addresses(world, dossier, approval)
    read = {path for method, path, _ in every if method == "GET"}
    for path in {path for method, path, _ in every if method == "POST"} - read:
        assert sanne.get(path).status_code in (404, 405), path
    assert state_of(world, dossier) == before


def test_a_form_of_before_the_logout_leads_to_the_login(world: StaffWorld, sanne: StaffBrowser, dossier: str, approval: str) -> None:
    before = state_of(world, dossier)
    cookie = world.services["huur"].session_cookie.name
    session = sanne.client.cookies[cookie]
    sanne.post("/uitloggen")
    sanne.client.cookies.set(cookie, session)
    for method, path, _ in addresses(world, dossier, approval):
        told = sanne.get(path) if method == "GET" else sanne.post(path, text="x", reason="x")
        assert (told.status_code, told.headers.get("location", "").partition("?")[0]) in _OUTSIDE, path
        assert "Pietersen" not in told.text
    assert state_of(world, dossier) == before


def test_a_form_that_is_sent_twice_withdraws_and_asks_once(world: StaffWorld, sanne: StaffBrowser, dossier: str) -> None:
    for _ in range(2):
        assert sanne.post(f"/dossiers/{dossier}/meenemen/dossier.json", reason="Nodig").status_code == 303
    mine = world.services["huur"].approvals.waiting(now=world.now, most=99)
    assert [one.asked.what for one in mine if one.asked.about == dossier] == ["dossier.json"]
    other = sanne.ask(reference="zaak 2")
    assert [sanne.post(f"/verzoeken/{other}/intrekken", answer="ja").status_code for _ in range(2)] == [303, 303]
    kept = world.services["huur"].asking.requests.by_id(other)
    assert kept is not None
    assert kept.state is RequestState.WITHDRAWN
