"""What a wallet may ask with its token, by which name, and how often (PROTOCOL 2.7; conformance: issuer-fail-unknown-credential-*)."""

from typing import Any

import pytest

from tests.unit.issuer.source_world import DEBT, GRANT, NOON
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, details, refusal, with_code_token, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_JOBS = "uwv.verzekeringsbericht.sd-jwt"


@pytest.fixture
def wallet(wallets: WalletWorld) -> TestWallet:
    """With a token that answers to configurations."""
    return with_code_token(wallets, scope=f"{PLAIN} {OTHER}")


@pytest.fixture
def by_identifier(wallets: WalletWorld) -> TestWallet:
    """With a token that answers to identifiers."""
    return with_code_token(wallets, scope=None, authorization_details=details(PLAIN, OTHER))


def request(wallet: TestWallet, **members: Any) -> dict[str, Any]:
    return {"proofs": {"jwt": [wallet.proof(SoftwareKey())]}, **members}


@pytest.mark.parametrize("name", ["duo.onbekend.sd-jwt", DEBT.id, PLAIN.upper(), f"{PLAIN}/", "../token", "x" * 256])
def test_a_configuration_that_is_not_there_is_unknown(name: str, wallet: TestWallet) -> None:
    answer = wallet.ask(request(wallet, credential_configuration_id=name))
    assert refusal(answer) == (400, "unknown_credential_configuration")


@pytest.mark.parametrize("name", [MDOC, _JOBS])
def test_a_configuration_that_was_not_agreed_to_is_unknown_to_this_token(name: str, wallet: TestWallet) -> None:
    answer = wallet.ask(request(wallet, credential_configuration_id=name))
    assert refusal(answer) == (400, "unknown_credential_configuration")


@pytest.mark.parametrize("name", ["duo.onbekend", MDOC, f"{PLAIN}-2"])
def test_an_identifier_that_the_token_did_not_bring_is_unknown(name: str, by_identifier: TestWallet) -> None:
    answer = by_identifier.ask(request(by_identifier, credential_identifier=name))
    assert refusal(answer) == (400, "unknown_credential_identifier")


@pytest.mark.parametrize("name", [PLAIN, "duo.onbekend"])
def test_a_token_without_identifiers_knows_none(name: str, wallet: TestWallet) -> None:
    answer = wallet.ask(request(wallet, credential_identifier=name))
    assert refusal(answer) == (400, "unknown_credential_identifier")


def test_a_configuration_that_is_not_there_is_unknown_to_a_token_with_identifiers_too(by_identifier: TestWallet) -> None:
    answer = by_identifier.ask(request(by_identifier, credential_configuration_id="duo.onbekend"))
    assert refusal(answer) == (400, "unknown_credential_configuration")


def test_a_token_with_identifiers_does_not_answer_to_configurations(by_identifier: TestWallet) -> None:
    answer = by_identifier.ask(request(by_identifier, credential_configuration_id=PLAIN))
    assert refusal(answer) == (400, "invalid_credential_request")


