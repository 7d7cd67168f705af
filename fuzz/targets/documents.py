"""PDF files: their structure, their pages, and the whole check, also of changed letters under the right seal of a source."""

import functools
import io
import zlib
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pikepdf

from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_received import check_received
from blauweknop.checking.report import is_reduced, report_json, report_text
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_parts import embedded_files, pages
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_seal import read_seal, sealed_digest
from blauweknop.document.pdf_syntax import MalformedPdf, Name, Reference, Stream, dictionary
from blauweknop.document.reduction import read_lists, write_lists
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.mutators.octets import change_octets
from fuzz.mutators.pdf_tokens import change_pdf, change_program
from fuzz.target import Target
from tests.unit.checking import archived_documents, credentials, reduced_documents
from tests.unit.checking import exercise_documents as x
from tests.unit.document import pdf_samples

__all__ = ["DOCUMENT_TARGETS"]


def _check_structure(data: bytes) -> str:
    """Reader, seal, rules, attachments and pages; a file that we take is one that a lenient reader takes, with as many pages."""
    try:
        file = read_file(data)
    except MalformedPdf as error:
        return error.code
    answers = [
        _code(lambda: sealed_digest(file, read_seal(file))),
        next((problem.code for problem in content_problems(file)), "in order"),
        _code(lambda: embedded_files(file)),
        _code(lambda: page_text(file)),
    ]
    if answers[1] == "in order":
        _compare(data, file)
    return " ".join(answers)


def _compare(data: bytes, file: PdfFile) -> None:
    with pikepdf.open(io.BytesIO(data)) as opened:
        assert len(opened.pages) == len(pages(file))


def _code(work: Callable[[], object]) -> str:
    try:
        work()
    except MalformedPdf as error:
        return error.code
    return "read"


def _verdict(pdf: bytes) -> Verdict:
    verdict = check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    report_json("", verdict)
    report_text("", verdict, "nl")
    return verdict


def _reasons(verdict: Verdict) -> str:
    return " ".join(step.reason for step in verdict.facts.steps if step.reason not in ("ok", "skipped")) or verdict.colour.value


def _check_document(data: bytes) -> str:
    """Green only for a document that was sealed, each object of it; of a reduced document, which has no seal, only with its data."""
    verdict = _verdict(data)
    if isinstance(verdict, Verified) and is_reduced(verdict):
        assert verdict.content == reduced_documents.reduced().content
    elif isinstance(verdict, Verified):
        assert any(read_file(data).objects == read_file(good).objects for good in _documents())
    return _reasons(verdict)


def _check_received(data: bytes) -> str:
    """Whatever comes in: a credential, a presentation that was asked for, or a document."""
    verdicts = [
        check_received(data, trust=credentials.trust(), at=x.NOW, catalogue=x.catalogue()),
        credentials.presentation(data),
    ]
    for verdict in verdicts:
        report_json("", verdict)
        report_text("", verdict, "nl")
    return " | ".join(_reasons(verdict) for verdict in verdicts)


def _received() -> list[bytes]:
    compact = [credentials.of_document(), credentials.of_wallet(), credentials.presented()]
    return [*(text.encode() for text in compact), *(canonical_json(credentials.in_json(compact[number])) for number in (0, 2))]


def _check_kept_document(data: bytes) -> str:
    """As `_check_document`, for a file with proofs after its seal."""
    verdict = archived_documents.verdict(data, archived_documents.NEXT_DAY + timedelta(hours=1))
    if isinstance(verdict, Verified):
        kept, found = read_file(archived_documents.kept()), read_file(data)
        assert found.objects == kept.objects
    return _reasons(verdict)


def _check_sealed_letter(data: bytes) -> str:
    """A changed letter under the right seal: green only with the data of the letter."""
    try:
        pdf = x.sealed(data)
    except MalformedPdf as error:
        return error.code
    verdict = _verdict(pdf)
    if isinstance(verdict, Verified):
        assert verdict.content == x.content()
    return _reasons(verdict)


def _check_content(data: bytes) -> str:
    """Changed data in an unchanged letter, sealed: never green, unless nothing was said differently."""
    try:
        said = parse_json_object(data, max_bytes=1 << 22)
    except MalformedJson:
        said = x.content()
    verdict = _verdict(x.sealed(_letter_with(data)))
    if isinstance(verdict, Verified):
        assert said == x.content()
    return _reasons(verdict)


