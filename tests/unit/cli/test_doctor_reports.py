from dataclasses import replace
from pathlib import Path

import pytest

from blauweknop.cli.doctor_findings import Finding, State, finding_lines
from blauweknop.cli.doctor_reports import examine_reports
from blauweknop.cli.doctor_scheme import read_scheme
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustList
from tests.unit.cli.installation import NOW, install, rewrite, settings_of


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def trust_list_of(config: Path) -> TrustList:
    found = read_scheme(settings_of(config).scheme, now=NOW, language="nl")
    assert isinstance(found, TrustList)
    return found


def found_in(config: Path, trust_list: TrustList | None) -> list[Finding]:
    found = list(examine_reports(config, trust_list, now=NOW, language="nl"))
    for finding in found:
        assert all(finding_lines(finding, language) for language in ("nl", "en"))
    return found


def codes(config: Path, trust_list: TrustList | None) -> set[str]:
    return {f"{finding.state} {finding.code}" for finding in found_in(config, trust_list) if finding.state is not State.OK}


def test_the_check_service_of_the_exercise_is_well(tmp_path: Path) -> None:
    config = install(tmp_path)
    assert codes(config, trust_list_of(config)) == set()
    assert "reports" in {finding.code for finding in found_in(config, trust_list_of(config))}


def test_without_a_check_service_there_is_nothing_to_say(tmp_path: Path) -> None:
    config = install(tmp_path)
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("[verifier]")] + text[text.index("[sources.duo]") :], "utf-8")
    assert found_in(config, trust_list_of(config)) == []


def test_a_check_service_that_is_not_on_the_list_is_warned(tmp_path: Path) -> None:
    config = install(tmp_path)
    listed = trust_list_of(config)
    without = [
        replace(entity, services=tuple(service for service in entity.services if service.kind is not ServiceKind.REPORT))
        for entity in listed.entities
    ]
    assert codes(config, replace(listed, entities=tuple(without))) == {"warn report_not_listed"}


def test_a_check_service_that_was_withdrawn_is_warned(tmp_path: Path) -> None:
    config = install(tmp_path)
    listed = trust_list_of(config)
    withdrawn = [
        replace(entity, services=tuple(replace(service, status=ServiceStatus.WITHDRAWN) for service in entity.services))
        if any(service.kind is ServiceKind.REPORT for service in entity.services)
        else entity
        for entity in listed.entities
    ]
    assert codes(config, replace(listed, entities=tuple(withdrawn))) == {"warn report_not_listed"}


def test_keys_in_another_name_are_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    rewrite(config, 'oin = "00000099000000000002"', 'oin = "00000099000000000003"')
    assert codes(config, trust_list_of(config)) == {"fail certificate_oin"}


def test_the_organisation_identifier_of_the_certificate_is_as_good(tmp_path: Path) -> None:
    config = install(tmp_path)
    rewrite(config, 'oin = "00000099000000000002"', 'identifier = "NTRNL-99999999"')
    assert codes(config, trust_list_of(config)) == set()


def test_a_key_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "keys" / "check-service" / "credential-key.pem").write_text("no key")
    assert "fail key" in codes(config, trust_list_of(config))


def test_keys_of_a_check_service_are_not_told_as_those_of_a_source(tmp_path: Path) -> None:
    config = install(tmp_path)
    said = [line for finding in found_in(config, trust_list_of(config)) for line in finding_lines(finding, "nl")]
    assert not any("bron " in line for line in said)
    assert any(line.startswith("goed    controledienst ") for line in said)


def test_without_time_stamps_it_is_warned(tmp_path: Path) -> None:
    config = install(tmp_path)
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("[storage]")] + text[text.index("[verifier]") : text.index("[sources.duo]")], "utf-8")
    assert codes(config, trust_list_of_receiver(config)) == {"warn report_unstamped"}


def trust_list_of_receiver(config: Path) -> TrustList:
    from blauweknop.adapters.scheme_settings import load_scheme

    found = read_scheme(load_scheme(config), now=NOW, language="nl")
    assert isinstance(found, TrustList)
    return found
