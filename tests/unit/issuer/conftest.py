from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from tests.unit.issuer.source_world import World, storage


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with storage(tmp_path_factory.mktemp("issuer")) as opened:
        yield opened


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)
