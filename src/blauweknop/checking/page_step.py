"""Step 14: the pages say what the data say, all of it and nothing else (PROTOCOL 7.5 item 7).

The letter is composed again from the data and compared with the text read back from the pages, piece by piece: a heading, a paragraph,
a cell. So no digit moves from one amount to the next. White space inside a piece is left out, since where a line breaks is for the
layout; so is the difference between composed and decomposed letters.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.document.blocks import BULLET, Letter, Listing, Table, letter_pieces
from blauweknop.document.letter import compose_letter
from blauweknop.document.page_text import PageText, page_text
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.domain.errors import MalformedValue

__all__ = ["check_page_text", "compare_pages", "find_page_difference"]

_SOFT_HYPHEN = "\u00ad"
_BREAKABLE = 13  # letters; the layout may break a word of this length anywhere when its place is too narrow
_ADDRESSES = ("http", "www.")  # the layout breaks these at more places than other words
_IN_NUMBERS = ".,:'+%€"


def check_page_text(evidence: Evidence) -> None:
    """Step 14."""
    trust_list, content, dataset = evidence.trust.trust_list, evidence.content, evidence.dataset
    if trust_list is None or content is None or dataset is None:
        raise SkipStep
    exercise = trust_list.exercise
    compare_pages(evidence, lambda: compose_letter(content, dataset, check_url=str(content["controle_url"]), exercise=exercise))


def compare_pages(evidence: Evidence, compose: Callable[[], Letter]) -> None:
    """The pages are the letter that `compose` makes of the data."""
    if evidence.file is None:
        raise SkipStep
    try:
        letter = compose()
    except (MalformedValue, ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise StopStep("letter_impossible") from error
    try:
        shown = page_text(evidence.file)
    except MalformedPdf as error:
        raise StopStep(error.code) from error
    for page in shown:
        if page.problems:
            raise StopStep(page.problems[0].code)
    difference = find_page_difference(letter, shown)
    if difference is not None:
        raise StopStep(difference)


def find_page_difference(letter: Letter, shown: Sequence[PageText]) -> str | None:
    """The reason why these pages are not this letter; None when they are."""
    if not _body_agrees(letter, shown):
        return "page_differs"
    return None if all(_margins_agree(letter, page, len(shown)) for page in shown) else "page_artifacts"


def _body_agrees(letter: Letter, shown: Sequence[PageText]) -> bool:
    """Whether the pages show the pieces of the letter in their order, each whole and for itself."""
    lines = _lines(shown)
    return all(_stands_whole(piece, lines) for piece in letter_pieces(_with_bullets(letter))) and next(lines, None) is None


def _stands_whole(piece: str, lines: Iterator[tuple[str, bool]]) -> bool:
    """Whether the next lines are this piece and nothing more."""
    expected, end = _bare(piece), 0
    breaks: frozenset[int] | None = None
    while end < len(expected):
        line, ends_page = next(lines, ("", False))
        if not line or not expected.startswith(line, end):
            return False
        end += len(line)
        if end < len(expected) and not ends_page:
            breaks = frozenset(_breaks(piece)) if breaks is None else breaks
            if end not in breaks:
                return False
    return True


def _lines(shown: Sequence[PageText]) -> Iterator[tuple[str, bool]]:
    """The lines of `page_text` with something in them, and whether each is the last of its page."""
    for page in shown:
        lines = [line for line in map(_bare, page.content.split("\n")) if line]
        yield from ((line, number == len(lines)) for number, line in enumerate(lines, start=1))


def _breaks(piece: str) -> Iterator[int]:
    """After how many letters, counted without white space, the layout may begin a new line inside this piece.

    A break at a space leaves the space in the line before, so that it is no new line of `page_text`. Numbers stay whole.
    """
    begin = 0
    for word in _composed(piece).split():
        anywhere = len(word) >= _BREAKABLE or word.startswith(_ADDRESSES)
        number = any(char.isdigit() for char in word)
        for place in range(1, len(word)):
            marks = [char for char in word[place - 1 : place + 1] if not char.isalnum()]
            if anywhere or (marks and not (number and len(marks) == 1 and marks[0] in _IN_NUMBERS)):
                yield begin + place
        begin += len(word)


def _with_bullets(letter: Letter) -> Letter:
    """The layout puts a mark before each item of a list, which is a piece of the page."""
    blocks = (
        Listing(tuple(words for item in block.items for words in (BULLET, item))) if isinstance(block, Listing) else block
        for block in letter.blocks
    )
    return replace(letter, blocks=tuple(blocks))


def _margins_agree(letter: Letter, page: PageText, count: int) -> bool:
    """Header and footer in any order; above a table that goes on from the page before, its head stands again."""
    pieces = [_bare(piece) for piece in (letter.sender, letter.header, *letter.footer, letter.page_line(page.number, count))]
    shown = _bare(page.artifacts)
    if _made_of(shown, pieces):
        return True
    heads = {_bare("".join(block.header)) for block in letter.blocks if isinstance(block, Table)}
    return page.number > 1 and any(_made_of(shown, [*pieces, head]) for head in heads)


def _made_of(text: str, pieces: Sequence[str]) -> bool:
    """Whether the text is exactly these pieces one after the other, each once, in some order."""
    if len(text) != sum(map(len, pieces)):
        return False
    if not pieces:
        return True
    return any(
        text.startswith(piece) and _made_of(text[len(piece) :], [*pieces[:place], *pieces[place + 1 :]])
        for place, piece in enumerate(pieces)
    )


def _bare(text: str) -> str:
    return "".join(_composed(text).split())


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace(_SOFT_HYPHEN, ""))
