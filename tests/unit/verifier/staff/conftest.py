from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.verifier.asking.asking_world import opened
from tests.unit.verifier.staff.staff_world import StaffBrowser, StaffWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StaffWorld]:
    engine = opened(tmp_path)
    with StaffWorld.running(engine) as running:
        yield running
    engine.dispose()


@pytest.fixture
def sanne(world: StaffWorld) -> Iterator[StaffBrowser]:
    with world.browser() as browser:
        browser.log_in("sanne")
        yield browser
