import pytest

from tests.unit.holder.holder_world import HolderWorld
from tests.unit.holder.links.link_world import LinkWorld
from tests.unit.holder.sharing.sharing_world import SharingWorld


@pytest.fixture(scope="package")
def one_site(one_world: HolderWorld) -> LinkWorld:
    return LinkWorld(SharingWorld(one_world))


@pytest.fixture
def site(world: HolderWorld, one_site: LinkWorld) -> LinkWorld:
    """Nobody has an account; `world` emptied the database."""
    one_site.sharing.reset()
    one_site.reset()
    return one_site
