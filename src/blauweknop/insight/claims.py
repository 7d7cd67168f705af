"""What each document says is owed, one claim for each case; and which claims of several documents are about the same money.

The same case is in two documents when
 1 one creditor names it by the same number in both (a tax bill and the payment overview of the municipality);
 2 an organisation collects for another, and both name it by the same case, decision or event (CJIB and its principal);
 3 it is the premium of people who do not pay their health insurance, and CAK also gave its payment overview, which has all its bills.
The newest document counts; of equally new ones the payment overview, and before a collector its principal, with whom one can object.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from blauweknop.insight.collection import Collection
from blauweknop.insight.documents import InsightDocument, Place
from blauweknop.insight.events import IMPOSED, Events
from blauweknop.insight.figures import Amount, FigureId, Origin, Term, Words, words

__all__ = ["ORGANISATIONS", "STUDY_DEBT", "Claim", "Merged", "MergedClaims", "claims_of", "is_about_debts", "merge_claims"]

STUDY_DEBT = "studieschuld"

_DATASETS = frozenset({"cak.wanbetalers", "duo.studieschuld", "gem.belastingaanslag", "gem.pw_vordering"})
"""Beside the payment overviews."""
ORGANISATIONS = frozenset({"bd", "cak", "cjib", "duo", "gem", "rvo", "svb", "tsl", "uwv"})
"""How the kind of an obligation begins, by the organisation that imposes it (FCID; dictionary, bronorganisatie_afkorting); gem is ours."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one document says of one case. `on_behalf_of` is the short name of the principal, when another organisation collects."""

    document: InsightDocument
    case: str = field(repr=False)
    kind: str
    label: Words
    balance: Amount
    stated: int | None = field(repr=False)  # the balance as the document has it; ours is computed again
    stated_origin: Origin
    arrears: Amount | None
    on_behalf_of: str | None = None
    decisions: frozenset[str] = field(default=frozenset(), repr=False)
    events: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def organisation(self) -> str:
        """The short name in the id of the data set: duo, cak, gem."""
        return self.document.dataset.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Merged:
    """One case: the claim that counts, and what other documents say of it. `collector` is there when another organisation collects."""

    counted: Claim
    others: tuple[Claim, ...]
    collector: str | None = None

    @property
    def named_by(self) -> Claim:
        """The claim that says what it is for: that of a payment overview has the words of the source."""
        every = (self.counted, *self.others)
        return next((claim for claim in every if claim.events), self.counted)


@dataclass(frozen=True, slots=True)
class MergedClaims:
    """`absorbed` are claims of which the money is among the cases of a payment overview, nobody says which."""

    cases: tuple[Merged, ...]
    absorbed: tuple[Claim, ...]


_Name = tuple[str, str, str]
"""Of money: whose, by what it is named, and that name."""


