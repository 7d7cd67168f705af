"""Erase what is over, and prove it (PROTOCOL 9.4).

A proof is signed first, and stored in the same moment in which the data go: there is never one without the other. It says when and why, and
which receipt, by its random id: who holds the receipt knows whose it is, and nobody else does. The first proof stands.
"""

from datetime import datetime

from blauweknop.standards.sharing_receipts import Erasure, ErasureReason, sign_erasure
from blauweknop.verifier.afterwards.ports import AfterwardsServices

__all__ = ["erase", "erase_what_is_over"]

_AT_ONCE = 100
"""The next round comes within minutes, and signing may be slow (a key in hardware)."""


def erase(receipt_id: str, reason: ErasureReason, services: AfterwardsServices, *, at: datetime) -> str:
    """Everything of a sharing goes; the proof that stays.

    Raises:
        StorageError: nothing was erased, and nothing is proved.
    """
    request = services.sharings.request_of(receipt_id) if reason is ErasureReason.WITHDRAWN else None
    if request is not None:
        # Told first: who made the request goes with it. When erasing fails it is told once more the next time, which does no harm.
        services.tell_withdrawn(request)
    erasure = Erasure(services.client_id, receipt_id, at, reason)
    return services.sharings.erase(receipt_id, sign_erasure(erasure, services.signer))


def erase_what_is_over(services: AfterwardsServices, now: datetime, *, most: int = _AT_ONCE) -> int:
    """The clock of the retention: what may not be kept any longer goes, so many in one round; how many sharings went.

    Raises:
        StorageError: the rest goes the next time.
    """
    over = services.sharings.due(now, most=most)
    for receipt_id in over:
        erase(receipt_id, ErasureReason.RETENTION, services, at=now)
    return len(over)
