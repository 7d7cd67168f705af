import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from blauweknop.adapters.settings import Settings
from blauweknop.cli.doctor_findings import Finding, finding_lines
from blauweknop.cli.doctor_wallets import examine_wallets
from blauweknop.domain.errors import BlauweKnopError
from tests.unit.cli.installation import NOW, install, rewrite, settings_of

_REDIRECTS = 'redirect_uris = ["http://127.0.0.1:8000/oefenwallet/terug"]\n'
_PROVIDERS = 'providers = ["keys/wallets/authority.pem"]\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


def told(address: str) -> bytes:
    """What each source says of itself when all is well."""
    parts = urlsplit(address)
    path = parts.path.removeprefix("/.well-known/openid-credential-issuer")
    return json.dumps({"credential_issuer": f"{parts.scheme}://{parts.netloc}{path}"}).encode()


def silent(_: str) -> bytes:
    raise BlauweKnopError("no answer within the time")


def found(config: Path | Settings, fetch: Callable[[str], bytes] = told, **later: float) -> list[Finding]:
    settings = settings_of(config) if isinstance(config, Path) else config
    findings = list(examine_wallets(settings, now=NOW + timedelta(**later), language="nl", fetch=fetch))
    assert all([*finding_lines(finding, language)] for finding in findings for language in ("nl", "en"))
    return findings


def codes(findings: list[Finding], *, source: str = "duo", wallet: str = "oefenwallet") -> list[str]:
    """What is said of one source and one wallet, and of no one in particular."""
    about = {"source": source, "wallet": wallet}
    return [finding.code for finding in findings if all(finding.values.get(kind, name) == name for kind, name in about.items())]


def test_a_whole_installation_serves_wallets(config: Path) -> None:
    assert codes(found(config)) == ["wallet", "wallet_metadata"]


def test_without_wallets_there_is_nothing_to_say(config: Path) -> None:
    text = config.read_text("utf-8")
    begin, end = text.index("[wallets]"), text.index("[sources.duo]")
    config.write_text(text[:begin] + text[end:], "utf-8")
    assert found(config) == []


def test_a_source_that_tells_wallets_nothing(config: Path) -> None:
    findings = found(config, silent)
    assert codes(findings) == ["wallet", "wallet_metadata"]
    assert findings[-1].state == "fail"


@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b"<html>"])
def test_an_answer_that_is_no_metadata(answer: bytes, config: Path) -> None:
    assert found(config, lambda _: answer)[-1].state == "fail"


def test_the_metadata_of_another_issuer(config: Path) -> None:
    assert codes(found(config, lambda _: b'{"credential_issuer": "https://elders.example/duo"}')) == ["wallet", "wallet_metadata_of_other"]


def test_the_maker_of_a_wallet_whose_certificate_ends(config: Path) -> None:
    assert codes(found(config, days=3640))[:2] == ["wallet_certificate_ends", "wallet"]


def test_the_maker_of_a_wallet_whose_certificate_ended(config: Path) -> None:
    assert codes(found(config, days=4000))[:2] == ["wallet_certificate", "wallet"]


def test_a_certificate_of_a_maker_that_is_none(config: Path) -> None:
    (config.parent / "keys" / "wallets" / "authority.pem").write_text("no certificate", "ascii")
    assert codes(found(config))[0] == "wallet_keys"


def test_keys_of_a_server_that_are_none(config: Path) -> None:
    (config.parent / "jwks.json").write_text('{"keys": []}', "ascii")
    rewrite(config, _PROVIDERS, 'keys = "jwks.json"\n')
    assert codes(found(config))[0] == "wallet_keys"


def test_a_wallet_without_a_way_back(config: Path) -> None:
    rewrite(config, _REDIRECTS, "")
    assert codes(found(config)) == ["wallet_no_way_back", "wallet", "wallet_metadata"]


def test_nobody_may_fetch(config: Path) -> None:
    text = config.read_text("utf-8")
    begin, end = text.index("[wallets.known.oefenwallet]"), text.index("[sources.duo]")
    config.write_text(text[:begin] + text[end:], "utf-8")
    assert codes(found(config)) == ["wallets_none", "wallet_metadata"]
    rewrite(config, "[wallets]\n", "[wallets]\nunknown = true\n")
    assert codes(found(config)) == ["wallet_metadata"]


def test_a_source_whose_documents_cannot_be_withdrawn(config: Path) -> None:
    rewrite(config, "[sources.duo]\n", "[sources.duo]\nstatus_lists = false\n")
    assert codes(found(config)) == ["wallet", "wallets_without_status"]
