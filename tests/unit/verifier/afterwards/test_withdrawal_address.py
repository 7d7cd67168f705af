import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.standards.sharing_receipts import ErasureReason
from blauweknop.verifier.afterwards.routes import MOST_FORM, afterwards_routes
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.verifier.afterwards.afterwards_world import AfterwardsWorld
from tests.unit.verifier.afterwards.test_erasing import Silent
from tests.unit.verifier.asking.asking_world import AskingWorld

SITE, PATH = "https://proef.example", "/schuldhulp"


@pytest.fixture
def client(world: AfterwardsWorld) -> Iterator[TestClient[Litestar]]:
    with opened(world) as found:
        yield found


def opened(world: AfterwardsWorld, *, silent: bool = False, calls: int = 1000) -> TestClient[Litestar]:
    services = replace(world.services(), calls_a_minute=calls)
    if silent:
        services = replace(services, sharings=Silent(world.engine))
    asking = AskingWorld(world.engine).services()
    settings = WebSettings(csrf_secret="s" * 32, secure=True, exercise=True)
    application = web_application(afterwards_routes(asking, services), settings, portals=(asking_portal(asking),))
    return TestClient(application, base_url=SITE)


def send(client: TestClient[Litestar], text: str) -> Response:
    return client.post(f"{PATH}/intrekken", data={"withdrawal": text})


def test_a_withdrawal_is_answered_with_the_proof_and_again_with_the_same(client: TestClient[Litestar], world: AfterwardsWorld) -> None:
    shared = world.share()
    first, second = send(client, world.withdrawal(shared)), send(client, world.withdrawal(shared))
    assert (first.status_code, first.json()["status"], first.headers["cache-control"]) == (200, "erased", "no-store")
    assert world.proved(first.json()["bk_erasure"], shared).reason is ErasureReason.WITHDRAWN
    assert second.json() == first.json()


@pytest.mark.parametrize("text", ["", "x", "a.b.c"])
def test_what_is_no_withdrawal_is_refused_with_its_rule(client: TestClient[Litestar], text: str) -> None:
    answer = send(client, text)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["error_description"].startswith("withdrawal_malformed")


def test_a_withdrawal_in_the_address_or_in_json_is_refused(client: TestClient[Litestar], world: AfterwardsWorld) -> None:
    text = world.withdrawal(world.share())
    assert client.post(f"{PATH}/intrekken?withdrawal={text}").status_code == 400
    assert client.post(f"{PATH}/intrekken", json={"withdrawal": text}).status_code == 400
    assert world.rows()["verifier_dossiers"] == 1


def test_a_form_that_is_too_large_is_refused(client: TestClient[Litestar]) -> None:
    assert send(client, "a" * MOST_FORM).status_code == 413


def test_a_storage_that_does_not_answer_is_no_proof(world: AfterwardsWorld) -> None:
    shared = world.share()
    with opened(world, silent=True) as client:
        answer = send(client, world.withdrawal(shared))
    assert (answer.status_code, answer.json()["error"]) == (503, "server_error")
    assert "bk_erasure" not in answer.json()


def test_who_calls_too_often_waits(world: AfterwardsWorld) -> None:
    with opened(world, calls=2) as client:
        assert [send(client, "x").status_code for _ in range(3)] == [400, 400, 429]


def click(client: TestClient[Litestar], link: str) -> Response:
    page = client.get(f"{PATH}/intrekken/{link}")
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token is not None, page.status_code
    return client.post(f"{PATH}/intrekken/{link}", data={"_csrf_token": token.group(1)}, follow_redirects=False)


def test_looking_at_the_page_of_a_link_changes_nothing(client: TestClient[Litestar], world: AfterwardsWorld) -> None:
    shared = world.share(key=None)
    before = world.rows()
    assert "Wilt u intrekken wat u deelde?" in client.get(f"{PATH}/intrekken/{shared.link}").text
    assert client.get(f"{PATH}/intrekken/{shared.link}/bewijs").status_code == 404
    assert world.rows() == before


def test_the_page_of_a_link_erases_and_gives_the_proof(client: TestClient[Litestar], world: AfterwardsWorld) -> None:
    shared = world.share(key=None)
    assert click(client, shared.link).status_code == 303
    assert world.rows() == {"verifier_sharings": 1}
    assert "Uw gegevens zijn gewist" in client.get(f"{PATH}/intrekken/{shared.link}").text
    proof = client.get(f"{PATH}/intrekken/{shared.link}/bewijs")
    assert world.proved(proof.text, shared).reason is ErasureReason.WITHDRAWN
    assert 'filename="bewijs-van-wissen.jwt"' in proof.headers["content-disposition"]


@pytest.mark.parametrize("link", ["x", "z" * 43, "é" * 43])
def test_a_link_of_nothing_leads_to_nothing(client: TestClient[Litestar], link: str) -> None:
    assert client.get(f"{PATH}/intrekken/{link}").status_code == 404
    assert client.get(f"{PATH}/intrekken/{link}/bewijs").status_code == 404


def test_a_form_without_the_token_of_the_browser_erases_nothing(client: TestClient[Litestar], world: AfterwardsWorld) -> None:
    shared = world.share(key=None)
    assert client.post(f"{PATH}/intrekken/{shared.link}", follow_redirects=False).status_code == 403
    assert world.rows()["verifier_dossiers"] == 1
