"""Dossiers that a receiver sealed, before judges that are not ours."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from blauweknop.verifier.dossier.dossier import OwnPaper
from blauweknop.verifier.dossier.ports import Note
from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf_findings
from tests.interop.signature_validators import pyhanko_verdict
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.dossier.dossier_world import family, made_dossier
from tests.unit.verifier.dossier.sealed_dossiers import rich, sealed


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("dossiers")
    picture = b"\x89PNG\r\n\x1a\n niet echt"
    papers = (OwnPaper(1, "Huur \U0001f600 <b>", "image/png", base64.b64encode(picture).decode()),)
    whole = replace(rich(family(), papers=papers), notes=(Note(1, "Belt morgen.", x.NOW),))
    made = {
        "nl": sealed(whole, with_papers=True, with_notes=True),
        "en": sealed(whole, language="en"),
        "leeg": sealed(made_dossier()),
    }
    for name, pdf in made.items():
        (folder / f"{name}.pdf").write_bytes(pdf)
    return {name: folder / f"{name}.pdf" for name in made}


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_passes_every_dossier(dossiers: Mapping[str, Path], flavour: str) -> None:
    assert {path.name: found for path, found in verapdf_findings(list(dossiers.values()), flavour).items() if found} == {}


@pytest.mark.suite("qpdf")
def test_qpdf_finds_every_dossier_clean(dossiers: Mapping[str, Path]) -> None:
    assert {name: found for name, path in dossiers.items() if (found := qpdf_check(path))} == {}


@pytest.mark.suite("poppler")
def test_pdfsig_sees_one_seal_over_the_whole_dossier(dossiers: Mapping[str, Path]) -> None:
    for path in dossiers.values():
        (seal,) = pdfsig(path)
        assert (seal.valid, seal.total_document_signed) == (True, True)


def test_pyhanko_accepts_every_dossier(dossiers: Mapping[str, Path]) -> None:
    for name, path in dossiers.items():
        opinion = pyhanko_verdict(path.read_bytes(), roots=[x.exercise().authorities[0]])
        assert opinion.good, (name, opinion.summary)
