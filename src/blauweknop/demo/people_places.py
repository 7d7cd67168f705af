"""Towns of the exercise with streets that sound like them; the streets do not exist in these places on purpose."""

import random
from dataclasses import dataclass

__all__ = ["TOWNS", "Town", "street_in"]


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    code: str
    municipality: str
    source: str  # the source that keeps its register
    postcodes: tuple[int, int]
    streets: tuple[str, ...]


TOWNS = {
    town.name: town
    for town in (
        Town(
            "'s-Gravenhage",
            "0518",
            "'s-Gravenhage",
            "denhaag",
            (2511, 2597),
            ("Oefenlaan", "Voorbeeldkade", "Vogelvrijstraat", "Zeemeerminweg", "Blauwe Knoopstraat", "Haringbuisplein", "Duinroosgaarde"),
        ),
        Town("Boxtel", "0757", "Boxtel", "dichtbij", (5281, 5283), ("Oefenpad", "Leemkuilstraat", "Dommeloeverweg", "Kiekendiefhof")),
        Town(
            "Sint-Michielsgestel",
            "0845",
            "Sint-Michielsgestel",
            "dichtbij",
            (5271, 5272),
            ("Voorbeeldstraat", "Zandkruidweg", "Gestelse Molenhof", "Patrijzenpad"),
        ),
    )
}


def street_in(town: Town, rng: random.Random) -> tuple[str, str]:
    """A street and a postcode."""
    letters = "ABCDEGHJKLMNPRTUVWXZ"  # a postcode has no F, I, O, Q, U or Y in its letters
    low, high = town.postcodes
    return rng.choice(town.streets), f"{rng.randint(low, high)}{rng.choice(letters)}{rng.choice(letters)}"
