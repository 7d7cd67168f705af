"""Reports of checks before judges that are not ours: of every colour, in both languages, and one without time stamp."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from blauweknop.adapters.settings_reports import load_report_settings
from blauweknop.assembly.reporting import ReportService, make_report, open_report_service
from blauweknop.checking.trust import NO_TRUST
from blauweknop.document.typesetting import Typesetter
from blauweknop.register.exercise_keys import open_exercise_scheme
from blauweknop.standards.x509 import read_certificate
from tests.interop.dss_judge import DssJudge
from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf_findings
from tests.interop.signature_validators import pyhanko_verdict
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents as r
from tests.unit.cli.installation import install

UNSTAMPED = "unstamped-nl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("reports")).parent


@pytest.fixture(scope="module")
def reports(folder: Path) -> Mapping[str, Path]:
    settings = load_report_settings(folder / "blauweknop.toml")
    assert settings is not None
    typesetter = Typesetter()
    service = open_report_service(settings, typesetter=typesetter, catalogue=x.catalogue())
    unstamped = open_report_service(replace(settings, time_stamp=None), typesetter=typesetter, catalogue=x.catalogue())
    checked = {
        "green": r.checked(),
        "orange": r.checked(trust=NO_TRUST),
        "red": r.checked(x.good_document() + b"\n"),
        "garbage": r.checked(b"\x00nothing"),
    }
    languages: tuple[Literal["nl", "en"], ...] = ("nl", "en")
    now = datetime.now(UTC)
    found: dict[str, Path] = {}

    def write(name: str, by: ReportService, of: str, language: Literal["nl", "en"]) -> None:
        made = make_report(checked[of], by, at=now, now=now, language=language, file_name="brief van mij.pdf")
        found[name] = folder / f"{name}.pdf"
        found[name].write_bytes(made.pdf)
        (folder / f"{name}.json").write_bytes(made.json)

    for of in checked:
        for language in languages:
            write(f"{of}-{language}", service, of, language)
    write(UNSTAMPED, unstamped, "green", "nl")
    return found


@pytest.fixture(scope="module")
def root(folder: Path) -> bytes:
    return open_exercise_scheme(folder / "keys").authorities()[0].public_bytes(Encoding.DER)


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_passes_every_report(reports: Mapping[str, Path], flavour: str) -> None:
    assert {path.name: found for path, found in verapdf_findings(list(reports.values()), flavour).items() if found} == {}


@pytest.mark.suite("qpdf")
def test_qpdf_finds_every_report_clean(reports: Mapping[str, Path]) -> None:
    assert {name: found for name, path in reports.items() if (found := qpdf_check(path))} == {}


@pytest.mark.suite("poppler")
def test_pdfsig_sees_one_seal_over_the_whole_report(reports: Mapping[str, Path]) -> None:
    for path in reports.values():
        (seal,) = pdfsig(path)
        assert (seal.valid, seal.total_document_signed, seal.subfilter) == (True, True, "ETSI.CAdES.detached")


def test_pyhanko_accepts_every_report(reports: Mapping[str, Path], root: bytes) -> None:
    for name, path in reports.items():
        opinion = pyhanko_verdict(path.read_bytes(), roots=[root])
        assert opinion.good, (name, opinion.summary)
        assert (opinion.time_stamp is None) == (name == UNSTAMPED)


@pytest.mark.suite("dss")
def test_dss_passes_every_report_with_a_time_stamp(reports: Mapping[str, Path], root: bytes, dss_judge: DssJudge) -> None:
    stamped = [path for name, path in reports.items() if name != UNSTAMPED]
    assert {path.name: judged for path, judged in dss_judge.judge(stamped, [root]).items() if not judged.passed_as("T")} == {}


@pytest.mark.suite("dss")
def test_dss_calls_a_report_without_time_stamp_baseline_b(reports: Mapping[str, Path], root: bytes, dss_judge: DssJudge) -> None:
    (judged,) = dss_judge.judge([reports[UNSTAMPED]], [root]).values()
    assert [signature.format for signature in judged.signatures] == ["PAdES-BASELINE-B"]


def test_another_library_verifies_the_signed_report(reports: Mapping[str, Path]) -> None:
    for path in reports.values():
        message = JWS()
        message.deserialize(path.with_suffix(".json").read_text("ascii"))
        signer = read_certificate(x5c_of(message))
        message.verify(JWK.from_pem(signer.public_bytes(Encoding.PEM)))
        assert json.loads(message.payload)["signatureValidator"]["identifier"] == "00000099000000000002"


def x5c_of(message: JWS) -> bytes:
    header = json.loads(message.objects["protected"])
    assert header["typ"] == "bk-verification-report+jwt"
    return b64decode(header["x5c"][0])
