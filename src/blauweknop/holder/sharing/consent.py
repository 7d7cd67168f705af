"""What a person says yes to: a view of the question with what answers it, by a fingerprint that stands in the form (threat T-21).

The form carries no values and no choices but which of the shown things go along, and by its number which of several. The fingerprint is
of all that was shown, also of what is not chosen. What is sent is worked out again from the question and the vault; when that gives
another fingerprint, something changed since the page was shown: it is shown again, and nothing is sent.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.credential_forms import MDOC
from blauweknop.holder.presenting import disclosed, shown_of_mdoc
from blauweknop.holder.sharing.asking import Asked
from blauweknop.holder.sharing.matching import MOST_WAYS, Chosen, Holding, MatchedSet, match
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_messages import request_hash
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["Offered", "View", "WrongChoice", "view_of"]

_NUMBERS = tuple(str(number) for number in range(MOST_WAYS))


class WrongChoice(BlauweKnopError):
    """The form chooses something that was not offered, or does not choose where it must."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What answers one credential of the question, as the receiver will see it."""

    chosen: Chosen
    claims: dict[str, JsonValue] = field(repr=False)

    @property
    def values(self) -> Mapping[str, JsonValue]:
        """The claims; of an mdoc those in the namespace of its type, which is the only one."""
        if self.chosen.holding.format != MDOC:
            return self.claims
        inside = self.claims.get(self.chosen.holding.type)
        return inside if isinstance(inside, dict) else {}


@dataclass(frozen=True, slots=True)
class View:
    """A question with what is here for it, in the order of the question."""

    sets: tuple[MatchedSet, ...]
    ways: tuple[tuple[tuple[Offered, ...], ...], ...] = field(repr=False)
    """Of each set the ways to answer it."""
    fingerprint: str

    @property
    def offered(self) -> tuple[tuple[Offered, ...], ...]:
        """Of each set what goes when nobody chooses."""
        return tuple(ways[0] if ways else () for ways in self.ways)

    @property
    def missing(self) -> tuple[MatchedSet, ...]:
        """What is asked from everybody, and is not here."""
        return tuple(each for each in self.sets if each.required and not each.is_here)

    def is_the_one_of(self, fingerprint: str) -> bool:
        return hmac.compare_digest(self.fingerprint.encode(), fingerprint.encode())

    def picked(self, said: Mapping[str, Sequence[str]]) -> dict[int, int]:
        """Which way goes, by the number of each set of which there is more than one.

        Raises:
            WrongChoice: see there.
        """
        several = {str(each.number): len(ways) for each, ways in zip(self.sets, self.ways, strict=True) if len(ways) > 1}
        if said.keys() != several.keys() or any(
            [*said[name]] not in [[way] for way in _NUMBERS[:number]] for name, number in several.items()
        ):
            raise WrongChoice("expected one of the ways that were shown, for each thing of which there is more than one")
        return {int(name): int(said[name][0]) for name in several}

    def taken(self, ticked: Collection[int], picked: Mapping[int, int]) -> tuple[Offered, ...]:
        """What goes along: all that is required, and of the rest what was ticked; each credential of the question once."""
        found: dict[tuple[str, bytes], Offered] = {}
        for each, ways in zip(self.sets, self.ways, strict=True):
            if ways and (each.required or each.number in ticked):
                found |= {one.chosen.name: one for one in ways[picked.get(each.number, 0)]}
        return tuple(found.values())

    @classmethod
    def of(cls, asked: Asked, sets: Sequence[MatchedSet]) -> Self:
        # What stands in many sets is worked out once.
        every = {chosen.name: chosen for each in sets for way in each.ways for chosen in way}
        known = {name: _offered(chosen) for name, chosen in every.items()}
        ways = tuple(tuple(tuple(known[chosen.name] for chosen in way) for way in each.ways) for each in sets)
        told: list[JsonValue] = [[query, item.hex(), one.claims] for (query, item), one in known.items()]
        of_sets: list[JsonValue] = [
            [[[chosen.query.id, chosen.holding.item.hex()] for chosen in way] for way in each.ways] for each in sets
        ]
        seen = canonical_json({"question": request_hash(asked.text), "offered": told, "sets": of_sets})
        return cls(tuple(sets), ways, hashlib.sha256(seen).hexdigest())


def view_of(asked: Asked, verified: VerifiedRequest, holdings: Sequence[Holding]) -> View:
    """What the person sees of a verified question."""
    return View.of(asked, match(verified.query, holdings))


def _offered(chosen: Chosen) -> Offered:
    holding = chosen.holding
    if holding.format == MDOC:
        return Offered(chosen, shown_of_mdoc(holding.claims, chosen.paths))
    return Offered(chosen, take_inventory(disclosed(holding.text, chosen.paths)).claims)
