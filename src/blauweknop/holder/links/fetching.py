"""A receiver fetches what is behind a link, once. Who opens the address in a browser, or a mail program that looks at it, takes nothing.

In steps:
1. There is such a link, and something behind it (link_gone; the same whether it never was, is over, was fetched or taken back).
2. The order is signed by a receiver of the trust list, for this address and now (the codes of `share_link`; link_no_trust without a list).
3. It is the receiver that the person chose (link_receiver). Who is another uses up no try of the PIN; the person sees that somebody tried.
4. The PIN is right: of each link five tries are counted before anything is compared (link_pin). After the last wrong one what is behind the
   link is gone (link_closed).
5. What is behind it goes out, and is gone here.

Afterwards the receiver brings its receipt. Only the receiver that the link was for can, and only once.
"""

import hmac
from datetime import datetime

import structlog

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.links.making import pin_tag
from blauweknop.holder.links.ports import KeptLink, LinkServices
from blauweknop.holder.ports import HolderServices
from blauweknop.standards.share_link import LinkProblem, is_link_id, verify_fetch
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.standards.sharing_receipts import verify_receipt

__all__ = ["FetchRefused", "address_of", "give_package", "take_receipt"]

_LOG = structlog.get_logger("blauweknop.holder")


class FetchRefused(BlauweKnopError):
    """Nothing goes out; `code` names the rule. `left` is how many tries of the PIN are left, where that matters."""

    def __init__(self, code: str, message: str, *, left: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.left = left


def address_of(link_id: str, services: HolderServices) -> str:
    """Where a link leads, without its key."""
    return f"{services.base_url}{services.path}/d/{link_id}"


def give_package(link_id: str, order: str, services: HolderServices, links: LinkServices) -> bytes:
    """What is behind the link.

    Raises:
        FetchRefused: by the first rule that is broken.
    """
    now, store = services.now(), links.store
    # Step 1.
    kept = store.read(link_id) if is_link_id(link_id) else None
    if kept is None or not store.waits(link_id, now=now):
        raise FetchRefused("link_gone", "expected a link behind which something waits")
    # Step 2.
    trusted = links.sharing.trust(now).trust_list
    if trusted is None:
        raise FetchRefused("link_no_trust", "there is no trust list to know receivers by")
    try:
        fetch = verify_fetch(order, address=address_of(link_id, services), trust_list=trusted, at=now)
    except LinkProblem as problem:
        raise FetchRefused(problem.code, str(problem)) from problem
    # Step 3.
    if fetch.receiver.identifier != kept.receiver:
        store.change(link_id, lambda link: link.with_event(now, "other"))
        raise FetchRefused("link_receiver", "expected the receiver that this link is for")
    # Step 4.
    left = store.try_pin(link_id, now=now)
    if left is None:
        raise FetchRefused("link_gone", "expected a link behind which something waits")
    if not hmac.compare_digest(pin_tag(link_id, fetch.pin, services), kept.pin):
        _wrong_pin(link_id, left, links, now)
    # Step 5.
    package = store.take(link_id, now=now)
    if package is None:
        raise FetchRefused("link_gone", "expected a link behind which something waits")
    store.change(link_id, lambda link: link.with_event(now, "fetched"))
    _LOG.info("link_fetched")
    return package


def take_receipt(link_id: str, receipt: str, services: HolderServices, links: LinkServices) -> None:
    """What the receiver signed when it had opened what it fetched; its person verifies it again, with what only the vault has.

    Raises:
        FetchRefused: it is no receipt of what was fetched here.
    """
    now = services.now()
    kept = links.store.read(link_id) if is_link_id(link_id) else None
    if kept is None or not kept.happened("fetched") or kept.receipt:
        raise FetchRefused("link_gone", "expected a link that was fetched, and no receipt before")
    trusted = links.sharing.trust(now).trust_list
    if trusted is None:
        raise FetchRefused("link_no_trust", "there is no trust list to know receivers by")
    try:
        verify_receipt(receipt, client_id=kept.receiver, asked=kept.request_hash, consent=None, trust_list=trusted, at=now)
    except SharingProblem as problem:
        raise FetchRefused(problem.code, str(problem)) from problem

    def with_receipt(link: KeptLink) -> KeptLink:
        return link if link.receipt else link.with_receipt(receipt).with_event(now, "received")

    links.store.change(link_id, with_receipt)


def _wrong_pin(link_id: str, left: int, links: LinkServices, now: datetime) -> None:
    """Raises: FetchRefused."""
    links.store.change(link_id, lambda link: link.with_event(now, "wrong_pin"))
    if left > 0:
        raise FetchRefused("link_pin", "expected the PIN that the person told", left=left)
    links.store.take(link_id, now=now)
    links.store.change(link_id, lambda link: link.with_event(now, "closed"))
    _LOG.warning("link_closed", reason="wrong_pin")
    raise FetchRefused("link_closed", "the PIN was wrong too often: what was behind this link is gone", left=0)
