"""What the doctor finds: one line each, with what to do about it. The sentences stand in the catalogue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Finding", "State", "fail", "fault", "finding_lines", "ok", "warn"]


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` has its sentences in the catalogue: `doctor.ok.<code>`, or else `doctor.problem.<code>` and `doctor.remedy.<code>`.

    `values` fill them; `advice` is what the part that failed itself advises, and goes before the remedy of the catalogue.
    """

    state: State
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    advice: str = ""


def ok(code: str, **values: object) -> Finding:
    """It is as it must be."""
    return Finding(State.OK, code, values)


def warn(code: str, **values: object) -> Finding:
    """It works now, and will not or should not for long."""
    return Finding(State.WARN, code, values)


def fail(code: str, **values: object) -> Finding:
    """It does not work."""
    return Finding(State.FAIL, code, values)


def fault(code: str, error: BlauweKnopError, **values: object) -> Finding:
    """It does not work, and the error says why; its sentence has `{reason}`."""
    return Finding(State.FAIL, code, {**values, "reason": str(error)}, error.remedy)


def finding_lines(finding: Finding, language: str) -> Iterator[str]:
    """One line, and below it what to do when it is not well."""
    state = sentence(f"doctor.state.{finding.state}", language)
    if finding.state is State.OK:
        yield f"{state:<8}{sentence(f'doctor.ok.{finding.code}', language, **finding.values)}"
        return
    yield f"{state:<8}{sentence(f'doctor.problem.{finding.code}', language, **finding.values)}"
    yield f"        {finding.advice or sentence(f'doctor.remedy.{finding.code}', language, **finding.values)}"
