"""Rules of others, as indications: each with its legal basis, days of validity, figures with source, and a refusal where these end."""

from blauweknop.insight.rules.payment_plan import Attested, AttestedKind, Plan, capacity_by, payment_plan
from blauweknop.insight.rules.results import Given, RuleInput, RuleOutcome, RuleRefused, RuleResult, given
from blauweknop.insight.rules.study_debt import Household, StudyDebt, duo_repayment, study_debt_in_mortgage, study_debts_of
from blauweknop.insight.rules.toetsinkomen import toetsinkomen

__all__ = [
    "Attested",
    "AttestedKind",
    "Given",
    "Household",
    "Plan",
    "RuleInput",
    "RuleOutcome",
    "RuleRefused",
    "RuleResult",
    "StudyDebt",
    "capacity_by",
    "duo_repayment",
    "given",
    "payment_plan",
    "study_debt_in_mortgage",
    "study_debts_of",
    "toetsinkomen",
]
