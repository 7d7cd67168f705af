"""What the judges share: one played demo for all test processes, and one Java program per process."""

import fcntl
import json
from collections.abc import Iterator

import pytest

from tests.demo_scheme import PlayedDemo, played_demo
from tests.interop.dss_judge import DssJudge, running_dss_judge


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> PlayedDemo:
    """The journeys, played once however many processes run the tests: the first that asks plays, the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "played-demo"
    shared.mkdir(exist_ok=True)
    exit_code = shared / "exit-code.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not exit_code.exists():
            played = played_demo(shared / "scheme")
            exit_code.write_text(json.dumps(played.exit_code))
            return played
    folder = shared / "scheme"
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return PlayedDemo(folder, shared / "scheme.screen", json.loads(exit_code.read_text()), report)


@pytest.fixture(scope="session")
def dss_judge() -> Iterator[DssJudge]:
    """EU DSS, started when first asked for. Mark the test `suite("dss")`."""
    with running_dss_judge() as judge:
        yield judge