def test_a_token_with_identifiers_answers_to_them(by_identifier: TestWallet) -> None:
    assert by_identifier.ask(request(by_identifier, credential_identifier=PLAIN)).status_code == 200


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"credential_configuration_id": PLAIN, "credential_identifier": PLAIN},
        {"credential_configuration_id": None},
        {"credential_configuration_id": [PLAIN]},
        {"credential_configuration_id": {"id": PLAIN}},
        {"credential_configuration_id": ""},
        {"credential_configuration_id": "x" * 257},
        {"credential_configuration_id": f"{PLAIN}\n"},
        {"credential_identifiers": [PLAIN]},
        {"format": "dc+sd-jwt", "vct": "x"},
    ],
)
def test_a_request_names_one_thing(members: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(wallet.ask(request(wallet, **members))) == (400, "invalid_credential_request")


def test_a_refusal_of_a_name_leaves_the_nonce_unused(wallet: TestWallet) -> None:
    """A wallet that asked for the wrong thing may use its proofs for the right one."""
    proofs = {"jwt": [wallet.proof(SoftwareKey())]}
    wallet.ask({"credential_configuration_id": MDOC, "proofs": proofs})
    assert wallet.ask({"credential_configuration_id": PLAIN, "proofs": proofs}).status_code == 200


def test_what_was_delivered_is_not_delivered_again(wallet: TestWallet) -> None:
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 200
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (400, "credential_request_denied")


def test_what_else_was_agreed_to_is_still_there_after_a_delivery(wallet: TestWallet) -> None:
    assert [wallet.fetch(name, [SoftwareKey()]).status_code for name in (PLAIN, OTHER)] == [200, 200]


def test_the_two_formats_of_one_data_set_are_two_things(wallets: WalletWorld) -> None:
    wallet = with_code_token(wallets, scope=f"{PLAIN} {MDOC}")
    assert [wallet.fetch(name, [SoftwareKey()]).status_code for name in (MDOC, PLAIN, MDOC)] == [200, 200, 400]


def test_members_that_are_not_known_are_not_looked_at(wallet: TestWallet) -> None:
    answer = wallet.ask(request(wallet, credential_configuration_id=PLAIN, issuer_state="x", locale={"deep": [1]}))
    assert answer.status_code == 200


def test_a_delivery_is_answered_with_copies_and_a_name_for_later(wallet: TestWallet) -> None:
    answer = wallet.fetch(PLAIN, [SoftwareKey(), SoftwareKey()])

    assert answer.json().keys() == {"credentials", "notification_id"}
    assert [item.keys() for item in answer.json()["credentials"]] == [{"credential"}] * 2
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
    assert "DPoP-Nonce" in answer.headers


def test_a_delivery_is_noted_without_saying_what_or_for_whom(wallets: WalletWorld, wallet: TestWallet) -> None:
    wallet.fetch(PLAIN, [SoftwareKey(), SoftwareKey()])
    (event,) = wallets.world.records.events

    assert {name: event[name] for name in event if name != "trace_id"} == {
        "time": NOON,
        "source": "duo",
        "activity": "wallet",
        "outcome": "made",
    }
    assert len({item["place"] for item in wallets.world.records.issued}) == 2


@pytest.mark.parametrize("event", ["credential_accepted", "credential_failure", "credential_deleted"])
def test_what_became_of_a_copy_may_be_told_more_than_once(event: str, wallets: WalletWorld, wallet: TestWallet) -> None:
    told = {"notification_id": wallet.fetch(PLAIN, [SoftwareKey()]).json()["notification_id"], "event": event}
    answers = [wallet.ask(told, "notification") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert [note["outcome"] for note in wallets.world.records.events] == ["made", event, event]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"notification_id": "A" * 43}, "invalid_notification_id"),
        ({"notification_id": "x"}, "invalid_notification_id"),
        ({"notification_id": 7}, "invalid_notification_id"),
        ({"notification_id": None}, "invalid_notification_id"),
        ({"event": "credential_lost"}, "invalid_notification_request"),
        ({"event": None}, "invalid_notification_request"),
        ({"event": ["credential_accepted"]}, "invalid_notification_request"),
        ({"event_description": 7}, "invalid_notification_request"),
        ({"event_description": 'met "aanhalingstekens"'}, "invalid_notification_request"),
        ({"event_description": "x" * 1001}, "invalid_notification_request"),
    ],
)
def test_what_cannot_be_understood_is_not_noted(changes: dict[str, Any], error: str, wallets: WalletWorld, wallet: TestWallet) -> None:
    told = {"notification_id": wallet.fetch(PLAIN, [SoftwareKey()]).json()["notification_id"], "event": "credential_accepted"}

    assert refusal(wallet.ask({**told, **changes}, "notification")) == (400, error)
    assert len(wallets.world.records.events) == 1


def test_a_wallet_tells_of_its_own_copies_only(wallets: WalletWorld, wallet: TestWallet) -> None:
    other = with_token(wallets, GRANT)
    told = {"notification_id": wallet.fetch(PLAIN, [SoftwareKey()]).json()["notification_id"], "event": "credential_deleted"}
    assert refusal(other.ask(told, "notification")) == (400, "invalid_notification_id")


def test_the_token_is_no_name_of_a_copy(wallet: TestWallet) -> None:
    told = {"notification_id": wallet.token, "event": "credential_deleted"}
    assert refusal(wallet.ask(told, "notification")) == (400, "invalid_notification_id")