def _letter_with(data: bytes) -> bytes:
    """The letter with these bytes as `gegevens.json`."""
    letter = x.good_letter()
    file = read_file(letter)
    (number,) = [
        number for number, value in file.objects.items() if pdf_samples.entries_of(value).get("Subtype") == Name("application/json")
    ]
    old = pdf_samples.entries_of(file.objects[number])
    entries = {**old, "Length": len(data), "Params": dictionary({"Size": len(data)})}
    entries.pop("Filter", None)
    return pdf_samples.rewritten(letter, {number: Stream(dictionary(entries), data)})


def _check_program(data: bytes) -> str:
    """Other operators on the page of a letter."""
    letter, number = _small_letter()
    packed = Stream(dictionary({"Filter": Name("FlateDecode")}), zlib.compress(data))
    try:
        (page,) = page_text(read_file(pdf_samples.rewritten(letter, {number: packed})))
    except MalformedPdf as error:
        return error.code
    return page.problems[0].code if page.problems else "read"


def _check_characters(data: bytes) -> str:
    """Another map from glyphs to characters."""
    letter, _ = _small_letter()
    file = read_file(letter)
    font = file.dictionary(Reference(pdf_samples.number_of(file, "Subtype", "Type0")), "the font")
    listed = font["ToUnicode"]
    assert isinstance(listed, Reference)
    try:
        (page,) = page_text(read_file(pdf_samples.rewritten(letter, {listed.number: Stream(dictionary({}), data)})))
    except MalformedPdf as error:
        return error.code
    return page.problems[0].code if page.problems else "read"


@functools.cache
def _small_letter() -> tuple[bytes, int]:
    letter = pdf_samples.typeset("Zin")
    file = read_file(letter)
    contents = file.dictionary(Reference(pdf_samples.number_of(file, "Type", "Page")), "the page")["Contents"]
    assert isinstance(contents, Reference)
    return letter, contents.number


def _program() -> list[bytes]:
    letter, number = _small_letter()
    file = read_file(letter)
    return [file.stream_data(file.stream(Reference(number), "the content"))]


def _characters() -> list[bytes]:
    letter, _ = _small_letter()
    file = read_file(letter)
    font = file.dictionary(Reference(pdf_samples.number_of(file, "Subtype", "Type0")), "the font")
    ranges = (
        b"begincodespacerange <0000> <FFFF> endcodespacerange\n2 beginbfrange <0000> <0005> <0041> <0006> <0007> [<0061> <FEFF>] endbfrange"
    )
    return [file.stream_data(file.stream(font["ToUnicode"], "the characters")), ranges]


def _check_lists(data: bytes) -> str:
    try:
        return f"{len(read_lists(data))} lists"
    except MalformedValue:
        return "malformed"


@functools.cache
def _documents() -> tuple[bytes, ...]:
    return (
        x.good_document(),
        x.document_saying(x.content(language="en")),
        reduced_documents.good_reduced(),
    )


def _contents() -> list[bytes]:
    said: list[dict[str, JsonValue]] = [x.content(), x.content(language="en"), x.content(parts=("schuld",))]
    return [canonical_json(content) for content in said]


def _change_end(random: Random, pdf: bytes) -> bytes:
    """Changes in what follows the seal; the table of a later revision is not put right."""
    place = pdf.index(b"%%EOF") + 6
    return pdf[:place] + random.choice((change_octets, change_program))(random, pdf[place:])


DOCUMENT_TARGETS = (
    Target("received", "credentials and presentations, in the whole check", _received, _check_received, change_message),
    Target("page-program", "the operators of a page", _program, _check_program, change_program),
    Target("characters", "the characters of a font", _characters, _check_characters, change_program),
    Target("lists", "the revocation lists of a reduced document", lambda: [write_lists(x.exercise().crls)], _check_lists, change_octets),
    Target(
        "structure",
        "the parts of a PDF",
        lambda: [pdf_samples.typeset(), pdf_samples.sealed_letter()],
        _check_structure,
        change_pdf,
        seconds=5.0,
        tries=60,
    ),
    Target("document", "the whole check of a changed file", lambda: list(_documents()), _check_document, change_pdf, seconds=5.0, tries=60),
    Target(
        "kept-document",
        "the check of a changed file that is kept for years",
        lambda: [archived_documents.kept()],
        _check_kept_document,
        _change_end,
        seconds=5.0,
        tries=60,
    ),
    Target(
        "sealed-letter",
        "the whole check of a changed letter under the right seal",
        lambda: [x.good_letter()],
        _check_sealed_letter,
        change_pdf,
        seconds=5.0,
        tries=60,
    ),
    Target(
        "content", "the whole check of changed data under the right seal", _contents, _check_content, change_json, seconds=5.0, tries=60
    ),
)
