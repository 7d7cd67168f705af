"""Look again whether sources withdrew what came: when somebody asks, and by itself once a day.

What was withdrawn stays so, whatever is reachable later, and of two looks at once the newer counts, whichever is kept last. What cannot
be told is unknown, and never green.
"""

from datetime import datetime, timedelta

from blauweknop.verifier.asking.answers import CheckedItem, current_items
from blauweknop.verifier.asking.ports import KeptAnswer
from blauweknop.verifier.dossier.pieces import StatusCheck
from blauweknop.verifier.dossier.ports import DossierServices

__all__ = ["recheck", "recheck_due"]

_EVERY = timedelta(days=1)
_AT_ONCE = 50
"""In one round; the next comes within minutes."""
_UNKNOWN = "unknown"


def recheck(kept: KeptAnswer, services: DossierServices, *, at: datetime) -> bool:
    """Ask the status of each piece, and keep what is said. False when the dossier went meanwhile.

    Raises:
        StorageError: nothing was kept.
    """
    said = {number: _status(item, services, at) for number, item in current_items(kept.answer.items)}
    return services.records.keep_check(kept.id, StatusCheck(at, said))


def recheck_due(services: DossierServices, now: datetime, *, most: int = _AT_ONCE) -> int:
    """Those that were not looked at for a day; how many.

    Raises:
        StorageError: the rest comes the next time.
    """
    due = services.records.not_checked_since(now - _EVERY, most=most)
    answers = [answer for request_id in due if (answer := services.asking.answers.of_request(request_id)) is not None]
    return sum(recheck(answer, services, at=now) for answer in answers)


def _status(item: CheckedItem, services: DossierServices, at: datetime) -> str:
    if item.issuer_oin is None or item.status_uri is None or item.status_index is None:
        return _UNKNOWN
    return services.tell_status(item.issuer_oin, item.status_uri, item.status_index, at) or _UNKNOWN
