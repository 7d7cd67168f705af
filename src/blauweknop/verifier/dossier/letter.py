"""The pages of a sealed dossier: what was asked and came, how sure each thing is, what it adds up to, and what that does not say.

Names and words of others stand on the pages as our letters can print them. The rows of documents are not repeated here: they are in the
attachments, as they were received.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.catalogue.texts import sentence
from blauweknop.document.blocks import Block, Heading, Letter, Listing, Panel, Paragraph, Rows, Table
from blauweknop.document.representative_words import representative_named
from blauweknop.domain.dates import date_in_words, moment_in_words, month_in_words
from blauweknop.domain.money import format_cents
from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.person import whose
from blauweknop.verifier.dossier.pieces import Piece
from blauweknop.verifier.dossier.wording import name_of, package_title, remarks_on

__all__ = ["AboutDossier", "compose_dossier_letter"]

_LIMITS = ("no_document", "complete", "person", "since", "own")
_ID_DIGITS = 16
_LONGEST_VALUE, _LONGEST_TEXT, _LONGEST_NOTE = 160, 900, 4000  # letters: in a table, beside a label, and on its own


@dataclass(frozen=True, slots=True)
class AboutDossier:
    """What a dossier is of beside its content. `ground`, with its law, is that of the request; `reference` and notes are of the staff."""

    receiver: str
    purpose: str
    ground: str
    asked_at: datetime
    made_at: datetime
    check_url: str
    exercise: bool
    reference: str | None = field(default=None, repr=False)
    expected: str | None = field(default=None, repr=False)
    with_notes: bool = False


def compose_dossier_letter(dossier: Dossier, about: AboutDossier, language: str, *, printable: Callable[[str], str]) -> Letter:
    """The letter; `printable` writes a text with characters that our letters have."""
    words = _Words(language, printable)
    number = " ".join(dossier.id[start : start + 4] for start in range(0, _ID_DIGITS, 4))
    return Letter(
        title=words.say("title", title=package_title(dossier.package).in_language(language)),
        language=language,
        sender=printable(about.receiver),
        header=words.say("header", number=number),
        footer=(
            words.say("footer"),
            words.say("made", moment=words.moment(about.made_at)),
            *((words.say("exercise"),) if about.exercise else ()),
        ),
        blocks=tuple(_blocks(dossier, about, words)),
        qr_text=about.check_url,
        of_scheme=False,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The catalogue in one language, and values in words."""

    language: str
    printable: Callable[[str], str]

    def plain(self, text: str, most: int = _LONGEST_VALUE) -> str:
        """A text of others, no longer than has its place in a table."""
        shown = self.printable(text)
        return shown if len(shown) <= most else f"{shown[: most - 3]}..."

    def say(self, key: str, **values: object) -> str:
        return sentence(f"dossier.letter.{key}", self.language, **values)

    def label(self, key: str) -> str:
        return sentence(f"dossier.{key}", self.language)

    def moment(self, moment: datetime) -> str:
        return moment_in_words(moment, self.language)

    def day(self, day: date | None) -> str:
        return date_in_words(day, self.language) if day is not None else ""

    def money(self, cents: int | None) -> str:
        return format_cents(cents, self.language) if cents is not None else ""

    def known_money(self, cents: int | None) -> str:
        return self.money(cents) or self.label("unknown")

    def origin(self, numbers: tuple[int, ...], *, sure: bool) -> str:
        pieces = ", ".join(sentence("dossier.piece.short", self.language, number=number) for number in numbers)
        return pieces if sure else f"{pieces} ({self.label('not_sure')})"


def _blocks(dossier: Dossier, about: AboutDossier, words: _Words) -> Iterator[Block]:
    yield Panel(words.say("what"), (words.say("what.about", receiver=words.plain(about.receiver)), words.say("what.pieces")))
    yield Heading(2, words.say("request"))
    yield Rows(tuple(_request(dossier, about, words)))
    yield from _checklist(dossier, words)
    yield Heading(2, words.say("figures"))
    yield Rows(tuple(_totals(dossier, words)))
    yield from _debts(dossier, words)
    yield from _income(dossier, words)
    if dossier.figures.remarks:
        yield Heading(2, words.label("says"))
        yield Listing(tuple(words.plain(remark, _LONGEST_TEXT) for remark in dossier.figures.remarks))
    yield from _pieces(dossier, words)
    yield from _papers(dossier, words)
    if about.with_notes and dossier.notes:
        yield Heading(2, words.label("notes"))
        for note in dossier.notes:
            yield Paragraph(f"{words.moment(note.written_at)}: {words.plain(note.text, _LONGEST_NOTE)}")
    yield Heading(2, words.say("limits"))
    yield Listing(tuple(words.say(f"limits.{limit}") for limit in _LIMITS))


def _request(dossier: Dossier, about: AboutDossier, words: _Words) -> Iterator[tuple[str, str]]:
    yield words.say("asked_for"), package_title(dossier.package).in_language(words.language)
    for label, value in (("purpose", about.purpose), ("ground", about.ground), ("reference", about.reference)):
        if value:
            yield words.say(label), words.plain(value, _LONGEST_TEXT)
    person = whose(dossier.pieces, about.expected, words.language)
    if person.expected:
        yield words.say("expected"), words.plain(person.expected)
    yield words.label("whose.name"), words.plain(person.name) or words.label("unknown")
    if person.birth_date:
        yield words.label("subject.birth_date"), words.plain(person.birth_date)
    if person.differs:
        yield words.label("whose.question"), words.say("differs")
    for representative in dossier.representatives:
        yield words.label("represented"), words.plain(representative_named(representative, words.language))
    yield words.say("asked_at"), words.moment(about.asked_at)
    yield words.say("received_at"), words.moment(dossier.received_at)
    if dossier.elsewhere:
        yield words.say("device"), words.label("elsewhere")
    if dossier.by_link:
        yield words.label("by_link.how"), words.label("by_link")
    if dossier.is_nearly_full:
        yield words.label("room"), words.say("room", left=dossier.room)
    yield words.say("checked_at"), words.moment(dossier.checked_at)
    yield words.say("erase_at"), words.moment(dossier.erase_at)


