"""Documents with proofs that were added after the seal, before judges that are not ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from blauweknop.adapters.settings import load_settings
from blauweknop.assembly.archiving import archive_means
from blauweknop.document.archiving import ArchiveLevel, archive
from blauweknop.register.exercise_keys import open_exercise_scheme
from tests.demo_scheme import PlayedDemo
from tests.interop.dss_judge import DssJudge
from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf_findings

LEVELS = {"lt.pdf": "LT", "lta.pdf": "LTA", "renewed.pdf": "LTA"}


@pytest.fixture(scope="module")
def kept(demo: PlayedDemo, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """One document at each level, and one that was renewed."""
    settings = load_settings(demo.folder / "blauweknop.toml")
    source = next(path for path in demo.documents if "-duo-" in path.name)
    oin = settings.sources["duo"].identity.oin.digits
    means = archive_means(settings, oin, now=datetime.now(UTC))
    folder = tmp_path_factory.mktemp("kept")

    def made(pdf: bytes, level: ArchiveLevel) -> bytes:
        return archive(pdf, level, crls=means.crls, stamp=means.stamp)

    lt = made(source.read_bytes(), "B-LT")
    lta = made(source.read_bytes(), "B-LTA")
    renewed = archive(
        lta,
        "B-LTA",
        crls=archive_means(settings, settings.sources["duo"].identity.oin.digits, now=datetime.now(UTC)).crls,
        stamp=means.stamp,
    )
    found = {}
    for name, content in zip(LEVELS, (lt, lta, renewed), strict=True):
        found[name] = folder / name
        found[name].write_bytes(content)
    return found


@pytest.fixture(scope="module")
def root(demo: PlayedDemo) -> bytes:
    return open_exercise_scheme(demo.folder / "keys").authorities()[0].public_bytes(Encoding.DER)


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_still_passes_them(kept: Mapping[str, Path], flavour: str) -> None:
    assert {path.name: found for path, found in verapdf_findings(kept.values(), flavour).items() if found} == {}


@pytest.mark.suite("qpdf")
def test_qpdf_finds_them_clean(kept: Mapping[str, Path]) -> None:
    assert {name: found for name, path in kept.items() if (found := qpdf_check(path))} == {}


@pytest.mark.suite("poppler")
def test_pdfsig_finds_the_seal_valid_and_the_last_time_stamp_over_everything(kept: Mapping[str, Path]) -> None:
    for name, path in kept.items():
        seal, *stamps = pdfsig(path)
        assert (seal.valid, len(stamps)) == (True, {"lt.pdf": 0, "lta.pdf": 1, "renewed.pdf": 2}[name])
        assert [stamp.total_document_signed for stamp in stamps] == [False] * (len(stamps) - 1) + [True] * bool(stamps)


@pytest.mark.parametrize("name", list(LEVELS))
def test_pyhanko_sees_nothing_but_proofs_after_the_seal(kept: Mapping[str, Path], name: str) -> None:
    reader = PdfFileReader(BytesIO(kept[name].read_bytes()))
    (seal,) = reader.embedded_regular_signatures
    seal.compute_integrity_info()
    assert isinstance(seal.diff_result, DiffResult)
    assert (seal.coverage, seal.diff_result.modification_level) == (
        SignatureCoverageLevel.ENTIRE_REVISION,
        ModificationLevel.LTA_UPDATES,
    )
    stamps = reader.embedded_timestamp_signatures
    for stamp in stamps:
        stamp.compute_integrity_info()
    assert all(stamp.coverage is SignatureCoverageLevel.ENTIRE_FILE for stamp in stamps[-1:])


@pytest.mark.parametrize("name", list(LEVELS))
def test_pyhanko_trusts_seal_and_time_stamps_by_the_lists_of_the_store_alone(kept: Mapping[str, Path], root: bytes, name: str) -> None:
    reader = PdfFileReader(BytesIO(kept[name].read_bytes()))
    store = DocumentSecurityStore.read_dss(reader)
    context = store.as_validation_context({"trust_roots": [Certificate.load(root)], "revocation_mode": "hard-fail"})
    (seal,) = reader.embedded_regular_signatures
    judged = validate_pdf_signature(seal, signer_validation_context=context, ts_validation_context=context)
    assert (judged.intact, judged.valid, judged.trusted, judged.docmdp_ok) == (True, True, True, True), judged.pretty_print_details()
    stamps = [validate_pdf_timestamp(stamp, validation_context=context) for stamp in reader.embedded_timestamp_signatures]
    assert all((stamp.intact, stamp.valid, stamp.trusted) == (True, True, True) for stamp in stamps)


@pytest.mark.suite("dss")
def test_dss_passes_each_at_its_level(kept: Mapping[str, Path], dss_judge: DssJudge, root: bytes) -> None:
    judged = dss_judge.judge(kept.values(), [root])
    assert {path.name: judgement for path, judgement in judged.items() if not judgement.passed_as(LEVELS[path.name])} == {}
