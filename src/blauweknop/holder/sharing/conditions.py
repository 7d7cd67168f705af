"""On which condition something is asked, in words: a claim that is asked with values tells by every answer whether it has one of them.

So much a receiver learns also from which of two ways is answered, or that an optional thing is not. The person reads it before saying yes
(ADR 0041).
"""

from collections.abc import Iterable, Iterator
from datetime import date

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.summary_claims import ClaimValue
from blauweknop.document.summary_words import claims_in_words
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.summary import ClaimKind, Summary
from blauweknop.domain.texts import Language
from blauweknop.holder.document_view import label_of
from blauweknop.holder.sharing.holdings import dataset_of
from blauweknop.holder.sharing.matching import MatchedSet
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery
from blauweknop.standards.json_members import SHOWN_TEXT

__all__ = ["conditions_of", "one_of"]

_MOST_VALUES = 5
_LONGEST = 60  # characters of a value that who asks made up


def conditions_of(matched: MatchedSet, catalogue: Catalogue, language: Language) -> tuple[str, ...]:
    """A sentence for each claim that is asked with values, in whichever way it can be answered; each once."""
    asked = [(query, claim) for query in matched.wanted for claim in query.claims if claim.values is not None]
    return tuple(dict.fromkeys(_in_words(query, claim, catalogue, language) for query, claim in asked))


def one_of(words: Iterable[str], language: Language) -> str:
    """Things of which one is enough, each once."""
    return f" {sentence('sharing.or', language)} ".join(dict.fromkeys(words))


def _in_words(query: CredentialQuery, claim: ClaimQuery, catalogue: Catalogue, language: Language) -> str:
    dataset = dataset_of(query.types[0], catalogue)
    summary = catalogue.summaries.get(dataset.id) if dataset is not None and dataset.type_uri not in query.types else None
    name = next((step for step in reversed(claim.path) if isinstance(step, str)), "")
    label = _label(name, summary, language) if summary else label_of(dataset, name, language) if dataset else None
    values = claim.values or ()
    words = [_value(name, value, summary, language) for value in values[:_MOST_VALUES]]
    if len(values) > _MOST_VALUES:
        words.append(sentence("sharing.only_if.more", language, number=len(values) - _MOST_VALUES))
    about = label or sentence("sharing.unknown", language)
    return sentence("sharing.only_if", language, claim=about, values=one_of(words, language))


def _label(name: str, summary: Summary, language: Language) -> str | None:
    return next((claim.label.in_language(language) for claim in summary.claims if claim.name == name), None)


def _value(name: str, value: str | int | bool, summary: Summary | None, language: Language) -> str:
    """As the claim itself would read with that value; what it never has, as it stands."""
    known = dict(_typed(name, value, summary)) if summary else {}
    try:
        words = claims_in_words(summary, known, language) if summary else ()
    except (MalformedValue, ValueError, KeyError):  # a code, bracket or number that this claim never has
        words = ()
    if words:
        return words[0][1]
    if isinstance(value, bool):
        return sentence("wallet.yes" if value else "wallet.no", language)
    plain = str(value)
    return plain if len(plain) <= _LONGEST and SHOWN_TEXT.fullmatch(plain) else sentence("sharing.only_if.odd", language)


def _typed(name: str, value: str | int | bool, summary: Summary) -> Iterator[tuple[str, ClaimValue]]:
    kind = summary.kinds.get(name)
    match value:
        case bool() if kind is ClaimKind.BOOLEAN:
            yield name, value
        case int() if kind in (ClaimKind.INTEGER, ClaimKind.MONEY) and not isinstance(value, bool):
            yield name, value
        case str() if kind is ClaimKind.DATE:
            try:
                yield name, date.fromisoformat(value)
            except ValueError:
                return
        case str() if kind is ClaimKind.TEXT and len(value) <= _LONGEST and SHOWN_TEXT.fullmatch(value):
            yield name, value
