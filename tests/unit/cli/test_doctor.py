import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.settings import Settings
from blauweknop.catalogue.texts import all_texts
from blauweknop.cli import doctor
from blauweknop.cli.doctor_findings import Finding, State, fail, fault, finding_lines, ok
from blauweknop.cli.doctor_keys import examine_keys
from blauweknop.cli.doctor_scheme import (
    examine_anchors,
    examine_check_page,
    examine_membership,
    examine_time_stamp,
    examine_trust_list,
    read_scheme,
)
from blauweknop.cli.doctor_systems import examine_database
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.exercise_keys import renew_crls
from blauweknop.standards.trust_list import ServiceKind, TrustedEntity, TrustList
from blauweknop.standards.x509 import certificates_from_pem
from blauweknop.verifier.staff.log_checking import BreakCode
from tests.unit.cli.installation import NOW, forget_database, install, rewrite, settings_of
from tests.unit.standards.pki import MESSAGES, certify


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen of trust lists is remembered in the folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("BLAUWEKNOP_TRUST_LIST", raising=False)
    monkeypatch.delenv("BLAUWEKNOP_TRUST_ANCHOR", raising=False)


def codes(findings: Sequence[Finding]) -> set[str]:
    """`fail certificate_expired` and the like, of what is not well."""
    for finding in findings:
        assert all(finding_lines(finding, language) for language in ("nl", "en"))
    return {f"{finding.state} {finding.code}" for finding in findings if finding.state is not State.OK}


def trust_list_of(settings: Settings) -> TrustList:
    found = read_scheme(settings.scheme, now=NOW, language="nl")
    assert isinstance(found, TrustList)
    return found


def keys(config: Path, now: datetime = NOW) -> set[str]:
    settings = settings_of(config)
    return codes(list(examine_keys(settings.sources["duo"], trust_list_of(settings), now=now, language="nl")))


def test_an_installation_that_is_right_has_nothing_to_mend(tmp_path: Path) -> None:
    config = install(tmp_path)
    settings = settings_of(config)
    upgrade(open_database(settings.storage.url))
    trust_list = trust_list_of(settings)

    findings = [
        *examine_database(settings.storage),
        *examine_trust_list(trust_list, settings.scheme, settings.file, now=NOW, language="nl"),
        *examine_check_page(trust_list, settings),
        *examine_time_stamp(settings, trust_list, now=datetime.now(UTC)),
        *(finding for source in settings.sources.values() for finding in examine_membership(trust_list, source, now=NOW)),
    ]

    assert codes(findings) == set()
    assert keys(config) == set()


def test_a_certificate_that_ended_is_a_failure(tmp_path: Path) -> None:
    assert {"fail certificate_expired", "fail path"} <= keys(install(tmp_path), NOW + timedelta(days=4 * 365))


def test_a_certificate_that_ends_within_a_month_is_a_warning(tmp_path: Path) -> None:
    config = install(tmp_path)
    seal = certificates_from_pem((config.parent / "keys/sources/duo/seal.pem").read_bytes())[0]

    found = keys(config, seal.not_valid_after_utc - timedelta(days=29))

    assert "warn certificate_ends" in found
    assert "fail certificate_expired" not in found


def test_a_certificate_that_is_not_valid_yet_is_a_failure(tmp_path: Path) -> None:
    assert "fail certificate_early" in keys(install(tmp_path), NOW - timedelta(days=30))


def test_a_key_of_another_certificate_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    sources = config.parent / "keys" / "sources"
    shutil.copy(sources / "uwv" / "seal-key.pem", sources / "duo" / "seal-key.pem")

    assert "fail key" in keys(config)


@pytest.mark.parametrize("name", ["seal-key.pem", "seal.pem", "credential-key.pem", "credential.pem"])
def test_a_key_or_certificate_that_is_none_is_a_failure(name: str, tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "keys" / "sources" / "duo" / name).write_text("x")

    assert "fail key" in keys(config)


def test_a_key_that_everyone_can_read_is_a_warning(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "keys" / "sources" / "duo" / "seal-key.pem").chmod(0o644)

    assert keys(config) == {"warn key_open"}


