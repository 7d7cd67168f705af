"""An offer for another device is worth nothing without the digits that its person sees (PROTOCOL 2.3, T-06)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from blauweknop.issuer.wallet.offers import MadeOffer, withdraw_offer
from blauweknop.issuer.wallet.ports import WalletServices
from tests.unit.issuer.source_world import DEBT, GRANT
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, details, offer_at, offer_form, refusal
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet


@pytest.fixture
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture
def wallet(wallets: WalletWorld, services: WalletServices) -> TestWallet:
    return wallets.wallet(services)


@pytest.fixture
def made(wallets: WalletWorld, services: WalletServices) -> MadeOffer:
    return wallets.offer(services, DEBT)


@pytest.fixture
def offer(wallet: TestWallet, made: MadeOffer) -> dict[str, Any]:
    return dict(wallet.client.get(offer_at(made.link)).json())


def wrong(made: MadeOffer) -> str:
    return f"{(int(made.tx_code) + 1) % 1_000_000:06}"


def test_the_offer_asks_for_six_digits_and_does_not_hold_them(made: MadeOffer, offer: dict[str, Any]) -> None:
    (grant,) = offer["grants"].values()

    assert (grant["tx_code"]["input_mode"], grant["tx_code"]["length"]) == ("numeric", 6)
    assert len(made.tx_code) == 6
    assert made.tx_code not in str(offer) + made.link
    assert grant["pre-authorized_code"] not in made.link


def test_the_offer_is_not_kept_by_anybody(wallet: TestWallet, made: MadeOffer) -> None:
    answer = wallet.client.get(offer_at(made.link))
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")


def test_without_the_digits_no_token_is_given_and_no_try_is_lost(wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    for _ in range(4):
        assert refusal(wallet.take_token(offer_form(offer, None))) == (400, "invalid_request")
    assert wallet.take_token(offer_form(offer, made.tx_code)).status_code == 200


def test_other_digits_give_no_token(wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    assert refusal(wallet.take_token(offer_form(offer, wrong(made)))) == (400, "invalid_grant")


@pytest.mark.parametrize("change", [lambda code: f" {code}", lambda code: f"{code} ", lambda code: f"{code}0", lambda code: code[:5]])
def test_digits_with_something_beside_them_are_other_digits(
    change: Callable[[str], str], wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]
) -> None:
    assert refusal(wallet.take_token(offer_form(offer, change(made.tx_code)))) == (400, "invalid_grant")


def test_the_third_try_may_still_be_right(wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    answers = [wallet.take_token(offer_form(offer, digits)) for digits in (wrong(made), wrong(made), made.tx_code)]
    assert [answer.status_code for answer in answers] == [400, 400, 200]


def test_after_three_wrong_tries_the_right_digits_are_dead(wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    answers = [wallet.take_token(offer_form(offer, digits)) for digits in (wrong(made), wrong(made), wrong(made), made.tx_code)]
    assert [refusal(answer) for answer in answers] == [(400, "invalid_grant")] * 4


def test_tries_of_different_wallets_are_counted_together(
    wallets: WalletWorld, services: WalletServices, wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]
) -> None:
    for _ in range(3):
        assert refusal(wallets.wallet(services).take_token(offer_form(offer, wrong(made)))) == (400, "invalid_grant")
    assert refusal(wallet.take_token(offer_form(offer, made.tx_code))) == (400, "invalid_grant")


def test_tries_at_the_same_moment_are_counted_one_by_one(
    wallets: WalletWorld, services: WalletServices, wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]
) -> None:
    several = [wallets.wallet(services) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: one.take_token(offer_form(offer, wrong(made))), several))

    assert [answer.json()["error"] for answer in answers] == ["invalid_grant"] * 8
    assert refusal(wallet.take_token(offer_form(offer, made.tx_code))) == (400, "invalid_grant")


def test_of_wallets_that_come_at_the_same_moment_one_gets_a_token(
    wallets: WalletWorld, services: WalletServices, made: MadeOffer, offer: dict[str, Any]
) -> None:
    """Whoever comes second shows that the offer was seen by two: nobody keeps a token."""
    several = [wallets.wallet(services) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda one: one.take_token(offer_form(offer, made.tx_code)), several))
    fetched = [one.fetch(PLAIN, [SoftwareKey()]).status_code for one in several if one.token]

    assert sum(answer.status_code == 200 for answer in answers) <= 1
    assert fetched in ([], [401])


def test_an_offer_is_used_once_and_a_second_use_ends_the_token(wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    form = offer_form(offer, made.tx_code)
    assert wallet.take_token(form).status_code == 200

    assert refusal(wallet.take_token(form)) == (400, "invalid_grant")
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (401, "invalid_token")


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 400), (301, 400)])
def test_an_offer_ends_after_five_minutes(
    seconds: int, status: int, wallets: WalletWorld, wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]
) -> None:
    wallets.world.later(seconds=seconds)
    wallet.fetch_nonce()
    assert wallet.take_token(offer_form(offer, made.tx_code)).status_code == status
    assert wallet.client.get(offer_at(made.link)).status_code == (200 if status == 200 else 404)


def test_an_offer_that_was_taken_back_is_dead(services: WalletServices, wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    withdraw_offer(made, services)
    assert refusal(wallet.take_token(offer_form(offer, made.tx_code))) == (400, "invalid_grant")


def test_a_wallet_that_nobody_vouches_for_gets_no_token(wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    assert refusal(wallet.take_token(offer_form(offer, made.tx_code), headers={})) == (401, "invalid_client")


def test_a_wallet_that_nobody_vouches_for_gets_one_where_the_source_says_so(wallets: WalletWorld) -> None:
    wallets.changes["unknown_wallets"] = True
    services = wallets.services()
    made = wallets.offer(services, DEBT)
    wallet = wallets.wallet(services, provider=None)
    token = wallet.take_token(offer_form(wallet.client.get(offer_at(made.link)).json(), made.tx_code))
    answer = wallet.ask({"credential_configuration_id": PLAIN, "proofs": {"jwt": [wallet.proof(SoftwareKey(), iss=None)]}})

    assert (token.status_code, answer.status_code) == (200, 200), answer.text


@pytest.mark.parametrize(
    "changes", [{"pre-authorized_code": ""}, {"tx_code": "x" * 65}, {"tx_code": "12\n456"}, {"authorization_details": "geen json"}]
)
def test_a_form_that_is_none_costs_no_try(changes: dict[str, Any], wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]) -> None:
    for _ in range(3):
        assert wallet.take_token({**offer_form(offer, made.tx_code), **changes}).status_code == 400
    assert wallet.take_token(offer_form(offer, made.tx_code)).status_code == 200


@pytest.mark.parametrize("names", [("duo.onbekend.sd-jwt",), (OTHER,), (MDOC,), (PLAIN, OTHER)])
def test_what_was_not_offered_cannot_be_asked_and_the_offer_stays(
    names: tuple[str, ...], wallet: TestWallet, made: MadeOffer, offer: dict[str, Any]
) -> None:
    asked = offer_form(offer, made.tx_code, authorization_details=details(*names))
    assert refusal(wallet.take_token(asked)) == (400, "invalid_authorization_details")
    assert wallet.take_token(offer_form(offer, made.tx_code)).status_code == 200


def test_a_wallet_may_ask_a_part_of_what_was_offered(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    made = wallets.offer(services, DEBT, GRANT)
    offer = wallet.client.get(offer_at(made.link)).json()
    answer = wallet.take_token(offer_form(offer, made.tx_code, authorization_details=details(OTHER)))

    assert [item["credential_configuration_id"] for item in answer.json()["authorization_details"]] == [OTHER]
    assert refusal(wallet.ask({"credential_identifier": PLAIN, "proofs": {}})) == (400, "unknown_credential_identifier")


@pytest.mark.parametrize("reference", ["A" * 43, "x", "..%2f..%2f", "A" * 5000, "%00"])
def test_an_offer_that_was_never_made_is_not_there(reference: str, wallet: TestWallet) -> None:
    assert wallet.client.get(f"{wallet.address}/offers/{reference}").status_code in (400, 404)


def test_digits_are_drawn_with_zeros_in_front(wallets: WalletWorld, services: WalletServices) -> None:
    drawn = {wallets.offer(services, DEBT).tx_code for _ in range(40)}
    assert len(drawn) > 35
    assert {len(digits) for digits in drawn} == {6}
