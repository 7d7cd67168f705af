"""The text a page shows, read back from the page itself, so that a check can compare it with the data inside (PROTOCOL 7.5 item 7).

Text counts as content when its marked content belongs to the structure tree, and apart from that as artifact (page header and
footer). What a person would not see is reported: invisible mode, tiny letters, text beside the paper or cut off by a clip; so is what a
program could not read for certain. Colours, pictures over the text and the shapes of the letters are not judged: the seal says who
answers for those.

Content comes in the order of the page. A block of the structure tree (paragraph, heading, cell) begins on a new line.
"""

from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_boxes import frame_box, numbers, overlap, page_box
from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_fonts import Clusters, Font, may_replace, read_font
from blauweknop.document.pdf_parts import Page, pages
from blauweknop.document.pdf_rules import PdfProblem
from blauweknop.document.pdf_structure import Structure, read_structure
from blauweknop.document.pdf_syntax import MalformedPdf, PdfArray, PdfDictionary, PdfObject, Reference, Stream, operations
from blauweknop.document.pdf_text_lines import TextLines
from blauweknop.document.pdf_text_state import Matrix, TextState
from blauweknop.document.pdf_writing import decode_text

__all__ = ["PageText", "page_text"]

MAX_OPERATIONS = 1_000_000
MAX_PROGRAMS = 8 << 20  # bytes; a picture counts each time it is painted
MAX_FONTS = 50
MAX_FORM_DEPTH = 10
SMALLEST_LETTER = 2.0  # points


@dataclass(frozen=True, slots=True)
class PageText:
    """What one page says; `number` counts from 1."""

    number: int
    content: str = field(repr=False)
    artifacts: str = field(repr=False)
    problems: tuple[PdfProblem, ...]


def page_text(file: PdfFile) -> tuple[PageText, ...]:
    """The text of each page.

    Raises: MalformedPdf when the pages or the structure tree cannot be read at all; all else is in `problems`.
    """
    structure = read_structure(file)
    work = _Work(file, structure)
    return tuple(_read_page(work, number, page) for number, page in enumerate(pages(file), start=1))


@dataclass(slots=True)
class _Work:
    """What the pages share: fonts read once, streams unpacked once, and the operations that are left."""

    file: PdfFile
    structure: Structure
    fonts: dict[int, Font] = field(default_factory=dict)
    programs: dict[int, bytes] = field(default_factory=dict)
    operations_left: int = MAX_OPERATIONS
    bytes_left: int = MAX_PROGRAMS


def _read_page(work: _Work, number: int, page: Page) -> PageText:
    reading = _Reading(work, number)
    try:
        resources = work.file.dictionary(page.entries.get("Resources"), "the resources of a page")
        reading.box = page_box(work.file, page)
        reading.read(_program(work, page.entries.get("Contents")), resources, page.entries.get("StructParents"))
    except MalformedPdf as error:
        reading.report(error.code, str(error))
    return PageText(number, reading.content.text(), reading.artifacts.text(), tuple(reading.problems))


def _program(work: _Work, value: PdfObject) -> bytes:
    if not isinstance(value, Reference):
        raise MalformedPdf("wrong_type", "the content of a page is not an object of its own")
    if value.number not in work.programs:
        work.programs[value.number] = work.file.stream_data(work.file.stream(value, "the content of a page"))
    program = work.programs[value.number]
    work.bytes_left -= len(program)
    if work.bytes_left < 0:
        raise MalformedPdf("too_many_operations", f"the pages take more than {MAX_PROGRAMS} bytes of operations")
    return program


@dataclass(slots=True)
class _Shown:
    """Glyphs that were shown: their codes, from where, how far they came to the right, and how large (points)."""

    font: Font
    codes: list[int]
    start: tuple[float, float]
    end: tuple[float, float]
    size: float


@dataclass(slots=True)
class _Mark:
    """One level of marked content; `actual` stands instead of the glyphs that are `shown` inside."""

    artifact: bool
    block: object
    actual: str | None = None
    shown: _Shown | None = None


