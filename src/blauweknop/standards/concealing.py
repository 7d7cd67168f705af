"""Selective disclosure of JSON (RFC 9901), the issuing side: hide members and list elements behind digests.

Which places are hidden is worked out once for a data set, as a `Concealment`; salts are drawn and digests encoded by many at once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.disclosures import DIGEST_ALGORITHM, DIGESTS_NAME, ELEMENT_NAME, Place, SdJwtProblem, digests_of
from blauweknop.standards.plain_json import write_checked_each
from blauweknop.standards.strict_json import canonical_json

__all__ = ["Concealment", "conceal"]

_FORMAT_NAMES = frozenset({DIGESTS_NAME, DIGEST_ALGORITHM, ELEMENT_NAME})
_PARTS_OF_FORMAT_NAMES = (b"_sd", b"...")
_SALT_BYTES, _SALT_CHARACTERS = 18, 24
_SALTS_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Concealment:
    """Which parts of an object or a list are disclosures of their own, and the same for what is inside them.

    Made once for a data set, it is quicker than a question for every place; asked about a place, it answers.
    """

    parts: frozenset[str | int] = frozenset()
    """Names of members, or numbers of elements."""
    inside: Mapping[str | int, "Concealment"] = field(default_factory=dict)
    every: bool = False
    """Every member or element."""
    each: "Concealment | None" = None
    """Inside every member or element; then `inside` is not looked at."""

    def __call__(self, place: Place) -> bool:
        """Whether this place is a disclosure of its own."""
        *way, last = place
        plan: Concealment | None = self
        for step in way:
            if plan is None:
                return False
            plan = plan.each or plan.inside.get(step)
        return plan is not None and (plan.every or last in plan.parts)


def conceal(
    claims: dict[str, JsonValue],
    *,
    disclosable: Callable[[Place], bool],
    random_bytes: Callable[[int], bytes],
    decoys: bool,
    never: Collection[str] = (),
    text: bytes | None = None,
) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """The payload with digests in the place of every disclosable value, and the disclosures.

    `disclosable` is a `Concealment`, or is asked for every place; names in `never` stay wholly visible at the top.
    `random_bytes` gives so many fresh random bytes. With `decoys` every list of digests is filled up to a
    multiple of eight, so that its length does not tell how much there is. `text` is what `canonical_json` made of the claims,
    perhaps with more beside them, when the caller has it: then they need not be looked through again.

    Raises:
        SdJwtProblem: `claim_name`; a member has one of the names that the format needs.
        MalformedJson: a value that can not be written in one way.
    """
    text = text or canonical_json(claims)
    if any(part in text for part in _PARTS_OF_FORMAT_NAMES):
        _require_free_names(claims)
    plan = disclosable if isinstance(disclosable, Concealment) else _plan_for(claims, disclosable, ())
    work = _Concealing(random_bytes, decoys)
    payload = work.object(claims, _apart_from(never, claims, plan or _NOTHING))
    return payload, tuple(b"~".join(work.disclosures).decode("ascii").split("~")) if work.disclosures else ()


_NOTHING = Concealment()


class _Concealing:
    """The disclosures made so far."""

    def __init__(self, random_bytes: Callable[[int], bytes], decoys: bool) -> None:
        self._random_bytes = random_bytes
        self._salts: list[str] = []
        self._decoys = decoys
        self.disclosures: list[bytes] = []

    def object(self, members: dict[str, JsonValue], plan: Concealment) -> dict[str, JsonValue]:
        if plan.each is not None or plan.inside:
            members = {
                name: self._inside(value, inner) if (inner := plan.each or plan.inside.get(name)) else value
                for name, value in members.items()
            }
        parts = members.keys() if plan.every else plan.parts
        hidden: list[list[JsonValue]] = [[name, value] for name, value in members.items() if name in parts]
        visible = {name: value for name, value in members.items() if name not in parts}
        if hidden:
            digests = self._disclose(hidden)
            missing = -len(digests) % 8 if self._decoys else 0
            digests += digests_of([salt.encode("ascii") for salt in self._take_salts(missing)])
            visible[DIGESTS_NAME] = [*sorted(digests)]
        return visible

    def _inside(self, value: JsonValue, plan: Concealment) -> JsonValue:
        if isinstance(value, dict):
            return self.object(value, plan)
        return self._list(value, plan) if isinstance(value, list) else value

    def _list(self, elements: list[JsonValue], plan: Concealment) -> list[JsonValue]:
        if plan.each is not None or plan.inside:
            elements = [
                self._inside(element, inner) if (inner := plan.each or plan.inside.get(number)) else element
                for number, element in enumerate(elements)
            ]
        places = [number for number in range(len(elements)) if plan.every or number in plan.parts]
        digests = self._disclose([[elements[number]] for number in places])
        shown = [*elements]
        for number, digest in zip(places, digests, strict=True):
            shown[number] = {ELEMENT_NAME: digest}
        return shown

    def _disclose(self, contents: list[list[JsonValue]]) -> list[str]:
        salted: list[JsonValue] = [[salt, *content] for salt, content in zip(self._take_salts(len(contents)), contents, strict=True)]
        texts = base64url.encode_each(write_checked_each(salted))
        self.disclosures += texts
        return digests_of(texts)

    def _take_salts(self, count: int) -> list[str]:
        """Texts of 144 random bits, which need no padding; drawn by many, for each draw asks the system."""
        if len(self._salts) < count:
            text = base64url.encode(self._random_bytes(_SALT_BYTES * max(count, _SALTS_AT_ONCE)))
            self._salts += [text[start : start + _SALT_CHARACTERS] for start in range(0, len(text), _SALT_CHARACTERS)]
        taken, self._salts = self._salts[:count], self._salts[count:]
        return taken


def _require_free_names(value: JsonValue) -> None:
    if isinstance(value, dict) and not _FORMAT_NAMES.isdisjoint(value):
        raise SdJwtProblem("claim_name", "expected claims without the names that the format itself needs")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _require_free_names(part)


def _apart_from(never: Collection[str], names: Collection[str], plan: Concealment) -> Concealment:
    """The same plan for an object with these names, of which some stay wholly visible."""
    if not plan.every and plan.each is None and plan.parts.isdisjoint(never) and plan.inside.keys().isdisjoint(never):
        return plan
    free = [name for name in names if name not in never]
    inside: dict[str | int, Concealment] = {name: inner for name in free if (inner := plan.each or plan.inside.get(name)) is not None}
    return Concealment(frozenset(name for name in free if plan.every or name in plan.parts), inside)


def _plan_for(value: JsonValue, disclosable: Callable[[Place], bool], place: Place) -> Concealment | None:
    """The answers of `disclosable` for every place in a value; None for a value without parts."""
    if not isinstance(value, dict | list):
        return None
    parts: list[tuple[str | int, JsonValue]] = [*value.items()] if isinstance(value, dict) else [*enumerate(value)]
    inside = {name: plan for name, part in parts if (plan := _plan_for(part, disclosable, (*place, name))) is not None}
    return Concealment(frozenset(name for name, _ in parts if disclosable((*place, name))), inside)
