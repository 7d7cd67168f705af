from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from tests.unit.verifier.asking.asking_world import AskingWorld, Browser, opened


@pytest.fixture(scope="session")
def receiver_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = opened(tmp_path_factory.mktemp("ontvanger"))
    yield engine
    engine.dispose()


@pytest.fixture
def world(receiver_database: Engine) -> AskingWorld:
    return AskingWorld(receiver_database)


@pytest.fixture
def browser(world: AskingWorld) -> Iterator[Browser]:
    with world.browser() as opened_browser:
        yield opened_browser
