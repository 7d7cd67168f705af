"""The form of what a wallet shows: claims of the summary of its data set, each of its kind; what was not disclosed is not there."""

from collections.abc import Collection, Mapping
from datetime import date

from blauweknop.domain.document import JsonValue
from blauweknop.domain.summary import ClaimKind, Summary

__all__ = ["has_form", "is_day"]


def has_form(claims: Mapping[str, JsonValue], summary: Summary, *, beside: Collection[str] = ()) -> bool:
    """Whether all claims are of this summary; `beside` names what the form of the credential adds itself."""
    kinds = summary.kinds
    return all(name in kinds and _fits(value, kinds[name]) for name, value in claims.items() if name not in beside)


def _fits(value: JsonValue, kind: ClaimKind) -> bool:
    match kind:
        case ClaimKind.BOOLEAN:
            return isinstance(value, bool)
        case ClaimKind.INTEGER | ClaimKind.MONEY:
            return isinstance(value, int) and not isinstance(value, bool)
        case ClaimKind.DATE:
            return is_day(value)
        case ClaimKind.TEXT:
            return isinstance(value, str)


def is_day(value: JsonValue) -> bool:
    """`YYYY-MM-DD` of the calendar."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