def swap_pairs(config: Path) -> None:
    folder = config.parent / "keys" / "sources" / "duo"
    for seal, credential in (("seal.pem", "credential.pem"), ("seal-key.pem", "credential-key.pem")):
        seal_bytes = (folder / seal).read_bytes()
        (folder / seal).write_bytes((folder / credential).read_bytes())
        (folder / credential).write_bytes(seal_bytes)


def test_certificates_are_used_for_what_they_were_given_out_for(tmp_path: Path) -> None:
    config = install(tmp_path)
    swap_pairs(config)

    assert {"warn usage_seal", "fail usage_credential"} <= keys(config)


def test_an_authority_does_not_seal(tmp_path: Path) -> None:
    config = install(tmp_path)
    rewrite(config, "keys/sources/duo/seal-key.pem", "keys/ca/issuing-key.pem")
    rewrite(config, "keys/sources/duo/seal.pem", "keys/ca/issuing.pem")

    assert {"fail usage_seal", "fail certificate_oin"} <= keys(config)


def test_the_oin_of_the_certificate_is_that_of_the_configuration(tmp_path: Path) -> None:
    config = install(tmp_path)
    rewrite(config, "00000099000000001001", "00000099000000007777")

    assert "fail certificate_oin" in keys(config)


def test_without_a_credential_key_nothing_can_be_sealed(tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    source = replace(settings.sources["duo"], credential=None)

    assert "fail credential_missing" in codes(list(examine_keys(source, trust_list_of(settings), now=NOW, language="nl")))


def test_a_stale_revocation_list_is_a_failure(tmp_path: Path) -> None:
    assert "fail crl" in keys(install(tmp_path), NOW + timedelta(days=31))


def test_a_revocation_list_that_is_nearly_stale_is_a_warning(tmp_path: Path) -> None:
    assert keys(install(tmp_path), NOW + timedelta(days=29)) == {"warn crl_ends"}


@pytest.mark.parametrize("name", ["root", "issuing"])
def test_a_revocation_list_that_is_none_is_a_failure(name: str, tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "keys" / "ca" / f"{name}.crl").write_bytes(b"x")

    assert "fail crl" in keys(config)


def test_a_certificate_that_was_taken_back_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    folder = config.parent / "keys"
    renew_crls(folder, now=NOW, revoked=certificates_from_pem((folder / "sources/duo/seal.pem").read_bytes())[:1])

    assert "fail revoked" in keys(config)


def test_a_chain_that_does_not_reach_the_trust_list_is_a_failure(tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    source = settings.sources["duo"]
    source = replace(source, seal=replace(source.seal, chain=()))

    assert "fail path" in codes(list(examine_keys(source, trust_list_of(settings), now=NOW, language="nl")))


def test_without_a_trust_list_it_is_said_what_was_not_looked_at(tmp_path: Path) -> None:
    source = settings_of(install(tmp_path)).sources["duo"]

    assert codes(list(examine_keys(source, None, now=NOW, language="nl"))) == {"warn path_unknown"}


def scheme_fault(config: Path) -> set[str]:
    found = read_scheme(settings_of(config).scheme, now=NOW, language="nl")
    assert isinstance(found, Finding)
    return codes([found])


def test_a_missing_trust_list_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "trust-list.json").unlink()

    assert scheme_fault(config) == {"fail trust_list"}


def test_a_trust_list_of_another_signer_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    shutil.copy(config.parent / "keys" / "ca" / "root.pem", config.parent / "trust-anchor.pem")

    assert scheme_fault(config) == {"fail trust_list"}


def test_a_missing_trust_anchor_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "trust-anchor.pem").unlink()

    assert scheme_fault(config) == {"fail trust_list"}


DAYS = timedelta(days=1)
ANCHORS: dict[str, tuple[list[int], str | None]] = {
    "one that lasts": ([400], None),
    "one that ends in three months": ([89], "warn trust_anchor_ends"),
    "one that has ended": ([-1], "fail trust_anchor_over"),
    "an old one that ends and a new one": ([30, 400], None),
    "a new one and an old one that has ended": ([400, -1], "warn trust_anchor_left_over"),
    "two that end soon": ([30, 60], "warn trust_anchor_ends"),
    "two that have ended": ([-30, -1], "fail trust_anchor_over"),
}


