"""What a program prefers, in a header such as Accept or Accept-Language (RFC 9110 section 12.4.2)."""

import re

__all__ = ["weights"]

_NUMBER = re.compile(r"[01](\.[0-9]*)?")


def weights(header: str, *, unreadable: float = 1.0) -> dict[str, float]:
    """What is named, in small letters, with its weight: from nought, which says no, to one; `unreadable` for a weight that is no number."""
    found: dict[str, float] = {}
    for item in header.lower().split(","):
        name, _, parameters = item.partition(";")
        found[name.strip()] = max(_weight(parameters, unreadable), found.get(name.strip(), 0.0))
    return found


def _weight(parameters: str, unreadable: float) -> float:
    for parameter in parameters.split(";"):
        name, _, number = (part.strip() for part in parameter.partition("="))
        if name == "q":
            return min(float(number), 1.0) if _NUMBER.fullmatch(number) else unreadable
    return 1.0
