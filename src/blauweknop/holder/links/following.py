"""What became of a link: looked at when its person is in, and taken back while nobody fetched it.

In steps:
1. What the server noted of it goes along into the vault: each try, and that it was fetched.
2. A receipt is verified; then it is a sharing as any other, with its withdrawal and its proof of erasure, the link is over, and the
   server forgets it. That a receipt came late, after the person read that none did, changes nothing of this.
3. Without one: it was closed, withdrawn, not fetched in time, or fetched and never confirmed; or the server forgot it before its person
   looked, and nobody knows.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.links.items import LinkBody, LinkState, MadeLink, change_link, made_link, made_links
from blauweknop.holder.links.ports import KeptLink, LinkServices, LinkStorage
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import RequestItem
from blauweknop.holder.vault import Vault
from blauweknop.standards.sharing_messages import SharingProblem, verify_consent
from blauweknop.standards.sharing_receipts import verify_receipt
from blauweknop.standards.strict_json import canonical_json

__all__ = ["forget_links", "look_at_link", "look_at_links", "take_back"]

_Events = tuple[tuple[datetime, str], ...]
_CONFIRMS_WITHIN = timedelta(hours=1)
_RECEIVED = "received"
_LOG = structlog.get_logger("blauweknop.holder")


def look_at_link(made: MadeLink, vault: Vault, links: LinkServices, now: datetime) -> MadeLink:
    """How it stands now. A receipt may come late."""
    if made.item.state not in ("waiting", "lost"):
        return made
    kept = links.store.read(made.body.link_id)
    # Step 1.
    events = kept.events if kept is not None else made.body.events
    sharing = _with_receipt(made.body.sharing, kept, links, now) if kept is not None else None
    # Step 2.
    if sharing is not None:
        received = _received(made, replace(made.body, events=events), sharing, vault, now)
        links.store.forget(made.body.link_id)
        return received
    # Step 3.
    state = _standing(made, events, now, is_known=kept is not None)
    body = replace(made.body, events=events)
    if state == "waiting" and not _moments("fetched", events):
        return made if events == made.body.events else change_link(made, vault, state, body) or made
    ended = replace(body, link="", pin="")
    return made if (state, ended) == (made.item.state, made.body) else change_link(made, vault, state, ended) or made


def look_at_links(vault: Vault, links: LinkServices, now: datetime) -> tuple[MadeLink, ...]:
    """How all of an account stand now."""
    return tuple(look_at_link(made, vault, links, now) for made in made_links(vault))


def take_back(made: MadeLink, vault: Vault, links: LinkServices, now: datetime) -> MadeLink:
    """Before anybody fetched it: gone at once. When somebody did meanwhile it is as that left it."""
    if made.item.state == "waiting" and links.store.take(made.body.link_id, now=now) is not None:
        links.store.change(made.body.link_id, lambda kept: kept.with_event(now, "withdrawn"))
        write_log(vault, LogLine(now, Happening.LINK_WITHDRAWN, made.item.receiver))
    return look_at_link(made, vault, links, now)


def forget_links(vault: Vault, store: LinkStorage) -> None:
    """All of an account that is erased. What cannot be read keeps nobody from erasing: a link that is left ends by itself."""
    for head in vault.heads():
        with suppress(MalformedValue):
            made = made_link(vault, head.id.hex())
            if made is not None:
                store.forget(made.body.link_id)


def _standing(made: MadeLink, events: _Events, now: datetime, *, is_known: bool) -> LinkState:
    """Without a receipt."""
    if _moments("withdrawn", events):
        return "withdrawn"
    if _moments("closed", events):
        return "closed"
    fetched = _moments("fetched", events)
    if fetched:
        return "lost" if now - fetched[0] > _CONFIRMS_WITHIN else "waiting"
    if not is_known:
        return "forgotten"
    return "over" if made.item.ends_at <= now else "waiting"


def _moments(what: str, events: _Events) -> list[datetime]:
    return [at for at, event in events if event == what]


def _with_receipt(sharing: Sharing, kept: KeptLink, links: LinkServices, now: datetime) -> Sharing | None:
    """With the receipt, when there is one for this; what breaks a rule is none."""
    trusted = links.sharing.trust(now).trust_list
    if not kept.receipt or trusted is None:
        return None
    came_at = next((at for at, what in kept.events if what == _RECEIVED), now)
    try:
        agreed = verify_consent(
            sharing.consent,
            client_id=sharing.identifier,
            receiver=sharing.identifier,
            asked=sharing.request_hash,
            at=sharing.shared_at,
        )
        receipt = verify_receipt(
            kept.receipt,
            client_id=sharing.identifier,
            asked=sharing.request_hash,
            consent=agreed.consent,
            trust_list=trusted,
            at=came_at,
        )
    except SharingProblem as problem:
        _LOG.warning("receipt_refused", reason=problem.code)
        return None
    return replace(
        sharing,
        receipt=kept.receipt,
        receipt_id=receipt.receipt_id,
        withdrawal_uri=receipt.withdrawal_uri,
        ends_at=receipt.erase_at,
    )


def _received(made: MadeLink, body: LinkBody, sharing: Sharing, vault: Vault, now: datetime) -> MadeLink:
    """Step 2: both change, or nothing does."""

    def work(staged: Vault) -> MadeLink | None:
        fresh = made_link(staged, made.key)
        if fresh is None or fresh.item.state not in ("waiting", "lost"):
            return fresh
        item = RequestItem("sent", made.item.receiver, now, sharing.ends_at)
        became = staged.add(item.as_head(), canonical_json(sharing.as_json()), spare=True).id.hex()
        return change_link(fresh, staged, "received", replace(body, link="", pin="", became=became))

    changed = vault.together(work)
    write_log(vault, LogLine(now, Happening.LINK_FETCHED, made.item.receiver))
    return changed or made
