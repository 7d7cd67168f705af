import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.cli.extract import extract_file
from blauweknop.cli.verify import verify_files
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import write_trust_list
from tests.unit.checking import exercise_documents as x

AT = "2026-11-23T15:12:00+01:00"


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BLAUWEKNOP_TRUST_LIST", "BLAUWEKNOP_TRUST_ANCHOR", "BLAUWEKNOP_CONFIG", "BLAUWEKNOP_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The list is read at the real time of the test, which may be years from the moment of the document.
    (tmp_path / "list.jws").write_text(write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW))
    (tmp_path / "anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    monkeypatch.setenv("BLAUWEKNOP_TRUST_LIST", "list.jws")
    monkeypatch.setenv("BLAUWEKNOP_TRUST_ANCHOR", "anchor.pem")


def written(name: str, pdf: bytes) -> Path:
    Path(name).write_bytes(pdf)
    return Path(name)


def green() -> Path:
    return written("green.pdf", x.good_document())


def orange() -> Path:
    return written("orange.pdf", x.sealed(x.good_letter(), stamped=False))


def red() -> Path:
    return written("red.pdf", x.good_document() + b"\n")
