from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.verifier.api.access_tokens import AccessTokens
from blauweknop.verifier.api.clients import ApiClient, Credential, key_holder, secret_holder
from blauweknop.verifier.api.memory import MemoryUsedOnce
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.api.api_world import (
    ADDRESS,
    KEY,
    OLD_KEY,
    OTHER_KEY,
    SECRET,
    SMALL_KEY,
    World,
    assertion,
    assertion_form,
    basic,
    clients,
    headers,
    problem_of,
    world,
)

BODY = b"%PDF-1.7"


@pytest.fixture
def api() -> Iterator[World]:
    with world() as opened:
        yield opened


def ask(api: World, given: dict[str, str], query: str = "") -> Any:
    return api.client.post(f"/v1/verifications{query}", content=BODY, headers={"Content-Type": "application/pdf", **given})


def token(api: World, **more: str) -> Any:
    return api.client.post("/v1/access-tokens", data=assertion_form(assertion(api.clock.now), **more))


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


WRONG_PROOFS: dict[str, dict[str, str]] = {
    "nothing": {},
    "an unknown key": {"X-API-Key": "bk_three"},
    "an empty key": {"X-API-Key": ""},
    "the beginning of a key": {"X-API-Key": KEY[:-1]},
    "a key and more": {"X-API-Key": KEY + "x"},
    "a key that ended": {"X-API-Key": OLD_KEY},
    "a very long key": {"X-API-Key": "k" * 10_000},
    "a client secret as key": {"X-API-Key": "a secret"},
    "a key as token": {"Authorization": f"Bearer {KEY}"},
    "a token of nobody": {"Authorization": "Bearer AAAA"},
    "another scheme": {"Authorization": "Basic b25lOmE="},
    "a very long token": {"Authorization": "Bearer " + "A" * 10_000},
}


@pytest.mark.parametrize("proof", WRONG_PROOFS.values(), ids=WRONG_PROOFS.keys())
def test_who_does_not_prove_itself_gets_401(api: World, proof: dict[str, str]) -> None:
    answer = ask(api, proof)
    assert problem_of(answer)["status"] == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_each_address_of_verifications_asks_who_it_is(api: World, method: str) -> None:
    assert api.client.request(method, "/v1/verifications/x").status_code == 401


def test_a_wrong_proof_is_refused_before_the_file_is_looked_at(api: World) -> None:
    assert ask(api, {"X-API-Key": "no", "Content-Type": "text/html"}, "?language=fr").status_code == 401


def test_two_proofs_at_once_are_refused(api: World) -> None:
    assert problem_of(ask(api, {"X-API-Key": KEY, **bearer("x")}))["status"] == 400


@pytest.mark.parametrize(("query", "scope"), [("?withData=true", "verify:data"), ("?watch=true", "verify:watch")])
def test_a_key_does_no_more_than_it_is_for(api: World, query: str, scope: str) -> None:
    answer = ask(api, {"X-API-Key": SMALL_KEY}, query)
    assert problem_of(answer)["status"] == 403
    assert f'scope="{scope}"' in answer.headers["www-authenticate"]
    assert ask(api, {"X-API-Key": SMALL_KEY}).status_code == 201


def test_a_key_that_is_not_for_asking_cannot_look(api: World) -> None:
    one = clients()["one"]
    narrow = replace(one, credentials=(replace(one.credentials[0], scopes=frozenset({"verify:data"})),))
    with world(known={"one": narrow}) as narrowed:
        assert ask(narrowed, {"X-API-Key": KEY}).status_code == 403


def test_a_token_lets_its_client_in(api: World) -> None:
    given = token(api).json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == (
        "Bearer",
        600,
        "request request:data verify verify:data verify:watch",
    )
    assert ask(api, bearer(given["access_token"])).status_code == 201


def test_a_token_and_a_key_of_one_client_see_the_same(api: World) -> None:
    place = ask(api, {"X-API-Key": KEY}).headers["location"]
    assert api.client.get(place, headers=bearer(token(api).json()["access_token"])).status_code == 200
    assert api.client.get(place, headers={"X-API-Key": OTHER_KEY}).status_code == 404


def test_a_token_ends(api: World) -> None:
    text = token(api).json()["access_token"]
    api.clock.pass_by(seconds=599)
    assert ask(api, bearer(text)).status_code == 201
    api.clock.pass_by(seconds=1)
    assert ask(api, bearer(text)).status_code == 401


def test_a_token_does_no_more_than_was_asked_for_it(api: World) -> None:
    text = token(api, scope="verify").json()["access_token"]
    assert ask(api, bearer(text), "?withData=true").status_code == 403
    assert ask(api, bearer(text)).status_code == 201


