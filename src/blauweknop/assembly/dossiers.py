"""From the staff of each receiver to its dossiers: their records, and what sources say later of what is in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType

from sqlalchemy.engine import Engine

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.assembly.trust import status_teller
from blauweknop.assembly.upkeep import Sweep
from blauweknop.checking.trust import Trust
from blauweknop.verifier.api.verifications import Watch
from blauweknop.verifier.dossier.ports import DossierSealer, DossierServices
from blauweknop.verifier.dossier.rechecking import recheck_due
from blauweknop.verifier.staff.ports import StaffServices

__all__ = ["dossier_services", "dossier_sweeps"]


def dossier_services(
    staff: Sequence[StaffServices],
    engine: Engine,
    key: RowKey,
    *,
    trust_with: Callable[[str, datetime], Trust],
    sealers: Mapping[str, DossierSealer] = MappingProxyType({}),
) -> tuple[DossierServices, ...]:
    """What the dossiers of each receiver need; `trust_with` gives the trust with the status list at an address, when that can be had."""
    tell = status_teller(trust_with)

    def tell_status(issuer_oin: str, uri: str, index: int, now: datetime) -> str | None:
        return tell(Watch("", "", issuer_oin, "", uri, index, "", now.date()), now)

    ids = {each.asking.receiver.id: each for each in staff}
    return tuple(DossierServices(each, DossierStore(engine, key, name), tell_status, sealers.get(name)) for name, each in ids.items())


def dossier_sweeps(services: Sequence[DossierServices]) -> tuple[Sweep, ...]:
    """Once a day each dossier is looked at again."""
    return tuple(partial(recheck_due, each) for each in services)