class _Reading:
    """The reading of one page: where the text goes, the marks that are open, and the problems met."""

    def __init__(self, work: _Work, number: int) -> None:
        self.work, self.number = work, number
        self.content, self.artifacts = TextLines(), TextLines()
        self.problems: dict[PdfProblem, None] = {}
        self.marks: list[_Mark] = []
        self.box = (0.0, 0.0, 0.0, 0.0)
        self.state = TextState()
        self.clusters = Clusters()

    def report(self, code: str, message: str) -> None:
        self.problems[PdfProblem(code, f"page {self.number}: {message}")] = None

    def read(self, program: bytes, resources: PdfDictionary, parents: PdfObject, depth: int = 0) -> None:
        saved: list[TextState] = []
        open_before = len(self.marks)
        for operator, operands in operations(program):
            self.work.operations_left -= 1
            if self.work.operations_left < 0:
                raise MalformedPdf("too_many_operations", f"the pages take more than {MAX_OPERATIONS} operations")
            if operator in _SILENT:
                continue
            if operator == b"q":
                saved.append(self.state.copy())
            elif operator == b"Q":
                if not saved:
                    raise MalformedPdf("graphics_state", "a graphics state is restored that was not saved")
                self.state = saved.pop()
            elif operator in _MARKING:
                self._mark(operator, operands, resources, parents)
            elif operator in (b"Tj", b"TJ", b"'", b'"'):
                self._show(operator, operands)
            elif operator == b"Tf":
                self._choose_font(operands, resources)
            elif operator == b"Do":
                self._paint(operands, resources, depth)
            elif not self.state.apply(operator, operands):
                raise MalformedPdf("operator", "the page has an operator that our letters do not use")
        if saved:
            raise MalformedPdf("graphics_state", "a graphics state is saved and not restored")
        if len(self.marks) != open_before:
            raise MalformedPdf("marked_content", "marked content is not closed where it was opened")

    def _mark(self, operator: bytes, operands: PdfArray, resources: PdfDictionary, parents: PdfObject) -> None:
        if operator == b"EMC":
            if not self.marks:
                raise MalformedPdf("marked_content", "marked content ends that did not begin")
            self._write_actual(self.marks.pop())
            return
        if not operands:
            raise MalformedPdf("operands", "marked content has no tag")
        properties = self._properties(operands[1:], resources)
        outer = self.marks[-1] if self.marks else _Mark(artifact=False, block=None)
        artifact = outer.artifact or operands[0] == "Artifact"
        block = outer.block
        if operands[0] == "Artifact":
            block = object()
        elif "MCID" in properties:
            block = self.work.structure.block(parents, properties["MCID"])
        actual = properties.get("ActualText")
        if actual is not None and not isinstance(actual, bytes):
            raise MalformedPdf("marked_content", "a replacement text is not a text")
        self.marks.append(_Mark(artifact, block, None if actual is None else decode_text(actual)))

    def _properties(self, operands: PdfArray, resources: PdfDictionary) -> PdfDictionary:
        if not operands:
            return MappingProxyType({})
        if isinstance(operands[0], str):
            named = self.work.file.dictionary(resources.get("Properties"), "the property lists")
            return self.work.file.dictionary(named.get(operands[0]), "a property list")
        return self.work.file.dictionary(operands[0], "a property list")

    def _choose_font(self, operands: PdfArray, resources: PdfDictionary) -> None:
        if len(operands) != 2 or not isinstance(operands[0], str):
            raise MalformedPdf("operands", "a font has no name")
        self.state.size = numbers(operands[1:], 1)[0]
        fonts = self.work.file.dictionary(resources.get("Font"), "the fonts of a page")
        entries = self.work.file.dictionary(fonts.get(operands[0]), "a font")
        key = id(entries)
        if key not in self.work.fonts:
            if len(self.work.fonts) == MAX_FONTS:
                raise MalformedPdf("font", f"there are more than {MAX_FONTS} fonts")
            self.work.fonts[key] = read_font(self.work.file, entries)
        self.state.font = self.work.fonts[key]

    def _show(self, operator: bytes, operands: PdfArray) -> None:
        if operator == b'"':
            self.state.word_spacing, self.state.spacing = numbers(operands[:2], 2)
            operands = operands[2:]
        if operator in (b"'", b'"'):
            self.state.next_line()
        if len(operands) != 1:
            raise MalformedPdf("operands", "text has not one string")
        parts = operands[0] if operator == b"TJ" else (operands[0],)
        if not isinstance(parts, tuple):
            raise MalformedPdf("operands", "text has no array of strings")
        shown = self._advance(parts)
        if any(not shown.font.characters.get(code, "?").isspace() for code in shown.codes):
            self._judge(shown)
        self._emit(shown)

    def _advance(self, parts: PdfArray) -> _Shown:
        if self.state.font is None:
            raise MalformedPdf("font", "text is shown without a font")
        start = self.state.origin()
        reach = start[0]
        all_codes: list[int] = []
        for part in parts:
            if isinstance(part, bytes):
                if len(part) % 2:
                    raise MalformedPdf("to_unicode", "text is not made of two-byte codes")
                codes = [high << 8 | low for high, low in zip(part[::2], part[1::2], strict=True)]
                all_codes.extend(codes)
                self.state.move_by_codes(codes)
                reach = max(reach, self.state.origin()[0])
            else:
                self.state.move_by_kerning(numbers((part,), 1)[0])
        if not all(code in self.state.font.characters for code in all_codes):
            self.report("to_unicode", "a glyph has no known character")
        return _Shown(self.state.font, all_codes, start, (reach, self.state.origin()[1]), self.state.letter_size())

    def _judge(self, shown: _Shown) -> None:
        left, bottom, right, top = self.box
        # Modes above 2 show nothing, or make a clip of the letters for all that follows (ISO 32000-1, table 106).
        if self.state.render not in (0, 1, 2) or not shown.size >= SMALLEST_LETTER or self.state.clipped:
            self.report("invisible_text", "text is invisible or too small to read")
        if not all(left <= across <= right and bottom <= up <= top for across, up in (shown.start, shown.end)):
            self.report("text_off_page", "text stands beside the paper")
        if not any(mark.artifact or mark.block is not None for mark in self.marks):
            self.report("unmarked_text", "text belongs to no part of the structure")

    def _emit(self, shown: _Shown) -> None:
        replaced = next((mark for mark in self.marks if mark.actual is not None), None)
        if replaced is None:
            if self.marks:
                self._add(self.marks[-1], self.clusters.read(shown.font, shown.codes), shown)
        elif replaced.shown is None:
            replaced.shown = shown
        else:
            replaced.shown.codes.extend(shown.codes)
            replaced.shown.end = max(shown.end[0], replaced.shown.end[0]), shown.end[1]

    def _write_actual(self, mark: _Mark) -> None:
        if mark.actual is None or any(outer.actual is not None for outer in self.marks):
            return
        if mark.shown is None:
            raise MalformedPdf("marked_content", "a replacement text replaces nothing")
        told = "".join(mark.shown.font.characters.get(code, "") for code in mark.shown.codes)
        if not may_replace(mark.actual, told):
            raise MalformedPdf("actual_text", "a replacement text says something else than its letters")
        self._add(mark, self.clusters.replace(mark.shown.font, mark.shown.codes, mark.actual), mark.shown)

    def _add(self, mark: _Mark, text: str, shown: _Shown) -> None:
        lines = self.artifacts if mark.artifact else self.content
        lines.add(text, mark.block, shown.start, shown.end, shown.size)

    def _paint(self, operands: PdfArray, resources: PdfDictionary, depth: int) -> None:
        objects = self.work.file.dictionary(resources.get("XObject"), "the pictures of a page")
        if len(operands) != 1 or not isinstance(operands[0], str):
            raise MalformedPdf("operands", "a picture has no name")
        reference = objects.get(operands[0])
        form = self.work.file.stream(reference, "a picture")
        if form.dictionary.get("Subtype") == "Image":
            return
        if form.dictionary.get("Subtype") != "Form" or depth == MAX_FORM_DEPTH:
            raise MalformedPdf("external_content", "a picture is of an unknown kind, or contains itself")
        outer, self.state = self.state, self.state.copy()
        outer_box = self.box
        self.state.transform(_matrix(form))
        self.box = overlap(self.box, frame_box(self.work.file, form, self.state.page))
        inner = self.work.file.dictionary(form.dictionary.get("Resources", resources), "the resources of a picture")
        self.read(_program(self.work, reference), inner, form.dictionary.get("StructParents"), depth + 1)
        self.state, self.box = outer, outer_box


def _matrix(form: Stream) -> Matrix:
    values = form.dictionary.get("Matrix", (1, 0, 0, 1, 0, 0))
    a, b, c, d, e, f = numbers(values if isinstance(values, tuple) else (), 6)
    return a, b, c, d, e, f


_MARKING = (b"BMC", b"BDC", b"EMC")
_SILENT = frozenset(b"w J j M d ri i gs m l c v y h re S s f F f* B B* b b* n CS cs SC SCN sc scn G g RG rg K k sh MP DP ET".split())
