"""The form of what a wallet shows: claims of the summary of its data set, each of its kind; what was not disclosed is not there."""

from collections.abc import Collection, Mapping
from datetime import date

from blauweknop.domain.document import JsonValue
from blauweknop.domain.summary import ClaimKind, Summary

__all__ = ["has_form"]


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
            return isinstance(value, str) and _is_day(value)
        case ClaimKind.TEXT:
            return isinstance(value, str)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