@pytest.mark.parametrize(("days", "expected"), ANCHORS.values(), ids=ANCHORS.keys())
def test_how_long_the_pinned_signers_last(days: list[int], expected: str | None, tmp_path: Path) -> None:
    pinned = [certify("lijst", None, MESSAGES, starts=NOW - 100 * DAYS, ends=NOW + count * DAYS).certificate for count in days]
    (tmp_path / "anchor.pem").write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in pinned))

    assert codes(list(examine_anchors(tmp_path / "anchor.pem", now=NOW, language="nl"))) == ({expected} if expected else set())


Change = Callable[[TrustList], TrustList]
TRUST_LISTS: dict[str, tuple[Change, timedelta, set[str]]] = {
    "too old": (lambda found: found, timedelta(days=31), {"fail trust_list_stale"}),
    "nearly too old": (lambda found: found, timedelta(days=29), {"warn trust_list_ends"}),
    "of the real scheme": (lambda found: replace(found, exercise=False), timedelta(), {"fail environment"}),
    "with another check page": (lambda found: replace(found, check_url="https://x.example"), timedelta(), {"fail check_url"}),
}


@pytest.mark.parametrize(("change", "later", "expected"), TRUST_LISTS.values(), ids=TRUST_LISTS.keys())
def test_a_trust_list(change: Change, later: timedelta, expected: set[str], tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    trust_list = change(trust_list_of(settings))

    found = examine_trust_list(trust_list, settings.scheme, settings.file, now=NOW + later, language="en")

    assert codes([*found, *examine_check_page(trust_list, settings)]) == expected


def only_scheme(config: Path) -> Path:
    """The file of who only checks: nothing of a source in it."""
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("[storage]")], "utf-8")
    return config


def test_of_a_receiver_only_the_scheme_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.examine(only_scheme(install(tmp_path)), "en") == 0

    assert capsys.readouterr().out.splitlines()[-1] == "3 ok, 0 warnings, 0 failed"


def test_a_receiver_without_a_trust_list_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = only_scheme(install(tmp_path))
    (config.parent / "trust-list.json").unlink()

    assert doctor.examine(config, "en") == 1
    assert "trust list" in capsys.readouterr().out


def without(*kinds: ServiceKind) -> Callable[[TrustedEntity], TrustedEntity]:
    return lambda entity: replace(entity, services=tuple(service for service in entity.services if service.kind not in kinds))


Entity = Callable[[TrustedEntity], TrustedEntity]
MEMBERSHIPS: dict[str, tuple[Entity, set[str]]] = {
    "without its seal certificate": (without(ServiceKind.SEAL), {"fail certificate_not_listed"}),
    "without its credential certificate": (without(ServiceKind.CREDENTIAL), {"fail certificate_not_listed"}),
    "without a data set": (lambda entity: replace(entity, datasets=entity.datasets[1:]), {"fail dataset_not_listed"}),
    "under another name": (lambda entity: replace(entity, legal_name="X"), {"fail names_differ"}),
}


