"""Step 14: the pages say what the data say, all of it and nothing else (PROTOCOL 7.5 item 7).

The letter is composed again from the data and compared with the text read back from the pages. White space is left out, since where a
line breaks is for the layout; so is the difference between composed and decomposed letters.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.document.letter import Letter, Listing, Table, compose_letter, letter_text
from blauweknop.document.page_text import PageText, page_text
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.domain.errors import MalformedValue

__all__ = ["check_page_text"]

_BULLET = "\u2022"
_SOFT_HYPHEN = "\u00ad"


def check_page_text(evidence: Evidence) -> None:
    """Step 14."""
    trust_list, content, dataset = evidence.trust.trust_list, evidence.content, evidence.dataset
    if trust_list is None or evidence.file is None or content is None or dataset is None:
        raise SkipStep
    try:
        letter = compose_letter(content, dataset, check_url=str(content["controle_url"]), exercise=trust_list.exercise)
    except (MalformedValue, ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise StopStep("letter_impossible") from error
    try:
        shown = page_text(evidence.file)
    except MalformedPdf as error:
        raise StopStep(error.code) from error
    for page in shown:
        if page.problems:
            raise StopStep(page.problems[0].code)
    if _bare("".join(page.content for page in shown)) != _bare(letter_text(_with_bullets(letter))):
        raise StopStep("page_differs")
    if not all(_margins_agree(letter, page, len(shown)) for page in shown):
        raise StopStep("page_artifacts")


def _with_bullets(letter: Letter) -> Letter:
    """The layout puts a mark before each item of a list, which is text of the page."""
    return replace(
        letter,
        blocks=tuple(
            Listing(tuple(_BULLET + item for item in block.items)) if isinstance(block, Listing) else block for block in letter.blocks
        ),
    )


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
    return "".join(unicodedata.normalize("NFC", text.replace(_SOFT_HYPHEN, "")).split())
