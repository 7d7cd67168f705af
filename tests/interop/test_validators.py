"""A judge that calls everything good proves nothing: each is shown a bad thing."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
import typst
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf, verapdf_findings
from tests.interop.signature_validators import pyhanko_verdict
from tests.interop.web_validators import axe_violations, html_errors
from tests.suites import PROJECT

_MOMENT = datetime(2026, 11, 3, tzinfo=UTC)
_FONTS = PROJECT / "src" / "blauweknop" / "document" / "fonts"
_LETTER = '#set document(title: "Proef")\n#set text(font: "Noto Sans", lang: "nl")\n= Proef\nEen brief.'
_GOOD_PAGE = '<!doctype html><html lang="nl"><head><title>Proef</title></head><body><main><h1>Proef</h1><p>Goed.</p></main></body></html>'
_BAD_PAGE = '<!doctype html><html><head><title></title></head><body><img src="x.png"><p style="color:#ddd">Vaag</body></html>'


def _letter(standard: Literal["a-3a", "1.7"] = "a-3a") -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])
    made: bytes = typst.compile(_LETTER.encode(), format="pdf", pdf_standards=standard, timestamp=_MOMENT, font_paths=fonts)
    return made


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _sealed(letter: bytes, folder: Path) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OEFENING")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(hours=1)
        )
        .add_extension(x509.KeyUsage(False, True, False, False, False, False, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = SimpleSigner.load(
        str(_file(folder, "key.pem", private)), str(_file(folder, "certificate.pem", certificate.public_bytes(serialization.Encoding.PEM)))
    )
    metadata = PdfSignatureMetadata(
        field_name="Zegel", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES, subfilter=SigSeedSubFilter.PADES
    )
    sealed = sign_pdf(IncrementalPdfFileWriter(BytesIO(letter)), metadata, signer=signer)
    return sealed.getvalue(), certificate.public_bytes(serialization.Encoding.DER)


def _changed(sealed: bytes) -> bytes:
    place = sealed.index(b"/Title")
    return sealed[: place + 7] + bytes([sealed[place + 7] ^ 1]) + sealed[place + 8 :]


@pytest.mark.suite("verapdf")
def test_verapdf_tells_good_from_bad_in_one_start(tmp_path: Path) -> None:
    good = _file(tmp_path, "a good one.pdf", _letter())
    bad = _file(tmp_path, "bad.pdf", _letter("1.7"))
    broken = _file(tmp_path, "broken.pdf", b"no PDF")

    assert verapdf([good, bad, broken], "3a") == {good: True, bad: False, broken: False}
    assert verapdf_findings([bad], "ua1")[bad]


@pytest.mark.suite("qpdf")
def test_qpdf_reports_a_broken_file(tmp_path: Path) -> None:
    letter = _letter()

    assert qpdf_check(_file(tmp_path, "good.pdf", letter)) == ()
    assert qpdf_check(_file(tmp_path, "bad.pdf", letter[:-40]))


@pytest.mark.suite("poppler")
def test_pdfsig_sees_a_change_and_a_tail(tmp_path: Path) -> None:
    sealed, _ = _sealed(_letter(), tmp_path)

    (good,) = pdfsig(_file(tmp_path, "good.pdf", sealed))
    (changed,) = pdfsig(_file(tmp_path, "changed.pdf", _changed(sealed)))
    (longer,) = pdfsig(_file(tmp_path, "longer.pdf", sealed + b"\n% tail"))

    assert (good.valid, good.total_document_signed, good.subfilter) == (True, True, "ETSI.CAdES.detached")
    assert not changed.valid
    assert not longer.total_document_signed
    assert pdfsig(_file(tmp_path, "none.pdf", _letter("1.7"))) == ()


def test_pyhanko_accepts_a_good_seal_under_a_known_root(tmp_path: Path) -> None:
    sealed, root = _sealed(_letter(), tmp_path)

    opinion = pyhanko_verdict(sealed, roots=[root], revocation=False)

    assert opinion.good, opinion.summary


def test_pyhanko_refuses_an_unknown_root(tmp_path: Path) -> None:
    sealed, _ = _sealed(_letter("1.7"), tmp_path)
    (tmp_path / "other").mkdir()
    _, other_root = _sealed(_letter("1.7"), tmp_path / "other")

    assert not pyhanko_verdict(sealed, roots=[other_root], revocation=False).trusted


def test_pyhanko_refuses_a_changed_file(tmp_path: Path) -> None:
    sealed, root = _sealed(_letter("1.7"), tmp_path)

    assert not pyhanko_verdict(_changed(sealed), roots=[root], revocation=False).intact


def test_pyhanko_sees_bytes_after_the_seal(tmp_path: Path) -> None:
    sealed, root = _sealed(_letter("1.7"), tmp_path)

    assert not pyhanko_verdict(sealed + b"\n% tail", roots=[root], revocation=False).whole_file


@pytest.mark.suite("vnu")
def test_the_html_checker_names_errors_per_page() -> None:
    errors = html_errors({"good": _GOOD_PAGE, "bad": _BAD_PAGE})

    assert errors["good"] == ()
    assert any("alt" in error for error in errors["bad"])


@pytest.mark.suite("chromium")
def test_axe_names_what_is_hard_to_use(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(_GOOD_PAGE)
    good = axe_violations(page)
    page.set_content(_BAD_PAGE)
    bad = axe_violations(page)

    assert good == ()
    assert {"image-alt", "html-has-lang"} <= {violation.split()[0] for violation in bad}
