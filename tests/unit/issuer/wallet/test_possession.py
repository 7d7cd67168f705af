"""A token is of use to the holder of its key only (RFC 9449, PROTOCOL 2.4; conformance: FAPI 2 with DPoP)."""

from typing import Any

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.callers import Call
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.standards.dpop import token_digest
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.oauth import OAuthProblem
from tests.unit.issuer.source_world import DEBT, NOON
from tests.unit.issuer.wallet.wallet_flows import PLAIN, code_form, code_of, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_SECONDS = int(NOON.timestamp())
_STRANGER = SoftwareKey()
_CLAIMS: list[dict[str, Any]] = [
    {"htm": "GET"},
    {"htm": "post"},
    {"htm": None},
    {"htu": "http://duo.example/duo/oid4vci/notification"},
    {"htu": "http://duo.example/uwv/oid4vci/{endpoint}"},
    {"htu": "http://ander.example/duo/oid4vci/{endpoint}"},
    {"htu": "https://duo.example/duo/oid4vci/{endpoint}"},
    {"htu": "http://duo.example:8080/duo/oid4vci/{endpoint}"},
    {"htu": "http://duo.example/duo/oid4vci/{endpoint}/"},
    {"htu": "/duo/oid4vci/{endpoint}"},
    {"htu": None},
    {"iat": _SECONDS - 61},
    {"iat": _SECONDS + 61},
    {"iat": None},
    {"iat": "nu"},
    {"jti": None},
    {"jti": ""},
    {"jti": "x" * 257},
    {"jti": 7},
]
_HEADERS: list[dict[str, Any]] = [
    {"typ": "JWT"},
    {"typ": None},
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "RS256"},
    {"jwk": None},
    {"jwk": {"kty": "oct", "k": "AAAA"}},
    {"jwk": {**public_jwk(_STRANGER.public)}},
    {"jwk": {**public_jwk(_STRANGER.public), "d": "AAAA"}},
    {"crit": ["exp"]},
]


@pytest.fixture
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture
def asking(wallets: WalletWorld, services: WalletServices) -> tuple[TestWallet, dict[str, str]]:
    """A wallet with a code for a token."""
    wallet = wallets.wallet(services)
    form = code_form(wallet, code_of(wallets, services, wallet))
    wallet.fetch_nonce()
    return wallet, form


@pytest.fixture
def holding(wallets: WalletWorld, services: WalletServices) -> TestWallet:
    """A wallet with a token."""
    return with_token(wallets, DEBT, services=services)


def body(wallet: TestWallet) -> dict[str, Any]:
    return {"credential_configuration_id": PLAIN, "proofs": {"jwt": [wallet.proof(SoftwareKey())]}}


def at(endpoint: str, claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value.format(endpoint=endpoint) if isinstance(value, str) else value for name, value in claims.items()}


