from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.verifier.afterwards.afterwards_world import AfterwardsWorld
from tests.unit.verifier.asking.asking_world import opened


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AfterwardsWorld]:
    engine = opened(tmp_path)
    yield AfterwardsWorld(engine)
    engine.dispose()
