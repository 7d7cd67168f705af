from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from tests.unit.verifier.asking.asking_world import AskingWorld, Browser, opened
from tests.unit.verifier.updating.updating_world import FOLLOWED, Followed, follow


@pytest.fixture(scope="session")
def updating_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = opened(tmp_path_factory.mktemp("bijgewerkt"))
    yield engine
    engine.dispose()


@pytest.fixture
def world(updating_database: Engine) -> AskingWorld:
    return AskingWorld(updating_database, registration=FOLLOWED)


@pytest.fixture
def browser(world: AskingWorld) -> Iterator[Browser]:
    with world.browser() as opened_browser:
        yield opened_browser


@pytest.fixture
def followed(world: AskingWorld, browser: Browser) -> Followed:
    return follow(world, browser)