def test_a_token_is_asked_with_a_proof(asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    answer = wallet.post_form("token", form, **wallet.attestation_headers())
    assert refusal(answer) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("claims", _CLAIMS)
def test_a_token_is_asked_with_a_proof_for_this_request(claims: dict[str, Any], asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    answer = wallet.take_token(form, dpop=wallet.dpop("token", **at("token", claims)))
    assert refusal(answer) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("header", _HEADERS)
def test_a_token_is_asked_with_a_proof_of_the_right_kind(header: dict[str, Any], asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    assert refusal(wallet.take_token(form, dpop=wallet.dpop("token", header=header))) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("nonce", [None, "", "van een ander", 7, "AAAA"])
def test_without_a_nonce_of_the_source_one_is_given(nonce: JsonValue, asking: tuple[TestWallet, dict[str, str]]) -> None:
    """The loop of RFC 9449 section 8: refused, and right the next time."""
    wallet, form = asking
    answer = wallet.take_token(form, dpop=wallet.dpop("token", nonce=nonce))

    assert refusal(answer) == (400, "use_dpop_nonce")
    assert answer.headers["DPoP-Nonce"] == wallet.dpop_nonce
    assert wallet.take_token(form).status_code == 200


@pytest.mark.parametrize("purpose", ["proof", "challenge"])
def test_a_nonce_for_something_else_does_not_count(purpose: str, asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    other = wallet.c_nonce() if purpose == "proof" else wallet.challenge()
    assert refusal(wallet.take_token(form, dpop=wallet.dpop("token", nonce=other))) == (400, "use_dpop_nonce")


def test_a_nonce_ends_after_five_minutes(wallets: WalletWorld, holding: TestWallet) -> None:
    old, wallet = holding.dpop_nonce, wallets.wallet(wallets.services())
    wallets.world.later(minutes=5, seconds=1)
    code = code_form(wallet, code_of(wallets, wallets.services(), wallet))
    assert refusal(wallet.take_token(code, dpop=wallet.dpop("token", nonce=old))) == (400, "use_dpop_nonce")


def test_a_proof_counts_once(asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    proof = wallet.dpop("token")

    assert refusal(wallet.take_token({**form, "code": "A" * 43}, dpop=proof)) == (400, "invalid_grant")
    assert refusal(wallet.take_token(form, dpop=proof)) == (400, "invalid_dpop_proof")


def test_two_proofs_that_a_proxy_made_one_header_of_are_none(asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    both = f"{wallet.dpop('token')}, {wallet.dpop('token')}"
    assert refusal(wallet.take_token(form, dpop=both)) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("name", ["DPoP", "Authorization", "Content-Type"])
def test_a_header_that_comes_twice_is_refused(name: str) -> None:
    call = Call("POST", "http://duo.example/duo/oid4vci/token", b"", {name.lower(): ("een", "twee")})
    with pytest.raises(OAuthProblem) as caught:
        call.header(name)
    assert caught.value.code == "invalid_request"


def test_a_proof_is_of_its_time_to_the_second(asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    assert wallet.take_token(form, dpop=wallet.dpop("token", iat=_SECONDS - 60)).status_code == 200


def test_other_claims_of_time_and_a_query_are_not_looked_at(asking: tuple[TestWallet, dict[str, str]]) -> None:
    """Conformance: check-dpop-proof-nbf-exp; RFC 9449 section 4.3 step 9."""
    wallet, form = asking
    proof = wallet.dpop("token", nbf=_SECONDS, exp=_SECONDS + 300, htu=f"{wallet.address}/token?x=1#y")
    assert wallet.take_token(form, dpop=proof).status_code == 200


@pytest.mark.parametrize("htu", ["HTTP://DUO.Example/duo/oid4vci/token", "http://duo.example:80/duo/oid4vci/token"])
def test_an_address_that_is_the_same_by_the_rules_of_addresses_is_the_same(htu: str, asking: tuple[TestWallet, dict[str, str]]) -> None:
    """RFC 9449 section 4.3, after RFC 3986 section 6.2.2."""
    wallet, form = asking
    assert wallet.take_token(form, dpop=wallet.dpop("token", htu=htu)).status_code == 200


def test_what_else_is_in_a_proof_is_not_looked_at(asking: tuple[TestWallet, dict[str, str]]) -> None:
    wallet, form = asking
    proof = wallet.dpop("token", header={"x-other": [1]}, other={"deep": True})
    assert wallet.take_token(form, dpop=proof).status_code == 200


@pytest.mark.parametrize("endpoint", ["credential", "deferred-credential", "notification"])
def test_each_endpoint_of_the_source_asks_for_a_token(endpoint: str, holding: TestWallet) -> None:
    answer = holding.ask({}, endpoint, without=("Authorization",))

    assert refusal(answer) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")


@pytest.mark.parametrize("endpoint", ["credential", "deferred-credential", "notification"])
def test_each_endpoint_of_the_source_asks_for_a_proof(endpoint: str, holding: TestWallet) -> None:
    answer = holding.ask({}, endpoint, without=("DPoP",))

    assert refusal(answer) == (401, "invalid_dpop_proof")
    assert 'error="invalid_dpop_proof"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("claims", [*_CLAIMS, {"ath": None}, {"ath": token_digest("een ander")}, {"ath": 7}])
def test_a_token_is_shown_with_a_proof_for_this_request(claims: dict[str, Any], holding: TestWallet) -> None:
    proof = holding.dpop("credential", token=holding.token, **at("credential", claims))
    assert refusal(holding.ask(body(holding), dpop=proof)) == (401, "invalid_dpop_proof")


@pytest.mark.parametrize("header", _HEADERS)
def test_a_token_is_shown_with_a_proof_of_the_right_kind(header: dict[str, Any], holding: TestWallet) -> None:
    proof = holding.dpop("credential", token=holding.token, header=header)
    assert refusal(holding.ask(body(holding), dpop=proof)) == (401, "invalid_dpop_proof")


@pytest.mark.parametrize("nonce", [None, "van een ander"])
def test_at_the_source_a_missing_nonce_is_told_in_two_headers(nonce: JsonValue, holding: TestWallet) -> None:
    answer = holding.ask(body(holding), dpop=holding.dpop("credential", token=holding.token, nonce=nonce))

    assert refusal(answer) == (401, "use_dpop_nonce")
    assert 'DPoP error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]
    assert holding.ask(body(holding)).status_code == 200


def test_a_token_is_of_no_use_with_another_key(holding: TestWallet) -> None:
    proof = holding.dpop("credential", token=holding.token, key=_STRANGER)
    assert refusal(holding.ask(body(holding), dpop=proof)) == (401, "invalid_dpop_proof")


def test_a_proof_for_one_token_is_of_no_use_with_another(wallets: WalletWorld, services: WalletServices, holding: TestWallet) -> None:
    other = with_token(wallets, DEBT, services=services)
    proof = holding.dpop("credential", token=holding.token)
    assert refusal(holding.ask(body(holding), token=other.token, dpop=proof)) == (401, "invalid_dpop_proof")


def test_a_proof_that_was_shown_counts_no_second_time(holding: TestWallet) -> None:
    proof = holding.dpop("credential", token=holding.token)

    assert holding.ask(body(holding), dpop=proof).status_code == 200
    assert refusal(holding.ask(body(holding), dpop=proof)) == (401, "invalid_dpop_proof")


def test_a_proof_of_one_endpoint_is_not_one_of_another(holding: TestWallet) -> None:
    proof = holding.dpop("credential", token=holding.token)
    answer = holding.ask({"notification_id": "x", "event": "credential_accepted"}, "notification", dpop=proof)
    assert refusal(answer) == (401, "invalid_dpop_proof")


@pytest.mark.parametrize("scheme", ["Bearer", "Basic", "DPoPx", ""])
def test_a_token_with_another_scheme_is_none(scheme: str, holding: TestWallet) -> None:
    assert refusal(holding.ask(body(holding), authorization=f"{scheme} {holding.token}".strip())) == (401, "invalid_token")


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "dPOp"])
def test_the_scheme_may_be_written_in_any_letters(scheme: str, holding: TestWallet) -> None:
    """Conformance: access-token-type-header-case-sensitivity."""
    assert holding.ask(body(holding), authorization=f"{scheme} {holding.token}").status_code == 200


def test_a_token_in_the_address_is_refused_even_beside_the_right_one(holding: TestWallet) -> None:
    """Conformance: issuer-fail-on-access-token-in-query."""
    query = f"?access_token={holding.token}"
    assert refusal(holding.ask(body(holding), query=query)) == (400, "invalid_request")
    assert refusal(holding.ask(body(holding), query=query, without=("Authorization",))) == (400, "invalid_request")


def test_a_token_in_the_body_is_none(holding: TestWallet) -> None:
    answer = holding.ask({**body(holding), "access_token": holding.token}, without=("Authorization",))
    assert refusal(answer) == (401, "invalid_token")


@pytest.mark.parametrize("token", ["A" * 43, "x", "a b", "A" * 5000, "../../", "%00"])
def test_a_token_that_was_never_given_is_none(token: str, holding: TestWallet) -> None:
    assert refusal(holding.ask(body(holding), token=token)) == (401, "invalid_token")


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 401), (301, 401)])
def test_a_token_ends_after_five_minutes(seconds: int, status: int, wallets: WalletWorld, holding: TestWallet) -> None:
    wallets.world.later(seconds=seconds)
    holding.fetch_nonce()
    assert holding.ask(body(holding)).status_code == status


def test_another_reference_of_this_source_is_no_token(holding: TestWallet) -> None:
    notification = holding.ask(body(holding)).json()["notification_id"]
    assert refusal(holding.ask(body(holding), token=notification)) == (401, "invalid_token")
