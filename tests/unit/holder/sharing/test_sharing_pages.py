"""From the link of a receiver to an answer, and every way in which there is none."""

from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import event

from blauweknop.domain.document import JsonValue
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.credentials import kept_credentials
from blauweknop.holder.sharing.requests import MOST_OPEN, kept_requests
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.standards.lote import ServiceKind
from blauweknop.standards.sd_jwt_receiving import holder_key, read_sd_jwt, require_binding, resolved_claims, signed_payload
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.holder.holder_world import BASE_URL, NAME, words
from tests.unit.holder.sharing.sharing_world import RETURN, SharingWorld, Visitor, asks, summary, whole
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW

ALWAYS = {"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"}


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    found = site.visitor()
    found.has_credential()
    return found


def states(visitor: Visitor) -> list[str]:
    return [kept.item.state for kept in kept_requests(visitor.vault)]


def shown(presented: str) -> dict[str, JsonValue]:
    received = read_sd_jwt(presented)
    claims = resolved_claims(signed_payload(received), received).claims
    return {name: value for name, value in claims.items() if name not in ALWAYS}


def test_a_person_sees_who_asks_and_what_they_get(visitor: Visitor) -> None:
    said = words(visitor.person.open(visitor.look()).text)
    assert "Deelt u dit met Schuldhulp Proef?" in said
    for told in (
        "Gemeente Proef",
        "Een betalingsregeling maken",
        "Een taak van algemeen belang (AVG artikel 6, lid 1, onder e): Wgs artikel 4",
        "5 jaar",
        "12.345,67",
    ):
        assert told in said


def test_a_yes_gives_what_was_shown_and_nothing_else(visitor: Visitor, site: SharingWorld) -> None:
    done = visitor.answer(visitor.look())
    assert (done.status_code, done.headers.get("refresh")) == (200, f"0; url={RETURN}")
    (answer,) = site.receiver.answers
    assert answer.keys() == {"vp_token", "state", "bk_consent"}
    (presented,) = answer["vp_token"]["schuld-kort"]
    assert shown(presented) == {"schuldsaldo_inclusief_rente": 1234567}


def test_an_answer_is_bound_to_this_receiver_and_this_question(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look())
    received = read_sd_jwt(site.receiver.answers[0]["vp_token"]["schuld-kort"][0])
    asked = site.receiver.question.members()
    key = holder_key(signed_payload(received))
    require_binding(received, key, at=NOW, audience=site.receiver.client_id, nonce=asked["nonce"])
    assert site.receiver.answers[0]["state"] == asked["state"]


def test_a_copy_goes_once(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look())
    visitor.answer(visitor.look())
    first, second = (answer["vp_token"]["schuld-kort"][0].partition("~")[0] for answer in site.receiver.answers)
    assert first != second
    assert [kept.unused for kept in kept_credentials(visitor.vault)] == [0]


def test_of_a_document_go_the_rows_that_are_asked_without_a_key(visitor: Visitor, site: SharingWorld) -> None:
    visitor.has_document()
    site.receiver.query = asks(whole("data"))
    page = words(visitor.person.open(visitor.look()).text)
    assert "€ 10.000,00" in page
    visitor.answer(visitor.look())
    (presented,) = site.receiver.answers[0]["vp_token"]["schuld"]
    assert presented.endswith("~")
    claims = shown(presented)
    assert claims["subject"] == {}
    assert isinstance(claims["data"], dict)
    assert claims["data"]["schuldsaldo_inclusief_rente"] == 1234567


def test_a_no_says_no_more_than_that_and_nothing_is_kept(visitor: Visitor, site: SharingWorld) -> None:
    said = visitor.answer(visitor.look(), "no")
    assert "U hebt nee gezegd" in words(said.text)
    assert site.receiver.answers == [{"error": "access_denied", "state": site.receiver.question.members()["state"]}]
    assert states(visitor) == []
    assert [kept.unused for kept in kept_credentials(visitor.vault)] == [2]