@given(position=st.integers(0, 10_000), bit=st.integers(0, 5))
def test_no_token_that_was_changed_is_taken(position: int, bit: int) -> None:
    tokens, known, now = _tokens()
    text = tokens.give(known["one"], known["one"].credentials[0], frozenset({"verify"}), now)
    assert tokens.caller_of(text, known, now) is not None
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = position % len(text)
    other = letters[letters.index(text[place]) ^ (1 << bit)]
    assert tokens.caller_of(text[:place] + other + text[place + 1 :], known, now) is None


@given(st.text(max_size=300))
def test_no_text_of_others_is_a_token(text: str) -> None:
    tokens, known, now = _tokens()
    assert tokens.caller_of(text, known, now) is None


def _tokens() -> tuple[AccessTokens, dict[str, ApiClient], datetime]:
    return AccessTokens(RowKey.from_secret(b"k" * 32)), clients(), x.NOW


def test_a_token_of_another_key_is_not_ours() -> None:
    with world() as first, world() as second:
        text = token(first).json()["access_token"]
        assert ask(second, bearer(text)).status_code == 401


@pytest.mark.parametrize("gone", ["client", "credential", "ended"])
def test_a_token_ends_with_the_credential_it_was_given_for(gone: str) -> None:
    tokens, known, now = _tokens()
    one = known["one"]
    text = tokens.give(one, one.credentials[0], frozenset({"verify"}), now)
    rest = one.credentials[1:]
    after = {
        "client": {"two": known["two"]},
        "credential": {"one": replace(one, credentials=rest)},
        "ended": {"one": replace(one, credentials=(replace(one.credentials[0], ends_at=now), *rest))},
    }[gone]
    assert tokens.caller_of(text, after, now) is None


