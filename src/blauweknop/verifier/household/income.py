"""The income of one person of a household, as their pieces prove it, and the words for how much of it is known."""

from collections.abc import Sequence

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.summary_ranges import range_shown
from blauweknop.domain.amount_range import AmountRange
from blauweknop.domain.money import format_cents
from blauweknop.domain.verdict import Colour
from blauweknop.insight.household import HouseholdIncome, IncomeShown, income_together
from blauweknop.verifier.asking.household import Needed, Sameness
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["income_of", "range_in_words", "tested"]

_YEAR = "income_year"


def tested(
    first: Sequence[Piece] | None, second: Sequence[Piece] | None, needed: Needed, same: Sameness, catalogue: Catalogue
) -> HouseholdIncome:
    """The test over both; of a part that did not come None. What one person gave twice is one part."""
    parts = [income_of(pieces, needed, catalogue) if pieces is not None else None for pieces in (first, second)]
    other = None if same is Sameness.SAME else parts[1]
    return income_together(parts[0], other, needed.cents, perhaps_same=same is Sameness.PERHAPS)


def income_of(pieces: Sequence[Piece], needed: Needed, catalogue: Catalogue) -> IncomeShown:
    """What the pieces of the item that the test is about say together; own papers are no pieces, and say nothing here."""
    shown = [piece for piece in pieces if piece.counts and piece.item.item == needed.item]
    found: AmountRange | None = None
    for piece in shown:
        said = _range(piece, needed, catalogue)
        both = said if found is None or said is None else found.and_in(said)
        if said is not None and both is None:
            return IncomeShown(sure=False)  # they contradict each other
        found = both if said is not None else found
    if found is None:
        return IncomeShown()
    years = {year for piece in shown if isinstance(year := piece.values.get(_YEAR), int)}
    sure = all(piece.item.colour is Colour.GREEN for piece in shown) and len(years) <= 1
    return IncomeShown(found, max(years, default=None), sure)


def range_in_words(amount: AmountRange, language: str) -> str:
    """An amount, or between which amounts it lies; the upper end is rounded up to whole euros, so that it stays true."""
    if amount.exact is not None:
        return format_cents(amount.exact, language)
    least = format_cents(amount.least, language)
    if amount.below is None:
        return sentence("household.range.from", language, least=least)
    below = format_cents(-(-amount.below // 100) * 100, language)
    if amount.least == 0:
        return sentence("household.range.below", language, below=below)
    return sentence("household.range.between", language, least=least, below=below)


def _range(piece: Piece, needed: Needed, catalogue: Catalogue) -> AmountRange | None:
    summary = catalogue.summaries.get(piece.item.dataset)
    return range_shown(piece.values, needed.amount, summary) if summary is not None else None
