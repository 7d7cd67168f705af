"""How long a receiver is kept up to date: the person stops it, lets it end, or says yes anew for longer (ADR 0040).

Stopping is done here first: what becomes of telling it does not matter, for nothing is sent any more.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.sharing.news import is_followed
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import KeptRequest, change
from blauweknop.holder.sharing.telling import NotUpdated, receipt_in, tell
from blauweknop.holder.vault import Vault
from blauweknop.standards.sharing_composing import retention_end
from blauweknop.standards.sharing_updates import Wish

__all__ = ["asks_to_go_on", "go_on", "last_day", "let_end", "stop"]

_ASKED_BEFORE = timedelta(days=14)
"""So long before the end the person is asked whether to go on."""
_LOG = structlog.get_logger("blauweknop.holder")


def stop(kept: KeptRequest, vault: Vault, services: SharingServices) -> None:
    """Nothing newer goes to this receiver any more; it is told so, as far as it listens."""
    sharing = kept.sharing
    if kept.item.updates_until is None:
        return
    if change(kept, vault, replace(kept.item, updates_until=None), replace(sharing, updates_until=None)) is None:
        raise NotUpdated("again")
    write_log(vault, LogLine(services.now(), Happening.SHARING_UPDATES_STOPPED, sharing.receiver))
    try:
        tell(sharing, Wish.STOP, services)
    except NotUpdated as problem:
        _LOG.info("stop_not_heard", reason=problem.code)


def asks_to_go_on(kept: KeptRequest, now: datetime) -> bool:
    """Whether the end is near, going on would make it later, and the person was not asked before."""
    until = kept.item.updates_until
    if not is_followed(kept, now) or until is None or not kept.sharing.goes_on:
        return False
    return now >= until - _ASKED_BEFORE and _new_end(kept.sharing, now) > until


def last_day(sharing: Sharing, now: datetime) -> date:
    """Until which day one may go on."""
    return _new_end(sharing, now).astimezone(AMSTERDAM).date()


def let_end(kept: KeptRequest, vault: Vault) -> None:
    """The person does not go on, and is not asked again."""
    change(kept, vault, kept.item, replace(kept.sharing, goes_on=False))


def go_on(kept: KeptRequest, seen: str, vault: Vault, services: SharingServices) -> None:
    """A new yes, until the day that the person saw.

    Raises:
        NotUpdated: it stays as it was.
    """
    sharing, now = kept.sharing, services.now()
    if not asks_to_go_on(kept, now):
        raise NotUpdated("over")
    if last_day(sharing, now).isoformat() != seen:
        raise NotUpdated("changed")
    until = _new_end(sharing, now)
    members = tell(sharing, Wish.RENEW, services, until=until)
    # By its identifier: its access certificate may be another by now.
    receipt = receipt_in(members, sharing, services, client_id=sharing.identifier, asked=(sharing.request_hash,), updates_until=until)
    if receipt is None or receipt.updates_until is None:
        raise NotUpdated("refused")
    ended = replace(sharing, receipt=str(members["bk_receipt"]), updates_until=receipt.updates_until)
    if change(kept, vault, replace(kept.item, updates_until=receipt.updates_until), ended) is None:
        raise NotUpdated("again")
    write_log(vault, LogLine(now, Happening.SHARING_UPDATES_RENEWED, sharing.receiver))


def _new_end(sharing: Sharing, now: datetime) -> datetime:
    return min(retention_end(sharing.updates_longest, now), sharing.ends_at)
