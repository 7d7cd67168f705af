import pytest

from tests.unit.holder.holder_world import HolderWorld
from tests.unit.holder.sharing.sharing_world import SharingWorld


@pytest.fixture
def site(world: HolderWorld) -> SharingWorld:
    return SharingWorld(world)