def claims_of(collection: Collection, events: Events) -> tuple[Claim, ...]:
    """Every claim of every document that counts.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    found: list[Claim] = []
    for root in collection.payment_overviews():
        found += [claim for row in root.rows("financiele_zaken") if (claim := _of_overview(row, events))]
    for root in collection.of("duo.studieschuld"):
        found += _single(root, "schuldsaldo_inclusief_rente", root.text("debiteurnummer") or STUDY_DEBT, STUDY_DEBT, "achterstand")
    for root in collection.of("cak.wanbetalers"):
        found += _single(root, "nog_te_betalen", "wanbetalers", "wanbetalerspremie")
    for root in collection.of("gem.belastingaanslag"):
        found += _with_parts(root, root.text("aanslagbiljetnummer"), "belastingaanslag", words("insight.debt.kind.belastingaanslag"))
    for root in collection.of("gem.pw_vordering"):
        for row in root.rows("vorderingen"):
            label = words("insight.debt.kind.pw_vordering")
            found += _with_parts(row, row.text("zaakkenmerk"), "pw_vordering", label)
    return tuple(found)


def is_about_debts(document: InsightDocument, collection: Collection) -> bool:
    """Whether claims are made of its kind of document."""
    return document.dataset in _DATASETS or document.dataset in collection.obligations


def merge_claims(claims: Sequence[Claim]) -> MergedClaims:
    """Every case once."""
    by_case: dict[tuple[str, str], list[Claim]] = {}
    documents = {claim.document.key: claim.document for claim in claims}
    overviews = {document.source_oin for document in documents.values() if document.root.rows("financiele_zaken")}
    absorbed: list[Claim] = []
    for claim in claims:
        if claim.document.dataset == "cak.wanbetalers" and claim.document.source_oin in overviews:  # 3
            absorbed.append(claim)
        else:
            by_case.setdefault((claim.document.source_oin, claim.case), []).append(claim)  # 1
    merged = _with_principals([_merge(group) for _, group in sorted(by_case.items())])  # 2
    return MergedClaims(tuple(merged), tuple(absorbed))


def _of_overview(row: Place, events: Events) -> Claim | None:
    case = row.text("zaakkenmerk")
    balance = _balance(row)
    if case is None or balance is None:
        return None
    own = events.of_case(row.document.source_oin, case)
    imposed = [event for event in own if event.kind == IMPOSED and event.obligation_type]
    primary = next((event for event in imposed if event.primary), imposed[0] if imposed else None)
    kind = (primary.obligation_type if primary else None) or row.text("omschrijving") or "overig"
    label = words("insight.debt.stated", text=row.text("omschrijving") or kind)
    principal = kind.partition("_")[0] if primary else ""
    return Claim(
        row.document,
        case,
        kind,
        label,
        balance,
        row.integer("saldo"),
        row.origin("saldo"),
        _arrears(row, "achterstand"),
        principal if principal in ORGANISATIONS and principal != row.document.dataset.partition(".")[0] else None,
        frozenset(event.decision for event in own if event.decision),
        frozenset(event.reference for event in own),
    )


def _single(root: Place, name: str, case: str, kind: str, arrears: str | None = None) -> list[Claim]:
    cents = root.integer(name)
    if cents is None:
        return []
    label = words(f"insight.debt.kind.{kind}")
    balance = Amount(FigureId.DEBT, (Term(words("insight.debt.term.open"), cents, (root.origin(name),)),))
    late = _arrears(root, arrears) if arrears else None
    return [Claim(root.document, case, kind, label, balance, cents, root.origin(name), late)]


def _with_parts(row: Place, case: str | None, kind: str, label: Words) -> list[Claim]:
    balance = _balance(row)
    if case is None or balance is None:
        return []
    return [Claim(row.document, case, kind, label, balance, row.integer("saldo"), row.origin("saldo"), None)]


def _balance(row: Place) -> Amount | None:
    """Obliged minus settled; what the document says the difference is counts only when one of these is not there."""
    obliged, settled = row.integer("totaal_financieel_verplicht"), row.integer("totaal_financieel_vereffend")
    if obliged is not None and settled is not None:
        terms = [
            Term(words("insight.debt.term.obliged"), obliged, (row.origin("totaal_financieel_verplicht"),)),
            Term(words("insight.debt.term.settled"), -settled, (row.origin("totaal_financieel_vereffend"),)),
        ]
        return Amount(FigureId.DEBT, tuple(terms))
    stated = row.integer("saldo")
    return None if stated is None else Amount(FigureId.DEBT, (Term(words("insight.debt.term.open"), stated, (row.origin("saldo"),)),))


def _arrears(row: Place, name: str) -> Amount | None:
    cents = row.integer(name)
    return None if cents is None else Amount(FigureId.DEBT_ARREARS, (Term(words("insight.debt.term.arrears"), cents, (row.origin(name),)),))


def _merge(group: Sequence[Claim]) -> Merged:
    """Of one creditor and one case."""
    ordered = sorted(group, key=_rank, reverse=True)
    return Merged(ordered[0], tuple(ordered[1:]))


def _rank(claim: Claim) -> tuple[float, bool, bool, str]:
    document = claim.document
    return (document.reference.timestamp(), claim.on_behalf_of is None, claim.arrears is not None, document.dataset)


def _with_principals(cases: Sequence[Merged]) -> list[Merged]:
    """What is collected goes to the first principal that names it alike; one of whom a collector told newer things takes no more."""
    named: dict[_Name, deque[int]] = {}
    for place, case in enumerate(cases):
        if case.counted.on_behalf_of is None:
            for name in _names(case.counted, case.counted.organisation):
                named.setdefault(name, deque()).append(place)
    collected: dict[int, list[Merged]] = {}
    elsewhere: set[int] = set()
    overtaken: set[int] = set()
    for place, case in enumerate(cases):
        names = _names(case.counted, case.counted.on_behalf_of) if case.counted.on_behalf_of else ()
        found = [first for name in names if (first := _first_open(named.get(name), overtaken)) is not None]
        if found:
            principal = min(found)
            collected.setdefault(principal, []).append(case)
            elsewhere.add(place)
            if _rank(case.counted) > _rank(cases[principal].counted):
                overtaken.add(principal)
    return [_with_collected(case, collected.get(place, ())) for place, case in enumerate(cases) if place not in elsewhere]


def _names(claim: Claim, organisation: str) -> Iterator[_Name]:
    """What tells that two claims are about the same money of an organisation."""
    yield organisation, "case", claim.case
    yield from ((organisation, "decision", decision) for decision in claim.decisions)
    yield from ((organisation, "event", event) for event in claim.events)


def _first_open(places: deque[int] | None, overtaken: set[int]) -> int | None:
    while places and places[0] in overtaken:
        places.popleft()
    return places[0] if places else None


def _with_collected(principal: Merged, collected: Sequence[Merged]) -> Merged:
    if not collected:
        return principal
    every = [claim for case in (principal, *collected) for claim in (case.counted, *case.others)]
    both = _merge(every)
    return Merged(both.counted, both.others, collected[-1].counted.document.source_name)