@pytest.mark.parametrize(("change", "expected"), MEMBERSHIPS.values(), ids=MEMBERSHIPS.keys())
def test_a_source_is_listed(change: Entity, expected: set[str], tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    trust_list = trust_list_of(settings)
    trust_list = replace(trust_list, entities=tuple(map(change, trust_list.entities)))

    assert codes(list(examine_membership(trust_list, settings.sources["duo"], now=NOW))) == expected


def test_a_source_that_is_not_listed_is_a_failure(tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    trust_list = replace(trust_list_of(settings), entities=())

    assert codes(list(examine_membership(trust_list, settings.sources["duo"], now=NOW))) == {"fail not_listed"}


def test_a_time_stamp_authority_that_does_not_stamp_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    rewrite(config, 'exercise_folder = "keys"', 'exercise_folder = "nergens"')

    assert codes(list(examine_time_stamp(settings_of(config), None, now=NOW))) == {"fail time_stamp", "fail seal_level_none"}


def test_a_clock_that_runs_two_minutes_ahead_is_a_failure(tmp_path: Path) -> None:
    ahead = datetime.now(NOW.tzinfo) + timedelta(minutes=2)

    assert codes(list(examine_time_stamp(settings_of(install(tmp_path)), None, now=ahead))) == {"fail clock"}


def test_a_time_stamp_authority_that_is_not_listed_is_a_failure(tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    trust_list = trust_list_of(settings)
    trust_list = replace(trust_list, entities=tuple(map(without(ServiceKind.TIME_STAMP), trust_list.entities)))

    assert codes(list(examine_time_stamp(settings, trust_list, now=datetime.now(NOW.tzinfo)))) == {"fail time_stamp_not_listed"}


def test_revocation_lists_must_answer_for_the_time_stamp_too(tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    duo = settings.sources["duo"]
    settings = replace(settings, sources={"duo": replace(duo, seal=replace(duo.seal, crls=()))})

    assert codes(list(examine_time_stamp(settings, trust_list_of(settings), now=datetime.now(NOW.tzinfo)))) == {"fail time_stamp_crl"}


def test_a_database_that_is_not_there_is_a_failure_and_is_not_made(tmp_path: Path) -> None:
    config = forget_database(install(tmp_path))

    assert codes(list(examine_database(settings_of(config).storage))) - {"warn sqlite_old"} == {"fail database_new"}
    assert not (config.parent / "blauweknop.db").exists()


def test_a_database_of_another_version_is_a_failure(tmp_path: Path) -> None:
    config = forget_database(install(tmp_path))
    (config.parent / "blauweknop.db").touch()

    assert "fail database_pending" in codes(list(examine_database(settings_of(config).storage)))


def test_a_file_that_is_no_database_is_a_failure(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "blauweknop.db").write_bytes(b"no database" * 100)

    assert "fail database" in codes(list(examine_database(settings_of(config).storage)))


@pytest.mark.parametrize("mode", [0o644, None])
def test_a_secret_key_that_is_no_secret_or_not_there_is_a_failure(mode: int | None, tmp_path: Path) -> None:
    config = install(tmp_path)
    key = config.parent / "secret-key"
    key.unlink() if mode is None else key.chmod(mode)

    assert "fail secret_key" in codes(list(examine_database(settings_of(config).storage)))


def test_what_a_failing_part_advises_goes_first() -> None:
    lines = list(finding_lines(fault("trust_list", BlauweKnopError("x", remedy="do this")), "en"))

    assert lines == ["fail    trust list: x", "        do this"]


def test_every_finding_has_its_sentences_in_both_languages() -> None:
    texts = all_texts()
    written = "".join(path.read_text("utf-8") for path in Path(doctor.__file__).parent.glob("doctor*.py"))
    good = set(re.findall(r"\bok\(\s*\"([a-z_]+)\"", written))
    bad = set(re.findall(r"\b(?:warn|fail|fault)\(\s*\"([a-z_]+)\"", written))
    bad |= {"usage_seal", "usage_credential", "source", "source_configuration", "login_provider_unreachable", "login_provider_metadata"}
    bad |= {"staff_provider_unreachable", "staff_provider_metadata", "staff_request_refused"}
    bad |= {f"receiver_{what}{soon}" for what in ("certificate", "registration") for soon in ("", "_ends")}
    bad |= {f"staff_log_{code}" for code in get_args(BreakCode)}

    assert {f"doctor.ok.{code}" for code in good} <= texts.keys()
    assert {f"doctor.{kind}.{code}" for code in bad for kind in ("problem", "remedy")} <= texts.keys()
    unused = {key for key in texts if key.startswith(("doctor.problem.", "doctor.remedy."))} - {
        f"doctor.{kind}.{code}" for code in bad for kind in ("problem", "remedy")
    }
    assert not unused


def test_a_finding_that_is_well_is_one_line() -> None:
    assert list(finding_lines(ok("configuration", file="x", count=1), "en")) == ["ok      x: read, with 1 source"]
    assert len(list(finding_lines(fail("not_listed", source="duo"), "en"))) == 2
