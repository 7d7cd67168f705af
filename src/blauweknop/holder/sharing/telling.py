"""Say to a receiver what the person wants with a sharing that is kept up to date, signed with the key of its consent, and hear what it
says (ADR 0040).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

import structlog

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.collecting.ports import SourceProblem
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.records import Sharing
from blauweknop.standards import base64url, jose
from blauweknop.standards.json_members import Members, member_moment, member_object, member_text
from blauweknop.standards.sharing_messages import Consent, SharingProblem
from blauweknop.standards.sharing_receipts import Receipt, verify_receipt
from blauweknop.standards.sharing_record_json import read_record
from blauweknop.standards.sharing_updates import Update, Wish, sign_update
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["NotUpdated", "new_update_id", "own_consent", "receipt_in", "tell"]

_ID_BYTES = 24
_MOST_ANSWER = 512 * 1024
_CODES: Mapping[str, str] = {"update_over": "over", "update_often": "often"}
_LOG = structlog.get_logger("blauweknop.holder")


class NotUpdated(BlauweKnopError):
    """Nothing was sent, or agreed anew; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"not updated: {code}")
        self.code = code


def new_update_id(services: SharingServices) -> str:
    """By which a receiver knows one message again."""
    return base64url.encode(services.random(_ID_BYTES))


def tell(
    sharing: Sharing,
    wish: Wish,
    services: SharingServices,
    *,
    update_id: str = "",
    wallet_nonce: str | None = None,
    until: datetime | None = None,
) -> Members:
    """What the receiver says to a wish.

    Raises:
        NotUpdated: `silent`, `over`, `often`, or `refused` for any other reason.
    """
    moment = services.now().replace(microsecond=0)
    name = update_id or new_update_id(services)
    update = Update(sharing.client_id, sharing.receipt_id, name, moment, wish, wallet_nonce, until)
    form = urlencode({"update": sign_update(update, HolderKey.from_text(sharing.key).signer)}).encode("ascii")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = services.send("POST", sharing.update_uri, headers=headers, content=form)
    except SourceProblem as problem:
        raise NotUpdated("silent") from problem
    if answer.status >= 500:
        raise NotUpdated("silent")
    try:
        members = parse_json_object(answer.body, max_bytes=_MOST_ANSWER)
    except MalformedJson as problem:
        raise NotUpdated("refused") from problem
    if answer.status == 200:
        return members
    said = str(members.get("error_description", "")).partition(":")[0]
    raise NotUpdated(_CODES.get(said, "refused"))


def receipt_in(
    members: Members,
    sharing: Sharing,
    services: SharingServices,
    *,
    client_id: str,
    asked: tuple[str, ...],
    updates_until: datetime | None = None,
) -> Receipt | None:
    """What the receiver signed for a question with one of the hashes `asked`, when it is about this sharing; what breaks a rule is none.

    `client_id` is who was asked; its identifier where its access certificate may be another by now. `updates_until` is what the person
    agrees to now. None where only counts whether something arrived: the receiver may then take updates for longer than is known here, up
    to the end of the sharing, because its answer to a new yes was lost.
    """
    text, trusted = members.get("bk_receipt"), services.trust(services.now()).trust_list
    if not isinstance(text, str) or trusted is None:
        return None
    own, reason = own_consent(sharing), "receipt_record"
    agreed = replace(own, updates_until=updates_until or own.ends_at)
    for hashed in asked:
        try:
            receipt = verify_receipt(text, client_id=client_id, asked=hashed, consent=agreed, trust_list=trusted, at=services.now())
        except SharingProblem as problem:
            reason = problem.code
        else:
            return receipt if receipt.receipt_id == sharing.receipt_id else None
    _LOG.warning("receipt_refused", reason=reason)
    return None


def own_consent(sharing: Sharing) -> Consent:
    """What we signed ourselves when the person said yes."""
    claims = parse_json_object(jose.parse_jws(sharing.consent, jose.SHARING_CONSENT).payload, max_bytes=_MOST_ANSWER)
    return Consent(
        member_text(claims, "aud"),
        member_text(claims, "request_hash"),
        member_moment(claims, "iat"),
        member_moment(claims, "exp"),
        read_record(member_object(claims, "record")),
        member_moment(claims, "updates_until") if "updates_until" in claims else None,
    )
