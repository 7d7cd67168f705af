from collections.abc import Iterator

import pytest

from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world


@pytest.fixture(scope="package")
def one_wallet_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("wallets")) as made:
        yield made


@pytest.fixture
def wallets(one_wallet_world: WalletWorld) -> WalletWorld:
    one_wallet_world.reset()
    return one_wallet_world
