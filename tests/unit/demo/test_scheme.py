import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blauweknop.cli.seal import seal_file
from blauweknop.cli.verify import verify_files
from blauweknop.demo.scheme import prepare_scheme
from tests.unit.cli.installation import DATASET, install, seal_input


def test_documents_stay_good_when_the_demo_comes_back_at_another_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "memory"))
    config = install(tmp_path)
    (tmp_path / "in.json").write_text(json.dumps(seal_input()))
    document = tmp_path / "out.pdf"
    seal_file(tmp_path / "in.json", DATASET, document, config=config, source=None)

    again = prepare_scheme(config.parent, "http://127.0.0.1:8999", 36, now=datetime.now(UTC))

    assert again.settings.scheme.check_url == "http://127.0.0.1:8999/controle"
    assert verify_files([document], trust_list=str(again.folder / "trust-list.json"), trust_anchor=again.folder / "trust-anchor.pem") == 0
