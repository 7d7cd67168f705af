from pathlib import Path

import pytest

from tests.contracts.demo_answers import Asked, ask_everyone


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return ask_everyone(Path(tmp_path_factory.mktemp("demo")))
