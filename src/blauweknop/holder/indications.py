"""What rules of others would say, with a person's own documents: each rule as a page shows it, or the calm sentence why it is not computed.

What stands in a document is counted with from there; what no document says is asked, and only what was typed just now is used. Outside the
days that a rule is known for nothing is computed and nothing is asked. Beslagvrije voet and VTLB are never computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from blauweknop.catalogue.load_rule_packs import RulePacks
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.money import format_cents
from blauweknop.domain.rule_pack import RulePack
from blauweknop.holder.explained import MOST_LINKS, Link, Links
from blauweknop.holder.rule_questions import Answers, Asked
from blauweknop.insight import Debt, Overview
from blauweknop.insight.claims import STUDY_DEBT
from blauweknop.insight.figures import Words
from blauweknop.insight.rules import (
    Attested,
    AttestedKind,
    Household,
    RuleInput,
    RuleRefused,
    RuleResult,
    StudyDebt,
    duo_repayment,
    given,
    payment_plan,
    study_debt_in_mortgage,
    study_debts_of,
    toetsinkomen,
)

__all__ = ["RULE_FIELD", "Computed", "Indication", "ShownInput", "indications"]

RULE_FIELD = "regel"
"""The field of a form that says of which rule it is."""
_MUNICIPALITY = "gem"


@dataclass(frozen=True, slots=True)
class ShownInput:
    """What was counted with. Without links the person filled it in; `more` links were left out."""

    label: str
    value: str = field(repr=False)
    links: tuple[Link, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Computed:
    """The answers, the first one first; of an answer in words alone the value is empty."""

    outcomes: tuple[tuple[str, str], ...] = field(repr=False)
    inputs: tuple[ShownInput, ...]
    steps: tuple[str, ...] = field(repr=False)
    notices: tuple[str, ...] = field(repr=False)
    indication: str


@dataclass(frozen=True, slots=True)
class Indication:
    """A rule on the page. Without `computed` there is a `refusal`, or it waits for what is `asked`; `fetch` leads to a missing document."""

    name: str  # of the form and of the place in the page
    pack: RulePack
    computed: Computed | None
    refusal: str
    fetch: bool
    asked: tuple[Asked, ...]


def indications(overview: Overview, *, packs: RulePacks, links: Links, typed: Mapping[str, str] | None) -> tuple[Indication, ...]:
    """Every rule, on the day of the overview; `typed` is a form that was sent, which names its rule in `RULE_FIELD`."""
    case = _Case(overview, packs, links)
    found = []
    for name, (pack_id, compute) in _RULES.items():
        pack = packs.on(pack_id, overview.at)
        if pack is None:
            found.append(_outside(name, pack_id, case))
            continue
        answers = Answers(typed if typed is not None and typed.get(RULE_FIELD) == name else None)
        try:
            outcome = compute(case, pack, answers)
        except MalformedValue:
            outcome = _Missing("unreadable")
        found.append(_shown(name, pack, outcome, answers, case))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Missing:
    """Something that the documents do not have; what, as the last part of its sentence `holder.indications.missing.<what>`."""

    what: str


_Outcome = RuleResult | RuleRefused | _Missing | None
"""None: what is asked was not answered yet."""


@dataclass(frozen=True, slots=True)
class _Case:
    overview: Overview
    packs: RulePacks
    links: Links

    @property
    def on(self) -> date:
        return self.overview.at

    @property
    def language(self) -> str:
        return self.links.language

    def study_debt(self) -> StudyDebt | None:
        return next(study_debts_of(self.overview.collection), None)

    def state_debts(self) -> tuple[Debt, ...]:
        """Those to organisations of the State, but for the study debt itself, which has rules of its own."""
        found = (debt for debt in self.overview.debts.all if debt.kind != STUDY_DEBT)
        return tuple(debt for debt in found if debt.balance.origins[0].dataset.partition(".")[0] != _MUNICIPALITY)


def _repayment(case: _Case, pack: RulePack, answers: Answers) -> _Outcome:
    debt = case.study_debt()
    if debt is None:
        return _Missing("study_debt")
    income, household = None, Household.SINGLE
    if pack.knows("taxable_minimum_wage"):
        income = answers.money("income", required=False)
        household = Household(answers.choice("household", _choices(Household, "household", case.language)) or Household.SINGLE)
    given_income = None if income is None or answers.are_wrong else given(income)
    return duo_repayment(debt, income=given_income, household=household, on=case.on, packs=case.packs)


def _plan(case: _Case, pack: RulePack, answers: Answers) -> _Outcome:
    debts = {_name_of(debt): debt for debt in case.state_debts()}
    if not debts:
        return _Missing("state_debt")
    chosen = answers.choice("debt", [(name, _said_of(debt, case.language)) for name, debt in debts.items()])
    income, minimum = answers.money("net_income", required=True), answers.money("minimum", required=True)
    by, day = answers.words("minimum_by"), answers.day("minimum_on", latest=case.on)
    by_own_fault = answers.tick("own_fault")
    if not answers.were_given or chosen is None or income is None or minimum is None or by is None or day is None:
        return None
    balance = debts[chosen].balance
    return payment_plan(
        given(balance.cents, *balance.origins),
        income=given(income),
        minimum=Attested(AttestedKind.SOCIAL_MINIMUM, minimum, by, day),
        by_own_fault=by_own_fault,
        on=case.on,
        packs=case.packs,
    )


def _assessed_income(case: _Case, pack: RulePack, answers: Answers) -> _Outcome:
    dataset = "uwv.verzekeringsbericht"
    statement = next((document for document in case.overview.collection.current if document.dataset == dataset), None)
    if statement is None:
        return _Missing("statement")
    pension = answers.money("pension", required=False)
    return toetsinkomen(statement, pension_of_a_year=None if pension is None else given(pension), on=case.on, packs=case.packs)


def _mortgage(case: _Case, pack: RulePack, answers: Answers) -> _Outcome:
    debt = case.study_debt()
    if debt is None:
        return _Missing("study_debt")
    rate = answers.percentage("test_rate")
    if rate is None or not answers.were_given:
        return None
    return study_debt_in_mortgage(debt, test_rate=given(rate), on=case.on, packs=case.packs)


_RULES = {
    "studieschuld": ("duo.terugbetalen", _repayment),
    "betalingsregeling": ("rijk.betalingsregeling", _plan),
    "toetsinkomen": ("hypotheek.toetsinkomen", _assessed_income),
    "hypotheek": ("hypotheek.studieschuld", _mortgage),
}


def _outside(name: str, pack_id: str, case: _Case) -> Indication:
    """A rule that is not known for this day."""
    latest = case.packs.versions(pack_id)[-1]
    refusal = sentence("holder.indications.outside", case.language, year=str(case.on.year), why=latest.validity.in_language(case.language))
    return Indication(name, latest, None, refusal, False, ())


def _shown(name: str, pack: RulePack, outcome: _Outcome, answers: Answers, case: _Case) -> Indication:
    asked = tuple(answers.asked)
    match outcome:
        case RuleResult():
            return Indication(name, pack, _computed(outcome, case.links), "", False, asked)
        case RuleRefused(reason=reason):  # what is refused before anything was typed, no answer changes
            return Indication(name, pack, None, reason.in_language(case.language), False, asked if answers.were_given else ())
        case _Missing(what):
            return Indication(name, pack, None, sentence(f"holder.indications.missing.{what}", case.language), True, ())
    return Indication(name, pack, None, "", False, asked)


def _computed(result: RuleResult, links: Links) -> Computed:
    def said(found: Sequence[Words]) -> tuple[str, ...]:
        return tuple(each.in_language(links.language) for each in found)

    return Computed(
        outcomes=tuple((outcome.label.in_language(links.language), outcome.shown(links.language)) for outcome in result.outcomes),
        inputs=tuple(_input(each, links) for each in result.inputs),
        steps=said(result.steps),
        notices=said(result.notices),
        indication=result.indication.in_language(links.language),
    )


def _input(each: RuleInput, links: Links) -> ShownInput:
    shown, left = each.origins[:MOST_LINKS], each.origins[MOST_LINKS:]
    return ShownInput(each.label.in_language(links.language), each.shown(links.language), links.fields(shown), len(left))


def _name_of(debt: Debt) -> str:
    """By the field of its amount, which says nothing of the person."""
    origin = debt.balance.origins[0]
    return f"{origin.document}/{origin.path}"


def _said_of(debt: Debt, language: str) -> str:
    return f"{debt.creditor}: {debt.label.in_language(language)}, {format_cents(debt.balance.cents, language)}"


def _choices(values: type[Household], name: str, language: str) -> list[tuple[str, str]]:
    return [(value, sentence(f"holder.indications.{name}.{value}", language)) for value in values]
