"""A verdict explained: what each step looked at, what it found and what that means, and what the verdict does not say.

Only words of the catalogue and the reference date; nothing of what the document says about a person (PROTOCOL 7.4, last lines).
"""

from dataclasses import dataclass
from datetime import date
from textwrap import fill

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.checking.report import is_reduced
from blauweknop.checking.wording import sentence_about
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Rejected, Undecided, Verdict

__all__ = ["ExplainedStep", "explain_steps", "explanation_text", "limits_of"]

_WIDTH = 80
_REMARKED = ("holder", "status", "other_time_stamp")  # steps of which a remark says what was found instead


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step in words: its name, the question that it answers, and the answer."""

    id: str
    name: str
    looked: str
    result: CheckResult
    found: str


def explain_steps(verdict: Verdict, language: str) -> tuple[ExplainedStep, ...]:
    """All steps in their order, in Dutch or English."""
    reduced, kind = is_reduced(verdict), verdict.facts.kind
    return tuple(
        ExplainedStep(
            step.id,
            sentence_about(kind, f"check.step.{step.id}", language),
            sentence_about(kind, f"explain.{step.id}.looked", language),
            step.result,
            _found(step, kind, language, reduced=reduced),
        )
        for step in verdict.facts.steps
    )


def limits_of(verdict: Verdict, language: str) -> tuple[str, ...]:
    """What must not be concluded from the verdict."""
    kind = verdict.facts.kind
    match verdict:
        case Rejected():
            return (sentence("explain.limits.no_blame", language),)
        case Undecided() if verdict.facts.other_seal is not None and verdict.facts.other_seal.intact:
            return (sentence("explain.limits.other_content", language), sentence("explain.limits.other_now", language))
        case Undecided():
            return (sentence_about(kind, "explain.limits.not_false", language),)
    if kind is CheckedKind.REPORT:
        return tuple(sentence(f"explain.limits.{limit}", language) for limit in ("other_file", "since_report"))
    said = [sentence_about(kind, "explain.limits.person", language)]
    if verdict.facts.reference_date is not None:
        day = date_in_words(date.fromisoformat(verdict.facts.reference_date), language)
        said.append(sentence("explain.limits.time", language, date=day))
    said.append(sentence("explain.limits.true", language))
    if verdict.facts.represented:
        said.append(sentence("explain.limits.mandate", language))
    if is_reduced(verdict) or kind is not CheckedKind.DOCUMENT:
        said.append(sentence_about(kind, "explain.limits.left_out", language))
    return tuple(said)


def explanation_text(verdict: Verdict, language: str) -> str:
    """The explanation as lines for a terminal."""
    lines = [f"  {sentence('explain.title', language)}"]
    for number, step in enumerate(explain_steps(verdict, language), start=1):
        lines.append(f"  {number:2} {step.name}: {sentence(f'check.result.{step.result}', language)}")
        lines.append(fill(f"{step.looked} {step.found}", _WIDTH, initial_indent="     ", subsequent_indent="     "))
    lines.append(f"  {sentence('explain.limits_title', language)}")
    lines += [fill(words, _WIDTH, initial_indent="   - ", subsequent_indent="     ") for words in limits_of(verdict, language)]
    return "\n".join(lines)


def _found(step: CheckStep, kind: CheckedKind, language: str, *, reduced: bool) -> str:
    match step.result:
        case CheckResult.SKIPPED:
            return sentence("explain.skipped", language)
        case CheckResult.WARN | CheckResult.FAIL:
            return sentence_about(kind, f"reason.{step.reason}", language)
    remark = f"check.remark.{step.reason}"
    if step.id in _REMARKED and remark in all_texts():
        return sentence(remark, language)
    own = f"explain.{step.id}.reduced"
    return sentence(own, language) if reduced and own in all_texts() else sentence_about(kind, f"explain.{step.id}.ok", language)
