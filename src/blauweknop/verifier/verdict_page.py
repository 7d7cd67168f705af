"""What the verdict page says: facts, reasons, steps, and what a green verdict does not prove."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.explaining import explain_steps, limits_of
from blauweknop.checking.extract import as_csv, as_json
from blauweknop.checking.report import Explanation, explain, report_json
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.report_letter import grouped
from blauweknop.document.representative_words import representative_facts
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import PartialDate, date_in_words, moment_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import full_name
from blauweknop.domain.verdict import CheckResult, ReportedCheck, Verdict, VerdictFacts, Verified
from blauweknop.verifier.outcomes import Saved
from blauweknop.verifier.shown_data import ShownPart, shown_claims, shown_parts

__all__ = ["VerdictView", "saved_forms", "view_of"]

_KINDS = {CheckResult.OK: "ok", CheckResult.WARN: "wait", CheckResult.FAIL: "no", CheckResult.SKIPPED: "plain"}


@dataclass(frozen=True, slots=True)
class VerdictView:
    """Everything the template shows; personal values stay out of repr."""

    words: Explanation
    verdict: Verdict
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    parts: tuple[ShownPart, ...] = field(repr=False)
    limits: tuple[str, ...] = field(repr=False)
    steps: tuple[tuple[str, str, str, str], ...]


def view_of(verdict: Verdict, catalogue: Catalogue, language: str) -> VerdictView:
    """The verdict in a language; only a green one comes with data."""
    facts: tuple[tuple[str, str], ...] = ()
    parts: tuple[ShownPart, ...] = ()
    if verdict.facts.reported is not None and isinstance(verdict, Verified):
        facts = _facts_of_report(verdict.facts, verdict.facts.reported, language)
    elif isinstance(verdict, Verified):
        dataset = catalogue.dataset(str(verdict.facts.dataset))
        if "data" in verdict.content:
            facts = _facts(verdict, dataset, language)
            parts = shown_parts(verdict.content, dataset, language)
        else:
            facts = _facts_of_claims(verdict, dataset, language)
            parts = (shown_claims(verdict.content, dataset, language),)
    return VerdictView(explain(verdict, language), verdict, facts, parts, _limits(verdict, language), _steps(verdict, language))


def saved_forms(checked: CheckedFile, at: datetime) -> Saved:
    """The files that can be saved after a check; the report always, the data only when it is green."""
    verdict = checked.verdict
    report = report_json("", verdict)
    forms = {"report": json.dumps({**report, "file": None}, ensure_ascii=False, indent=2).encode("utf-8")}
    if isinstance(verdict, Verified) and verdict.facts.reported is None:
        forms |= {"json": as_json(verdict).encode("utf-8"), "csv": as_csv(verdict).encode("utf-8-sig")}
    return Saved(checked, at, forms)


def _facts(verdict: Verified, dataset: Dataset, language: str) -> tuple[tuple[str, str], ...]:
    content = verdict.content
    subject = _object(content["subject"])
    left_out = [part.title.in_language(language) for part in dataset.parts if part.id in _left_out(content)]

    def say(key: str, **values: object) -> str:
        return sentence(f"verifier.fact.{key}", language, **values)

    return (
        (say("source"), str(verdict.facts.issuer_name)),
        (say("dataset"), dataset.title.in_language(language)),
        *(((say("person"), person),) if (person := _person(subject, language)) else ()),
        *representative_facts(content, language),
        (say("reference_date"), date_in_words(_day(content["reference_date"]), language)),
        (say("valid_until"), date_in_words(_day(content["valid_until"]), language)),
        (say("bsn"), say("bsn_present" if "bsn" in subject else "bsn_absent")),
        (say("left_out"), ", ".join(left_out) or sentence("verifier.nothing", language)),
        (say("status"), say(f"status_{verdict.facts.status}")),
    )


def _facts_of_claims(verdict: Verified, dataset: Dataset, language: str) -> tuple[tuple[str, str], ...]:
    """Of a credential as wallets have it, which tells in its claims what its holder chose to show."""
    facts = verdict.facts
    known = (
        ("source", facts.issuer_name),
        ("dataset", dataset.title.in_language(language)),
        ("reference_date", date_in_words(_day(facts.reference_date), language) if facts.reference_date else None),
        ("valid_until", date_in_words(_day(facts.valid_until), language) if facts.valid_until else None),
    )
    told = tuple((sentence(f"verifier.fact.{key}", language), value) for key, value in known if value is not None)
    return (*told, *representative_facts(verdict.content, language))


def _facts_of_report(facts: VerdictFacts, told: ReportedCheck, language: str) -> tuple[tuple[str, str], ...]:
    """Of the report of a check: the outcome that it tells, and of which file."""
    return (
        (sentence("report.checked_by", language), str(facts.issuer_name)),
        (sentence("report.checked_at", language), moment_in_words(told.checked_at, language)),
        (sentence("verifier.fact.reported", language), sentence(f"check.reported.{told.verdict}", language)),
        (sentence("report.digest", language), grouped(told.sha256)),
    )


def _limits(verdict: Verdict, language: str) -> tuple[str, ...]:
    """What is said of any document, with the name and the day of this one where it is good."""
    if not isinstance(verdict, Verified) or "data" not in verdict.content:
        return limits_of(verdict, language)
    name = full_name(_object(verdict.content["subject"]))
    person = (sentence("verifier.limits_person", language, name=name),) if name else ()
    day = date_in_words(_day(verdict.content["reference_date"]), language)
    _, _, *others = limits_of(verdict, language)
    return (*person, sentence("verifier.limits_time", language, date=day), *others)


def _steps(verdict: Verdict, language: str) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (step.name, _KINDS[step.result], sentence(f"check.result.{step.result}", language), f"{step.looked} {step.found}")
        for step in explain_steps(verdict, language)
    )


def _left_out(content: Mapping[str, JsonValue]) -> list[str]:
    names = _object(content["volledigheid"]).get("weggelaten_subsets")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _person(subject: Mapping[str, JsonValue], language: str) -> str:
    if "birth_date" not in subject:
        return full_name(subject)
    born = PartialDate.parse_json(subject["birth_date"]).in_words(language)
    return sentence("verifier.fact.born", language, name=full_name(subject), date=born) if full_name(subject) else born


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _day(value: JsonValue) -> date:
    return date.fromisoformat(str(value))