class OnlyInConstantTime(bytes):
    """A digest that refuses every comparison but that of the standard library which takes the same time for all."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared in a way that tells how near it was")

    __hash__ = None  # type: ignore[assignment] # nor may it be looked up


class Counted(tuple[Credential, ...]):
    """Credentials that count how many of them were looked at."""

    looked = 0

    def __iter__(self) -> Iterator[Credential]:
        for credential in super().__iter__():
            Counted.looked += 1
            yield credential


def guarded_clients() -> dict[str, ApiClient]:
    return {
        name: replace(client, credentials=Counted(replace(each, digest=OnlyInConstantTime(each.digest)) for each in client.credentials))
        for name, client in clients().items()
    }


@pytest.mark.parametrize("key", [KEY, OTHER_KEY, SMALL_KEY, OLD_KEY, "bk_three", ""])
def test_every_key_is_compared_in_constant_time_and_to_the_end(key: str) -> None:
    known = guarded_clients()
    Counted.looked = 0
    found = key_holder(key, known, x.NOW)
    assert Counted.looked == sum(len(client.credentials) for client in clients().values())
    assert (found is not None) == (key in (KEY, OTHER_KEY, SMALL_KEY))


@pytest.mark.parametrize(("secret", "right"), [(SECRET, True), (SECRET[:-1], False), ("", False)])
def test_a_secret_is_compared_in_constant_time(secret: str, right: bool) -> None:
    assert (secret_holder("one", secret, guarded_clients(), x.NOW) is not None) == right


def test_a_secret_is_of_its_own_client_only() -> None:
    assert secret_holder("one", SECRET, clients(), x.NOW) is not None
    assert secret_holder("two", SECRET, clients(), x.NOW) is None
    assert secret_holder("three", SECRET, clients(), x.NOW) is None


def test_no_secret_is_shown_by_what_holds_it() -> None:
    shown = repr(clients(webhook="https://x.example/in"))
    assert "wwww" not in shown
    assert clients()["one"].credentials[0].digest.hex()[:8] not in shown


# Tokens: RFC 6749 and RFC 7523.


def refusal(api: World, answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    assert {"title", "status", "detail"} <= answer.json().keys()
    return answer.status_code, answer.json()["error"]


def test_a_secret_gives_a_token_of_its_own_rights(api: World) -> None:
    answer = api.client.post("/v1/access-tokens", data={"grant_type": "client_credentials"}, headers=basic("one", quote_plus(SECRET)))
    assert answer.json()["scope"] == "verify verify:data"
    assert answer.headers["cache-control"] == "no-store"


FORMS: dict[str, tuple[dict[str, str], tuple[int, str]]] = {
    "no grant": ({}, (400, "invalid_request")),
    "another grant": ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    "no proof": ({"grant_type": "client_credentials"}, (401, "invalid_client")),
    "a secret in the form": ({"grant_type": "client_credentials", "client_id": "one", "client_secret": SECRET}, (400, "invalid_request")),
    "an assertion without type": ({"grant_type": "client_credentials", "client_assertion": "a.b.c"}, (400, "invalid_request")),
    "a type without assertion": (
        {"grant_type": "client_credentials", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        (400, "invalid_request"),
    ),
    "an assertion that is none": (assertion_form("a.b.c"), (401, "invalid_client")),
}


@pytest.mark.parametrize(("form", "expected"), FORMS.values(), ids=FORMS.keys())
def test_a_request_for_a_token_that_is_not_right_is_refused(api: World, form: dict[str, str], expected: tuple[int, str]) -> None:
    assert refusal(api, api.client.post("/v1/access-tokens", data=form)) == expected


@pytest.mark.parametrize("scope", ["admin", "verify admin", "verify  verify:data", '"'])
def test_a_scope_that_the_client_does_not_have_is_refused(api: World, scope: str) -> None:
    assert refusal(api, token(api, scope=scope)) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (b"grant_type=client_credentials", "application/json"),
        (b"grant_type", "application/x-www-form-urlencoded"),
        (b"grant_type=client_credentials&a=%ff", "application/x-www-form-urlencoded"),
        (b"\xff=1", "application/x-www-form-urlencoded"),
        (b"grant_type=client_credentials&x=" + b"a" * 20_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(30)), "application/x-www-form-urlencoded"),
    ],
    ids=["twice", "another type", "no value", "no text", "no ascii", "too large", "too many"],
)
def test_a_form_that_is_none_is_refused(api: World, content: bytes, kind: str) -> None:
    answer = api.client.post("/v1/access-tokens", content=content, headers={"Content-Type": kind, **basic("one", SECRET)})
    assert refusal(api, answer) == (400, "invalid_request")


def test_a_proof_in_the_address_is_refused(api: World) -> None:
    answer = api.client.post("/v1/access-tokens?client_id=one&client_secret=x", data={"grant_type": "client_credentials"})
    assert refusal(api, answer) == (400, "invalid_request")


def test_two_ways_to_prove_oneself_are_refused(api: World) -> None:
    answer = api.client.post("/v1/access-tokens", data=assertion_form(assertion(api.clock.now)), headers=basic("one", SECRET))
    assert refusal(api, answer) == (400, "invalid_request")


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic !!!",
        "Basic b25l",
        "Basic " + "/w==",
        "Bearer abc",
        basic("one", "wrong")["Authorization"],
        basic("two", SECRET)["Authorization"],
    ],
)
def test_a_wrong_secret_is_refused(api: World, authorization: str) -> None:
    form = {"grant_type": "client_credentials"}
    answer = api.client.post("/v1/access-tokens", data=form, headers={"Authorization": authorization})
    assert refusal(api, answer) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


Change = Callable[[datetime], dict[str, Any]]
ASSERTIONS: dict[str, Change] = {
    "another issuer": lambda _: {"iss": "two"},
    "another subject": lambda _: {"sub": "two"},
    "an unknown client": lambda _: {"iss": "three", "sub": "three"},
    "no issuer": lambda _: {"iss": None},
    "another audience": lambda _: {"aud": "https://elders.example"},
    "two audiences": lambda _: {"aud": [ADDRESS, "https://elders.example"]},
    "no audience": lambda _: {"aud": None},
    "no end": lambda _: {"exp": None},
    "an end that is over": lambda now: {"exp": int(now.timestamp()) - 60},
    "an end too far away": lambda now: {"exp": int(now.timestamp()) + 361},
    "an end of text": lambda now: {"exp": str(int(now.timestamp()) + 60)},
    "an end beyond time": lambda _: {"exp": 1 << 40},
    "an end that is true": lambda _: {"exp": True},
    "made in the future": lambda now: {"iat": int(now.timestamp()) + 61},
    "not yet": lambda now: {"nbf": int(now.timestamp()) + 61},
    "no name": lambda _: {"jti": None},
    "an empty name": lambda _: {"jti": ""},
    "a name of a kilometre": lambda _: {"jti": "j" * 257},
    "a name that is a number": lambda _: {"jti": 7},
}


@pytest.mark.parametrize("change", ASSERTIONS.values(), ids=ASSERTIONS.keys())
def test_an_assertion_that_is_not_right_is_refused(api: World, change: Change) -> None:
    form = assertion_form(assertion(api.clock.now, **change(api.clock.now)))
    assert refusal(api, api.client.post("/v1/access-tokens", data=form)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "change",
    [
        lambda _: {"aud": f"{ADDRESS}/access-tokens"},
        lambda _: {"aud": [ADDRESS]},
        lambda now: {"exp": int(now.timestamp()) + 360},
        lambda now: {"exp": int(now.timestamp()) - 59},
        lambda now: {"iat": int(now.timestamp()) + 60, "nbf": int(now.timestamp()) + 60},
        lambda _: {"iat": None},
        lambda _: {"jti": "j" * 256},
    ],
)
def test_an_assertion_at_the_edge_of_right_is_taken(api: World, change: Change) -> None:
    form = assertion_form(assertion(api.clock.now, **change(api.clock.now)))
    assert api.client.post("/v1/access-tokens", data=form).status_code == 200


def test_an_assertion_is_used_once(api: World) -> None:
    form = assertion_form(assertion(api.clock.now))
    assert api.client.post("/v1/access-tokens", data=form).status_code == 200
    assert refusal(api, api.client.post("/v1/access-tokens", data=form)) == (401, "invalid_client")


def test_an_assertion_with_another_signature_is_refused(api: World) -> None:
    head, body, _ = assertion(api.clock.now).split(".")
    other = assertion(api.clock.now).rpartition(".")[2]
    answer = api.client.post("/v1/access-tokens", data=assertion_form(f"{head}.{body}.{other}"))
    assert refusal(api, answer) == (401, "invalid_client")


def test_a_client_id_beside_the_proof_must_be_the_same(api: World) -> None:
    assert refusal(api, token(api, client_id="two")) == (401, "invalid_client")
    assert token(api, client_id="one").status_code == 200


def test_who_takes_problems_gets_the_same_error_as_a_problem(api: World) -> None:
    answer = api.client.post("/v1/access-tokens", headers={"Accept": "application/problem+json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"] == "invalid_request"


def test_a_refusal_of_a_token_is_no_problem_document_for_who_does_not_want_that(api: World) -> None:
    answer = api.client.post("/v1/access-tokens", headers={"Accept": "application/json, application/problem+json;q=0"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"] == "invalid_request"


def test_where_tokens_are_given_is_told(api: World) -> None:
    told = api.client.get("/.well-known/oauth-authorization-server/v1")
    assert told.json()["issuer"] == ADDRESS
    assert told.json()["token_endpoint"] == f"{ADDRESS}/access-tokens"
    assert told.headers["access-control-allow-origin"] == "*"


# How often.


def test_every_answer_says_how_many_turns_are_left() -> None:
    with world(requests_per_hour=3) as api:
        told = [ask(api, {"X-API-Key": KEY}) for _ in range(4)]
    assert [answer.status_code for answer in told] == [201, 201, 201, 429]
    assert told[0].headers["ratelimit-policy"] == '"verifications";q=3;w=3600'
    assert [answer.headers["ratelimit"].split(";")[1] for answer in told] == ["r=2", "r=1", "r=0", "r=0"]
    assert 0 < int(told[3].headers["retry-after"]) <= 3600
    assert problem_of(told[3])["status"] == 429


def test_another_client_has_its_own_turns() -> None:
    with world(requests_per_hour=1) as api:
        assert [ask(api, {"X-API-Key": key}).status_code for key in (KEY, KEY, OTHER_KEY)] == [201, 429, 201]


def test_another_key_of_the_same_client_has_no_turns_of_its_own() -> None:
    with world(requests_per_hour=1) as api:
        assert [ask(api, {"X-API-Key": key}).status_code for key in (KEY, SMALL_KEY)] == [201, 429]


def test_looking_has_turns_of_its_own() -> None:
    with world(requests_per_hour=1) as api:
        found = [api.client.get("/v1/verifications/x", headers=headers()).status_code for _ in range(11)]
        assert found == [404] * 10 + [429]
        assert ask(api, {"X-API-Key": KEY}).status_code == 201


def test_a_stranger_who_tries_too_often_has_to_wait(api: World) -> None:
    found = [ask(api, {"X-API-Key": f"bk_{number}"}).status_code for number in range(31)]
    assert found == [401] * 30 + [429]


def test_a_stranger_who_tries_too_often_locks_nobody_out(api: World) -> None:
    for number in range(31):
        ask(api, {"X-API-Key": f"bk_{number}"})
    assert ask(api, {"X-API-Key": KEY}).status_code == 201


def test_wrong_proofs_for_tokens_count_too(api: World) -> None:
    form = {"grant_type": "client_credentials"}
    found = [api.client.post("/v1/access-tokens", data=form, headers=basic("one", "x")).status_code for _ in range(31)]
    assert found == [401] * 30 + [429]


def test_a_client_gets_thirty_tokens_a_minute(api: World) -> None:
    found = [token(api).status_code for _ in range(31)]
    assert found == [200] * 30 + [429]


def test_a_full_memory_of_used_assertions_refuses_new_ones() -> None:
    used, later = MemoryUsedOnce(most=2), x.NOW + timedelta(minutes=1)
    assert [used.first_use(name, until=later, now=x.NOW) for name in ("a", "b", "c", "a")] == [True, True, False, False]
    assert used.first_use("c", until=later + timedelta(minutes=5), now=later)
