import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, Algorithm, ExerciseScheme, KeyHolder, new_exercise_scheme
from blauweknop.standards.pades import seal_digest
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from blauweknop.standards.timestamp import time_stamp_request, token_of_response, verify_token

pytestmark = pytest.mark.suite("openssl")

DOCUMENT = b"een document"
DIGEST = hashlib.sha256(DOCUMENT).digest()
SOURCE = KeyHolder(Oin("00000099000000001000"), "Dienst der Proeven", "NTRNL-12345678", "proef")


@pytest.fixture(scope="module", params=["P-256", "RSA-3072"])
def scheme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ExerciseScheme:
    algorithm: Algorithm = request.param
    return new_exercise_scheme(tmp_path_factory.mktemp("openssl") / "keys", [SOURCE], now=datetime.now(UTC), algorithm=algorithm)


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def authority(scheme: ExerciseScheme) -> TimeStampAuthority:
    # The highest bit is set: a serial number that would be negative if it were not written with a leading zero.
    return TimeStampAuthority(
        scheme.time_stamp_signer(), policy=TIME_STAMP_POLICY, now=lambda: datetime.now(UTC), serial=lambda: 0x8000_0000_0000_0001
    )


TRUST = ("-CAfile", "ca/root.pem", "-untrusted", "ca/issuing.pem")


def test_openssl_accepts_our_time_stamps(scheme: ExerciseScheme) -> None:
    request = time_stamp_request(DIGEST, nonce=2**64 - 1)
    (scheme.folder / "request.tsq").write_bytes(request)
    (scheme.folder / "response.tsr").write_bytes(authority(scheme).respond(request))
    said = openssl(scheme.folder, "ts", "-verify", "-in", "response.tsr", "-queryfile", "request.tsq", *TRUST)
    assert "Verification: OK" in said


def test_our_authority_answers_openssl(scheme: ExerciseScheme) -> None:
    (scheme.folder / "document").write_bytes(DOCUMENT)
    openssl(scheme.folder, "ts", "-query", "-data", "document", "-sha256", "-cert", "-out", "openssl.tsq")
    response = authority(scheme).respond((scheme.folder / "openssl.tsq").read_bytes())
    assert verify_token(token_of_response(response), DIGEST).policy == TIME_STAMP_POLICY


@pytest.mark.parametrize("name", ["sources/proef/seal.pem", "sources/proef/credential.pem", "time-stamp/time-stamp.pem"])
def test_openssl_accepts_our_certificates_strictly_and_with_revocation(scheme: ExerciseScheme, name: str) -> None:
    for list_name in ("root", "issuing"):
        openssl(scheme.folder, "crl", "-inform", "DER", "-in", f"ca/{list_name}.crl", "-out", f"ca/{list_name}-crl.pem")
    lists = ("-CRLfile", "ca/root-crl.pem", "-CRLfile", "ca/issuing-crl.pem", "-crl_check_all")
    assert "OK" in openssl(scheme.folder, "verify", "-x509_strict", *lists, *TRUST, name)


def test_openssl_accepts_our_seals_as_cades(scheme: ExerciseScheme) -> None:
    seal = seal_digest(DIGEST, signer=scheme.seal_signer("proef"), revocation=scheme.crls(), time_stamp=None)
    (scheme.folder / "document").write_bytes(DOCUMENT)
    (scheme.folder / "seal.der").write_bytes(seal)
    arguments = ("-inform", "DER", "-in", "seal.der", "-content", "document", "-binary", "-cades", "-purpose", "any")
    assert "Verification successful" in openssl(scheme.folder, "cms", "-verify", *arguments, "-CAfile", "ca/root.pem", "-out", "out")
