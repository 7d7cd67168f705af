"""EU DSS, the validator of the European Commission, as a third judge of seals. A test that calls it marks the suite `dss`.

The judge is one Java program that answers for as many files as are asked, so that its slow start is paid once: use the fixture `dss_judge`.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Timer
from typing import IO, Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from tests.suites import PROJECT, dss_classpath

__all__ = ["DssJudge", "DssJudgement", "DssSignature", "DssSilent", "DssTimeStamp", "running_dss_judge"]

_PROGRAM = PROJECT / "tests" / "interop" / "dss" / "DssJudge.java"
_SECONDS_PER_FILE = 60.0


class DssSilent(Exception):
    """The program gave no answer."""


@dataclass(frozen=True, slots=True)
class DssTimeStamp:
    """A time stamp over a seal, or over the document."""

    indication: str
    """PASSED, INDETERMINATE or FAILED."""
    sub_indication: str | None
    produced: datetime | None


@dataclass(frozen=True, slots=True)
class DssSignature:
    """What DSS says of one signature, in the words of EN 319 102-1."""

    indication: str
    """TOTAL_PASSED, INDETERMINATE or TOTAL_FAILED."""
    sub_indication: str | None
    format: str
    """PAdES-BASELINE-B, -T, -LT or -LTA."""
    signed_by: str
    best_signature_time: datetime | None
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    time_stamps: tuple[DssTimeStamp, ...]


@dataclass(frozen=True, slots=True)
class DssJudgement:
    """The signatures of a file in order; `problem` is why DSS could not read it at all."""

    signatures: tuple[DssSignature, ...]
    problem: str | None = None

    def passed_as(self, level: str) -> bool:
        """Whether there is one signature, it is TOTAL_PASSED, and its level is this one: `B`, `T`, `LT` or `LTA`."""
        return [(found.indication, found.format) for found in self.signatures] == [("TOTAL_PASSED", f"PAdES-BASELINE-{level}")]


class DssJudge:
    """A running program that answers one file at a time."""

    def __init__(self, questions: IO[str], answers: IO[str], folder: Path, complaints: Path, process: subprocess.Popen[str]) -> None:
        self._questions = questions
        self._answers = answers
        self._folder = folder
        self._complaints = complaints
        self._process = process
        self._anchor_files: dict[tuple[bytes, ...], Path] = {}

    def judge(self, paths: Iterable[Path], anchors: Iterable[bytes], *, at: datetime | None = None) -> Mapping[Path, DssJudgement]:
        """Judge each file with these trusted certificates (DER) and nothing from the network; `at` is another moment than now.

        Revocation lists and certificates come from the document. The policy is the default of DSS.

        Raises:
            DssSilent: no answer, or none in time.
        """
        trusted = self._anchor_file(tuple(anchors))
        moment = at.isoformat().replace("+00:00", "Z") if at else ""
        return {path: _judgement(self._ask(f"{trusted}\t{moment}\t{path.absolute()}")) for path in paths}

    def close(self) -> None:
        """End the program; what is asked after this stays without an answer."""
        self._process.kill()
        self._process.wait()

    def _anchor_file(self, anchors: tuple[bytes, ...]) -> Path:
        if anchors not in self._anchor_files:
            file = self._folder / f"{len(self._anchor_files)}.pem"
            file.write_bytes(b"".join(load_der_x509_certificate(anchor).public_bytes(Encoding.PEM) for anchor in anchors))
            self._anchor_files[anchors] = file
        return self._anchor_files[anchors]

    def _ask(self, question: str) -> Mapping[str, Any]:
        watchdog = Timer(_SECONDS_PER_FILE, self._process.kill)
        watchdog.start()
        try:
            self._questions.write(question + "\n")
            self._questions.flush()
            answer = self._answers.readline()
        except BrokenPipeError as error:
            raise DssSilent(self._complaints.read_text("utf-8", "replace")[-2000:]) from error
        finally:
            watchdog.cancel()
        if not answer.endswith("\n"):
            raise DssSilent(self._complaints.read_text("utf-8", "replace")[-2000:])
        found: Mapping[str, Any] = json.loads(answer)
        return found


@contextmanager
def running_dss_judge() -> Iterator[DssJudge]:
    """A judge until the end of the block."""
    classpath = dss_classpath()
    assert classpath is not None, "mark the test suite('dss')"
    java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", classpath, str(_PROGRAM)]
    with tempfile.TemporaryDirectory() as folder:
        complaints = Path(folder) / "complaints"
        with complaints.open("wb") as errors:
            process = subprocess.Popen(
                java,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
        assert process.stdin is not None
        assert process.stdout is not None
        judge = DssJudge(process.stdin, process.stdout, Path(folder), complaints, process)
        try:
            yield judge
        finally:
            judge.close()
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.stdout.close()


def _judgement(answer: Mapping[str, Any]) -> DssJudgement:
    return DssJudgement(tuple(_signature(found) for found in answer.get("signatures", ())), answer.get("problem"))


def _signature(found: Mapping[str, Any]) -> DssSignature:
    return DssSignature(
        indication=found["indication"],
        sub_indication=found["sub_indication"],
        format=found["format"],
        signed_by=found["signed_by"],
        best_signature_time=_moment(found["best_signature_time"]),
        errors=tuple(found["errors"]),
        warnings=tuple(found["warnings"]),
        time_stamps=_time_stamps(found["time_stamps"]),
    )


def _time_stamps(found: Sequence[Mapping[str, Any]]) -> tuple[DssTimeStamp, ...]:
    return tuple(DssTimeStamp(stamp["indication"], stamp["sub_indication"], _moment(stamp["produced"])) for stamp in found)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
