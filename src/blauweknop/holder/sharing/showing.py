"""A question and what answers it, in words: who asks and why, and each value as the receiver will see it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.representative_words import representative_facts
from blauweknop.document.summary_claims import ClaimValue
from blauweknop.document.summary_words import claims_in_words
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import OF_PERSON
from blauweknop.domain.summary import ClaimKind, Summary
from blauweknop.domain.texts import Language
from blauweknop.holder.collecting.ports import Source
from blauweknop.holder.credential_forms import MDOC
from blauweknop.holder.document_view import ShownPart, shown_parts, title_of
from blauweknop.holder.sharing.conditions import conditions_of, one_of
from blauweknop.holder.sharing.consent import Offered, View
from blauweknop.holder.sharing.holdings import dataset_of
from blauweknop.holder.sharing.matching import Holding, MatchedSet
from blauweknop.holder.sharing.reasons import Reasons
from blauweknop.holder.sharing.things import SharedThing
from blauweknop.standards.registration_claims import RegisteredUpdates, Registration
from blauweknop.standards.sharing_composing import retention_length
from blauweknop.web.durations import duration_in_words

__all__ = [
    "ShownAsker",
    "ShownCredential",
    "ShownNews",
    "ShownSet",
    "ShownWay",
    "followed_titles",
    "shown_asker",
    "shown_news",
    "shown_sets",
]


_MOST_APART = 3


@dataclass(frozen=True, slots=True)
class ShownAsker:
    """Who asks, as its registration says; nothing that the request itself says."""

    name: str
    legal_name: str
    service: str
    purpose: str
    law: str
    letter: str
    retention: str
    between: str
    """Who asks on behalf of it; empty when it asks itself."""
    others: tuple[str, ...] | None
    """Who else gets it; None when only its privacy statement says so."""
    bsn_law: str
    privacy_policy: str


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """One credential: single values as `facts`, and of a document its parts."""

    source: str
    reference: date | None
    is_document: bool
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    parts: tuple[ShownPart, ...] = field(default=(), repr=False)
    too_old: str = ""
    """How old the receiver wants it at most, when this is older."""


@dataclass(frozen=True, slots=True)
class ShownWay:
    """One of several ways to answer, as the receiver will see it; `apart` is what it says and not all of the others say."""

    credentials: tuple[ShownCredential, ...]
    apart: tuple[tuple[str, str], ...] = field(repr=False)
    is_mixed: bool
    """Whether a short proof of newer data goes along with an earlier document."""


@dataclass(frozen=True, slots=True)
class ShownSet:
    """One thing that is asked. `sources` are those at which what is not here can be fetched, as (id, name).

    Of a family of data sets some may be here and others not: then it has both credentials and sources.
    """

    number: int
    required: bool
    title: str
    why: str
    credentials: tuple[ShownCredential, ...]
    sources: tuple[tuple[str, str], ...] = ()
    conditions: tuple[str, ...] = ()
    """On which values it is asked: the answer tells whether they are there."""
    mdocs: tuple[str, ...] = ()
    """The data sets that are asked as mdocs alone, which are not fetched unless somebody asks them."""
    ways: tuple[ShownWay, ...] = ()
    """What the person chooses from, when there is more than one; `credentials` are then of the first."""

    @property
    def is_here(self) -> bool:
        return bool(self.credentials)


def shown_asker(registration: Registration, reasons: Reasons, language: Language) -> ShownAsker:
    basis, others = registration.legal_basis, reasons.recipients_of(registration)
    return ShownAsker(
        registration.name,
        registration.legal_name,
        registration.service.in_language(language),
        registration.purpose.in_language(language),
        basis.law,
        sentence(f"web.ground.{basis.letter}", language),
        duration_in_words(retention_length(registration.retention), language),
        registration.intermediary[1] if registration.intermediary else "",
        None if others is None else tuple(other.in_language(language) for other in others),
        registration.bsn_law or "",
        registration.privacy_policy,
    )


def shown_sets(view: View, reasons: Reasons, sources: Sequence[Source], today: date, language: Language) -> tuple[ShownSet, ...]:
    """In the order of the question."""
    return tuple(_shown_set(matched, ways, reasons, sources, today, language) for matched, ways in zip(view.sets, view.ways, strict=True))


def _shown_set(
    matched: MatchedSet,
    ways: Sequence[Sequence[Offered]],
    reasons: Reasons,
    sources: Sequence[Source],
    today: date,
    language: Language,
) -> ShownSet:
    offered = ways[0] if ways else ()
    items = {item.id: item for query in matched.wanted if (item := reasons.item_of(query)) is not None}
    chosen = {item.id for each in offered if (item := reasons.item_of(each.chosen.query)) is not None}
    told = [item for item in items.values() if item.id in chosen] or list(items.values())
    asked = [dataset for query in matched.wanted for kind in query.types if (dataset := dataset_of(kind, reasons.catalogue)) is not None]
    here = {each.chosen.holding.dataset.id for each in offered}
    titles = [item.title.in_language(language) for item in told] or [
        dataset.title.in_language(language) for dataset in asked if not here or dataset.id in here
    ]
    # Of a family every member is wanted, of alternatives one.
    wanted = {dataset.id for dataset in asked} if not here or any(each.chosen.query.multiple for each in offered) else set()
    shown = [tuple(_shown_credential(each, reasons, today, language) for each in sorted(way, key=_is_bound)) for way in ways]
    return ShownSet(
        matched.number,
        matched.required,
        one_of(titles, language) or sentence("sharing.unknown", language),
        " ".join(dict.fromkeys(item.why.in_language(language) for item in told)),
        shown[0] if shown else (),
        tuple((source.id, source.name) for source in sources if (wanted - here) & {*source.datasets}),
        conditions_of(matched, reasons.catalogue, language),
        tuple(sorted(wanted - here)) if all(query.format == MDOC for query in matched.wanted) else (),
        tuple(map(ShownWay, shown, _told_apart(shown), map(_is_mixed, ways))) if len(ways) > 1 else (),
    )


@dataclass(frozen=True, slots=True)
class ShownNews:
    """Something newer: what it is, what day the receiver has, and what it would get."""

    title: str
    before: str
    credential: ShownCredential = field(repr=False)


def shown_news(thing: SharedThing, holding: Holding, claims: dict[str, JsonValue], catalogue: Catalogue, language: Language) -> ShownNews:
    """`claims` as the receiver would see them."""
    return ShownNews(title_of(holding.dataset.id, catalogue, language), thing.reference, _credential(holding, claims, catalogue, language))


def followed_titles(view: View, updates: RegisteredUpdates | None, reasons: Reasons, language: Language) -> tuple[str, ...]:
    """What a receiver could be kept up to date with, of all that is offered."""
    types = updates.types if updates is not None else ()
    found = [one.chosen for ways in view.ways for way in ways for one in way if one.chosen.holding.type in types]
    named = [(reasons.item_of(chosen.query), chosen.holding.dataset) for chosen in found]
    return tuple(dict.fromkeys((item.title if item else dataset.title).in_language(language) for item, dataset in named))


def _is_bound(offered: Offered) -> bool:
    return offered.chosen.holding.is_bound


def _is_mixed(way: Sequence[Offered]) -> bool:
    return any(each.chosen.holding.is_earlier for each in way) and any(map(_is_bound, way))


def _told_apart(ways: Sequence[Sequence[ShownCredential]]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Of each way the first of what it says and not all say: which employer, period or address it is about."""
    said = [dict.fromkeys(fact for credential in way for fact in _facts_of(credential)) for way in ways]
    shared = set(said[0]).intersection(*said[1:]) if said else set()
    for facts in said:
        yield tuple(fact for fact in facts if fact not in shared)[:_MOST_APART]