def test_a_receiver_cannot_tell_who_has_nothing_from_who_says_no(visitor: Visitor, site: SharingWorld) -> None:
    with_something = site.receiver.lengths
    visitor.answer(visitor.look(), "no")
    other = site.visitor("Jan")
    path = other.look()
    assert "Nog niet hier" in words(other.person.open(path).text)
    other.answer(path, "no")
    assert site.receiver.answers[0] == site.receiver.answers[1]
    assert with_something[0] == with_something[1]
    assert site.receiver.sent == ["requests", "responses"] * 2


def test_what_is_missing_is_fetched_before_anything_goes(site: SharingWorld) -> None:
    visitor = site.visitor()
    path = visitor.look()
    page = visitor.person.open(path)
    assert 'formaction="/mijn/ophalen" name="source" value="duo"' in page.text
    refused = visitor.answer(path)
    assert refused.status_code == 409
    assert site.receiver.answers == []


def test_what_nobody_can_give_is_said(site: SharingWorld) -> None:
    site.sources = ()
    visitor = site.visitor()
    assert "Vraag Schuldhulp Proef hoe u verder kunt" in words(visitor.person.open(visitor.look()).text)


def test_what_need_not_be_given_goes_only_when_it_is_ticked(visitor: Visitor, site: SharingWorld) -> None:
    visitor.has_document()
    site.receiver.query = asks(
        summary("fase"), whole("data"), sets=[{"options": [["schuld-kort"]]}, {"options": [["schuld"]], "required": False}]
    )
    page = visitor.person.open(visitor.look()).text
    assert "checked" not in page
    visitor.answer(visitor.look())
    visitor.answer(visitor.look(), extra="1")
    assert [set(answer["vp_token"]) for answer in site.receiver.answers] == [{"schuld-kort"}, {"schuld-kort", "schuld"}]


def test_a_tick_of_nothing_gives_nothing_more(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look(), extra=["0", "7", "x", "-1"])
    assert set(site.receiver.answers[0]["vp_token"]) == {"schuld-kort"}


# The request waits.


