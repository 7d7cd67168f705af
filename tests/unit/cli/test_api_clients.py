import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from blauweknop.adapters.row_encryption import read_secret_key
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.standards.jwk import public_jwk
from tests.unit.adapters.api_settings_stand_in import API_ONLY, write_api_settings
from tests.unit.cli.installation import exit_of


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_api_settings(tmp_path, API_ONLY)


def asked(config: Path, *more: str) -> int:
    return exit_of(["keys", "api-client", "utrecht", "--config", str(config), *more])


def pasted(config: Path, lines: str) -> Path:
    config.write_text(config.read_text("utf-8") + "\n" + lines, "utf-8")
    return config


def test_a_new_key_works_after_its_lines_are_pasted(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(config) == 0
    said = capsys.readouterr()
    key = re.findall(r"^  (bk_\S{43})$", said.err, re.MULTILINE)[0]

    api = load_verifier(pasted(config, said.out)).api

    assert api is not None
    (credential,) = api.clients["utrecht"].credentials
    assert credential.digest == hashlib.sha256(key.encode()).digest()
    assert credential.scopes == {"verify"}


def test_the_secret_is_in_no_line_to_paste(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked(config)
    said = capsys.readouterr()
    assert "bk_" in said.err
    assert "bk_" not in said.out


def test_a_second_key_of_a_client_is_only_its_own_lines(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked(config, "--credential", "eerste")
    pasted(config, capsys.readouterr().out)
    asked(config, "--credential", "tweede", "--kind", "client-secret", "--expires", "2027-06-30")
    lines = capsys.readouterr().out

    api = load_verifier(pasted(config, lines)).api

    assert "[api.clients.utrecht]" not in lines
    assert api is not None
    assert [credential.name for credential in api.clients["utrecht"].credentials] == ["eerste", "tweede"]


@pytest.mark.parametrize("form", ["jwk", "pem"])
def test_the_public_key_of_a_client_becomes_a_line(form: str, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    file = tmp_path / "public"
    jwk = json.dumps(public_jwk(key)).encode()
    file.write_bytes(jwk if form == "jwk" else key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    assert asked(config, "--kind", "public-key", "--public-key", str(file)) == 0
    api = load_verifier(pasted(config, capsys.readouterr().out)).api

    assert api is not None
    assert api.clients["utrecht"].credentials[0].key == key


def test_a_webhook_gets_a_secret_in_a_file_and_on_the_screen(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(config, "--webhook", "https://zaken.example/in") == 0
    said = capsys.readouterr()
    api = load_verifier(pasted(config, said.out)).api

    assert api is not None
    receiver = api.clients["utrecht"].receiver
    assert receiver is not None
    assert receiver.secrets == (read_secret_key(config.parent / "utrecht-webhook"),)
    assert "whsec_" in said.err
    assert "whsec_" not in said.out
    assert tomllib.loads(said.out)["api"]["clients"]["utrecht"]["scopes"] == ["verify", "verify:watch"]


@pytest.mark.parametrize(
    "more",
    [
        ("--scope", "admin"),
        ("--kind", "public-key"),
        ("--public-key", "x"),
        ("--kind", "public-key", "--public-key", "/no/such/file"),
        ("--kind", "public-key", "--public-key", __file__),
        ("--expires", "morgen"),
        ("--kind", "password"),
        ("--credential", 'x"]'),
        ("--webhook", 'https://zaken.example/"'),
        ("--webhook", "ftp://zaken.example/"),
    ],
)
def test_what_is_not_understood_is_refused(more: tuple[str, ...], config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(config, *more) == 3
    assert capsys.readouterr().out == ""


def test_a_secret_of_a_webhook_is_not_written_over(config: Path) -> None:
    assert asked(config, "--webhook", "https://zaken.example/in") == 0
    before = (config.parent / "utrecht-webhook").read_bytes()
    assert asked(config, "--webhook", "https://zaken.example/in") == 3
    assert (config.parent / "utrecht-webhook").read_bytes() == before