def _facts_of(credential: ShownCredential) -> Iterator[tuple[str, str]]:
    """Single values, and of a table how its rows begin."""
    yield from credential.facts
    for part in credential.parts:
        yield from ((value.label, value.words) for value in part.values)
        yield from ((row.values[0].label, row.values[0].words) for table in part.tables for row in table.rows if row.values)


def _shown_credential(offered: Offered, reasons: Reasons, today: date, language: Language) -> ShownCredential:
    holding = offered.chosen.holding
    shown = _credential(holding, offered.values, reasons.catalogue, language)
    greatest = reasons.greatest_age(offered.chosen.query)
    is_old = greatest is not None and holding.reference is not None and greatest.after(holding.reference) < today
    too_old = duration_in_words(greatest, language) if greatest is not None and is_old else ""
    return replace(shown, too_old=too_old)


def _credential(holding: Holding, claims: Mapping[str, JsonValue], catalogue: Catalogue, language: Language) -> ShownCredential:
    if holding.is_bound:
        facts = _summary_facts(claims, catalogue.summaries.get(holding.dataset.id), language)
        return ShownCredential(holding.source_name, None, False, (*facts, *representative_facts(claims, language)))
    data, subject = claims.get("data"), claims.get("subject")
    parts = shown_parts(data, holding.dataset, language) if isinstance(data, dict) else ()
    facts = (*_subject_facts(subject if isinstance(subject, dict) else {}, language), *representative_facts(claims, language))
    return ShownCredential(holding.source_name, holding.reference, True, facts, parts)


def _summary_facts(claims: Mapping[str, JsonValue], summary: Summary | None, language: Language) -> tuple[tuple[str, str], ...]:
    if summary is None:
        return ()
    return claims_in_words(summary, dict(_values(claims, summary)), language)


def _values(claims: Mapping[str, JsonValue], summary: Summary) -> Iterable[tuple[str, ClaimValue]]:
    for name, kind in summary.kinds.items():
        match claims.get(name):
            case str(text) if kind is ClaimKind.DATE:
                yield name, date.fromisoformat(text)
            case (bool() | int() | str()) as value:
                yield name, value


def _subject_facts(subject: Mapping[str, JsonValue], language: Language) -> Iterable[tuple[str, str]]:
    for name in OF_PERSON:
        value = subject.get(name)
        if value is not None:
            words = PartialDate.parse_json(value).in_words(language) if name == "birth_date" else str(value)
            yield sentence(f"sharing.subject.{name}", language), words
