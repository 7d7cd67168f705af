"""Ready-made requests over the API: a client asks for its receivers only, sees its own requests only, and what it has a right to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from sqlalchemy.engine import Engine

from blauweknop.adapters.request_events import RequestEvents
from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.adapters.verifier_requests import RequestStore
from blauweknop.adapters.webhook_outbox import Outbox
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS, exercise_registration
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer, Receiver, Use
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.verifier.dossier.pieces import StatusCheck
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import receivers as r
from tests.unit.verifier.api.api_world import KEY, OTHER_KEY, SMALL_KEY, World, assertion, assertion_form, problem_of, world
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, ROW_KEY, AskingWorld, led_back, opened
from tests.unit.verifier.dossier.dossier_world import UWV, piece, the_catalogue

PACKAGE, CONTRACT = "huurwoning.sociaal", "huurwoning.vrije_sector.contract"
SITE = "https://verhuur.example"
NEW = {"receiver": "huur", "package": PACKAGE, "reference": "huis 12"}


@dataclass
class Asking:
    """The API beside a receiver that asks."""

    api: World
    services: AskingServices

    def post(self, key: str = KEY, **body: Any) -> Response:
        asked = {name: value for name, value in {**NEW, **body}.items() if value is not None}
        return self.api.client.post("/v1/requests", json=asked, headers={"X-API-Key": key})

    def get(self, request_id: str, key: str = KEY) -> Response:
        return self.api.client.get(f"/v1/requests/{request_id}", headers={"X-API-Key": key})

    def delete(self, request_id: str, key: str = KEY) -> Response:
        return self.api.client.delete(f"/v1/requests/{request_id}", headers={"X-API-Key": key})

    def answered(self) -> str:
        """The id of a request that somebody answered."""
        made = self.post().json()
        question = self.services.requests.by_id(made["id"]).question  # type: ignore[union-attr] # it was just made
        item = CheckedItem("persoon", "persoon-kort", "gem.brp", "dc+sd-jwt", Colour.GREEN, claims={"family_name": "Jansen"})
        answer = Answer(made["id"], question, (item,), x.NOW)
        assert self.services.answers.keep(answer, erase_at=x.NOW + timedelta(days=30))
        return str(made["id"])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = opened(tmp_path_factory.mktemp("ontvanger"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def asking(database: Engine) -> Iterator[Asking]:
    package = load_life_events().package(PACKAGE)
    landlord = next(receiver for receiver in EXERCISE_RECEIVERS if receiver.id == "huur")
    registration = exercise_registration(landlord, package, x.catalogue(), status_uri=r.STATUS_URI, now=x.NOW)
    receiver = Receiver("huur", "Verhuur", "/huur", f"{SITE}/huur", r.RECEIVER.signer(), {PACKAGE: Use(registration, "")})
    services = replace(AskingWorld(database, receiver="huur").services(), receiver=receiver)
    with world(requests_per_hour=100_000, asking={"huur": services}) as api:
        yield Asking(api, services)


def test_a_client_asks_and_gets_the_link_for_the_person_once(asking: Asking) -> None:
    answer = asking.post()
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/requests/{made['id']}")
    assert made["url"].startswith(f"{SITE}/huur/verzoek/")
    assert (made["state"], made["package"], made["reference"], made["expiresAt"]) == ("open", PACKAGE, "huis 12", "2026-12-23T14:12:00Z")
    token = made["url"].rpartition("/")[2]
    kept = asking.services.requests.by_token(token, now=x.NOW)
    assert kept is not None
    assert kept.id == made["id"]
    assert "url" not in asking.get(made["id"]).json()


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        ({"package": "niets"}, "package", "unknown_package"),
        ({"package": "schuldhulp.intake"}, "package", "may_not_be_asked"),
        ({"package": "huurwoning.vrije_sector.contract"}, "", "package_does_not_fit"),
        ({"optional": ["niets"]}, "", "package_does_not_fit"),
        ({"parameters": {"huur": 1}}, "", "package_does_not_fit"),
        ({"days": 0}, "days", "days_out_of_range"),
        ({"days": 91}, "days", "days_out_of_range"),
        ({"reference": "x" * 201}, "reference", "not_a_reference"),
        ({"reference": "a\nb"}, "reference", "not_a_reference"),
        ({"package": None}, "", "not_a_request"),
        ({"query": {}}, "", "not_a_request"),
        ({"parameters": {"huur": "1"}}, "", "not_a_request"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_told_by_its_place(asking: Asking, body: dict[str, Any], name: str, code: str) -> None:
    answer = asking.post(**body)
    assert answer.status_code == 400
    assert name in answer.text
    assert code.replace("_", "-") in str(problem_of(answer)["errors"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"receiver": "huur"', '{"receiver": "\ud800"}'.encode("utf-8", "surrogatepass")])
def test_what_is_no_json_of_a_request_is_refused(asking: Asking, body: bytes) -> None:
    headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
    assert asking.api.client.post("/v1/requests", content=body, headers=headers).status_code == 400


def test_a_form_is_no_request(asking: Asking) -> None:
    assert asking.api.client.post("/v1/requests", data=NEW, headers={"X-API-Key": KEY}).status_code == 415


def test_a_body_that_is_too_large_is_refused(asking: Asking) -> None:
    assert asking.post(reference="x" * 20_000).status_code == 413


@pytest.mark.parametrize("receiver", ["schuldhulp", "niets", ""])
def test_a_client_asks_for_its_own_receivers_only(asking: Asking, receiver: str) -> None:
    assert asking.post(receiver=receiver).status_code == 403


def test_who_may_only_check_may_not_ask(asking: Asking) -> None:
    made = asking.post().json()["id"]
    assert [answer.status_code for answer in (asking.post(SMALL_KEY), asking.get(made, SMALL_KEY), asking.delete(made, SMALL_KEY))] == [
        403
    ] * 3
    assert asking.api.client.get(f"/v1/requests/{made}").status_code == 401


def test_a_request_of_another_client_is_not_there(asking: Asking) -> None:
    made = asking.post().json()["id"]
    assert (asking.get(made, OTHER_KEY).status_code, asking.delete(made, OTHER_KEY).status_code) == (404, 404)
    assert asking.get(made).json()["state"] == "open"


def test_a_request_of_a_person_of_the_receiver_is_not_there(asking: Asking) -> None:
    question = asking.services.requests.by_id(asking.post().json()["id"]).question  # type: ignore[union-attr] # it was just made
    _, request = make_request(question, asking.services)
    assert asking.get(request.id).status_code == 404


@pytest.mark.parametrize("request_id", ["x", "0" * 64, "g" * 64, "%00"])
def test_a_request_that_never_was_is_not_there(asking: Asking, request_id: str) -> None:
    assert (asking.get(request_id).status_code, asking.delete(request_id).status_code) == (404, 404)


def test_what_was_answered_comes_with_the_verdict_and_the_claims(asking: Asking) -> None:
    found = asking.get(asking.answered()).json()
    assert found["state"] == "answered"
    (item,) = found["answer"]["items"]
    assert (item["item"], item["verdict"], item["claims"]) == ("persoon", "green", {"family_name": "Jansen"})
    assert found["answer"]["byLink"] is False
    assert found["answer"]["eraseAt"] == "2026-12-23T14:12:00Z"


def test_without_the_right_to_data_there_are_no_claims(asking: Asking) -> None:
    answered = asking.answered()
    form = {"grant_type": "client_credentials", "scope": "request"}
    token = asking.api.client.post("/v1/access-tokens", data={**assertion_form(assertion(asking.api.clock())), **form}).json()
    found = asking.api.client.get(f"/v1/requests/{answered}", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert "Jansen" not in found.text
    assert "claims" not in found.json()["answer"]["items"][0]


def test_a_request_is_taken_back_while_nobody_answered(asking: Asking) -> None:
    made = asking.post().json()["id"]
    assert asking.delete(made).status_code == 204
    assert asking.get(made).json()["state"] == "withdrawn"
    assert asking.delete(asking.answered()).status_code == 404


def test_a_request_that_nobody_answered_in_time_says_so(asking: Asking) -> None:
    services = replace(asking.services, clock=lambda: x.NOW + timedelta(days=2))
    with world(requests_per_hour=100_000, asking={"huur": services}) as api:
        later = Asking(api, services)
        made = asking.post(days=1).json()["id"]
        assert later.get(made).json()["state"] == "expired"


def test_where_nobody_asks_there_are_no_requests() -> None:
    with world() as api:
        assert api.client.post("/v1/requests", json=NEW, headers={"X-API-Key": KEY}).status_code == 404
        assert not any(path.startswith("/requests") for path in api.client.get("/v1/openapi.json").json()["paths"])


def test_the_description_has_them_where_somebody_asks(asking: Asking) -> None:
    paths = asking.api.client.get("/v1/openapi.json").json()["paths"]
    assert {"/requests", "/requests/{requestId}"} <= paths.keys()


def events(database: Engine) -> RequestEvents:
    store, clients = RequestStore(database, ROW_KEY, "schuldhulp"), frozenset({"one"})
    return RequestEvents(database, ROW_KEY, store, clients, lambda: x.NOW, lambda: "e" * 22)


def test_the_system_that_asked_hears_of_the_answer_when_it_is_kept(database: Engine) -> None:
    asked = AskingWorld(database, changes={"tell_answered": events(database).answered})
    address, request = make_request(QUESTION, asked.services(), client="one")
    with asked.browser() as browser:
        back = led_back(browser.begin(address.removeprefix("https://proef.example")).answer())
        assert Outbox(database, ROW_KEY).clients_due(x.NOW) == []
        assert browser.come_back(back).headers["location"] == f"{PATH}/klaar"
    due = Outbox(database, ROW_KEY).take("one", x.NOW, lease=timedelta(minutes=1))
    assert due is not None
    assert (due.event.kind, due.event.data) == ("request.answered", {"requestId": request.id})
    Outbox(database, ROW_KEY).done(due.event.id)


def test_who_has_no_webhook_and_who_asked_in_person_hears_nothing(database: Engine) -> None:
    services = AskingWorld(database).services()
    for client in ("two", None):
        _, request = make_request(QUESTION, services, client=client)
        events(database).withdrawn(request.id)
    assert Outbox(database, ROW_KEY).clients_due(x.NOW) == []


def test_the_system_that_asked_hears_when_the_answer_is_taken_back(database: Engine) -> None:
    _, request = make_request(QUESTION, AskingWorld(database).services(), client="one")
    events(database).withdrawn(request.id)
    due = Outbox(database, ROW_KEY).take("one", x.NOW, lease=timedelta(minutes=1))
    assert due is not None
    assert (due.event.kind, due.event.data) == ("request.withdrawn", {"requestId": request.id})
    Outbox(database, ROW_KEY).done(due.event.id)


def test_two_people_are_asked_with_a_link_for_each(asking: Asking) -> None:
    made = asking.post(household=True).json()
    assert made["url"] != made["otherUrl"]
    assert made["household"]["part"] == "first"
    other = asking.get(made["household"]["other"]).json()
    assert other["household"] == {"part": "second", "other": made["id"], "otherState": "open"}
    assert (other["reference"], "url" in other) == ("huis 12", False)


@dataclass
class Renting:
    """Two people who rent together, asked with the test of their income."""

    asking: Asking
    engine: Engine
    ids: tuple[str, str]

    def answer(self, place: int, name: str, bracket: str) -> KeptAnswer:
        answers, request_id = self.asking.services.answers, self.ids[place]
        request = self.asking.services.requests.by_id(request_id)
        assert request is not None
        claims: dict[str, JsonValue] = {"given_name": name, "family_name": "de Vries", "income_year": 2025, "income_bracket": bracket}
        item = piece("inkomen", "uwv.verzekeringsbericht", UWV, claims, short=True)
        assert answers.keep(Answer(request_id, request.question, (item,), x.NOW), erase_at=x.NOW + timedelta(days=30))
        kept = answers.of_request(request_id)
        assert kept is not None
        return kept

    def test(self) -> dict[str, Any]:
        """As either of the two requests has it."""
        first, second = (self.asking.get(each).json()["household"]["incomeTest"] for each in self.ids)
        assert first == second
        return dict(first)


@pytest.fixture
def renting(asking: Asking, database: Engine) -> Iterator[Renting]:
    package = load_life_events().package(CONTRACT)
    landlord = next(receiver for receiver in EXERCISE_RECEIVERS if receiver.id == "huur")
    registration = exercise_registration(landlord, package, the_catalogue(), status_uri=r.STATUS_URI, now=x.NOW)
    receiver = replace(asking.services.receiver, uses={CONTRACT: Use(registration, "")})
    services = replace(asking.services, receiver=receiver, catalogue=the_catalogue())
    with world(requests_per_hour=100_000, asking={"huur": services}, database=(database, ROW_KEY)) as api:
        both = Asking(api, services)
        made = both.post(package=CONTRACT, parameters={"huur": 120_000, "keer": 3}, household=True).json()
        yield Renting(both, database, (made["id"], made["household"]["other"]))


def test_the_test_of_both_incomes_is_told_as_far_as_both_prove_it(renting: Renting) -> None:
    renting.answer(0, "Anna", "25000_to_30000")
    alone = renting.test()
    assert (alone["needed"], alone["outcome"], alone["together"], alone["parts"][1]) == (4_320_000, "incomplete", None, None)
    renting.answer(1, "Bea", "20000_to_25000")
    both = renting.test()
    assert (both["outcome"], both["certain"], both["together"]["least"]) == ("enough", True, 4_500_000)


def test_what_was_withdrawn_since_proves_no_income(renting: Renting) -> None:
    renting.answer(0, "Anna", "25000_to_30000")
    second = renting.answer(1, "Bea", "20000_to_25000")
    assert DossierStore(renting.engine, ROW_KEY, "huur").keep_check(second.id, StatusCheck(x.NOW, {1: "withdrawn"}))
    told = renting.test()
    assert (told["outcome"], told["doubts"]) == ("open", ["not_shown"])


def test_the_test_of_both_incomes_is_for_who_may_have_the_data(renting: Renting) -> None:
    renting.answer(0, "Anna", "25000_to_30000")
    client = renting.asking.api.client
    form = {"grant_type": "client_credentials", "scope": "request"}
    token = client.post("/v1/access-tokens", data={**assertion_form(assertion(renting.asking.api.clock())), **form}).json()
    found = client.get(f"/v1/requests/{renting.ids[0]}", headers={"Authorization": f"Bearer {token['access_token']}"}).json()
    assert set(found["household"]) == {"part", "other", "otherState"}


def test_a_request_of_one_person_says_nothing_of_another(asking: Asking) -> None:
    assert not {"household", "otherUrl"} & asking.post().json().keys()


def test_a_package_of_one_person_is_not_asked_of_two(asking: Asking) -> None:
    answer = asking.post(package="huurwoning.vrije_sector.na_bezichtiging", household=True)
    assert (answer.status_code, "package-does-not-fit" in answer.text) == (400, True)


def test_a_new_link_for_the_second_ends_the_one_before(asking: Asking) -> None:
    made = asking.post(household=True).json()
    answer = asking.api.client.post(f"/v1/requests/{made['id']}/invitations", headers={"X-API-Key": KEY})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/requests/{answer.json()['id']}"
    assert asking.get(made["household"]["other"]).json()["state"] == "withdrawn"
    assert asking.get(made["id"]).json()["household"] == {"part": "first", "other": answer.json()["id"], "otherState": "open"}


@pytest.mark.parametrize(("of", "key"), [("first", OTHER_KEY), ("second", KEY), ("one", KEY), ("nobody", KEY)])
def test_nobody_is_invited_where_there_is_no_first_of_two_of_this_client(asking: Asking, of: str, key: str) -> None:
    two, one = asking.post(household=True).json(), asking.post().json()
    request_id = {"first": two["id"], "second": two["household"]["other"], "one": one["id"], "nobody": "0" * 64}[of]
    assert asking.api.client.post(f"/v1/requests/{request_id}/invitations", headers={"X-API-Key": key}).status_code == 404


def test_to_take_the_first_back_is_to_take_both_back(asking: Asking) -> None:
    made = asking.post(household=True).json()
    assert asking.delete(made["id"]).status_code == 204
    assert asking.get(made["household"]["other"]).json()["state"] == "withdrawn"
