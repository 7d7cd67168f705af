"""What a person pays each month by agreement or decision, on one day; other periods are counted over to a month."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from blauweknop.insight.collection import Collection
from blauweknop.insight.documents import Place
from blauweknop.insight.figures import Amount, Cents, FigureId, Term, Words, half_up, words

__all__ = ["Obligation", "Obligations", "obligations_of"]

_PER_MONTH = {
    "maand": Fraction(1),
    "vier_weken": Fraction(13, 12),
    "week": Fraction(52, 12),
    "kwartaal": Fraction(1, 3),
    "jaar": Fraction(1, 12),
}


@dataclass(frozen=True, slots=True)
class Obligation:
    """`withheld` says that it is taken off pay or benefit before that is paid, so that the person does not pay it again."""

    creditor: str
    label: Words
    amount: Amount
    withheld: bool
    until: date | None
    case: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Obligations:
    """Largest first; `to_pay` is without what is withheld."""

    obligations: tuple[Obligation, ...]
    total: Amount | None
    to_pay: Amount | None


def obligations_of(collection: Collection, at: date) -> Obligations:
    """What runs on this day.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    found = [*_study_debt(collection), *_care(collection, at), *_premium(collection), *_agreements(collection, at)]
    found.sort(key=lambda obligation: (-obligation.amount.cents, obligation.creditor, obligation.case or ""))
    total = Amount.of(FigureId.OBLIGATION_TOTAL, (each.amount.as_term(each.label) for each in found))
    to_pay = Amount.of(FigureId.OBLIGATION_TOTAL, (each.amount.as_term(each.label) for each in found if not each.withheld))
    return Obligations(tuple(found), total, to_pay)


def _study_debt(collection: Collection) -> Iterator[Obligation]:
    for root in collection.of("duo.studieschuld"):
        cents = root.integer("te_betalen_maandbedrag")
        if cents and root.text("fase") == "aflosfase":
            yield _monthly(root, "te_betalen_maandbedrag", cents, "insight.obligation.study_debt")


def _care(collection: Collection, at: date) -> Iterator[Obligation]:
    for root in collection.of("cak.eigen_bijdrage"):
        cents, period = root.integer("bijdrage.bedrag"), root.text("bijdrage.periode")
        first, last = root.day("ingangsdatum"), root.day("einddatum")
        if not cents or period not in _PER_MONTH or (first and first > at) or (last and last < at):
            continue
        origins = (root.origin("bijdrage.bedrag"), root.origin("bijdrage.periode"))
        said = words(f"insight.obligation.period.{period}", amount=Cents(cents))
        amount = Amount(FigureId.OBLIGATION, (Term(said, half_up(cents * _PER_MONTH[period]), origins),))
        yield Obligation(root.document.source_name, words("insight.obligation.care"), amount, False, last)


def _premium(collection: Collection) -> Iterator[Obligation]:
    for root in collection.of("cak.wanbetalers"):
        cents = root.integer("bestuursrechtelijke_premie")
        if cents and root.flag("aangemeld"):
            withheld = root.text("inning") in ("broninhouding", "zorgtoeslag_omgeleid")
            yield _monthly(root, "bestuursrechtelijke_premie", cents, "insight.obligation.premium", withheld=withheld)


def _agreements(collection: Collection, at: date) -> Iterator[Obligation]:
    for root in collection.of("gem.pw_vordering"):
        for claim in root.rows("vorderingen"):
            balance = claim.integer("saldo")
            for row in claim.rows("aflossingsafspraken") if balance is None or balance > 0 else ():
                cents, first, last = row.integer("bedrag"), row.day("startdatum"), row.day("einddatum")
                if cents and (first is None or first <= at) and (last is None or last >= at):
                    withheld = claim.text("vorderingtype") == "Verrekening"
                    key = "insight.obligation.agreement"
                    yield _monthly(row, "bedrag", cents, key, withheld=withheld, until=last, case=claim.text("zaakkenmerk"))


def _monthly(
    row: Place, name: str, cents: int, key: str, *, withheld: bool = False, until: date | None = None, case: str | None = None
) -> Obligation:
    amount = Amount(FigureId.OBLIGATION, (Term(words("insight.obligation.period.maand", amount=Cents(cents)), cents, (row.origin(name),)),))
    return Obligation(row.document.source_name, words(key), amount, withheld, until, case)
