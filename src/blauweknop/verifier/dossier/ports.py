"""What the dossier needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field

from blauweknop.verifier.asking.page import PageRequest
from blauweknop.verifier.asking.ports import AskingServices

__all__ = ["DossierServices", "MaySee"]

MaySee = Callable[[PageRequest, str], bool]
"""Whether who sends this request may see the dossier of the request for data with this id."""


@dataclass(frozen=True, slots=True)
class DossierServices:
    """Everything for the dossiers of one receiver. Who may not see one gets the same answer as when there is none."""

    asking: AskingServices
    may_see: MaySee = field(repr=False)
