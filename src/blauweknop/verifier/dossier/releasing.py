"""Whether something of a dossier may leave the system now. Each way to take a dossier along asks here, and nowhere else (T-41).

With `four_eyes` for exports it may when a colleague said yes to this file of this dossier, with exactly the content that it has now.

1. Before a file is made: is there such a yes (`waits`)? Without one nothing is laid out, sealed or put together.
2. When it is ready: the yes is used up (`held_back`), so what could not be made costs none. In each case the log says what left.
"""

import hashlib
from typing import Any

import msgspec
from litestar import Response

from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.staff.four_eyes import Approval, ApprovalState, Guarded
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest
from blauweknop.web.page import see_other

__all__ = ["asked_before", "content_of", "held_back", "waits"]

_MOST = 100


def waits(request: PageRequest, services: DossierServices, staff: Staff, dossier: Dossier, name: str) -> Response[Any] | None:
    """Step 1: what goes out instead of making the file `name`; None when it may be made."""
    if Guarded.EXPORT not in services.staff.four_eyes or _yes(request, services, staff, dossier, name) is not None:
        return None
    return see_other(_place(services, dossier, name))


def held_back(request: PageRequest, services: DossierServices, staff: Staff, dossier: Dossier, name: str) -> Response[Any] | None:
    """Step 2: what goes out instead of the file `name`; None when it may go. Give the file at once."""
    with services.asking.together():
        if Guarded.EXPORT in services.staff.four_eyes:
            approval = _yes(request, services, staff, dossier, name)
            if approval is None or not services.staff.approvals.use(approval, now=services.asking.now):
                return see_other(_place(services, dossier, name))
        services.staff.write_down(Deed.EXPORTED, staff, about=dossier.id, detail=name)
    return None


def asked_before(services: DossierServices, staff: Staff, dossier_id: str, name: str) -> Approval | None:
    """What they asked a colleague about this file of this dossier."""
    theirs = services.staff.approvals.of(staff.id, now=services.asking.now, most=_MOST)
    return next((one for one in theirs if (one.asked.guarded, one.asked.about, one.asked.what) == (Guarded.EXPORT, dossier_id, name)), None)


def content_of(dossier: Dossier) -> str:
    """A hash of all that a file of a dossier could hold: what came and how it counts now, own papers and notes."""
    pieces = [(piece.number, piece.item) for piece in dossier.pieces]
    content = msgspec.json.encode((dossier.id, pieces, dossier.own_papers, dossier.notes), order="deterministic")
    return hashlib.sha256(content).hexdigest()


def _yes(request: PageRequest, services: DossierServices, staff: Staff, dossier: Dossier, name: str) -> Approval | None:
    """The yes to exactly this; none for a browser that looks ahead by itself, which may not use one up."""
    approval = asked_before(services, staff, dossier.id, name)
    if approval is None or approval.state is not ApprovalState.GRANTED or "sec-purpose" in request.headers:
        return None
    return approval if approval.asked.content == content_of(dossier) else None


def _place(services: DossierServices, dossier: Dossier, name: str) -> str:
    """Where a colleague is asked."""
    return f"{services.staff.path}/dossiers/{dossier.id}/meenemen/{name}"
