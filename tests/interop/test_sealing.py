"""What others say of a letter we sealed: the same file must satisfy all of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import CertificateBuilder, KeyUsage, NameOID
from cryptography.x509 import Name as DistinguishedName
from cryptography.x509 import NameAttribute as Attribute
from pyhanko.sign import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from blauweknop.document.sealing import seal_pdf
from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf_findings
from tests.interop.signature_validators import pyhanko_verdict
from tests.unit.document.pdf_samples import BODY, MOMENT, typeset

MANY_PAGES = BODY + "#table(columns: 3, table.header([A], [B], [C]), ..range(300).map(number => [Cel #number]))"
PLAIN = "= Kop\nTekst zonder link."


@cache
def _signer() -> tuple[SimpleSigner, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = DistinguishedName([Attribute(NameOID.COMMON_NAME, "OEFENING")])
    now = datetime.now(UTC)
    certificate = (
        CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(hours=1), now + timedelta(hours=1))
        .add_extension(KeyUsage(False, True, False, False, False, False, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = certificate.public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    parsed = x509.Certificate.load(encoded)
    known = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # a package without types for its constructor
    known.register(parsed)
    return SimpleSigner(parsed, keys.PrivateKeyInfo.load(private), known), encoded


def _cms(digest: bytes) -> bytes:
    signed = asyncio.run(_signer()[0].async_sign(digest, "sha256", use_pades=True))
    encoded: bytes = signed.dump()
    return encoded


def _sealed(body: str) -> bytes:
    return seal_pdf(
        typeset(body),
        seal=_cms,
        cms_size=16384,
        alternate_text="Digitaal zegel van gemeente Dichtbij",
        signer_name="Gemeente Súdwest-Fryslân",
        reason="Gewaarmerkt document",
        moment=MOMENT,
    )


def _files(folder: Path) -> list[Path]:
    found = []
    for number, body in enumerate((BODY, MANY_PAGES, PLAIN)):
        found.append(folder / f"{number}.pdf")
        found[-1].write_bytes(_sealed(body))
    return found


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_finds_nothing_after_sealing(tmp_path: Path, flavour: str) -> None:
    findings = verapdf_findings(_files(tmp_path), flavour)
    assert set(findings.values()) == {()}, findings


@pytest.mark.suite("poppler")
def test_pdfsig_sees_a_valid_seal_over_the_total_document(tmp_path: Path) -> None:
    for path in _files(tmp_path):
        (signature,) = pdfsig(path)
        assert (signature.valid, signature.total_document_signed, signature.subfilter) == (True, True, "ETSI.CAdES.detached")


@pytest.mark.suite("qpdf")
def test_qpdf_finds_no_fault(tmp_path: Path) -> None:
    assert [qpdf_check(path) for path in _files(tmp_path)] == [(), (), ()]


@pytest.mark.parametrize("body", [BODY, MANY_PAGES, PLAIN])
def test_pyhanko_calls_the_seal_good(body: str) -> None:
    opinion = pyhanko_verdict(_sealed(body), roots=[_signer()[1]], revocation=False)
    assert opinion.good, opinion.summary
