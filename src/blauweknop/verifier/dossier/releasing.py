"""Whether something of a dossier may leave the system now. Each way to take a dossier along asks here, and nowhere else (T-41)."""

from typing import Any

from litestar import Response

from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest

__all__ = ["held_back"]


def held_back(request: PageRequest, services: DossierServices, staff: Staff, dossier: Dossier, name: str) -> Response[Any] | None:
    """What goes out instead of the file `name`; None when it may go. Ask it when the file is ready, and give the file at once."""
    return None
