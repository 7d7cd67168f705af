import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import blauweknop
from blauweknop.standards.trust_list import write_trust_list
from tests.suites import PROJECT
from tests.unit.adapters import bundles
from tests.unit.checking import credentials
from tests.unit.checking import exercise_documents as x

_GUIDE = (PROJECT / "docs" / "python.md").read_text("utf-8")
_NOT_FOR_RECEIVERS = (
    "alembic",
    "httpx",
    "jinja2",
    "joserfc",
    "litestar",
    "psycopg",
    "segno",
    "sqlalchemy",
    "structlog",
    "typst",
    "uvicorn",
    "webauthn",
)


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """In a process where nothing is installed that a receiver does not need."""
    absent = f"import sys; sys.modules.update(dict.fromkeys({_NOT_FOR_RECEIVERS!r}))\n"
    environment = {"PYTHONPATH": str(PROJECT / "src"), "PATH": os.defpath}
    return subprocess.run(
        [sys.executable, "-c", absent + program], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def example(pdf: bytes, folder: Path, *, programs: int = 1) -> subprocess.CompletedProcess[str]:
    """The first programs of the guide, one after the other, at the moment of the documents of the tests."""
    (folder / "document.pdf").write_bytes(pdf)
    (folder / "trust-list.json").write_text(write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW))
    (folder / "trust-anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    guide = "".join(re.findall(r"```python\n(.*?)```", _GUIDE, re.DOTALL)[:programs])
    program = guide.replace("datetime.now(UTC)", f"datetime.fromisoformat({x.NOW.isoformat()!r}).astimezone(UTC)")
    assert program != guide
    return run(program, folder)


def test_the_program_of_the_guide_reads_a_good_document_with_the_small_install(tmp_path: Path) -> None:
    done = example(x.good_document(), tmp_path)
    assert done.stderr == ""
    assert done.stdout.startswith("DUO ")


@pytest.mark.parametrize(("policy", "told"), [('maximum_age = "P3M"', "green ok"), ('kinds = ["credential"]', "orange policy_kind")])
def test_the_second_program_of_the_guide_needs_no_network_and_keeps_a_policy(tmp_path: Path, policy: str, told: str) -> None:
    (tmp_path / "bundle.json").write_bytes(bundles.bundled())
    (tmp_path / "policy.toml").write_text(policy)
    done = example(x.document_saying(x.changed(x.content(), status=credentials.STATUS)), tmp_path, programs=2)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == told


def test_the_program_of_the_guide_says_why_a_changed_document_is_red(tmp_path: Path) -> None:
    changed = bytearray(x.good_document())
    changed[len(changed) // 3] ^= 1
    done = example(bytes(changed), tmp_path)
    assert done.stderr == ""
    assert done.stdout.strip()
    assert "DUO" not in done.stdout


@pytest.mark.parametrize("name", blauweknop.__all__)
def test_each_public_name_exists_and_stands_in_the_guide(name: str) -> None:
    assert getattr(blauweknop, name) is not None
    assert name in dir(blauweknop)
    assert f"`{name}" in _GUIDE


def test_the_guide_names_only_public_names() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", _GUIDE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert named == set(blauweknop.__all__) - {"TrustListRefused"}


def test_another_name_is_none_of_the_package() -> None:
    with pytest.raises(AttributeError, match="no attribute 'check_everything'"):
        _ = blauweknop.check_everything


def test_to_import_the_package_loads_nothing_else(tmp_path: Path) -> None:
    done = run("import blauweknop; print([name for name in sys.modules if name.startswith('blauweknop.')])", tmp_path)
    assert done.stdout.strip() == "[]"
