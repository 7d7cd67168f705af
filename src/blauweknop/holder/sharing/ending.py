"""Until when a sharing lasts: as long as the receiver may keep it, or a shorter time that the person chooses (ADR 0040).

Choosing, in steps:
1. Nothing chosen is the whole retention of the registration.
2. A chosen end is a day (`until_form`).
3. Where keeping is a duty in law (GDPR article 6(1)(c)), the law says how long, and nobody chooses (`until_law`).
4. It is a day or more from now, so not before tomorrow, nor on a shorter one of summer time when it is late (`until_short`).
5. It is not after the retention (`until_long`).
"""

from datetime import UTC, date, datetime
from typing import Literal

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.durations import Duration
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.registration_claims import Registration
from blauweknop.standards.sharing_composing import end_of_day, retention_end
from blauweknop.standards.sharing_messages import LEAST_SHARING

__all__ = ["EndProblem", "chosen_end", "shorter_ends"]

_SHORTER = tuple(map(Duration.parse, ("P1W", "P1M", "P3M", "P6M", "P1Y", "P2Y")))
_DUTY = "c"


class EndProblem(BlauweKnopError):
    """A sharing cannot end then; `code` names the rule."""

    def __init__(self, code: Literal["until_form", "until_law", "until_short", "until_long"], message: str) -> None:
        super().__init__(message)
        self.code = code


def shorter_ends(registration: Registration, at: datetime) -> tuple[date, ...]:
    """Days to choose from that lie before the end of the retention; none where the law says how long."""
    if registration.legal_basis.letter == _DUTY:
        return ()
    last, today = _last_day(registration, at), _day(at)
    return tuple(day for length in _SHORTER if (day := length.after(today)) < last)


def chosen_end(text: str, registration: Registration, at: datetime) -> datetime:
    """When the sharing ends, by the day in the form; empty for the whole retention.

    Raises:
        EndProblem: by the first rule that is broken.
    """
    # Step 1.
    if not text:
        return retention_end(registration.retention, at)
    # Step 2.
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise EndProblem("until_form", "expected a day such as 2027-01-31") from error
    # Step 3.
    if registration.legal_basis.letter == _DUTY:
        raise EndProblem("until_law", "expected no other end than the law gives")
    # Step 4.
    if day <= _day(at) or end_of_day(day) < at.astimezone(UTC) + LEAST_SHARING:
        raise EndProblem("until_short", "expected an end of tomorrow or later")
    # Step 5.
    if day > _last_day(registration, at):
        raise EndProblem("until_long", "expected an end within the retention of the registration")
    return end_of_day(day)


def _last_day(registration: Registration, at: datetime) -> date:
    return _day(retention_end(registration.retention, at))


def _day(at: datetime) -> date:
    return at.astimezone(AMSTERDAM).date()
