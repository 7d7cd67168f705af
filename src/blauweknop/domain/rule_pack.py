"""A rule of others, with its figures, as data: what a calculation may use, from when until when, and where each figure was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from blauweknop.domain.dataset import LegalBasis
from blauweknop.domain.texts import Text

__all__ = ["Band", "Bands", "PackCheck", "PackFigure", "RulePack"]


@dataclass(frozen=True, slots=True)
class PackFigure:
    """A number of a rule; of amounts the unit is cents."""

    name: str
    value: Fraction
    about: Text
    source: str


@dataclass(frozen=True, slots=True)
class Band:
    """A value that holds up to and with a bound; the last band has none."""

    up_to: Fraction | None
    value: Fraction


@dataclass(frozen=True, slots=True)
class Bands:
    """A table of a rule, from low to high. With `below` a band holds up to its bound and not with it."""

    name: str
    about: Text
    source: str
    rows: tuple[Band, ...]
    below: bool = False

    def value_for(self, number: Fraction) -> Fraction:
        def holds(band: Band) -> bool:
            return band.up_to is None or (number < band.up_to if self.below else number <= band.up_to)

        return next(band.value for band in self.rows if holds(band))


@dataclass(frozen=True, slots=True)
class PackCheck:
    """An outcome that others published: with these inputs the rule must give these amounts."""

    name: str
    source: str
    inputs: Mapping[str, str]
    expected: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RulePack:
    """One version of a rule. `unknown` says what no source was found for; outside the days of validity nothing may be computed with it."""

    id: str
    version: int
    title: Text
    about: Text
    legal_basis: tuple[LegalBasis, ...]
    valid_from: date
    valid_to: date
    validity: Text
    unknown: tuple[Text, ...]
    figures: Mapping[str, PackFigure]
    bands: Mapping[str, Bands]
    words: Mapping[str, tuple[str, ...]]
    checks: tuple[PackCheck, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the figures were seen, each once."""
        told = [*(figure.source for figure in self.figures.values()), *(bands.source for bands in self.bands.values())]
        return tuple(dict.fromkeys(told))

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to

    def knows(self, name: str) -> bool:
        return name in self.figures

    def number(self, name: str) -> Fraction:
        return self.figures[name].value
