"""A verdict as others get it: the JSON with fixed names that scripts rely on, and plain words for people."""

from dataclasses import dataclass
from datetime import datetime

from blauweknop.catalogue.texts import sentence
from blauweknop.checking.other_seals import DOSSIER_REMARK
from blauweknop.checking.reduced_steps import REDUCED_REMARK
from blauweknop.checking.report_letter import grouped
from blauweknop.checking.trust_steps import LONG_TERM, LONG_TERM_ARCHIVED
from blauweknop.checking.wording import sentence_about
from blauweknop.domain.dates import moment_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Colour, Verdict, VerdictFacts, Verified

__all__ = ["Explanation", "deciding_steps", "explain", "is_reduced", "report_json", "report_text", "seal_level"]

_LEVELS = {LONG_TERM: "B-LT", LONG_TERM_ARCHIVED: "B-LTA"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict in words: one sentence that answers, each reason with what to do now.

    `sealed_by` says of a sender that is not recognised which name the seal gives itself; empty when there is nothing to say.
    """

    colour: Colour
    title: str
    summary: str
    reasons: tuple[tuple[str, str], ...]  # reason, next step
    sealed_by: str = ""


def deciding_steps(verdict: Verdict) -> tuple[CheckStep, ...]:
    """The steps that made the verdict what it is: those that failed, else those that left something open; none when it is green."""
    wanted = {Colour.RED: CheckResult.FAIL, Colour.ORANGE: CheckResult.WARN}.get(verdict.colour)
    return tuple(step for step in verdict.facts.steps if step.result is wanted)


def explain(verdict: Verdict, language: str) -> Explanation:
    """The verdict in Dutch or English."""
    kind = verdict.facts.kind
    reasons = dict.fromkeys(
        (sentence_about(kind, f"reason.{step.reason}", language), _remedy(step, kind, language)) for step in deciding_steps(verdict)
    )
    good = "reduced" if is_reduced(verdict) else "green"
    if isinstance(verdict, Verified):
        summary = _summary_of_report(verdict.facts, language) or sentence(
            f"check.summary.{good}", language, source=verdict.facts.issuer_name
        )
    else:
        summary = next(iter(reasons), (sentence("check.summary.skipped", language), ""))[0]
    title = sentence_about(kind, f"check.title.{good if isinstance(verdict, Verified) else verdict.colour}", language)
    if isinstance(verdict, Verified) and verdict.facts.reported is not None:
        # Who looks no further than the title must not take a real report of a bad file for good news.
        title = sentence(f"check.title.report.{verdict.facts.reported.verdict}", language)
    if verdict.colour is Colour.ORANGE and verdict.facts.other_seal is not None and verdict.facts.other_seal.intact:
        return _other_seal(verdict, reasons, language)
    return Explanation(verdict.colour, title, summary, tuple(reasons), _sealed_by(verdict, language))


def _other_seal(verdict: Verdict, reasons: dict[tuple[str, str], None], language: str) -> Explanation:
    """The seal of somebody else, in two answers: whether it is whole, and whether we know whose it is."""
    what = "dossier" if any(step.reason == DOSSIER_REMARK for step in verdict.facts.steps) else "other"
    other, name = verdict.facts.other_seal, verdict.facts.sealed_by or sentence("check.other.nameless", language)
    through = other.known_through if other else None
    title = sentence(f"check.{what}.title_known" if through else f"check.{what}.title_unknown", language, name=name)
    proved = sentence(f"check.other.{through or 'unknown'}", language, name=name)
    # That it is no document of ours is in the title; it is a reason of its own when there is no other.
    kinds = {sentence(f"reason.{kind}", language) for kind in ("other_seal", DOSSIER_REMARK)}
    told = [both for both in reasons if both[0] not in kinds] or list(reasons)
    return Explanation(verdict.colour, title, sentence(f"check.{what}.summary", language), tuple(told), proved)


def _remedy(step: CheckStep, kind: CheckedKind, language: str) -> str:
    """What to do now. Of a report that is wrong no better one can be had: then the document itself must be checked."""
    if kind is CheckedKind.REPORT and step.result is CheckResult.FAIL:
        return sentence("check.remedy.report", language)
    return sentence_about(kind, f"remedy.{step.reason}", language)


def _summary_of_report(facts: VerdictFacts, language: str) -> str:
    """Of which check it is: that the report is real says nothing good of the file that it is about. Empty for anything else."""
    told = facts.reported
    if told is None:
        return ""
    return sentence(
        "check.summary.report",
        language,
        source=facts.issuer_name,
        moment=moment_in_words(told.checked_at, language),
        digest=grouped(told.sha256),
        outcome=sentence(f"check.reported.{told.verdict}", language),
    )


def is_reduced(verdict: Verdict) -> bool:
    """Whether this is a document that its holder made smaller, whatever its colour."""
    return any(step.reason == REDUCED_REMARK for step in verdict.facts.steps)


def report_json(file: str, verdict: Verdict) -> dict[str, JsonValue]:
    """The object of `verify --json` (PROTOCOL 7.4); `file` is the name the caller knows it by. No value of a person is in it."""
    facts = verdict.facts
    said: dict[str, JsonValue] = {
        "file": file,
        "kind": facts.kind.value,
        "verdict": verdict.colour.value,
        "indication": verdict.indication,
        "subIndication": verdict.sub_indication,
        "checks": [{"id": step.id, "result": step.result.value, "reason": step.reason} for step in facts.steps],
        "issuer": {"oin": facts.issuer_oin, "name": facts.issuer_name},
        "dataset": facts.dataset,
        "reduced": is_reduced(verdict),
        "representative": facts.represented,
        "referenceDate": facts.reference_date,
        "validUntil": facts.valid_until,
        "status": facts.status,
        "sealTime": _moment(facts.seal_time),
        "bestSignatureTime": _moment(facts.best_signature_time),
        "trustListSequence": facts.trust_list_sequence,
    }
    if facts.other_seal is not None:
        other: dict[str, JsonValue] = {
            "intact": facts.other_seal.intact,
            "sealedBy": facts.sealed_by,
            "knownThrough": facts.other_seal.known_through,
        }
        said["otherSeal"] = other
    if facts.reported is not None:
        told = facts.reported
        of: dict[str, JsonValue] = {"sha256": told.sha256, "verdict": told.verdict.value, "checkedAt": _moment(told.checked_at)}
        said["reported"] = of
    return said


def report_text(file: str, verdict: Verdict, language: str) -> str:
    """A few lines for people: the answer, why, and what to do now."""
    words = explain(verdict, language)
    colour = sentence(f"check.colour.{words.colour}", language)
    lines = [f"{colour}  {file}", f"  {words.title}. {words.summary}"]
    for reason, remedy in words.reasons:
        if reason != words.summary:
            lines.append(f"  {reason}")
        if f"  {remedy}" not in lines:
            lines.append(f"  {remedy}")
    if is_reduced(verdict) and not isinstance(verdict, Verified):
        lines.append("  " + sentence("check.remark.reduced", language))
    if verdict.facts.represented:
        lines.append("  " + sentence("check.represented", language))
    if words.sealed_by:
        lines.append(f"  {words.sealed_by}")
    if verdict.facts.best_signature_time is not None:
        lines.append("  " + sentence("check.sealed_at", language, moment=moment_in_words(verdict.facts.best_signature_time, language)))
    level = seal_level(verdict)
    if level is not None:
        lines.append("  " + sentence("check.level", language, level=level))
    return "\n".join(lines)


def seal_level(verdict: Verdict) -> str | None:
    """`B-B`, `B-T`, `B-LT` or `B-LTA` (EN 319 142-1 clause 6), as far as what it rests on passed; None for an unproved seal."""
    if verdict.facts.kind not in (CheckedKind.DOCUMENT, CheckedKind.REPORT):
        return None
    steps = {step.id: step for step in verdict.facts.steps}
    if is_reduced(verdict) or any(steps[name].result is not CheckResult.OK for name in ("seal", "chain", "revocation")):
        return None
    if steps["time_stamp"].result is not CheckResult.OK:
        return "B-B" if steps["time_stamp"].reason == "time_stamp_missing" else None
    return _LEVELS.get(steps["revocation"].reason, "B-T")


def _sealed_by(verdict: Verdict, language: str) -> str:
    facts = verdict.facts
    if facts.sealed_by is None or facts.other_seal is not None or facts.issuer_name is not None or is_reduced(verdict):
        return ""
    unlisted = any(step.reason == "signer_unknown" for step in facts.steps)
    return sentence_about(facts.kind, f"check.sealed_by.{'unlisted' if unlisted else 'unproved'}", language, name=facts.sealed_by)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
