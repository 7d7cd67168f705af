"""How long the person keeps a dossier up to date, what newer pieces replaced, and saying that nothing newer is wanted (ADR 0040)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from blauweknop.verifier.asking.answers import last_came
from blauweknop.verifier.asking.ports import KeptAnswer
from blauweknop.verifier.dossier.entering import enter_answer
from blauweknop.verifier.dossier.pieces import Piece, replaced_pieces_of
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.visit import PageRequest
from blauweknop.web.page import see_other

__all__ = ["ShownUpdates", "stop_updates", "updates_of"]

_Services = NamedDependency[SkipValidation[DossierServices]]


@dataclass(frozen=True, slots=True)
class ShownUpdates:
    """`until` is None when the person does not keep it up to date, or not any more."""

    until: datetime | None
    last_at: datetime | None
    """When something newer came last."""
    replaced: tuple[Piece, ...] = field(repr=False)


def updates_of(kept: KeptAnswer, services: DossierServices) -> ShownUpdates | None:
    """None for a dossier that was never kept up to date. Raises: StorageError."""
    came = last_came(kept.answer.items)
    sharing = services.asking.sharings.of_receipt(kept.answer.receipt_id) if kept.answer.updates_until and kept.answer.receipt_id else None
    if sharing is None and came is None:
        return None
    until = sharing.updates_until if sharing is not None else None
    stands = until is not None and until > services.asking.now
    return ShownUpdates(until if stands else None, came, replaced_pieces_of(kept.answer))


@post("/dossiers/{request_id:str}/niet-meer-bijwerken", status_code=200, sync_to_thread=True)
def stop_updates(request: PageRequest, services: _Services, request_id: FromPath[str]) -> Response[Any]:
    """From now on nothing newer is taken; what came stays."""
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    staff, kept = answered
    with services.asking.together():
        if kept.answer.receipt_id is not None and services.asking.sharings.follow(kept.answer.receipt_id, None):
            services.staff.write_down(Deed.UPDATES_STOPPED, staff, about=request_id)
    return see_other(f"{services.staff.path}/dossiers/{request_id}#bijgewerkt")
