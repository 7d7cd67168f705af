from collections.abc import Iterator

import pytest

from tests.unit.holder.holder_world import HolderWorld, holder_world


@pytest.fixture(scope="package")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HolderWorld]:
    with holder_world(tmp_path_factory.mktemp("holder")) as made:
        yield made


@pytest.fixture
def world(one_world: HolderWorld) -> HolderWorld:
    one_world.reset()
    return one_world
