"""Whatever a source answers: only what was asked is taken, and everything else becomes one of our own words."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.holder.collecting.asking import Pending, came_back
from blauweknop.holder.collecting.connection import open_connection
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.keys import HolderKey
from tests.unit.holder.collecting.collecting_world import CollectingWorld, changed_json
from tests.unit.issuer.source_world import DEBT, GRANT
from tests.wallet import SoftwareKey

PAPER, PLAIN = f"{DEBT.id}.document", f"{DEBT.id}.sd-jwt"
_JSON = {"content-type": "application/json"}


def stands(here: CollectingWorld, name: str = PAPER) -> tuple[str, str]:
    return here.work(here.come_back(DEBT))[name]


def refusal(word: str, status: int = 400) -> Answer:
    return Answer(status, _JSON, b'{"error": "%s"}' % word.encode())


@pytest.mark.parametrize(
    "members",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "x" * 5000},
        {"token_type": "Bearer"},
        {"expires_in": 0},
        {"expires_in": "300"},
        {"expires_in": None},
        {"authorization_details": None},
        {"authorization_details": []},
        {"authorization_details": [{"type": "openid_credential", "credential_configuration_id": "uwv.alles.document"}]},
    ],
)
def test_a_token_that_is_not_what_was_asked_is_not_used(here: CollectingWorld, members: dict[str, JsonValue]) -> None:
    here.wire.instead["/token"] = changed_json(**members)
    connection = here.come_back(DEBT)
    assert here.work(connection)[PAPER] == ("failed", "answer")
    assert here.secrets(connection) == b""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusal("invalid_grant"), "over"),
        (refusal("invalid_client", 401), "refused"),
        (refusal("server_error", 500), "busy"),
        (Answer(502, {}, b"<html>"), "busy"),
        (Answer(200, _JSON, b"<html>"), "answer"),
        (Answer(418, {}, b""), "answer"),
    ],
)
def test_a_refused_code_says_why(here: CollectingWorld, answer: Answer, reason: str) -> None:
    here.wire.instead["/token"] = answer
    assert stands(here) == ("failed", reason)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(200, {"content-type": "text/html"}, b"%PDF-1.7"), "answer"),
        (Answer(200, {"content-type": "application/pdf"}, b"<html>"), "answer"),
        (Answer(200, {}, b""), "answer"),
        (refusal("credential_request_denied"), "denied"),
        (refusal("invalid_token", 401), "over"),
        (refusal("x" * 100_000), "answer"),
        (SourceProblem("too_large", "x"), "too_large"),
        (SourceProblem("unreachable", "x"), "unreachable"),
        (SourceProblem("silent", "x"), "silent"),
    ],
)
def test_what_is_no_document_is_not_kept(here: CollectingWorld, answer: Answer | SourceProblem, reason: str) -> None:
    here.wire.instead["/document"] = answer
    assert stands(here) == ("failed", reason)
    assert here.documents == []


def copies(change: Callable[[list[JsonValue]], list[JsonValue]]) -> Callable[[Answer], Answer]:
    def changed(answer: Answer) -> Answer:
        return changed_json(credentials=change(json.loads(answer.body)["credentials"]))(answer)

    return changed


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda all_: [], "answer"),
        (lambda all_: all_[:1], "answer"),
        (lambda all_: [*all_, all_[0]], "answer"),
        (lambda all_: all_[::-1], "other_key"),
        (lambda all_: [all_[0], all_[0]], "other_key"),
        (lambda all_: [{"credential": 7}, all_[1]], "answer"),
    ],
)
def test_copies_that_are_not_for_our_keys_are_not_kept(
    here: CollectingWorld, change: Callable[[list[JsonValue]], list[JsonValue]], reason: str
) -> None:
    here.wire.instead["/credential"] = copies(change)
    assert stands(here, PLAIN) == ("failed", reason)
    assert here.credentials == []


def test_a_nonce_that_a_source_asks_for_is_given_once_and_not_for_ever(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    here.wire.instead["/document"] = refusal("use_dpop_nonce", 401)
    before = here.wire.sent.count("document")
    here.work(connection)
    assert here.wire.sent.count("document") - before == 2


def test_a_token_with_another_key_is_worth_nothing(here: CollectingWorld) -> None:
    _, address, pending = here.begin()
    given = here.agree(address, DEBT)
    stolen = replace(pending, key=other_key())
    assert taken(here, given, stolen) == ("failed", "over")


def test_a_code_of_another_request_is_worth_nothing(here: CollectingWorld) -> None:
    _, address, _ = here.begin()
    given = here.agree(address, DEBT)
    _, _, mine = here.begin()
    assert taken(here, given, mine) == ("failed", "over")


def test_what_was_not_asked_is_not_pushed(here: CollectingWorld) -> None:
    with pytest.raises(SourceProblem):
        here.begin(f"{GRANT.id}.document", "uwv.onbekend.document")


def other_key() -> str:
    return HolderKey(SoftwareKey().private).as_text()


def taken(here: CollectingWorld, given: dict[str, list[str]], pending: Pending) -> tuple[str, str]:
    came = came_back(given, pending)
    assert came is not None
    return here.work(open_connection(here.source, pending, came, here.vault, here.services).id)[PAPER]