def test_a_request_waits_for_who_is_not_in(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    visitor.person.send("/uitloggen", "/gegevens")
    first = visitor.follow()
    assert "/mijn/openen?naar=/delen/verder" in first.text
    assert site.receiver.sent == []
    opened = visitor.person.unlock("Samira", place="/delen/verder")
    assert opened.headers["location"] == "/mijn/delen/verder"
    asked = visitor.person.open("/delen/verder")
    assert "Deelt u dit" in words(visitor.person.open(asked.headers["location"].removeprefix("/mijn")).text)


def test_a_request_waits_for_who_makes_an_account_first(site: SharingWorld) -> None:
    visitor = site.stranger()
    visitor.follow()
    visitor.person.make_account(NAME)
    assert visitor.person.keep_code().headers["location"] == "/mijn/delen/verder"
    assert visitor.person.open("/delen/verder").headers["location"].startswith("/mijn/delen/")


def test_a_waiting_request_is_taken_up_once(site: SharingWorld) -> None:
    visitor = site.stranger()
    visitor.follow()
    visitor.person.make_account()
    visitor.person.keep_code()
    visitor.person.open("/delen/verder")
    assert "Dit verzoek is voorbij" in words(visitor.person.open("/delen/verder").text)


def test_another_browser_gets_nothing_of_a_waiting_request(site: SharingWorld) -> None:
    site.stranger().follow()
    assert "Dit verzoek is voorbij" in words(site.visitor().person.open("/delen/verder").text)


def test_a_waiting_request_ends(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.person.send("/uitloggen", "/gegevens")
    visitor.follow()
    site.holder.wait(minutes=11)
    visitor.person.unlock("Samira")
    assert "Dit verzoek is voorbij" in words(visitor.person.open("/delen/verder").text)


# Refused.

FORGED: dict[str, dict[str, Any]] = {
    "request_client": {"client_id": "x509_hash:" + "A" * 43},
    "request_form": {"response_uri": "http://proef.example/x"},
    "request_nonce": {"wallet_nonce": "w" * 43},
    "request_expired": {"iat": int(NOW.timestamp()) - 400, "exp": int(NOW.timestamp()) - 100},
    "request_not_yet": {"iat": int(NOW.timestamp()) + 100, "exp": int(NOW.timestamp()) + 200},
    "request_keys": {"client_metadata": {"jwks": {"keys": []}}},
    "request_query": {"dcql_query": {"credentials": []}},
    "request_claim": {"dcql_query": asks(whole("data", "geheim") | {"claims": [{"path": ["geheim"]}]})},
    "request_data_set": {"dcql_query": asks(summary("x", kind="https://elders.example/vct"))},
    "request_bsn": {"dcql_query": asks(summary("bsn"))},
    "registration_malformed": {"verifier_info": None},
}


@pytest.mark.parametrize("code", FORGED)
def test_a_request_that_breaks_a_rule_is_not_shown(visitor: Visitor, site: SharingWorld, code: str) -> None:
    site.receiver.changes = FORGED[code]
    refused = visitor.follow()
    assert refused.status_code == 403
    assert site.said(code) in words(refused.text)
    assert (site.receiver.sent, states(visitor)) == (["requests"], [])


def test_a_receiver_whose_registration_was_withdrawn_is_refused(visitor: Visitor, site: SharingWorld) -> None:
    site.status_lists = r.status_lists({r.INDEX: 1})
    assert site.said("registration_withdrawn") in words(visitor.follow().text)


def test_a_registration_of_which_nothing_is_known_now_is_refused(visitor: Visitor, site: SharingWorld) -> None:
    site.status_lists = {}
    assert site.said("registration_status") in words(visitor.follow().text)


def test_without_a_trust_list_nobody_is_known(visitor: Visitor, site: SharingWorld) -> None:
    site.trust_list = None
    assert "Wij kunnen nu niet nagaan wie dit vraagt" in words(visitor.follow().text)


def test_a_receiver_of_another_scheme_is_refused(visitor: Visitor, site: SharingWorld) -> None:
    site.trust_list = r.trust_list(r.service(ServiceKind.RECEIVER_ACCESS, r.REGISTRAR))
    assert "Deel niets met deze organisatie" in words(visitor.follow().text)


@pytest.mark.parametrize(
    "link",
    [
        {"client_id": None},
        {"client_id": "x509_san_dns:proef.example"},
        {"request_uri": None},
        {"request_uri": "http://proef.example/x"},
        {"request_uri": "https://iemand@proef.example/x"},
        {"request_uri_method": None},
        {"request_uri_method": "get"},
    ],
)
def test_a_link_that_is_no_link_of_a_receiver_leads_nowhere(visitor: Visitor, site: SharingWorld, link: dict[str, str | None]) -> None:
    refused = visitor.follow(**link)
    assert "Deze link is niet goed gemaakt" in words(refused.text)
    assert site.receiver.sent == []


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (Answer(410, {}, b""), "Dit verzoek is voorbij"),
        (Answer(404, {}, b""), "Dit verzoek is voorbij"),
        (Answer(503, {}, b""), "geeft nu geen antwoord"),
        (SourceProblem("silent", "x"), "geeft nu geen antwoord"),
        (SourceProblem("unreachable", "x"), "waar wij niet heen mogen"),
        (SourceProblem("too_large", "x"), "geen goede vraag"),
        (Answer(200, {"content-type": "text/html"}, b"x"), "geen goede vraag"),
        (Answer(200, {"content-type": "application/oauth-authz-req+jwt"}, b"\xff"), "geen goede vraag"),
        (Answer(200, {"content-type": "application/oauth-authz-req+jwt"}, b"a.b.c"), "niet goed gemaakt"),
    ],
)
def test_a_receiver_that_gives_no_question_is_told_of(visitor: Visitor, site: SharingWorld, instead: Any, told: str) -> None:
    site.receiver.problem["requests"] = instead
    assert told in words(visitor.follow().text)
    assert states(visitor) == []


