"""One dossier, put together from what is kept: nothing of it is stored a second time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Representative, representative_in
from blauweknop.verifier.asking.answers import MOST_ITEMS, MOST_KEPT
from blauweknop.verifier.asking.ports import KeptAnswer
from blauweknop.verifier.dossier.checklist import ChecklistLine, Standing, checklist, most_urgent_first, most_urgent_pieces, standing_of
from blauweknop.verifier.dossier.figures import Figures, figures_of
from blauweknop.verifier.dossier.person import person_of
from blauweknop.verifier.dossier.pieces import Piece, pieces_of
from blauweknop.verifier.dossier.ports import DossierServices, Note

__all__ = ["Dossier", "OwnPaper", "dossier_of"]


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """What the person added; nobody certified it, and no figure has anything of it. `content` is base64."""

    number: int
    title: str = field(repr=False)
    media_type: str
    content: str = field(repr=False)
    came_at: datetime | None = None
    """When it came in the place of an earlier one; None of what came with the answer."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """`id` is that of the request, `today` the day of looking, by which pieces are fresh or not."""

    id: str
    package: str
    received_at: datetime
    erase_at: datetime
    elsewhere: bool
    today: date
    lines: tuple[ChecklistLine, ...]
    """What needs attention first."""
    pieces: tuple[Piece, ...]
    figures: Figures
    own_papers: tuple[OwnPaper, ...]
    notes: tuple[Note, ...]
    checked_at: datetime
    """When sources were last asked whether they withdrew something."""
    representatives: tuple[Representative, ...] = ()
    """Who acted for the person, as the sources of the pieces certify; none for who acted for themselves."""
    by_link: bool = False
    room: int = MOST_KEPT
    """For how many pieces more there is room, of updates."""

    @property
    def is_nearly_full(self) -> bool:
        """Whether the next update may be refused."""
        return self.room < MOST_ITEMS

    @property
    def certified(self) -> int:
        """How many items came, and are certain."""
        return sum(line.standing is Standing.CERTIFIED for line in self.lines)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
        """The pieces that somebody should look at, and then the others; none is in both, and no group is empty."""
        well = {piece.number for piece in self.pieces if self.standing(piece) is Standing.CERTIFIED}
        groups = {
            "attention": most_urgent_pieces([piece for piece in self.pieces if piece.number not in well], on=self.today),
            "well": tuple(piece for piece in self.pieces if piece.number in well),
        }
        return tuple((name, pieces) for name, pieces in groups.items() if pieces)

    @property
    def person(self) -> str:
        """The name of whom it seems to be about; empty when no piece names anybody."""
        found = person_of(self.pieces)
        return found.name if found is not None else ""

    def standing(self, piece: Piece) -> Standing:
        """How a piece stands on the day of looking."""
        return standing_of(piece, on=self.today)


def dossier_of(kept: KeptAnswer, services: DossierServices, *, at: datetime, language: str) -> Dossier:
    """The dossier of an answer, as it is at a moment.

    Raises:
        StorageError: it cannot be read.
    """
    answer, check = kept.answer, services.records.last_check(kept.id)
    pieces, today = pieces_of(answer, check), at.astimezone(AMSTERDAM).date()
    return Dossier(
        id=answer.request_id,
        package=answer.question.package,
        received_at=answer.received_at,
        erase_at=kept.erase_at,
        elsewhere=answer.elsewhere,
        by_link=answer.by_link,
        room=max(MOST_KEPT - len(answer.items), 0),
        today=today,
        lines=most_urgent_first(checklist(answer.question, pieces, on=today)),
        pieces=pieces,
        figures=figures_of(pieces, catalogue=services.asking.catalogue, received_at=answer.received_at, language=language),
        own_papers=tuple(_own_paper(number, paper) for number, paper in enumerate(answer.own_papers, 1)),
        notes=tuple(services.records.notes(kept.id)),
        representatives=tuple(dict.fromkeys(found for piece in pieces if (found := representative_in(piece.item.claims)) is not None)),
        checked_at=check.at if check is not None else answer.received_at,
    )


def _own_paper(number: int, paper: Mapping[str, JsonValue]) -> OwnPaper:
    title, media_type, content = (_text(paper.get(name)) for name in ("title", "media_type", "content"))
    came_at = _text(paper.get("came_at"))
    return OwnPaper(number, title, media_type, content, datetime.fromisoformat(came_at) if came_at else None)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""
