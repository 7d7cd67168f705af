"""A stretch of time as a page says it: 1 jaar en 6 maanden."""

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.durations import Duration

__all__ = ["duration_in_words"]


def duration_in_words(duration: Duration, language: str) -> str:
    """In years, months and days; what is shorter than a day is at most a day."""
    years, months = divmod(duration.months, 12)
    days = duration.days if duration.months or duration.days else 1
    parts = [
        sentence(f"web.duration.{unit}.{'one' if number == 1 else 'many'}", language, number=number)
        for unit, number in (("years", years), ("months", months), ("days", days))
        if number
    ]
    *first, last = parts
    return sentence("web.duration.and", language, first=", ".join(first), last=last) if first else last
