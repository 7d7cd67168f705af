"""How the exercise wallet shows a credential: a card in the colours and with the logo that the source says, and every claim in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from blauweknop.catalogue import Catalogue
from blauweknop.demo.exercise_wallet_kept import Held
from blauweknop.document.summary_claims import ClaimValue
from blauweknop.document.summary_words import claims_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.summary import ClaimKind, Summary
from blauweknop.domain.texts import Language
from blauweknop.standards import base64url
from blauweknop.standards.json_members import Members, member_object, member_objects
from blauweknop.standards.mdoc.receiving import read_issued, shown_claims, signed_object
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt, resolved_claims, signed_payload

__all__ = ["Card", "card_of", "offered_titles", "source_name"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PICTURE = re.compile(r"data:image/(?:png|svg\+xml);base64,[A-Za-z0-9+/=]{1,200000}")
_PLAIN_COLOUR = "#46566a"


@dataclass(frozen=True, slots=True)
class Card:
    """`file` is the end of the name of a copy as a file; nothing while it is still to come."""

    id: str
    title: str
    source: str
    colour: str
    logo: str
    copies: int
    file: str
    facts: tuple[tuple[str, str], ...] = field(repr=False)


def card_of(held: Held, catalogue: Catalogue, language: Language) -> Card:
    """Of a credential that was fetched, or is to come."""
    shown = _display(_configuration(held.metadata, held.configuration_id), language)
    summary = catalogue.summaries.get(held.configuration_id.rpartition(".")[0])
    facts = claims_in_words(summary, _claims(held, summary), language) if held.copies and summary is not None else ()
    colour, logo = str(shown.get("background_color")), shown.get("logo")
    picture = str(logo.get("uri")) if isinstance(logo, dict) else ""
    return Card(
        held.id,
        str(shown.get("name", held.configuration_id)),
        source_name(held.metadata, language),
        colour if _COLOUR.fullmatch(colour) else _PLAIN_COLOUR,
        picture if _PICTURE.fullmatch(picture) else "",
        len(held.copies),
        ("mdoc" if held.configuration_id.endswith(".mdoc") else "sd-jwt") if held.copies else "",
        facts,
    )


def offered_titles(metadata: Members, configuration_ids: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """What people call what is offered."""
    return tuple(str(_display(_configuration(metadata, name), language).get("name", name)) for name in configuration_ids)


def source_name(metadata: Members, language: Language) -> str:
    """What the source calls itself."""
    return str(_in_language(member_objects(metadata, "display", least=1), language).get("name", ""))


def _configuration(metadata: Members, name: str) -> Members:
    return member_object(member_object(metadata, "credential_configurations_supported"), name)


def _display(configuration: Members, language: Language) -> Members:
    return _in_language(member_objects(member_object(configuration, "credential_metadata"), "display", least=1), language)


def _in_language(items: list[Members], language: Language) -> Members:
    return next((item for item in items if item.get("locale") == language), items[0])


def _claims(held: Held, summary: Summary) -> dict[str, ClaimValue]:
    """What the first copy says; they all say the same.

    Raises:
        BlauweKnopError: it is no credential as we make them.
    """
    said: Mapping[str, JsonValue]
    if held.configuration_id.endswith(".mdoc"):
        received = read_issued(base64url.decode(held.copies[0]))
        (said,) = shown_claims(received, signed_object(received)).values()
    else:
        proof = read_sd_jwt(held.copies[0])
        said = resolved_claims(signed_payload(proof), proof).claims
    return {name: _value(said[name], kind) for name, kind in summary.kinds.items() if name in said}


def _value(value: JsonValue, kind: ClaimKind) -> ClaimValue:
    match value:
        case str() if kind is ClaimKind.DATE:
            return date.fromisoformat(value)
        case bool() | int() | str():
            return value
    raise BlauweKnopError("expected a claim with a single value")
