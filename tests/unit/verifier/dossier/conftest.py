from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from tests.unit.verifier.asking.asking_world import opened
from tests.unit.verifier.dossier.dossier_world import Desk, DossierWorld


@pytest.fixture(scope="session")
def dossier_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = opened(tmp_path_factory.mktemp("dossier"))
    yield engine
    engine.dispose()


@pytest.fixture
def world(dossier_database: Engine) -> DossierWorld:
    return DossierWorld(dossier_database)


@pytest.fixture
def desk(world: DossierWorld) -> Iterator[Desk]:
    with world.browser() as opened_desk:
        yield opened_desk
