from collections.abc import Iterator

import pytest

from tests.unit.holder.collecting.collecting_world import CollectingWorld
from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world


@pytest.fixture(scope="package")
def one_wallet_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("collecting")) as made:
        yield made


@pytest.fixture
def here(one_wallet_world: WalletWorld) -> CollectingWorld:
    one_wallet_world.reset()
    return CollectingWorld(one_wallet_world)
