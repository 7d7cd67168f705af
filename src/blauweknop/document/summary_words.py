"""The claims of a credential in words, as a person reads them before it is made and before it is shown to others."""

from collections.abc import Mapping
from datetime import date

from blauweknop.catalogue.texts import sentence
from blauweknop.document.summary_claims import ClaimValue
from blauweknop.document.values import format_value
from blauweknop.domain.dataset import Dataset, Field
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.domain.summary import Bracket, Claim, ClaimKind, Latest, Only, Rule, Summary, Value, column_of
from blauweknop.domain.texts import Language

__all__ = ["claims_in_words"]


def claims_in_words(summary: Summary, claims: Mapping[str, ClaimValue], language: Language) -> tuple[tuple[str, str], ...]:
    """Each claim that is there, with its label, in the order of the summary."""
    return tuple(
        (claim.label.in_language(language), _in_words(claim, claims[claim.name], summary.dataset, language))
        for claim in summary.claims
        if claim.name in claims
    )


def _in_words(claim: Claim, value: ClaimValue, dataset: Dataset, language: Language) -> str:
    """A value that was taken from a field reads as on paper."""
    match value:
        case bool():
            return sentence("wallet.yes" if value else "wallet.no", language)
        case int() if claim.kind is ClaimKind.MONEY:  # in cents, also of a field in euros
            return format_cents(value, language)
        case date():
            return date_in_words(value, language)
        case str() if isinstance(claim.rule, Bracket):
            return _bracket(value, language)
    field_of_value = _field(claim.rule, dataset)
    return format_value(field_of_value, value, language) if field_of_value else str(value)


def _field(rule: Rule, dataset: Dataset) -> Field | None:
    """Where a value was taken from; None when it was worked out, or is not of the data."""
    match rule:
        case Value(path):
            return column_of(dataset.fields, path)
        case Only(path, column) | Latest(path, _, column):
            return column_of(dataset.fields, f"{path}.{column}")
    return None


def _bracket(value: str, language: Language) -> str:
    """`20000_to_30000` as a person says it."""
    match value.split("_"):
        case ["below", upper]:
            return sentence("wallet.bracket.below", language, upper=format_euros(int(upper), language))
        case [lower, "or", "more"]:
            return sentence("wallet.bracket.from", language, lower=format_euros(int(lower), language))
        case [lower, "to", upper]:
            lowest, highest = (format_euros(int(amount), language) for amount in (lower, upper))
            return sentence("wallet.bracket.between", language, lower=lowest, upper=highest)
    return value
