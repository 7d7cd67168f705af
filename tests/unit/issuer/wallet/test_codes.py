"""A code from the browser is for one wallet, one key, one minute and one use (PROTOCOL 2.2; conformance: FAPI 2, authorization codes)."""

from dataclasses import replace
from typing import Any

import pytest

from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from tests.unit.issuer.source_world import DEBT, GRANT
from tests.unit.issuer.wallet.wallet_flows import (
    MDOC,
    OTHER,
    PLAIN,
    VERIFIER,
    back_from,
    code_form,
    code_of,
    details,
    refusal,
    server,
    with_code_token,
)
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet


@pytest.fixture
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture
def wallet(wallets: WalletWorld, services: WalletServices) -> TestWallet:
    return wallets.wallet(services)


def test_a_wallet_fetches_what_the_person_agreed_to(wallets: WalletWorld, services: WalletServices) -> None:
    wallet = with_code_token(wallets, services, scope=f"{PLAIN} {MDOC} {OTHER}")
    answers = [wallet.fetch(name, [SoftwareKey(), SoftwareKey()]) for name in (PLAIN, MDOC, OTHER)]
    assert [(answer.status_code, len(answer.json()["credentials"])) for answer in answers] == [(200, 2)] * 3


def test_a_server_fetches_with_its_own_key(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    pushed = wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(wallets, services, pushed, DEBT, client_id=wallet.client_id)["code"]
    token = wallet.take_token(code_form(wallet, code, **wallet.assertion(key)), headers={})
    answer = wallet.ask({"credential_configuration_id": PLAIN, "proofs": {"jwt": [wallet.proof(SoftwareKey())]}})

    assert (token.status_code, answer.status_code) == (200, 200), answer.text


def test_the_answer_holds_a_token_for_five_minutes_and_no_way_to_another(
    wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    answer = wallet.take_token(code_form(wallet, code_of(wallets, services, wallet)))

    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("DPoP", 300)


def test_what_was_asked_with_details_is_answered_with_identifiers(
    wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    code = code_of(wallets, services, wallet, None, authorization_details=details(PLAIN, MDOC))
    members = wallet.take_token(code_form(wallet, code)).json()

    assert [item["credential_configuration_id"] for item in members["authorization_details"]] == [PLAIN, MDOC]
    assert all(item["type"] == "openid_credential" and item["credential_identifiers"] for item in members["authorization_details"])


def test_a_code_is_used_once(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet))

    assert wallet.take_token(form).status_code == 200
    assert refusal(wallet.take_token(form)) == (400, "invalid_grant")


def test_a_second_use_of_a_code_ends_the_token_of_the_first(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet))
    wallet.take_token(form)
    wallet.take_token(form)

    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (401, "invalid_token")


def test_a_second_use_by_anybody_ends_the_token_of_the_first(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet))
    wallet.take_token(form)
    assert refusal(wallets.wallet(services).take_token({**form, "code_verifier": VERIFIER[::-1]})) == (400, "invalid_grant")

    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (401, "invalid_token")


def test_a_second_use_ends_what_was_still_to_come_too(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, back_from(wallets, services, wallet.push(PLAIN, verifier=VERIFIER), DEBT)["code"])
    wallet.take_token(form)
    notification = wallet.fetch(PLAIN, [SoftwareKey()]).json()["notification_id"]
    wallet.take_token(form)

    answer = wallet.ask({"notification_id": notification, "event": "credential_accepted"}, "notification")
    assert refusal(answer) == (401, "invalid_token")


def test_a_code_of_another_wallet_is_refused(wallets: WalletWorld, services: WalletServices) -> None:
    other = replace(services.wallets[WALLET_CLIENT_ID], client_id="https://ander.example")
    both = replace(services, wallets={**services.wallets, other.client_id: other})
    code = code_of(wallets, both, wallets.wallet(both))
    thief = wallets.wallet(both, client_id=other.client_id)

    assert refusal(thief.take_token(code_form(thief, code))) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": VERIFIER[::-1]}, "invalid_grant"),
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant"),
        ({"code_verifier": "te kort"}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "https://wallet.blauweknop.example/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "A" * 43}, "invalid_grant"),
        ({"code": "geen code"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_with_anything_else_beside_it_gives_no_token(
    changes: dict[str, Any], error: str, wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet), **changes)
    assert refusal(wallet.take_token(form)) == (400, error)


def test_a_code_is_gone_after_a_wrong_verifier(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet))
    wallet.take_token({**form, "code_verifier": VERIFIER[::-1]})
    assert refusal(wallet.take_token(form)) == (400, "invalid_grant")


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400), (61, 400)])
def test_a_code_ends_after_a_minute(seconds: int, status: int, wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet))
    wallets.world.later(seconds=seconds)
    assert wallet.take_token(form).status_code == status


def test_a_code_that_is_bound_to_a_key_gives_no_token_to_another(
    wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    form = code_form(wallet, code_of(wallets, services, wallet, dpop_jkt=SoftwareKey().thumbprint))
    assert refusal(wallet.take_token(form)) == (400, "invalid_grant")


def test_a_key_that_was_proved_when_asking_binds_the_code(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    wallet.fetch_nonce()
    headers = {**wallet.attestation_headers(), "DPoP": wallet.dpop("par", key=SoftwareKey())}
    code = back_from(wallets, services, wallet.push(PLAIN, verifier=VERIFIER, headers=headers), DEBT)["code"]
    assert refusal(wallet.take_token(code_form(wallet, code))) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", ["token", "notification", "request", "offer"])
def test_no_other_reference_is_a_code(kind: str, wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    pushed = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"].rpartition(":")[2]
    wallet.take_token(code_form(wallet, code_of(wallets, services, wallet)))
    notification = wallet.fetch(PLAIN, [SoftwareKey()]).json()["notification_id"]
    offered = wallets.offer(services, GRANT).link.rpartition("%2F")[2]
    code = {"token": str(wallet.token), "notification": notification, "request": pushed, "offer": offered}[kind]

    assert len(code) == 43
    assert refusal(wallet.take_token(code_form(wallet, code))) == (400, "invalid_grant")
