import pytest

from tests.unit.holder.holder_world import HolderWorld
from tests.unit.holder.sharing.sharing_world import SharingWorld


@pytest.fixture(scope="package")
def one_site(one_world: HolderWorld) -> SharingWorld:
    return SharingWorld(one_world)


@pytest.fixture
def site(world: HolderWorld, one_site: SharingWorld) -> SharingWorld:
    """Nobody has an account, and the receiver asked nothing yet; `world` emptied the database."""
    one_site.reset()
    return one_site
