"""What EU DSS, the validator of the European Commission, says of the documents of the demo."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.register.exercise_keys import open_exercise_scheme
from tests.demo_scheme import PlayedDemo
from tests.interop.dss_judge import DssJudge, DssJudgement, DssSilent, running_dss_judge

pytestmark = pytest.mark.suite("dss")


@pytest.fixture(scope="module")
def root(demo: PlayedDemo) -> bytes:
    return open_exercise_scheme(demo.folder / "keys").authorities()[0].public_bytes(Encoding.DER)


def one_judgement(judge: DssJudge, path: Path, anchor: bytes) -> DssJudgement:
    return judge.judge([path], [anchor])[path]


def tampered(demo: PlayedDemo, folder: Path, change: bytes) -> Path:
    """A document in which one byte of the letter itself is another: a digit of its first table of objects, or what `change` names."""
    content = demo.documents[0].read_bytes()
    place = content.index(change) + len(change)
    path = folder / "tampered.pdf"
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    return path


def test_dss_passes_every_document_with_a_time_stamp(demo: PlayedDemo, dss_judge: DssJudge, root: bytes) -> None:
    judged = dss_judge.judge(demo.documents, [root])
    assert {path.name: judgement for path, judgement in judged.items() if not judgement.passed_as("T")} == {}


def test_dss_believes_the_time_stamp_of_every_document(demo: PlayedDemo, dss_judge: DssJudge, root: bytes) -> None:
    judged = dss_judge.judge(demo.documents[:3], [root])
    assert all([stamp.indication for stamp in judgement.signatures[0].time_stamps] == ["PASSED"] for judgement in judged.values())


@pytest.mark.parametrize("change", [b"/Title ", b"stream\n"])
def test_dss_fails_a_document_with_one_changed_byte(
    demo: PlayedDemo, dss_judge: DssJudge, root: bytes, tmp_path: Path, change: bytes
) -> None:
    judgement = one_judgement(dss_judge, tampered(demo, tmp_path, change), root)
    assert [(found.indication, found.sub_indication) for found in judgement.signatures] == [("TOTAL_FAILED", "HASH_FAILURE")]


def test_dss_does_not_pass_a_seal_below_another_root(demo: PlayedDemo, dss_judge: DssJudge) -> None:
    stranger = open_exercise_scheme(demo.folder / "keys").trust_anchor().public_bytes(Encoding.DER)
    judgement = one_judgement(dss_judge, demo.documents[0], stranger)
    assert [(found.indication, found.sub_indication) for found in judgement.signatures] == [("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")]


def test_dss_says_that_a_file_is_no_pdf(dss_judge: DssJudge, tmp_path: Path, root: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"no PDF")
    judgement = one_judgement(dss_judge, path, root)
    assert judgement.problem is not None
    assert judgement.signatures == ()


def test_a_judge_that_went_away_is_no_judgement(demo: PlayedDemo, root: bytes) -> None:
    with running_dss_judge() as judge:
        judge.close()
        with pytest.raises(DssSilent):
            one_judgement(judge, demo.documents[0], root)
