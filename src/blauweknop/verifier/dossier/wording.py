"""What stands with a dossier and its pieces, in the words of the catalogue."""

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.texts import Text
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["name_of", "package_title", "remarks_on"]


def package_title(package: str) -> Text:
    """Of a package that is not there any more its id."""
    known = next((one.title for one in load_life_events().packages if one.id == package), None)
    return known or Text(package, package)


def name_of(piece: Piece, language: str) -> str:
    """What it is, for who works at the receiver."""
    return piece.asked.title_for_staff.in_language(language) if piece.asked is not None else piece.item.item


def remarks_on(piece: Piece, language: str) -> tuple[str, ...]:
    """What to know or to ask about it."""
    known = all_texts()
    keys = [f"{part}.remark.{reason}" for reason in piece.item.reasons for part in ("asking", "dossier")]
    return tuple(sentence(key, language) for key in keys if key in known)
