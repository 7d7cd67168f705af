import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.authorization_request import (
    AuthorizationRequest,
    read_authorization_details,
    read_authorization_request,
)

ISSUER = "https://bron.example/duo"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
DEBTS, INCOME = "duo.studieschuld.sd-jwt", "uwv.inkomen.mdoc"
WISH: dict[str, object] = {"type": "openid_credential", "credential_configuration_id": DEBTS}
FORM = {
    "response_type": "code",
    "client_id": "portemonnee",
    "redirect_uri": "https://portemonnee.example/terug",
    "scope": DEBTS,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def read(form: dict[str, str]) -> AuthorizationRequest:
    return read_authorization_request(form, issuer=ISSUER)


def code_of(form: dict[str, str]) -> str:
    with pytest.raises(OAuthProblem) as caught:
        read(form)
    return caught.value.code


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in FORM.items() if key != name}


def details(*wishes: object) -> dict[str, str]:
    return without("scope") | {"authorization_details": json.dumps(wishes)}


def test_a_request_of_a_wallet() -> None:
    more = {"state": "toestand", "issuer_state": "aanbod", "dpop_jkt": CHALLENGE, "iets_nieuws": "ja"}
    assert read(FORM | more) == AuthorizationRequest(
        "portemonnee", "https://portemonnee.example/terug", (DEBTS,), (), CHALLENGE, "toestand", "aanbod", CHALLENGE
    )


def test_what_may_be_left_out() -> None:
    asked = read(FORM)
    assert (asked.state, asked.issuer_state, asked.dpop_thumbprint) == (None, None, None)


def test_a_state_may_be_long() -> None:
    assert read(FORM | {"state": "x" * 2048}).state == "x" * 2048


@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_a_request_in_or_behind_the_request_is_refused(name: str) -> None:
    assert code_of(FORM | {name: "urn:ietf:params:oauth:request_uri:x"}) == "invalid_request"


@pytest.mark.parametrize("value", ["token", "code token", "code id_token", "CODE", " code"])
def test_only_a_code_is_given(value: str) -> None:
    assert code_of(FORM | {"response_type": value}) == "unsupported_response_type"


def test_the_answer_comes_in_the_query() -> None:
    assert read(FORM | {"response_mode": "query"}).client_id == "portemonnee"
    assert code_of(FORM | {"response_mode": "fragment"}) == "invalid_request"


@pytest.mark.parametrize("name", ["response_type", "client_id", "redirect_uri", "code_challenge", "code_challenge_method"])
def test_what_is_needed_is_there(name: str) -> None:
    assert code_of(without(name)) == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "s256", "S512"])
def test_only_s256_counts_as_pkce(method: str) -> None:
    assert code_of(FORM | {"code_challenge_method": method}) == "invalid_request"


@pytest.mark.parametrize("challenge", [CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE[:-1] + "=", CHALLENGE[:-1] + "+", CHALLENGE + "\n"])
def test_a_challenge_that_is_no_digest_is_refused(challenge: str) -> None:
    assert code_of(FORM | {"code_challenge": challenge}) == "invalid_request"


@pytest.mark.parametrize("address", ["http://portemonnee.example/terug", "https://portemonnee.example/terug#x", "javascript:alert(1)"])
def test_an_address_that_no_wallet_may_have_is_refused(address: str) -> None:
    assert code_of(FORM | {"redirect_uri": address}) == "invalid_request"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", "é"),
        ("client_id", "x" * 513),
        ("state", "x\n"),
        ("state", "x" * 2049),
        ("issuer_state", "é"),
        ("issuer_state", "x" * 513),
        ("dpop_jkt", CHALLENGE[:-1]),
    ],
)
def test_what_is_there_has_its_form(name: str, value: str) -> None:
    assert code_of(FORM | {name: value}) == "invalid_request"


def test_scopes_stand_with_one_space_between_them_and_count_once() -> None:
    assert read(FORM | {"scope": f"{DEBTS} {INCOME} {DEBTS}"}).scopes == (DEBTS, INCOME)


@pytest.mark.parametrize("scope", [f"{DEBTS}  {INCOME}", f" {DEBTS}", f"{DEBTS} ", 'a"b', "a\\b", "é", "a\tb"])
def test_a_scope_of_another_form_is_refused(scope: str) -> None:
    assert code_of(FORM | {"scope": scope}) == "invalid_scope"


def test_who_asks_for_nothing_gets_nothing() -> None:
    assert code_of(without("scope")) == "invalid_scope"


def test_details_name_configurations() -> None:
    asked = read(details(WISH, {**WISH, "credential_configuration_id": INCOME, "claims": [{"path": ["x"]}]}, WISH))
    assert (asked.scopes, asked.configuration_ids) == ((), (DEBTS, INCOME))


def test_details_and_scopes_together_ask_for_all_of_it_once() -> None:
    asked = read(FORM | details(WISH) | {"scope": f"{INCOME} {DEBTS}"})
    assert asked.configuration_ids_or_scopes == (DEBTS, INCOME)


def test_details_for_this_issuer_among_others() -> None:
    assert read(details({**WISH, "locations": ["https://ander.example", ISSUER]})).configuration_ids == (DEBTS,)


@pytest.mark.parametrize(
    "wish",
    [
        "openid_credential",
        {},
        {"type": "openid_credential"},
        {"credential_configuration_id": DEBTS},
        {**WISH, "type": "account_information"},
        {**WISH, "type": ["openid_credential"]},
        {**WISH, "credential_configuration_id": 5},
        {**WISH, "credential_configuration_id": ""},
        {**WISH, "credential_configuration_id": "a b"},
        {**WISH, "credential_configuration_id": "x" * 257},
        {**WISH, "locations": []},
        {**WISH, "locations": ISSUER},
        {**WISH, "locations": None},
        {**WISH, "locations": ["https://ander.example"]},
        {**WISH, "locations": [f"{ISSUER}/"]},
    ],
)
def test_details_of_another_form_type_or_place_are_refused(wish: object) -> None:
    assert code_of(details(wish)) == "invalid_authorization_details"
    assert code_of(details(WISH, wish)) == "invalid_authorization_details"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "[1", '[{"type":"openid_credential","type":"x"}]', "\ud800", "[" * 100])
def test_details_that_are_no_list_of_wishes_are_refused(text: str) -> None:
    with pytest.raises(OAuthProblem) as caught:
        read_authorization_details(text, ISSUER)
    assert caught.value.code == "invalid_authorization_details"


def test_so_many_wishes_and_no_more() -> None:
    wishes = [{**WISH, "credential_configuration_id": f"c{number}"} for number in range(51)]
    assert len(read(details(*wishes[:50])).configuration_ids) == 50
    assert code_of(details(*wishes)) == "invalid_authorization_details"


@given(st.text())
def test_any_text_as_details_is_refused_with_one_word(text: str) -> None:
    with pytest.raises(OAuthProblem) as caught:
        read_authorization_details(text, ISSUER)
    assert caught.value.code == "invalid_authorization_details"


@given(st.text(max_size=60), st.text(max_size=60))
def test_only_challenges_and_scopes_in_their_form_get_through(challenge: str, scope: str) -> None:
    with suppress(OAuthProblem):
        asked = read(FORM | {"code_challenge": challenge, "scope": scope})
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.code_challenge)
        assert all(re.fullmatch(r"[!-~]+", one) for one in asked.scopes)


def test_state_and_offer_stay_out_of_sight() -> None:
    shown = repr(read(FORM | {"state": "geheim", "issuer_state": "verborgen"}))
    assert "geheim" not in shown
    assert "verborgen" not in shown
