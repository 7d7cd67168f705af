"""The whole way of a wallet on each kind of database: to the credentials, and everything that may happen once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from blauweknop.register import exercise_keys
from blauweknop.register.exercise_keys import ExerciseScheme, new_exercise_scheme
from blauweknop.register.exercise_wallets import ExerciseWallets, add_wallets
from tests.databases import with_tables
from tests.unit.issuer.source_world import DEBT, NOON, SOURCE, World
from tests.unit.issuer.wallet.wallet_flows import MDOC, PLAIN, code_form, code_of, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExerciseScheme, ExerciseWallets]:
    folder = tmp_path_factory.mktemp("keys")
    holder = exercise_keys.KeyHolder(SOURCE.oin, SOURCE.legal_name, "NTRNL-90000001", SOURCE.id)
    made = NOON - timedelta(days=1)
    return new_exercise_scheme(Path(folder), [holder], now=made), add_wallets(Path(folder), now=made)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def wallets(engine: Engine, keys: tuple[ExerciseScheme, ExerciseWallets]) -> WalletWorld:
    made = WalletWorld(World(engine), *keys, engine)
    made.reset()
    return made


def test_a_wallet_gets_what_it_was_offered_and_tells_of_it(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, DEBT)
    answer = wallet.fetch(PLAIN, [SoftwareKey(), SoftwareKey()])
    told = wallet.ask({"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}, "notification")

    assert (len(answer.json()["credentials"]), told.status_code) == (2, 204)
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (400, "credential_request_denied")


def test_a_wallet_gets_what_the_person_agreed_to_and_no_code_counts_twice(wallets: WalletWorld) -> None:
    services = wallets.services()
    wallet = wallets.wallet(services)
    form = code_form(wallet, code_of(wallets, services, wallet, f"{PLAIN} {MDOC}"))

    assert wallet.take_token(form).status_code == 200
    assert wallet.fetch(MDOC, [SoftwareKey()]).status_code == 200
    assert refusal(wallet.take_token(form)) == (400, "invalid_grant")
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (401, "invalid_token")


def test_no_proof_counts_twice(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, DEBT)
    proof = wallet.dpop("credential", token=wallet.token)
    body = {"credential_configuration_id": PLAIN, "proofs": wallet.proofs([SoftwareKey()])}

    assert wallet.ask(body, dpop=proof).status_code == 200
    assert refusal(wallet.ask(body, dpop=proof)) == (401, "invalid_dpop_proof")
    assert refusal(wallet.ask(body)) == (400, "invalid_nonce")
