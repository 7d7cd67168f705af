import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from blauweknop.cli.doctor_findings import Finding, finding_lines
from blauweknop.cli.doctor_holder import examine_holder
from blauweknop.domain.errors import BlauweKnopError
from tests.unit.cli.installation import NOW, install, rewrite


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


def told(address: str) -> bytes:
    parts = urlsplit(address)
    path = parts.path.removeprefix("/.well-known/openid-credential-issuer")
    return json.dumps({"credential_issuer": f"{parts.scheme}://{parts.netloc}{path}"}).encode()


def silent(_: str) -> bytes:
    raise BlauweKnopError("no answer within the time")


def found(config: Path, fetch: Callable[[str], bytes] = told, *, with_database: bool = False) -> set[str]:
    findings: list[Finding] = list(examine_holder(config, None, now=NOW, with_database=with_database, fetch=fetch))
    assert all([*finding_lines(finding, language)] for finding in findings for language in ("nl", "en"))
    return {f"{finding.state} {finding.code}" for finding in findings}


def at(config: Path, base_url: str) -> Path:
    rewrite(config, "http://127.0.0.1:8000", base_url)
    return config


def test_a_whole_installation_keeps_and_fetches(config: Path) -> None:
    assert found(at(config, "https://mijn.example")) == {"ok passkeys", "ok holder_source"}


def test_without_the_table_there_is_nothing_to_say(config: Path) -> None:
    text = config.read_text("utf-8")
    config.write_text(text.replace("[holder", "[not_holder"), "utf-8")
    assert found(config) == set()


@pytest.mark.parametrize(
    ("base_url", "code"),
    [
        ("http://localhost:8000", "ok passkeys"),
        ("https://203.0.113.7", "fail passkeys_at_number"),
        ("http://127.0.0.1:8001", "warn passkeys_at_number"),
    ],
)
def test_passkeys_need_a_name(config: Path, base_url: str, code: str) -> None:
    assert code in found(at(config, base_url))


def test_a_source_that_does_not_answer(config: Path) -> None:
    assert "fail holder_source" in found(config, silent)


def test_a_source_that_says_it_is_another(config: Path) -> None:
    assert "fail holder_source_of_other" in found(config, lambda _: b'{"credential_issuer": "https://other.example"}')


def test_a_secret_of_before_that_is_not_there(config: Path) -> None:
    earlier = config.parent / "secret-key-2025"
    earlier.write_bytes(b"no key")
    rewrite(config, 'secret_key_file = "secret-key"', 'secret_key_file = "secret-key"\nearlier_secret_key_files = ["secret-key-2025"]')
    assert "fail secret_key" in found(config)


def test_the_database_is_looked_at_where_nobody_else_does(config: Path) -> None:
    assert {code for code in found(config, with_database=True) if "database" in code}
