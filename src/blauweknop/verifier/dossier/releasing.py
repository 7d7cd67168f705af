"""Whether something of a dossier may leave the system now. Each way to take a dossier along asks here, and nowhere else (T-41).

With `four_eyes` for exports it may when a colleague said yes to this file of this dossier, with exactly the content that it has now. The
yes is used up by it. In each case the log says what left.
"""

import hashlib
from typing import Any

import msgspec
from litestar import Response

from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.staff.four_eyes import Approval, Guarded
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest
from blauweknop.web.page import see_other

__all__ = ["asked_before", "content_of", "held_back"]

_MOST = 100


def held_back(request: PageRequest, services: DossierServices, staff: Staff, dossier: Dossier, name: str) -> Response[Any] | None:
    """What goes out instead of the file `name`; None when it may go. Ask it when the file is ready, and give the file at once."""
    place = f"{services.staff.path}/dossiers/{dossier.id}/meenemen/{name}"
    with services.asking.together():
        if Guarded.EXPORT in services.staff.four_eyes:
            approval = asked_before(services, staff, dossier.id, name)
            fits = approval is not None and approval.asked.content == content_of(dossier)
            # A browser that looks ahead by itself does not use up a yes.
            if (
                approval is None
                or not fits
                or "sec-purpose" in request.headers
                or not services.staff.approvals.use(approval, now=services.asking.now)
            ):
                return see_other(place)
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
