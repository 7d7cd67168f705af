from collections.abc import Iterator

import pytest

from tests.unit.issuer.source_world import World, storage


@pytest.fixture(scope="package")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with storage(tmp_path_factory.mktemp("issuer")) as engine:
        yield World(engine)


@pytest.fixture
def world(one_world: World) -> World:
    one_world.reset()
    return one_world
