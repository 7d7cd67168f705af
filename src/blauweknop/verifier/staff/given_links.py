"""A link to give away, as a page shows it once: to copy, to scan, and in a text for a message."""

from dataclasses import dataclass, field

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.texts import Language
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest
from blauweknop.verifier.asking.showing import shown_question
from blauweknop.web.qr_code import qr_code

__all__ = ["GivenLink", "given_link"]


@dataclass(frozen=True, slots=True)
class GivenLink:
    address: str = field(repr=False)
    qr: str = field(repr=False)
    mail: str = field(repr=False)


def given_link(address: str, message: str, kept: KeptRequest, services: AskingServices, language: Language) -> GivenLink:
    """`message` is the sentence of the catalogue for who gets it."""
    shown = shown_question(kept.question, services, language)
    mail = sentence(message, language, receiver=shown.name, purpose=shown.purpose, link=address)
    return GivenLink(address, qr_code(address, quiet_zone=2), mail)
