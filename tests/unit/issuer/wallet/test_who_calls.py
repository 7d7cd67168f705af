"""A wallet proves of which maker it is, a server that it has its key (PROTOCOL 2.5; conformance: issuer-fail-client-attestation-*)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID, add_wallets
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.x509 import certificates_from_pem
from tests.unit.issuer.source_world import NOON
from tests.unit.issuer.wallet.wallet_flows import PLAIN, VERIFIER, code_form, code_of, refusal, server, with_code_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_SECONDS = int(NOON.timestamp())
_STRANGER = SoftwareKey()


@pytest.fixture
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture
def wallet(wallets: WalletWorld, services: WalletServices) -> TestWallet:
    return wallets.wallet(services)


def pushed(wallet: TestWallet, *, attestation: str | None = None, pop: str | None = None, **changes: str | None) -> Response:
    return wallet.push(PLAIN, verifier=VERIFIER, headers=wallet.attestation_headers(attestation=attestation, pop=pop), **changes)


@pytest.mark.parametrize("name", ["OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP"])
def test_half_of_an_attestation_is_none(name: str, wallet: TestWallet) -> None:
    headers = {name: wallet.attestation_headers()[name]}
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, headers=headers)) == (400, "invalid_client_attestation")


def test_an_attestation_of_another_maker_is_refused(
    wallets: WalletWorld, wallet: TestWallet, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = add_wallets(tmp_path_factory.mktemp("makers"), now=NOON - timedelta(days=1)).provider()
    assert refusal(pushed(wallet, attestation=wallet.attestation(provider=other))) == (400, "invalid_client_attestation")


def test_a_maker_may_not_vouch_for_the_wallet_of_another(
    wallets: WalletWorld, services: WalletServices, tmp_path_factory: pytest.TempPathFactory
) -> None:
    maker = add_wallets(tmp_path_factory.mktemp("makers"), now=NOON - timedelta(days=1))
    trust = IssuerTrust(tuple(certificates_from_pem(maker.anchor.read_bytes())), entitled=lambda _certificate, _kind: True)
    other = replace(services.wallets[WALLET_CLIENT_ID], client_id="https://ander.example", providers=trust)
    both = replace(services, wallets={**services.wallets, other.client_id: other})
    wallet = wallets.wallet(both, provider=maker.provider())

    assert refusal(pushed(wallet)) == (400, "invalid_client_attestation")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": _SECONDS - 61},
        {"exp": None},
        {"exp": "morgen"},
        {"iat": _SECONDS + 61},
        {"nbf": _SECONDS + 61},
        {"sub": None},
        {"sub": "https://onbekend.example"},
        {"sub": ["https://wallet.blauweknop.example"]},
        {"cnf": None},
        {"cnf": {"jwk": {"kty": "oct", "k": "AAAA"}}},
        {"cnf": {"jwk": {**public_jwk(_STRANGER.public), "d": "AAAA"}}},
        {"cnf": {"kid": "1"}},
    ],
)
def test_an_attestation_that_does_not_say_what_it_must_is_refused(claims: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(pushed(wallet, attestation=wallet.attestation(**claims))) == (400, "invalid_client_attestation")


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"alg": "none"}, {"alg": "HS256"}, {"x5c": []}, {"crit": ["exp"]}])
def test_an_attestation_of_another_kind_is_refused(header: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(pushed(wallet, attestation=wallet.attestation(header=header))) == (400, "invalid_client_attestation")


def test_an_attestation_with_another_signature_is_refused(wallet: TestWallet) -> None:
    others = wallet.attestation(sub="https://ander.example").rpartition(".")[2]
    attestation = f"{wallet.attestation().rpartition('.')[0]}.{others}"
    assert refusal(pushed(wallet, attestation=attestation)) == (400, "invalid_client_attestation")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://ander.example/duo"},
        {"aud": "http://duo.example/uwv"},
        {"aud": "http://duo.example/duo/oid4vci/par"},
        {"aud": None},
        {"aud": ["https://ander.example"]},
        {"iat": _SECONDS - 61},
        {"iat": _SECONDS + 61},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"iss": "https://ander.example"},
    ],
)
def test_a_proof_of_possession_for_another_server_moment_or_wallet_is_refused(claims: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(pushed(wallet, pop=wallet.attestation_pop(**claims))) == (400, "invalid_client_attestation")


def test_a_proof_of_possession_by_another_key_is_refused(wallet: TestWallet) -> None:
    assert refusal(pushed(wallet, pop=wallet.attestation_pop(key=_STRANGER))) == (400, "invalid_client_attestation")


@pytest.mark.parametrize("header", [{"typ": "dpop+jwt"}, {"alg": "none"}, {"alg": "ES384"}])
def test_a_proof_of_possession_of_another_kind_is_refused(header: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(pushed(wallet, pop=wallet.attestation_pop(header=header))) == (400, "invalid_client_attestation")


@pytest.mark.parametrize("challenge", [None, "nooit gegeven", "", 7])
def test_without_a_challenge_of_this_source_one_is_given(challenge: JsonValue, wallet: TestWallet) -> None:
    answer = pushed(wallet, pop=wallet.attestation_pop(challenge=challenge))

    assert refusal(answer) == (400, "use_attestation_challenge")
    given = answer.headers["OAuth-Client-Attestation-Challenge"]
    assert pushed(wallet, pop=wallet.attestation_pop(challenge=given)).status_code == 201


def test_a_challenge_ends_after_five_minutes(wallets: WalletWorld, wallet: TestWallet) -> None:
    old = wallet.challenge()
    wallets.world.later(minutes=5, seconds=1)
    assert refusal(pushed(wallet, pop=wallet.attestation_pop(challenge=old))) == (400, "use_attestation_challenge")


@pytest.mark.parametrize("endpoint", ["dpop", "proof"])
def test_a_nonce_for_something_else_is_no_challenge(endpoint: str, wallet: TestWallet) -> None:
    given = wallet.c_nonce() if endpoint == "proof" else str(wallet.client.post(f"{wallet.address}/nonce").headers["DPoP-Nonce"])
    assert refusal(pushed(wallet, pop=wallet.attestation_pop(challenge=given))) == (400, "use_attestation_challenge")


def test_a_proof_of_possession_counts_once(wallet: TestWallet) -> None:
    pop = wallet.attestation_pop()

    assert pushed(wallet, pop=pop).status_code == 201
    assert refusal(pushed(wallet, pop=pop)) == (400, "invalid_client_attestation")


def test_a_proof_that_was_used_to_ask_is_of_no_use_for_a_token(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    headers = wallet.attestation_headers()
    assert wallet.push(PLAIN, verifier=VERIFIER, headers=headers).status_code == 201
    code = code_of(wallets, services, wallet)

    assert refusal(wallet.take_token(code_form(wallet, code), headers=headers)) == (400, "invalid_client_attestation")


def test_a_form_may_not_name_another_wallet_than_the_attestation(
    wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet), client_id="https://ander.example")
    assert refusal(wallet.take_token(form)) == (401, "invalid_client")


def test_a_token_needs_proof_of_which_wallet_asks(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet), client_id=wallet.client_id)
    assert refusal(wallet.take_token(form, headers={})) == (401, "invalid_client")


def test_a_server_proves_itself_by_its_key(wallets: WalletWorld) -> None:
    _, wallet, key = server(wallets)
    assert wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key)).status_code == 201


@pytest.mark.parametrize(
    "audience", ["http://duo.example/duo", "http://duo.example/duo/oid4vci/token", "http://duo.example/duo/oid4vci/par"]
)
def test_an_assertion_names_this_server_by_one_of_its_names(audience: str, wallets: WalletWorld) -> None:
    _, wallet, key = server(wallets)
    assert wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key, aud=audience)).status_code == 201


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://ander.example"},
        {"aud": ["http://duo.example/duo", "https://ander.example"]},
        {"aud": None},
        {"iss": "https://ander.example"},
        {"sub": "https://onbekend.example", "iss": "https://onbekend.example"},
        {"sub": WALLET_CLIENT_ID, "iss": WALLET_CLIENT_ID},
        {"sub": None},
        {"exp": _SECONDS - 61},
        {"exp": _SECONDS + 361},
        {"exp": None},
        {"iat": _SECONDS + 61},
        {"nbf": _SECONDS + 61},
        {"jti": None},
    ],
)
def test_an_assertion_that_does_not_hold_is_refused(claims: dict[str, Any], wallets: WalletWorld) -> None:
    _, wallet, key = server(wallets)
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key, **claims))) == (401, "invalid_client")


def test_an_assertion_by_another_key_is_refused(wallets: WalletWorld) -> None:
    _, wallet, _ = server(wallets)
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(_STRANGER))) == (401, "invalid_client")


def test_an_assertion_counts_once(wallets: WalletWorld) -> None:
    _, wallet, key = server(wallets)
    assertion = wallet.assertion(key)

    assert wallet.push(PLAIN, verifier=VERIFIER, **assertion).status_code == 201
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, **assertion)) == (401, "invalid_client")


@pytest.mark.parametrize("changes", [{"client_assertion_type": None}, {"client_assertion": None}, {"client_assertion_type": "saml"}])
def test_half_of_an_assertion_is_none(changes: dict[str, Any], wallets: WalletWorld) -> None:
    _, wallet, key = server(wallets)
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, **{**wallet.assertion(key), **changes})) == (400, "invalid_request")


def test_a_server_is_no_attested_wallet(wallets: WalletWorld) -> None:
    """A maker of wallets cannot vouch for somebody who is known by a key."""
    services, _, _ = server(wallets)
    wallet = wallets.wallet(services, client_id="mijn-blauwe-knop", redirect_uri="https://kluis.example/terug")
    assert refusal(pushed(wallet)) == (400, "invalid_client_attestation")


def test_two_ways_to_say_who_one_is_are_one_too_many(wallets: WalletWorld) -> None:
    services, _, key = server(wallets)
    wallet = wallets.wallet(services)
    assert refusal(pushed(wallet, **wallet.assertion(key))) == (400, "invalid_request")


def test_the_name_of_a_proof_that_another_instance_used_is_free(wallets: WalletWorld, services: WalletServices) -> None:
    answers = [pushed(wallet, pop=wallet.attestation_pop(jti="een")) for wallet in (wallets.wallet(services), wallets.wallet(services))]
    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_wallet_that_is_taken_out_of_the_settings_gets_nothing_more(wallets: WalletWorld, services: WalletServices) -> None:
    wallet = with_code_token(wallets, services)
    later = wallets.wallet(replace(services, wallets={}), instance=wallet.instance)
    assert refusal(pushed(later)) == (400, "invalid_client_attestation")
