"""What the claims of a summary say together of an amount that may not be among them: it lies between two others."""

from collections.abc import Iterator, Mapping

from blauweknop.domain.amount_range import AmountRange
from blauweknop.domain.document import JsonValue
from blauweknop.domain.summary import AtLeast, Bracket, Claim, Summary, bracket_word

__all__ = ["range_shown"]


def range_shown(values: Mapping[str, JsonValue], amount: str, summary: Summary) -> AmountRange | None:
    """Where the claim `amount` lies, by what was shown of it; None when nothing was, or when it contradicts itself.

    The lowest bracket and a no begin at zero: a person is not paid less than that in a year.
    """
    found: AmountRange | None = None
    for said in _said(values, amount, summary):
        both = said if found is None else found.and_in(said)
        if both is None:
            return None
        found = both
    return found


def _said(values: Mapping[str, JsonValue], amount: str, summary: Summary) -> Iterator[AmountRange]:
    for claim in summary.claims:
        said = _range(claim, values.get(claim.name), amount)
        if said is not None:
            yield said


def _range(claim: Claim, value: JsonValue, amount: str) -> AmountRange | None:
    match claim.rule, value:
        case AtLeast(of, cents), bool() if of == amount:
            return AmountRange(cents) if value else AmountRange(0, cents)
        case Bracket(of, steps), str() if of == amount:
            ranges = (AmountRange(least, below) for least, below in zip((0, *steps), (*steps, None), strict=True))
            return next((one for one in ranges if bracket_word(one.least, steps) == value), None)
        case _, int() if claim.name == amount and not isinstance(value, bool):
            return AmountRange.exactly(value)
    return None
