"""Who acted for whom in a sharing, as parties of its record (ISO/IEC TS 27560): each representative, and the person they acted for.

Both sides make them from what was shared, so they agree without asking. Of a party no address is known but the key that signed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.representation import Capacity, Representative, representative_in
from blauweknop.standards.sharing_records import Party

__all__ = ["ActedFor", "acted_for", "acting_in", "acting_parties", "full_names"]

_REPRESENTATIVE, _REPRESENTED = "representative", "represented"
_NAMES = ("given_name", "family_name")


@dataclass(frozen=True, slots=True)
class ActedFor:
    """`person` is empty when no name was shared."""

    representatives: tuple[Representative, ...]
    person: str = field(default="", repr=False)


def acted_for(shared: Iterable[Mapping[str, JsonValue]]) -> ActedFor | None:
    """From the claims of each thing that was shared; None when nobody acted for another.

    Raises:
        MalformedValue: claims that did not pass the check.
    """
    things = list(shared)
    found = [one for said in things if (one := representative_in(said)) is not None]
    if not found:
        return None
    names = sorted({(one.as_json()["name"], one.capacity) for one in found})
    return ActedFor(tuple(Representative(name, capacity) for name, capacity in names), min(full_names(things), default=""))


def full_names(shared: Iterable[Mapping[str, JsonValue]]) -> frozenset[str]:
    """What the person is called in what was shared, in a document or flat; of one that shows half a name nothing."""
    found = set()
    for said in shared:
        subject = said.get("subject")
        named = subject if isinstance(subject, dict) else said
        if all(isinstance(named.get(part), str) for part in _NAMES):
            found.add(" ".join(str(named[part]) for part in _NAMES))
    return frozenset(found)


def acting_parties(acting: ActedFor | None, principal: str) -> tuple[Party, ...]:
    """The parties of a record whose principal this is; none for who acted for themselves."""
    if acting is None:
        return ()
    reached = f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{principal}"  # RFC 9278
    acted = (
        Party(f"{principal}#{_REPRESENTATIVE}-{number}", one.name, reached, reached, one.capacity.value, _REPRESENTATIVE)
        for number, one in enumerate(acting.representatives, 1)
    )
    represented = (Party(f"{principal}#{_REPRESENTED}", acting.person, reached, reached, "person", _REPRESENTED),)
    return (*acted, *(represented if acting.person else ()))


def acting_in(parties: Iterable[Party]) -> ActedFor | None:
    """Who acted for whom by the parties of a record; None when nobody did, or when it cannot be read."""
    named = [party for party in parties if party.role in (_REPRESENTATIVE, _REPRESENTED)]
    person = next((party.name for party in named if party.role == _REPRESENTED), "")
    try:
        found = tuple(Representative(party.name, Capacity(party.type)) for party in named if party.role == _REPRESENTATIVE)
    except (MalformedValue, ValueError):
        return None
    return ActedFor(found, person) if found else None
