import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_keys import (
    CHECK_SERVICE,
    OPERATOR_NAME,
    ExerciseScheme,
    ExerciseSchemeProblem,
    KeyHolder,
    add_check_service,
    new_exercise_scheme,
    open_exercise_scheme,
    renew_crls,
)
from blauweknop.standards.revocation import NotRevoked, RevocationUnknown, Revoked, check_revocation
from blauweknop.standards.x509 import build_path, key_usages, name_value, read_certificate

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OIN = Oin("00000099000000001000")
SOURCE = KeyHolder(OIN, "Dienst der Proeven", "NTRNL-12345678", "proef")


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> ExerciseScheme:
    return new_exercise_scheme(tmp_path_factory.mktemp("scheme") / "keys", [SOURCE], now=NOW)


def every_certificate(folder: Path) -> list[x509.Certificate]:
    return [
        item for file in folder.rglob("*.pem") if b"CERT" in (data := file.read_bytes()) for item in x509.load_pem_x509_certificates(data)
    ]


def test_every_signer_leads_to_the_root_and_is_not_revoked(scheme: ExerciseScheme) -> None:
    root, _ = scheme.authorities()
    for signer in (scheme.seal_signer("proef"), scheme.credential_signer("proef"), scheme.time_stamp_signer()):
        path = build_path(read_certificate(signer.certificate), [read_certificate(item) for item in signer.chain], [root], NOW)
        assert len(path) == 3
        assert isinstance(check_revocation(path, scheme.crls(), NOW), NotRevoked)


def test_the_lists_grow_old_after_thirty_days(scheme: ExerciseScheme) -> None:
    signer, (root, issuing) = scheme.seal_signer("proef"), scheme.authorities()
    path = (read_certificate(signer.certificate), issuing, root)
    assert check_revocation(path, scheme.crls(), NOW + timedelta(days=31)) == RevocationUnknown(0, "crl_stale")


def test_every_certificate_says_loudly_that_it_is_for_exercise(scheme: ExerciseScheme) -> None:
    names = [name_value(certificate.subject, NameOID.COMMON_NAME) for certificate in every_certificate(scheme.folder)]
    assert names
    assert all(str(name).startswith("OEFENING") for name in names)


def test_a_seal_certificate_names_its_organisation_and_only_seals(scheme: ExerciseScheme) -> None:
    certificate = read_certificate(scheme.seal_signer("proef").certificate)
    assert name_value(certificate.subject, NameOID.ORGANIZATION_NAME) == "Dienst der Proeven"
    assert name_value(certificate.subject, NameOID.ORGANIZATION_IDENTIFIER) == "NTRNL-12345678"
    assert name_value(certificate.subject, NameOID.SERIAL_NUMBER) == OIN.digits
    assert key_usages(certificate) == {"content_commitment"}
    assert key_usages(read_certificate(scheme.credential_signer("proef").certificate)) == {"digital_signature"}


def test_a_certificate_for_credentials_names_the_address_of_its_issuer(tmp_path: Path) -> None:
    source = replace(SOURCE, address="https://bron.example/proef")
    signer = new_exercise_scheme(tmp_path / "keys", [source], now=NOW).credential_signer("proef")
    names = read_certificate(signer.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["https://bron.example/proef"]


def test_the_pinned_certificate_is_that_of_the_signer_of_the_list(scheme: ExerciseScheme) -> None:
    anchor = scheme.trust_anchor()
    assert anchor == read_certificate(scheme.trust_list_signer().certificate)
    assert name_value(anchor.subject, NameOID.ORGANIZATION_NAME) == OPERATOR_NAME


def test_private_keys_are_for_their_owner_only(scheme: ExerciseScheme) -> None:
    keys = list(scheme.folder.rglob("*-key.pem"))
    assert len(keys) == 21
    assert {file.stat().st_mode & 0o777 for file in keys} == {0o600}


def test_who_runs_the_check_has_keys_of_its_own(scheme: ExerciseScheme) -> None:
    signers = scheme.check_service_signers()
    assert signers is not None
    seal, credential = (read_certificate(signer.certificate) for signer in signers)
    assert (
        name_value(seal.subject, NameOID.SERIAL_NUMBER) == name_value(credential.subject, NameOID.SERIAL_NUMBER) == CHECK_SERVICE.oin.digits
    )
    assert key_usages(seal) == {"content_commitment"}
    assert key_usages(credential) == {"digital_signature"}


def test_an_older_scheme_gets_the_keys_of_the_check_once(tmp_path: Path) -> None:
    older = new_exercise_scheme(tmp_path / "keys", [], now=NOW)
    shutil.rmtree(older.folder / "check-service")
    assert older.check_service_signers() is None
    add_check_service(older.folder, now=NOW)
    added = older.check_service_signers()
    add_check_service(older.folder, now=NOW)
    again = older.check_service_signers()
    assert added is not None
    assert again is not None
    assert [signer.certificate for signer in added] == [signer.certificate for signer in again]
    assert read_certificate(added[0].certificate).issuer == older.authorities()[1].subject


def test_keys_are_never_overwritten(scheme: ExerciseScheme) -> None:
    with pytest.raises(ExerciseSchemeProblem, match="already"):
        new_exercise_scheme(scheme.folder, [SOURCE], now=NOW)


def test_a_folder_without_scheme_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(ExerciseSchemeProblem):
        open_exercise_scheme(tmp_path)


def test_a_source_that_is_not_there_is_said(scheme: ExerciseScheme) -> None:
    with pytest.raises(ExerciseSchemeProblem, match=r"seal\.pem"):
        open_exercise_scheme(scheme.folder).seal_signer("ander")


def test_a_broken_key_is_said(tmp_path: Path) -> None:
    broken = new_exercise_scheme(tmp_path / "keys", [], now=NOW)
    (broken.folder / "time-stamp" / "time-stamp-key.pem").write_text("geen sleutel")
    with pytest.raises(ExerciseSchemeProblem, match=r"time-stamp-key\.pem"):
        broken.time_stamp_signer()


@pytest.mark.parametrize("name", ["", "../x", "A", "-x", "x" * 32])
def test_a_short_name_can_be_part_of_a_path(name: str) -> None:
    with pytest.raises(MalformedValue):
        KeyHolder(OIN, "Dienst", "NTRNL-1", name)


def test_a_revoked_certificate_stays_on_the_lists_that_follow(tmp_path: Path) -> None:
    made = new_exercise_scheme(tmp_path / "keys", [SOURCE], now=NOW)
    signer, (root, issuing) = made.seal_signer("proef"), made.authorities()
    leaf = read_certificate(signer.certificate)
    renew_crls(made.folder, now=NOW + timedelta(hours=1), revoked=[leaf])
    renew_crls(made.folder, now=NOW + timedelta(hours=2))
    answer = check_revocation((leaf, issuing, root), made.crls(), NOW + timedelta(hours=3))
    assert answer == Revoked(0, NOW + timedelta(hours=1), "cessationOfOperation")


def test_rsa_seals_and_p256_messages_go_together(tmp_path: Path) -> None:
    made = new_exercise_scheme(tmp_path / "keys", [], now=NOW, algorithm="RSA-3072")
    assert isinstance(read_certificate(made.time_stamp_signer().certificate).public_key(), rsa.RSAPublicKey)
    assert made.trust_list_signer().sign(bytes(32))[0] == 0x30
