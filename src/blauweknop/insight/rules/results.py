"""What a calculation with a rule of others gives: an indication with inputs, steps and source, or a refusal with its reason in words."""

from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from blauweknop.catalogue.load_rule_packs import RulePacks
from blauweknop.domain.money import format_cents
from blauweknop.domain.rule_pack import RulePack
from blauweknop.insight.figures import Cents, Origin, Words, WordValue, said, words

__all__ = [
    "Given",
    "RuleInput",
    "RuleOutcome",
    "RuleRefused",
    "RuleResult",
    "count",
    "given",
    "money",
    "money_input",
    "pack_or_refusal",
    "refused",
]

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Given(Generic[_Value]):
    """A value to count with, and where it comes from; without origin someone filled it in."""

    value: _Value = field(repr=False)
    origins: tuple[Origin, ...] = ()


def given(value: _Value, *origins: Origin) -> Given[_Value]:
    return Given(value, origins)


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What was counted with, in words; `filled_in` says that no document vouches for it."""

    label: Words
    value: WordValue = field(repr=False)
    origins: tuple[Origin, ...]

    @property
    def filled_in(self) -> bool:
        return not self.origins

    def shown(self, language: str) -> str:
        return said(self.value, language)


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One answer. `cents` for money, `number` for a count of months, neither when the words say it all."""

    name: str
    label: Words
    cents: int | None = field(default=None, repr=False)
    number: int | None = field(default=None, repr=False)

    def shown(self, language: str) -> str:
        """The amount or number; nothing when the label says it all."""
        if self.cents is not None:
            return format_cents(self.cents, language)
        return "" if self.number is None else str(self.number)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Always an indication, as `indication` says. `steps` are the formula with the numbers in it; `notices` what to know beside it."""

    pack: RulePack
    outcomes: tuple[RuleOutcome, ...]
    inputs: tuple[RuleInput, ...]
    steps: tuple[Words, ...]
    notices: tuple[Words, ...] = ()

    @property
    def indication(self) -> Words:
        return words("insight.rule.indication")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the figures of the rule were seen."""
        return self.pack.sources

    def outcome(self, name: str) -> RuleOutcome | None:
        return next((outcome for outcome in self.outcomes if outcome.name == name), None)


@dataclass(frozen=True, slots=True)
class RuleRefused:
    """Nothing is computed, and why."""

    pack_id: str
    reason: Words
    pack: RulePack | None = None


def pack_or_refusal(packs: RulePacks, pack_id: str, on: date) -> RulePack | RuleRefused:
    """The version of the rule that holds on a day; a refusal that says which days are known when none does."""
    found = packs.on(pack_id, on)
    if found is not None:
        return found
    nearest = packs.versions(pack_id)[-1]
    values: dict[str, WordValue] = {"day": on, "first": nearest.valid_from, "last": nearest.valid_to, "why": nearest.validity}
    return RuleRefused(pack_id, words("insight.rule.refused.validity", **values))


def refused(pack: RulePack, reason: str, **values: WordValue) -> RuleRefused:
    return RuleRefused(pack.id, words(f"insight.rule.refused.{reason}", **values), pack)


def money(name: str, cents: int) -> RuleOutcome:
    return RuleOutcome(name, words(f"insight.rule.outcome.{name}"), cents=cents)


def count(name: str, number: int) -> RuleOutcome:
    return RuleOutcome(name, words(f"insight.rule.outcome.{name}"), number=number)


def money_input(name: str, value: Given[int]) -> RuleInput:
    return RuleInput(words(f"insight.rule.input.{name}"), Cents(value.value), value.origins)