# Between looking and answering.


def test_who_comes_too_late_is_told_to_open_the_link_again(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    site.holder.wait(minutes=7)
    late = visitor.post(path, {**form, "answer": "yes"})
    assert "druk daar opnieuw" in words(late.text)
    assert site.receiver.answers == []


def test_a_receiver_that_lost_its_right_meanwhile_gets_nothing(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    site.status_lists = r.status_lists({r.INDEX: 1})
    assert visitor.post(path, {**form, "answer": "yes"}).status_code == 403
    assert site.receiver.answers == []


def test_what_changed_since_it_was_shown_is_shown_again(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    visitor.vault.remove(kept_credentials(visitor.vault)[0].id)
    visitor.has_credential()
    again = visitor.post(path, {**form, "answer": "yes"})
    assert "Er is iets veranderd" in words(again.text)
    assert site.receiver.answers == []
    assert visitor.answer(path).status_code == 200


@pytest.mark.parametrize("today", ["", "2026-11-22", "2026-11-24", "é"])
def test_a_page_of_another_day_names_other_ends_and_is_shown_again(visitor: Visitor, site: SharingWorld, today: str) -> None:
    answer = visitor.answer(visitor.look(), today=today)
    assert (answer.status_code, "Er is iets veranderd" in words(answer.text)) == (409, True)
    assert site.receiver.answers == []


@pytest.mark.parametrize("view", ["", "0" * 64, "é"])
def test_a_form_that_was_not_shown_sends_nothing(visitor: Visitor, site: SharingWorld, view: str) -> None:
    assert visitor.answer(visitor.look(), view=view).status_code == 409
    assert site.receiver.answers == []


def test_pressing_twice_sends_once(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = {**visitor.fields(path), "answer": "yes"}
    visitor.post(path, form)
    again = visitor.post(path, form)
    assert (again.status_code, len(site.receiver.answers)) == (409, 1)
    assert "U hebt al geantwoord" in words(again.text)


def test_two_tabs_send_one_answer(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    site.receiver.meanwhile = lambda: visitor.post(path, {**form, "answer": "yes"})
    visitor.post(path, {**form, "answer": "yes"})
    assert len(site.receiver.answers) == 1
    assert states(visitor) == ["sent"]


def test_the_back_button_leads_to_what_became_of_it(visitor: Visitor) -> None:
    path = visitor.look()
    visitor.answer(path)
    assert "Gedeeld met Schuldhulp Proef" in words(visitor.person.open(path).text)


def test_a_no_after_a_yes_says_how_it_stands(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    visitor.answer(path)
    assert visitor.post(path, {**form, "answer": "no"}).status_code == 409
    assert len(site.receiver.answers) == 1


def test_when_the_last_copy_went_elsewhere_nothing_is_sent(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential(1)
    first, second = visitor.look(), visitor.look()
    visitor.answer(first)
    assert "Nog niet hier" in words(visitor.person.open(second).text)


# What became of it.


@pytest.mark.parametrize(
    ("instead", "state"),
    [
        (SourceProblem("silent", "x"), "unsure"),
        (SourceProblem("answer", "x"), "unsure"),
        (SourceProblem("unreachable", "x"), "refused"),
        (Answer(500, {}, b""), "unsure"),
        (Answer(400, {}, b'{"error":"invalid_request"}'), "refused"),
        (Answer(200, {}, b"no json"), "sent"),
    ],
)
def test_what_the_receiver_says_decides_how_it_stands(visitor: Visitor, site: SharingWorld, instead: Any, state: str) -> None:
    site.receiver.problem["responses"] = instead
    done = visitor.answer(visitor.look())
    assert states(visitor) == [state]
    assert "refresh" not in done.headers


def test_a_program_that_was_killed_while_sending_says_that_it_may_have_arrived(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    site.receiver.problem["responses"] = Killed()
    visitor.answer(path)
    assert states(visitor) == ["sending"]
    assert "Misschien ontvangen" in words(visitor.person.open(path).text)
    assert [kept.unused for kept in kept_credentials(visitor.vault)] == [1]


def test_a_program_that_was_killed_while_a_person_said_no_leaves_nothing_to_answer(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()

    def killed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM holder_items"):
            raise Killed

    event.listen(site.holder.engine, "before_cursor_execute", killed)
    assert visitor.answer(path, "no").status_code == 500
    event.remove(site.holder.engine, "before_cursor_execute", killed)
    assert site.receiver.answers == []
    assert visitor.person.open("/gedeeld").status_code == 200
    assert "Dit verzoek is hier niet meer" in words(visitor.person.open(path).text)
    (left,) = kept_requests(visitor.vault)
    assert (left.item.state, left.item.expires_at <= site.holder.moment) == ("open", True)


class Killed(Exception):
    """What no part of the program expects."""


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://proef.example/", "https://a@b.example/", "//proef.example", 7, None, "https://x.example/ y"]
)
def test_a_browser_is_led_to_safe_addresses_only(visitor: Visitor, site: SharingWorld, address: JsonValue) -> None:
    site.receiver.returns = address
    done = visitor.answer(visitor.look())
    assert ("refresh" in done.headers, states(visitor)) == (False, ["sent"])


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_to_another_site_than_got_the_answer_a_person_goes_by_choice(visitor: Visitor, site: SharingWorld, answer: str) -> None:
    site.receiver.returns = "https://kwaad.example/inloggen?response_code=abc"
    done = visitor.answer(visitor.look(), answer)
    assert "refresh" not in done.headers
    assert "stuurt u verder naar een andere website: kwaad.example" in words(done.text)


def test_a_code_behind_the_address_may_be_a_fragment(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.returns = "https://proef.example/terug#response_code=abc"
    assert visitor.answer(visitor.look()).headers["refresh"] == "0; url=https://proef.example/terug#response_code=abc"


# Others.


def test_nobody_sees_or_answers_the_request_of_another(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    other = site.visitor("Jan")
    assert other.person.open(path).status_code == 404
    own = other.fields(other.look())
    for answer in ("yes", "no"):
        assert other.post(path, {**form, "_csrf_token": own["_csrf_token"], "answer": answer}).status_code == 404
    assert site.receiver.answers == []


@pytest.mark.parametrize("key", ["x", "0" * 32, "00", "A" * 32])
def test_an_address_of_nothing_is_not_found(visitor: Visitor, key: str) -> None:
    assert visitor.person.open(f"/delen/{key}").status_code == 404


def test_so_many_requests_wait_at_once_and_the_oldest_goes(visitor: Visitor, site: SharingWorld) -> None:
    first = visitor.look()
    for _ in range(MOST_OPEN):
        site.holder.moment += timedelta(seconds=1)
        visitor.look()
    assert states(visitor) == ["open"] * MOST_OPEN
    assert visitor.person.open(first).status_code == 404


def test_an_item_that_is_no_request_is_none(visitor: Visitor) -> None:
    assert visitor.person.open(f"/delen/{visitor.has_credential().hex()}").status_code == 404


def test_so_many_links_are_followed_from_one_address(site: SharingWorld) -> None:
    services = site.holder.services()
    app = web_application([sharing_router(services, site.sharing(), links_a_minute=1)], WebSettings("x" * 32, secure=False))
    client = TestClient(app, base_url=BASE_URL)
    assert [client.get("/mijn/delen").status_code for _ in range(2)] == [403, 429]
