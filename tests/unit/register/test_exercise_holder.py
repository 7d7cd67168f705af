"""The key by which Mijn Blauwe Knop is known: whoever was stopped between its two files goes on where it was."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from blauweknop.register.exercise_certificates import ExerciseSchemeProblem
from blauweknop.register.exercise_holder import add_holder_server
from blauweknop.standards.jwk import public_jwk


def named(secret: Path, public: Path) -> bool:
    """Whether the public half is that of the key."""
    key = load_pem_private_key(secret.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    (known,) = json.loads(public.read_text("ascii"))["keys"]
    return bool({**known, **public_jwk(key.public_key())} == known)


def test_the_public_half_is_of_the_key_which_only_its_owner_reads(tmp_path: Path) -> None:
    secret, public = add_holder_server(tmp_path)
    assert named(secret, public)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in secret.parent.iterdir()) == ["client-key.pem", "jwks.json"]


def test_what_is_there_stays(tmp_path: Path) -> None:
    before = [file.read_bytes() for file in add_holder_server(tmp_path)]
    assert [file.read_bytes() for file in add_holder_server(tmp_path)] == before


def test_who_was_stopped_after_the_key_gets_the_public_half_of_that_key(tmp_path: Path) -> None:
    secret, public = add_holder_server(tmp_path)
    before = secret.read_bytes()
    public.unlink()
    add_holder_server(tmp_path)
    assert secret.read_bytes() == before
    assert named(secret, public)


def test_what_was_left_of_a_stop_while_the_key_was_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "mijn").mkdir()
    left = tmp_path / "mijn" / ".client-key.pem.new"
    left.touch(mode=0o600)
    left.write_bytes(b"-----BEGIN")
    assert named(*add_holder_server(tmp_path))


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    secret, public = add_holder_server(tmp_path)
    public.unlink()
    secret.write_bytes(b"")
    with pytest.raises(ExerciseSchemeProblem):
        add_holder_server(tmp_path)