def _checklist(dossier: Dossier, words: _Words) -> Iterator[Block]:
    rows = tuple(
        (
            words.plain(line.item.title_for_staff.in_language(words.language)),
            words.label(f"standing.{line.standing}"),
            ", ".join(str(piece.number) for piece in line.pieces),
        )
        for line in dossier.lines
    )
    yield Heading(2, words.label("checklist"))
    yield Table(words.say("checklist"), (words.say("item"), words.say("standing"), words.say("pieces_short")), rows, (False, False, False))


def _totals(dossier: Dossier, words: _Words) -> Iterator[tuple[str, str]]:
    figures = dossier.figures
    yield words.label("tile.items"), sentence("dossier.tile.items.figure", words.language, number=dossier.certified, all=len(dossier.lines))
    yield words.label("tile.debts"), words.known_money(figures.debt)
    yield words.label("tile.arrears"), words.known_money(figures.arrears)
    yield words.label("tile.income"), words.known_money(figures.income)
    if figures.months and figures.missing:
        yield words.say("months_missing"), str(figures.missing)


def _debts(dossier: Dossier, words: _Words) -> Iterator[Block]:
    figures = dossier.figures
    yield Heading(2, words.label("debts"))
    if not figures.debts:
        yield Paragraph(words.label("debts.none"))
    else:
        columns = ("creditor", "collector", "reference", "kind", "amount", "arrears", "from")
        rows = tuple(
            (
                words.plain(line.creditor),
                words.plain(line.collector or ""),
                words.plain(line.reference),
                words.plain(line.kind),
                words.money(line.cents),
                words.money(line.arrears),
                words.origin(line.pieces, sure=line.sure),
            )
            for line in figures.debts
        )
        total = (words.label("together"), "", "", "", words.money(figures.debt), words.money(figures.arrears), "")
        header = tuple(words.label(f"debts.{column}") for column in columns)
        yield Table(words.say("debts"), header, rows, (False, False, False, False, True, True, False), total)
    if figures.totals:
        names = ("totals.organisation", "totals.open", "totals.day", "debts.from")
        totals = tuple(
            (words.plain(line.organisation), words.money(line.cents), words.day(line.as_of), words.origin((line.piece,), sure=line.sure))
            for line in figures.totals
        )
        yield Heading(2, words.label("totals"))
        yield Paragraph(words.label("totals.about"))
        yield Table(words.say("totals"), tuple(map(words.label, names)), totals, (False, True, False, False))
    yield Paragraph(words.label("debts.only_public"))


def _income(dossier: Dossier, words: _Words) -> Iterator[Block]:
    figures = dossier.figures
    yield Heading(2, words.label("income"))
    if not figures.months:
        yield Paragraph(words.label("income.none"))
        return
    names = ("income.month", "income.jobs", "income.benefits", "income.study", "income.total", "debts.from")
    rows = tuple(
        (
            month_in_words(line.month.year, line.month.number, words.language),
            words.money(line.jobs),
            words.money(line.benefits),
            words.money(line.study),
            words.money(line.total),
            words.origin(line.pieces, sure=line.sure),
        )
        for line in reversed(figures.months)
    )
    total = (words.label("together"), "", "", "", words.money(figures.income), "")
    yield Table(words.say("income"), tuple(map(words.label, names)), rows, (False, True, True, True, True, False), total)
    yield Paragraph(words.label("income.ask"))


def _pieces(dossier: Dossier, words: _Words) -> Iterator[Block]:
    yield Heading(2, words.label("pieces"))
    if not dossier.pieces:
        yield Paragraph(words.say("no_pieces"))
        return
    names = ("number", "item", "source", "data_of", "at_reception", "now", "attachment")
    rows = tuple(_piece(piece, dossier, words) for piece in dossier.pieces)
    yield Table(words.say("pieces"), tuple(words.say(f"piece.{name}") for name in names), rows, (False,) * len(names))
    remarks = [(piece, remark) for piece in dossier.pieces for remark in remarks_on(piece, words.language)]
    if remarks:
        yield Listing(tuple(f"{sentence('dossier.piece.short', words.language, number=piece.number)}: {said}" for piece, said in remarks))


def _piece(piece: Piece, dossier: Dossier, words: _Words) -> tuple[str, ...]:
    return (
        str(piece.number),
        words.plain(name_of(piece, words.language)),
        words.plain(piece.item.issuer or words.label("unknown")),
        words.day(piece.reference_day) or words.label("unknown"),
        words.say(f"colour.{piece.received.colour}"),
        words.label(f"standing.{dossier.standing(piece)}"),
        words.say("piece.inside" if piece.item.original is not None else "piece.not_kept"),
    )


def _papers(dossier: Dossier, words: _Words) -> Iterator[Block]:
    if dossier.own_papers:
        yield Heading(2, words.label("papers"))
        yield Paragraph(words.label("papers.about"))
        state = words.label("papers.state")
        yield Listing(tuple(f"{words.plain(paper.title)} ({state})" for paper in dossier.own_papers))
