from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_keys import ExerciseScheme, ExerciseSchemeProblem, KeyHolder, new_exercise_scheme
from blauweknop.register.exercise_roll_over import add_source_keys
from blauweknop.register.trust_publishing import exercise_trust_list
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity
from blauweknop.standards.x509 import build_path, certificates_from_pem, key_usages
from tests.unit.cli.installation import exit_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OIN = Oin("00000099000000001000")
SOURCE = KeyHolder(OIN, "Dienst der Proeven", "NTRNL-12345678", "proef", address="https://proef.example/proef")


@pytest.fixture
def scheme(tmp_path: Path) -> ExerciseScheme:
    return new_exercise_scheme(tmp_path / "keys", [SOURCE], now=NOW - DAY)


def first(file: Path) -> x509.Certificate:
    return certificates_from_pem(file.read_bytes())[0]


def listed(scheme: ExerciseScheme, withdrawn: Mapping[bytes, datetime] | None = None) -> TrustedEntity:
    identity = SourceIdentity("proef", "duo", OIN, "Proef", SOURCE.name)
    trust_list = exercise_trust_list(
        scheme,
        [identity],
        {"proef": ["duo.studieschuld"]},
        sequence=1,
        check_url="https://x",
        since=NOW - DAY,
        at=NOW,
        withdrawn=withdrawn or {},
    )
    entity = trust_list.entity(OIN)
    assert entity is not None
    return entity


def test_the_next_pair_says_the_same_for_another_key_and_leads_to_the_root(scheme: ExerciseScheme) -> None:
    root, issuing = scheme.authorities()
    for made in add_source_keys(scheme.folder, "proef", now=NOW):
        old, new = first(made.with_name(made.name.replace("-2", ""))), first(made)
        assert (new.subject, key_usages(new)) == (old.subject, key_usages(old))
        assert new.public_key() != old.public_key()
        assert build_path(new, [issuing], [root], NOW)
        assert {item.oid for item in new.extensions} == {item.oid for item in old.extensions}


def test_the_first_keys_stay_and_each_pair_has_a_number(scheme: ExerciseScheme) -> None:
    before = {file: file.read_bytes() for file in scheme.folder.rglob("*.pem")}
    names = [[file.name for file in add_source_keys(scheme.folder, "proef", now=NOW)] for _ in range(2)]
    assert names == [["seal-2.pem", "credential-2.pem"], ["seal-3.pem", "credential-3.pem"]]
    assert {file: file.read_bytes() for file in before} == before


def test_a_key_of_the_same_kind_that_only_the_owner_can_read(tmp_path: Path) -> None:
    scheme = new_exercise_scheme(tmp_path / "keys", [SOURCE], now=NOW, algorithm="RSA-3072")
    seal, credential = add_source_keys(scheme.folder, "proef", now=NOW)
    assert isinstance(first(seal).public_key(), rsa.RSAPublicKey)
    assert not isinstance(first(credential).public_key(), rsa.RSAPublicKey)
    assert [file.with_name(f"{file.stem}-key.pem").stat().st_mode & 0o077 for file in (seal, credential)] == [0, 0]


@pytest.mark.parametrize("source", ["ander", "..", "../ca", ""])
def test_only_a_source_of_the_scheme_gets_another_pair(scheme: ExerciseScheme, source: str) -> None:
    with pytest.raises(ExerciseSchemeProblem) as caught:
        add_source_keys(scheme.folder, source, now=NOW)
    assert caught.value.remedy == "choose one of: proef"


def test_the_trust_list_names_all_pairs_of_a_source(scheme: ExerciseScheme) -> None:
    seal, credential = add_source_keys(scheme.folder, "proef", now=NOW)
    source = listed(scheme)
    assert source.certificates(ServiceKind.SEAL, NOW) == tuple(der(file) for file in (seal.with_name("seal.pem"), seal))
    assert source.certificates(ServiceKind.CREDENTIAL, NOW) == tuple(
        der(file) for file in (credential.with_name("credential.pem"), credential)
    )


def test_a_key_that_was_withdrawn_counts_before_that_moment_only(scheme: ExerciseScheme) -> None:
    seal, _ = add_source_keys(scheme.folder, "proef", now=NOW)
    old = seal.with_name("seal.pem")
    source = listed(scheme, {der(old): NOW})
    (service,) = (service for service in source.services if service.certificates == (der(old),))
    moments = (NOW - DAY - timedelta(seconds=1), NOW - timedelta(seconds=1), NOW)
    assert [service.status_at(moment) for moment in moments] == [None, ServiceStatus.GRANTED, ServiceStatus.WITHDRAWN]
    assert source.certificates(ServiceKind.SEAL, NOW) == (der(seal),)


def der(file: Path) -> bytes:
    return first(file).public_bytes(Encoding.DER)


def test_the_command_says_where_they_are_and_what_comes_first(scheme: ExerciseScheme, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["keys", "next", str(scheme.folder), "proef"]) == 0
    said = capsys.readouterr()
    assert str(scheme.folder / "sources" / "proef" / "seal-2.pem") in said.out
    assert "First put both certificates on the trust list" in said.err
    assert exit_of(["keys", "next", str(scheme.folder), "ander"]) == 3
