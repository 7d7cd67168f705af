import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.token_request import (
    AUTHORIZATION_CODE,
    PRE_AUTHORIZED_CODE,
    CodeRequest,
    PreAuthorizedRequest,
    read_token_request,
)

ISSUER = "https://bron.example/duo"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE = {"grant_type": AUTHORIZATION_CODE, "code": "geheim", "redirect_uri": "https://portemonnee.example/terug", "code_verifier": VERIFIER}
OFFERED = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": "geheim", "tx_code": "012345"}


def read(form: dict[str, str]) -> CodeRequest | PreAuthorizedRequest:
    return read_token_request(form, issuer=ISSUER)


def code_of(form: dict[str, str]) -> str:
    with pytest.raises(OAuthProblem) as caught:
        read(form)
    return caught.value.code


def outcome(form: dict[str, str]) -> str:
    try:
        read(form)
    except OAuthProblem as problem:
        return problem.code
    return "read"


def test_a_code_of_the_browser() -> None:
    assert read(CODE | {"client_id": "portemonnee", "iets_nieuws": "ja"}) == CodeRequest("geheim", CODE["redirect_uri"], VERIFIER)


def test_a_code_of_an_offer() -> None:
    assert read(OFFERED) == PreAuthorizedRequest("geheim", "012345", ())
    assert read({name: OFFERED[name] for name in OFFERED if name != "tx_code"}) == PreAuthorizedRequest("geheim", None, ())


def test_a_code_of_an_offer_for_named_configurations() -> None:
    wish = [{"type": "openid_credential", "credential_configuration_id": "duo.studieschuld.sd-jwt"}]
    assert read(OFFERED | {"authorization_details": json.dumps(wish)}) == PreAuthorizedRequest(
        "geheim", "012345", ("duo.studieschuld.sd-jwt",)
    )
    assert code_of(OFFERED | {"authorization_details": "[]"}) == "invalid_authorization_details"


def test_a_code_of_an_offer_for_configurations_of_this_issuer() -> None:
    wish = {"type": "openid_credential", "credential_configuration_id": "duo.studieschuld.sd-jwt"}
    here, elsewhere = (json.dumps([{**wish, "locations": [place]}]) for place in (ISSUER, "https://ander.example"))
    assert read(OFFERED | {"authorization_details": here}) == PreAuthorizedRequest("geheim", "012345", ("duo.studieschuld.sd-jwt",))
    assert code_of(OFFERED | {"authorization_details": elsewhere}) == "invalid_authorization_details"


def test_the_address_of_a_wallet_may_be_long() -> None:
    address = "https://portemonnee.example/" + "a" * 1900
    assert read(CODE | {"redirect_uri": address}) == CodeRequest("geheim", address, VERIFIER)


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token", "password", "Authorization_Code"])
def test_another_grant_is_not_supported(grant: str) -> None:
    assert code_of(CODE | {"grant_type": grant}) == "unsupported_grant_type"


@pytest.mark.parametrize("name", CODE)
def test_every_parameter_of_a_code_is_needed(name: str) -> None:
    assert code_of({key: value for key, value in CODE.items() if key != name}) == "invalid_request"


@pytest.mark.parametrize("name", ["grant_type", "pre-authorized_code"])
def test_the_code_of_an_offer_is_needed(name: str) -> None:
    assert code_of({key: value for key, value in OFFERED.items() if key != name}) == "invalid_request"


@pytest.mark.parametrize("verifier", [VERIFIER[:-1], "x" * 129, VERIFIER[:-1] + "=", VERIFIER[:-1] + " ", VERIFIER + "\n"])
def test_a_verifier_of_another_form_is_refused(verifier: str) -> None:
    assert code_of(CODE | {"code_verifier": verifier}) == "invalid_request"


@pytest.mark.parametrize("verifier", [VERIFIER, "x" * 128, "-._~" * 11])
def test_a_verifier_in_its_form(verifier: str) -> None:
    assert read(CODE | {"code_verifier": verifier}) == CodeRequest("geheim", CODE["redirect_uri"], verifier)


@pytest.mark.parametrize("typed", ["493536", "tekst met é", "x" * 64])
def test_what_a_person_may_type(typed: str) -> None:
    assert read(OFFERED | {"tx_code": typed}) == PreAuthorizedRequest("geheim", typed, ())


@pytest.mark.parametrize("typed", ["x" * 65, "12\n3456", "12\x003456", "\x7f"])
def test_what_nobody_can_type_is_refused(typed: str) -> None:
    assert code_of(OFFERED | {"tx_code": typed}) == "invalid_request"


@pytest.mark.parametrize(("form", "name"), [(CODE, "code"), (CODE, "redirect_uri"), (OFFERED, "pre-authorized_code")])
@pytest.mark.parametrize("value", ["é", "x" * 2001, "a\nb"])
def test_what_is_there_has_its_form(form: dict[str, str], name: str, value: str) -> None:
    assert code_of(form | {name: value}) == "invalid_request"


@given(st.dictionaries(st.sampled_from([*CODE, *OFFERED]), st.sampled_from([*CODE.values(), *OFFERED.values()]) | st.text()))
def test_any_form_is_read_or_refused_with_a_word_for_it(form: dict[str, str]) -> None:
    assert outcome(form) in {"read", "invalid_request", "unsupported_grant_type"}


@pytest.mark.parametrize("form", [CODE, OFFERED])
def test_codes_stay_out_of_sight(form: dict[str, str]) -> None:
    shown = repr(read(form))
    assert not any(secret in shown for secret in ("geheim", VERIFIER, "012345"))
