from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.demo_answers import Asked, ask_everyone
from tests.databases import with_tables
from tests.unit.verifier.asking.asking_world import AskingWorld


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return ask_everyone(Path(tmp_path_factory.mktemp("demo")))


@pytest.fixture
def world(postgresql_url: str) -> Iterator[AskingWorld]:
    """A receiver on a database that takes changes at the very same moment. Mark the test `suite("postgresql")`."""
    engine = with_tables(postgresql_url)
    yield AskingWorld(engine)
    engine.dispose()
