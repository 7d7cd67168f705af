"""The letter of a report: what stands on its pages, composed from the report alone.

Who makes a report typesets these blocks; the check composes them again from the signed report inside and compares them with the pages, as
it does with documents (ADR 0006). What was found is told in the sentences of the report, not in those of today's catalogue.
"""

from collections.abc import Iterator
from datetime import date, datetime

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.checking.verification_report import ReportStep, VerificationReport
from blauweknop.document.blocks import Block, Heading, Letter, Listing, Outcome, Panel, Paragraph, Rows, Table
from blauweknop.domain.dates import AMSTERDAM, date_in_words, moment_in_words
from blauweknop.domain.verdict import Colour

__all__ = ["REPORT_NAME", "compose_report_letter", "grouped"]

REPORT_NAME = "controlerapport.jws"
"""The attachment with the signed report."""

Row = tuple[str, str]


def compose_report_letter(report: VerificationReport) -> Letter:
    """The letter, in the language that the report names."""
    words = _Words(report.language)
    made = moment_in_words(report.validation_time, report.language)
    return Letter(
        title=words.say("title"),
        language=report.language,
        sender=report.signature_validator.name,
        header=words.say("reference", reference=grouped(report.report_id)),
        footer=(
            words.say("footer", address=_shown_address(report)),
            words.say("footer_checked", moment=made),
            *((words.say("exercise"),) if report.exercise else ()),
        ),
        blocks=tuple(_blocks(report, words, made)),
        qr_text=f"{report.check_url}#{report.report_id}",
    )


def grouped(digits: str) -> str:
    """`3f2a 90c1 ...`: easier to compare."""
    return " ".join(digits[index : index + 4] for index in range(0, len(digits), 4))


class _Words:
    """The catalogue in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        return sentence(f"report.{key}", self.language, **values)

    def row(self, key: str, value: str | None) -> Iterator[Row]:
        """A label and its value; nothing when there is no value."""
        if value is not None:
            yield (self.say(key), value)

    def moment(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment_in_words(moment, self.language)

    def day(self, text: str | None) -> str | None:
        """A day in words; a value that is no day of the calendar as it is."""
        try:
            return None if text is None else date_in_words(date.fromisoformat(text), self.language)
        except ValueError:
            return text

    def one_of(self, key: str, word: str) -> str:
        """The words for a word of the report; a word that came later as it is."""
        name = f"{key}.{word}"
        return self.say(name) if f"report.{name}" in all_texts() else word

    def days(self, start: datetime, end: datetime) -> str:
        first, last = (date_in_words(moment.astimezone(AMSTERDAM).date(), self.language) for moment in (start, end))
        return self.say("life", start=first, end=last)

    def life(self, start: datetime | None, end: datetime | None) -> str | None:
        if start is None or end is None:
            return self.say("unknown")
        return self.say("life", start=self.moment(start), end=self.moment(end))


def _blocks(report: VerificationReport, words: _Words, made: str) -> Iterator[Block]:
    language, service = report.language, report.signature_validator.name
    yield Paragraph(words.say("intro", service=service, moment=made))
    yield Outcome(
        report.verdict.value,
        words.say(f"colour.{report.verdict}"),
        report.title.in_language(language),
        report.summary.in_language(language),
    )
    yield Heading(2, words.say("file"))
    yield Rows(tuple(_file(report, words)))
    yield Heading(2, words.say("about"))
    yield Rows(tuple(_document(report, words)))
    yield Heading(2, words.say("used"))
    yield Rows(tuple(_used(report, words)))
    yield Heading(2, words.say("limits"))
    yield Listing(tuple(_limits(report, words)))
    yield Heading(2, words.say("steps"))
    yield Table(
        words.say("steps_caption"),
        (words.say("step"), words.say("result"), words.say("found")),
        tuple(_step(step, words) for step in report.validation_constraints_evaluation),
        (False, False, False),
    )
    yield Panel(
        words.say("check_title"),
        (words.say("check_steps", address=_shown_address(report)), words.say("check_file"), words.say("check_data")),
    )


def _file(report: VerificationReport, words: _Words) -> Iterator[Row]:
    file, service = report.signers_document, report.signature_validator
    yield from words.row("file_name", file.file_name)
    kind = words.one_of("kind", file.kind)
    yield from words.row("kind", words.say("kind_and_size", kind=kind, size=_thousands(file.size)))
    yield from words.row("digest", grouped(file.digest_value))
    yield from words.row("checked_by", words.say("named", name=service.name, number=service.identifier))
    program = f"{report.program.name} {report.program.version}"
    yield from words.row("checked_at", words.say("with", moment=words.moment(report.validation_time), program=program))


def _document(report: VerificationReport, words: _Words) -> Iterator[Row]:
    issuer = report.issuer
    known = words.say("named", name=issuer.name, number=f"OIN {issuer.oin}") if issuer else words.say("issuer_unknown")
    yield from words.row("issuer", words.say("sealed", issuer=known, level=report.seal_level) if report.seal_level else known)
    yield from words.row("dataset", report.dataset_name.in_language(words.language) if report.dataset_name else report.dataset)
    yield from words.row("reference_date", words.day(report.reference_date))
    yield from words.row("valid_until", words.day(report.valid_until))
    yield from words.row("seal_time", words.moment(report.seal_time))
    yield from words.row("best_signature_time", words.moment(report.best_signature_time))
    yield from words.row("status", words.one_of("status", report.status) if report.status else None)


def _used(report: VerificationReport, words: _Words) -> Iterator[Row]:
    trusted, status, policy = report.trust_list, report.status_list, report.policy
    if trusted is None:
        yield from words.row("trust_list", words.say("trust_list_none"))
    else:
        yield from words.row("trust_list", words.say("trust_list_number", operator=trusted.operator, sequence=trusted.sequence))
        yield from words.row("trust_list_life", words.days(trusted.issued, trusted.next_update))
        yield from words.row("trust_list_digest", grouped(trusted.sha256) if trusted.sha256 else words.say("unknown"))
    if status is not None:
        yield from words.row("status_list", status.address)
        yield from words.row("status_list_life", words.life(status.issued, status.expires))
        yield from words.row("status_list_digest", grouped(status.sha256))
    if policy is not None:
        yield from words.row("policy", policy.name)
        yield from words.row("policy_digest", grouped(policy.sha256))


def _limits(report: VerificationReport, words: _Words) -> Iterator[str]:
    yield from (said.in_language(words.language) for said in report.limits)
    yield words.say("limits.later" if report.verdict is Colour.GREEN else "limits.later_too")
    if report.report_level == "B-B":
        yield words.say("limits.unstamped", service=report.signature_validator.name)


def _step(step: ReportStep, words: _Words) -> tuple[str, str, str]:
    language = words.language
    return (f"{step.number}. {step.name.in_language(language)}", words.say(f"result.{step.result}"), step.found.in_language(language))


def _shown_address(report: VerificationReport) -> str:
    return report.check_url.removeprefix("https://").removeprefix("http://")


def _thousands(number: int) -> str:
    """Groups of three digits, as both languages may write them (ISO 80000-1, 7.3.1)."""
    return f"{number:,}".replace(",", " ")
