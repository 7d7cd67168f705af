"""Two sources in one process and one database: nothing that one gave counts at the other (T-30)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.wallet_keys import request_key
from blauweknop.adapters.wallet_nonces import TimedNonces
from blauweknop.adapters.wallet_store import WalletReferences
from blauweknop.domain.document import Unavailable
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit
from tests.unit.issuer.source_world import DEBT
from tests.unit.issuer.wallet.wallet_flows import PLAIN, VERIFIER, code_form, code_of, offer_at, offer_form, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_KEY = RowKey.from_secret(bytes(range(32)))
_OTHER = "http://duo.example/uwv"


@pytest.fixture
def here(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture
def there(wallets: WalletWorld, here: WalletServices) -> WalletServices:
    """Another source with the same secret key of the storage, as it is put together for several sources."""

    def nonces(use: str) -> TimedNonces:
        return TimedNonces(_KEY, f"uwv|{use}", timedelta(minutes=5))

    return replace(
        here,
        issuer=replace(here.issuer, path="/uwv"),
        identifier=_OTHER,
        references=WalletReferences(wallets.engine, _KEY, "uwv"),
        proof_nonces=nonces("proof"),
        dpop_nonces=nonces("dpop"),
        challenges=nonces("challenge"),
        request_key=request_key(_KEY, "uwv"),
    )


def moved(wallet: TestWallet, wallets: WalletWorld, there: WalletServices) -> TestWallet:
    """The same wallet with all it has, at the other source."""
    other = replace(wallet, client=wallets.client(there), identifier=_OTHER)
    other.fetch_nonce()
    return other


def test_a_token_of_one_source_is_none_at_the_other(wallets: WalletWorld, here: WalletServices, there: WalletServices) -> None:
    wallet = with_token(wallets, DEBT, services=here)

    assert refusal(moved(wallet, wallets, there).fetch(PLAIN, [SoftwareKey()])) == (401, "invalid_token")
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 200


def test_a_code_of_one_source_is_none_at_the_other(wallets: WalletWorld, here: WalletServices, there: WalletServices) -> None:
    wallet = wallets.wallet(here)
    form = code_form(wallet, code_of(wallets, here, wallet))

    assert refusal(moved(wallet, wallets, there).take_token(form)) == (400, "invalid_grant")
    assert wallet.take_token(form).status_code == 200


def test_an_offer_of_one_source_is_none_at_the_other(wallets: WalletWorld, here: WalletServices, there: WalletServices) -> None:
    made, wallet = wallets.offer(here, DEBT), wallets.wallet(here)
    other = moved(wallet, wallets, there)
    form = offer_form(wallet.client.get(offer_at(made.link)).json(), made.tx_code)

    assert other.client.get(offer_at(made.link).replace("/duo/", "/uwv/")).status_code == 404
    assert refusal(other.take_token(form)) == (400, "invalid_grant")
    assert wallet.take_token(form).status_code == 200


def test_a_request_at_one_source_is_none_at_the_other(wallets: WalletWorld, here: WalletServices, there: WalletServices) -> None:
    wallet = wallets.wallet(here)
    request_uri = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"]
    assert begin_visit(request_uri, wallet.client_id, there, wallets.world.now) is None


def test_what_is_to_come_from_one_source_does_not_come_from_the_other(
    wallets: WalletWorld, here: WalletServices, there: WalletServices
) -> None:
    unknown = Unavailable("timeout")
    wallets.world.answers[DEBT.id] = unknown
    body = {
        "transaction_id": with_token(wallets, services=here, duo__studieschuld=unknown)
        .fetch(PLAIN, [SoftwareKey()])
        .json()["transaction_id"]
    }
    made = wallets.offer(there, DEBT)
    other = moved(wallets.wallet(there), wallets, there)
    other.take_token(offer_form(other.client.get(offer_at(made.link)).json(), made.tx_code))

    assert refusal(other.ask(body, "deferred-credential")) == (400, "invalid_transaction_id")


@pytest.mark.parametrize("purpose", ["proof", "dpop", "challenge"])
def test_a_nonce_of_one_source_is_none_at_the_other(purpose: str, here: WalletServices, there: WalletServices) -> None:
    name = {"proof": "proof_nonces", "dpop": "dpop_nonces", "challenge": "challenges"}[purpose]
    nonce = getattr(here, name).give(here.now)

    assert getattr(here, name).counts(nonce, here.now)
    assert not getattr(there, name).counts(nonce, there.now)


def test_a_proof_for_one_source_is_none_at_the_other(wallets: WalletWorld, here: WalletServices, there: WalletServices) -> None:
    made = wallets.offer(there, DEBT)
    other = moved(wallets.wallet(there), wallets, there)
    other.take_token(offer_form(other.client.get(offer_at(made.link)).json(), made.tx_code))
    proof = other.proof(SoftwareKey(), aud=here.identifier)

    answer = other.ask({"credential_configuration_id": PLAIN, "proofs": {"jwt": [proof]}})
    assert refusal(answer) == (400, "invalid_proof")


def test_requests_to_two_sources_are_sealed_to_two_keys(here: WalletServices, there: WalletServices) -> None:
    assert here.request_key.key_id != there.request_key.key_id
    assert here.request_key.public.public_numbers() != there.request_key.public.public_numbers()
