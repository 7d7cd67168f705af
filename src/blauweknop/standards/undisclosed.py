"""What an SD-JWT shows and what it holds back, by place: the digests without a disclosure are signed too, so they can be counted.

Which members are held back cannot be seen, only how many; with decoy digests not even that, and a document has none.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.disclosures import Place, SdJwtProblem, resolve
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.sd_jwt_vc import NEVER_DISCLOSABLE
from blauweknop.standards.strict_json import MalformedJson, parse_json, parse_json_object

__all__ = ["Disclosed", "Inventory", "take_inventory", "take_inventory_of_parts"]

_DIGESTS, _ELEMENT = "_sd", "..."


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One disclosure: its place in the JSON that is shown, and in the original, where list elements that are held back count too."""

    shown: Place
    original: Place


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that is shown; `held_back` counts members by the place of their object and elements by that of their list, as shown."""

    claims: dict[str, JsonValue] = field(repr=False)
    disclosed: tuple[Disclosed, ...]
    held_back: Mapping[Place, int]


def take_inventory(sd_jwt: str) -> Inventory:
    """The inventory of an SD-JWT without key binding; its signature is not looked at here.

    Raises:
        SdJwtProblem: it is none, or its disclosures do not fit.
    """
    message, *texts = sd_jwt.split("~")
    if not texts or texts.pop():
        raise SdJwtProblem("format", "expected an SD-JWT without key binding")
    try:
        payload = parse_json_object(jose.parse_jws(message, jose.SD_JWT_VC).payload, max_bytes=jose.MAX_JWS)
    except (JwsProblem, MalformedJson) as error:
        raise SdJwtProblem("format", str(error)) from error
    return take_inventory_of_parts(payload, texts)


def take_inventory_of_parts(payload: dict[str, JsonValue], disclosures: Sequence[str]) -> Inventory:
    """`take_inventory` of a payload and disclosures that were taken apart already. Raises: SdJwtProblem."""
    claims = resolve(payload, disclosures, NEVER_DISCLOSABLE).claims
    walk = _Walk({_digest(text): _contents(text) for text in disclosures})
    walk.look(payload, (), ())
    return Inventory(claims, tuple(walk.disclosed), walk.held_back)


class _Walk:
    """What was met so far. The form of everything was checked by `resolve`."""

    def __init__(self, table: Mapping[str, list[JsonValue]]) -> None:
        self._table = table
        self.disclosed: list[Disclosed] = []
        self.held_back: Counter[Place] = Counter()

    def look(self, value: JsonValue, shown: Place, original: Place) -> None:
        if isinstance(value, dict):
            self._look_in_object(value, shown, original)
        elif isinstance(value, list):
            self._look_in_list(value, shown, original)

    def _look_in_object(self, members: dict[str, JsonValue], shown: Place, original: Place) -> None:
        for name, value in members.items():
            if name != _DIGESTS:
                self.look(value, (*shown, name), (*original, name))
        digests = members.get(_DIGESTS)
        for digest in digests if isinstance(digests, list) else []:
            parts = self._table.get(str(digest))
            if parts is None:
                self.held_back[shown] += 1
            else:
                name = str(parts[1])
                self._note(parts[2], (*shown, name), (*original, name))

    def _look_in_list(self, elements: list[JsonValue], shown: Place, original: Place) -> None:
        position = 0
        for number, element in enumerate(elements):
            hidden = isinstance(element, dict) and element.keys() == {_ELEMENT}
            parts = self._table.get(str(element[_ELEMENT])) if hidden and isinstance(element, dict) else None
            if hidden and parts is None:
                self.held_back[shown] += 1
                continue
            places = (*shown, position), (*original, number)
            if parts is None:
                self.look(element, *places)
            else:
                self._note(parts[1], *places)
            position += 1

    def _note(self, value: JsonValue, shown: Place, original: Place) -> None:
        self.disclosed.append(Disclosed(shown, original))
        self.look(value, shown, original)


def _digest(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())


def _contents(text: str) -> list[JsonValue]:
    try:
        parts = parse_json(base64url.decode(text), max_bytes=jose.MAX_JWS)
    except BlauweKnopError as error:
        raise SdJwtProblem("format", "expected disclosures that can be read") from error
    return parts if isinstance(parts, list) else []
