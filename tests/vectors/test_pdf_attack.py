"""Hostile signed files of others, each with its signer trusted: refused for what they are, not because nobody knows who signed them."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from blauweknop.adapters.sandbox import Limits, check_in_child
from blauweknop.checking.trust import Trust
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import Rejected
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustService
from blauweknop.standards.x509 import MalformedCertificate, certificates_from_pem
from tests.suites import shared_material
from tests.unit.checking import exercise_documents as x

FILES = sorted((shared_material() or Path("absent")).glob("vectors/pdf-attack/*.pdf"))


def trust_in(signer: Path) -> Trust:
    """The signer as a source that may say anything, and as the authority above itself."""
    if not signer.exists():
        return x.trust()
    try:
        certificates = tuple(certificate.public_bytes(Encoding.DER) for certificate in certificates_from_pem(signer.read_bytes()))
    except (MalformedCertificate, CryptographyDeprecationWarning):
        return x.trust()  # a certificate that our own reader refuses, so it cannot be on a list
    since = x.NOW - timedelta(days=9000)
    kinds = (ServiceKind.SEAL, ServiceKind.TIME_STAMP, ServiceKind.CERTIFICATE_AUTHORITY)
    services = tuple(TrustService(kind, certificates, ServiceStatus.GRANTED, since) for kind in kinds)
    everything = tuple(x.catalogue().datasets)
    return x.trust(TrustedEntity(x.DUO.oin, Text("Bron", "Source"), "Bron", services, everything))


def test_all_the_files_are_there(shared_folder: Path) -> None:
    assert len(list((shared_folder / "vectors" / "pdf-attack").glob("*.pdf"))) == 23


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_hostile_file_is_rejected_within_its_time(file: Path) -> None:
    started = time.monotonic()
    verdict = check_in_child(
        file.read_bytes(), trust=trust_in(file.with_suffix(".trust.pem")), at=x.NOW, catalogue=x.catalogue(), limits=Limits()
    )
    assert isinstance(verdict, Rejected)
    assert time.monotonic() - started < 10
