"""What a person sees of a credential before it is made: every claim and value that it will have, in words, and what is not in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.catalogue.texts import sentence
from blauweknop.document.summary_claims import ClaimValue, NoSummary, claims_of
from blauweknop.document.summary_words import claims_in_words
from blauweknop.document.wallet_credentials import batch_times
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found, Incomplete, NoData, Outcome, OutcomeKind, Snapshot
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.summary import AgeAtLeast, AtLeast, Bracket, Given, GivenName, Summary
from blauweknop.domain.texts import Language
from blauweknop.issuer.outcome_words import outcome_words
from blauweknop.issuer.wallet.entitlement import can_come
from blauweknop.issuer.wallet.ports import WalletServices

__all__ = ["ShownCredential", "shown_credentials"]

_CONCLUSIONS = (AtLeast, Bracket, AgeAtLeast)


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """One data set. Without `facts` there is nothing to show: `words` says why, and `comes` whether it may still come."""

    dataset: Dataset
    kind: OutcomeKind
    words: str
    comes: bool
    facts: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    conclusions: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    absent: tuple[str, ...] = ()
    """The labels of what the source does not say of this person."""
    ends: date | None = None

    @property
    def id(self) -> str:
        """Of its parts on a page."""
        return self.dataset.id.replace(".", "-")


def shown_credentials(
    datasets: Sequence[Dataset],
    outcomes: Mapping[str, Outcome],
    services: WalletServices,
    now: datetime,
    *,
    with_bsn: frozenset[str],
    language: Language,
) -> tuple[ShownCredential, ...]:
    """In the order of the data sets; `with_bsn` names those that go with the burgerservicenummer."""
    summaries = {item.dataset.id: item.summary for item in services.configurations.values()}
    return tuple(
        _shown(summaries[dataset.id], outcomes.get(dataset.id), services, now, dataset.id in with_bsn, language) for dataset in datasets
    )


def _shown(
    summary: Summary, outcome: Outcome | None, services: WalletServices, now: datetime, with_bsn: bool, language: Language
) -> ShownCredential:
    source = services.issuer.source
    if isinstance(outcome, Found):
        claims = _claims(outcome.snapshot, summary, services, with_bsn)
        if claims is None:
            return ShownCredential(summary.dataset, OutcomeKind.INCOMPLETE, sentence("wallet.not_sayable", language), comes=False)
        conclusions = {claim.name for claim in summary.claims if isinstance(claim.rule, _CONCLUSIONS)}
        ends = batch_times(summary, services.wallet_issuer.signer, now)[1].astimezone(AMSTERDAM).date()
        return ShownCredential(
            summary.dataset,
            outcome.kind,
            "",
            True,
            claims_in_words(summary, {name: value for name, value in claims.items() if name not in conclusions}, language),
            claims_in_words(summary, {name: value for name, value in claims.items() if name in conclusions}, language),
            tuple(_absent(summary, claims, language)),
            ends,
        )
    if can_come(outcome):
        return ShownCredential(summary.dataset, OutcomeKind.UNAVAILABLE, sentence("wallet.later", language, source=source.name), comes=True)
    kind = outcome.kind if outcome else OutcomeKind.UNAVAILABLE
    return ShownCredential(summary.dataset, kind, _reason(outcome, source.name, language), comes=False)


def _reason(outcome: Outcome | None, source: str, language: Language) -> str:
    """What is said elsewhere of documents is said here of credentials."""
    match outcome:
        case NoData():
            return sentence("wallet.no_data", language, source=source)
        case Incomplete():
            return sentence("wallet.incomplete", language, source=source)
    return outcome_words(outcome, source=source, language=language)


def _claims(snapshot: Snapshot, summary: Summary, services: WalletServices, with_bsn: bool) -> Mapping[str, ClaimValue] | None:
    try:
        return claims_of(snapshot, summary, services.issuer.source, with_bsn=with_bsn)
    except (NoSummary, MalformedValue):
        return None


def _absent(summary: Summary, claims: Mapping[str, ClaimValue], language: Language) -> Iterator[str]:
    """The burgerservicenummer is absent because the person chose so, which is said elsewhere."""
    for claim in summary.claims:
        if claim.name not in claims and claim.rule != Given(GivenName.BSN):
            yield claim.label.in_language(language)
