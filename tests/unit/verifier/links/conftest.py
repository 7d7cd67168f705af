from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.verifier.asking.asking_world import opened
from tests.unit.verifier.links.desk_world import DeskWorld
from tests.unit.verifier.staff.staff_world import StaffWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[DeskWorld]:
    engine = opened(tmp_path)
    with StaffWorld.running(engine) as running:
        yield DeskWorld(running)
    engine.dispose()
