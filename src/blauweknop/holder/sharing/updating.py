"""Keep a receiver up to date: send something newer, go on for longer, or stop (ADR 0040). Nothing goes unless the person presses a button.

Sending, in steps:
1. There is news, and it is what the person saw (`nothing`, `changed`).
2. The receiver is told so with the key of the consent, and gives a question (`silent`; `often` and `over` when it says so; `refused`).
3. That question is verified as every question is (`question_asked`), is of the same organisation and use, and asks no type that the
   person does not keep it up to date with (`scope`).
4. Of what answers it only what is news goes along, and what belongs to a key and proves whose it is; and no claim that was not shared.
5. The sharing goes on to `sending`, once (`again`); copies are taken, and the answer is sent (`used_up`, `size`).
6. What the receiver says becomes `sent` or `refused`, and silence `unsure`. Its receipt must be of this sharing.

Stopping is done here first: what becomes of telling it does not matter, for nothing is sent any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.collecting.ports import SourceProblem
from blauweknop.holder.credentials import NoCopy
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.presenting import disclosed
from blauweknop.holder.sharing.answering import Answered, presentations, sealed_answer, send_message
from blauweknop.holder.sharing.asking import Asked, AskingProblem, Link, judge
from blauweknop.holder.sharing.consent import Offered
from blauweknop.holder.sharing.holdings import holdings_for
from blauweknop.holder.sharing.matching import Chosen, match
from blauweknop.holder.sharing.news import News, fingerprint_of, is_followed, news_of, types_of
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import KeptRequest, change
from blauweknop.holder.sharing.things import SentState, SentUpdate
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url, jose
from blauweknop.standards.json_members import Members, member_moment, member_object, member_text
from blauweknop.standards.jwe import JweProblem
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_composing import attribute_name, retention_end
from blauweknop.standards.sharing_messages import Consent, SharingProblem, request_hash
from blauweknop.standards.sharing_receipts import Receipt, verify_receipt
from blauweknop.standards.sharing_record_json import read_record
from blauweknop.standards.sharing_updates import Update, Wish, sign_update
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["NotUpdated", "asks_to_go_on", "go_on", "let_end", "new_end", "send_update", "set_aside", "stop"]

_ID_BYTES, _NONCE_BYTES = 24, 32
_MOST_ANSWER = 512 * 1024
_ASKED_BEFORE = timedelta(days=14)
"""So long before the end the person is asked whether to go on."""
_LOG = structlog.get_logger("blauweknop.holder")


class NotUpdated(BlauweKnopError):
    """Nothing was sent, or agreed anew; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"not updated: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class _Question:
    """What the receiver asks for an update, verified."""

    asked: Asked
    verified: VerifiedRequest


def send_update(kept: KeptRequest, seen: str, vault: Vault, services: SharingServices) -> SentState:
    """Steps 1 to 6; how it ended.

    Raises:
        NotUpdated: nothing was sent.
    """
    sharing, now = kept.sharing, services.now()
    # Step 1.
    if not is_followed(kept, now):
        raise NotUpdated("over")
    news = news_of(sharing, vault, services.catalogue, now)
    if not news:
        raise NotUpdated("nothing")
    if fingerprint_of(news) != seen:
        raise NotUpdated("changed")
    # Steps 2 and 3.
    question = _asked(sharing, services)
    _require_scope(question.verified, sharing, services)
    # Step 4.
    taken = _taken(question.verified, sharing, news, vault, services)
    if not taken:
        raise NotUpdated("scope")
    # Step 5.
    things = tuple(replace(one.thing, item=one.holding.item.hex(), reference=_day(one), said=one.said) for one in news)
    sending = replace(sharing, updates=(*sharing.updates, SentUpdate(now, "sending", things)))
    begun = change(kept, vault, kept.item, sending)
    if begun is None:
        raise NotUpdated("again")
    try:
        shown = presentations(taken, question.verified, vault, now)
        message = sealed_answer({"vp_token": shown}, question.verified, services)
    except (NoCopy, JweProblem) as problem:
        change(begun, vault, kept.item, sharing)
        raise NotUpdated("size" if isinstance(problem, JweProblem) else "used_up") from problem
    answered = send_message(message, question.verified, services)
    # Step 6.
    ended = _ended(sending, answered, question, services)
    change(begun, vault, kept.item, ended)
    write_log(vault, LogLine(services.now(), Happening.SHARING_UPDATED, sharing.receiver))
    return ended.updates[-1].state


def set_aside(kept: KeptRequest, seen: str, vault: Vault) -> None:
    """Do not send this news, and do not tell of it again."""
    change(kept, vault, kept.item, replace(kept.sharing, set_aside=seen[:64]))


def stop(kept: KeptRequest, vault: Vault, services: SharingServices) -> None:
    """Nothing newer goes to this receiver any more; it is told so, as far as it listens."""
    sharing = kept.sharing
    if kept.item.updates_until is None:
        return
    if change(kept, vault, replace(kept.item, updates_until=None), replace(sharing, updates_until=None)) is None:
        raise NotUpdated("again")
    write_log(vault, LogLine(services.now(), Happening.SHARING_UPDATES_STOPPED, sharing.receiver))
    try:
        _told(sharing, Wish.STOP, services)
    except NotUpdated as problem:
        _LOG.info("stop_not_heard", reason=problem.code)


def asks_to_go_on(kept: KeptRequest, now: datetime) -> bool:
    """Whether the end is near, going on would make it later, and the person was not asked before."""
    until = kept.item.updates_until
    if not is_followed(kept, now) or until is None or not kept.sharing.goes_on:
        return False
    return now >= until - _ASKED_BEFORE and new_end(kept.sharing, now) > until


def new_end(sharing: Sharing, now: datetime) -> datetime:
    """Until when one may go on."""
    return min(retention_end(sharing.updates_longest, now), sharing.ends_at)


def let_end(kept: KeptRequest, vault: Vault) -> None:
    """The person does not go on, and is not asked again."""
    change(kept, vault, kept.item, replace(kept.sharing, goes_on=False))


def go_on(kept: KeptRequest, vault: Vault, services: SharingServices) -> None:
    """A new yes, for longer.

    Raises:
        NotUpdated: it stays as it was.
    """
    sharing, now = kept.sharing, services.now()
    if not asks_to_go_on(kept, now):
        raise NotUpdated("over")
    until = new_end(sharing, now)
    members = _told(sharing, Wish.RENEW, services, until=until)
    agreed = replace(_own_consent(sharing), updates_until=until)
    # By its identifier: its access certificate may be another by now.
    receipt = _receipt(members, sharing, sharing.identifier, sharing.request_hash, agreed, services)
    if receipt is None or receipt.updates_until is None:
        raise NotUpdated("refused")
    ended = replace(sharing, receipt=str(members["bk_receipt"]), updates_until=receipt.updates_until)
    if change(kept, vault, replace(kept.item, updates_until=receipt.updates_until), ended) is None:
        raise NotUpdated("again")
    write_log(vault, LogLine(now, Happening.SHARING_UPDATES_RENEWED, sharing.receiver))


def _asked(sharing: Sharing, services: SharingServices) -> _Question:
    """Steps 2 and 3."""
    nonce = base64url.encode(services.random(_NONCE_BYTES))
    members = _told(sharing, Wish.SEND, services, wallet_nonce=nonce)
    client_id, text = members.get("client_id"), members.get("request")
    if not isinstance(client_id, str) or not isinstance(text, str) or not text.isascii():
        raise NotUpdated("refused")
    asked = Asked(Link(client_id, sharing.update_uri), nonce, text)
    try:
        return _Question(asked, judge(asked, services, services.now()))
    except AskingProblem as problem:
        _LOG.warning("update_question_refused", reason=problem.code)
        raise NotUpdated("question_asked") from problem


def _told(
    sharing: Sharing, wish: Wish, services: SharingServices, *, wallet_nonce: str | None = None, until: datetime | None = None
) -> Members:
    """What the receiver says to a wish."""
    moment, update_id = services.now().replace(microsecond=0), base64url.encode(services.random(_ID_BYTES))
    update = Update(sharing.client_id, sharing.receipt_id, update_id, moment, wish, wallet_nonce, until)
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
    raise NotUpdated({"update_over": "over", "update_often": "often"}.get(said, "refused"))


def _require_scope(verified: VerifiedRequest, sharing: Sharing, services: SharingServices) -> None:
    """Step 3."""
    use = _own_consent(sharing).record.purposes[0].purpose_type
    if (verified.registration.identifier, verified.registration.intended_use) != (sharing.identifier, use):
        raise NotUpdated("scope")
    allowed = types_of([thing for thing in sharing.things if thing.follows], services.catalogue)
    if not {kind for query in verified.query.credentials for kind in query.types} <= allowed:
        raise NotUpdated("scope")


def _taken(
    verified: VerifiedRequest, sharing: Sharing, news: Sequence[News], vault: Vault, services: SharingServices
) -> tuple[Offered, ...]:
    """Step 4."""
    latest, newer = sharing.latest, {one.holding.item for one in news}
    about = {one.thing.series[:2] for one in news}
    types = {kind for query in verified.query.credentials for kind in query.types}
    holdings = holdings_for(types, vault, services.catalogue, services.now())
    found: dict[tuple[str, bytes], Offered] = {}
    for matched in match(verified.query, holdings):
        for chosen in matched.chosen:
            holding = chosen.holding
            thing = latest.get((holding.dataset.id, holding.source_name, not holding.is_bound))
            goes = holding.item in newer or (holding.is_bound and (holding.dataset.id, holding.source_name) in about)
            if thing is not None and goes:
                paths = tuple(path for path in chosen.paths if attribute_name(path) in thing.claims)
                claims = take_inventory(disclosed(holding.text, paths)).claims
                found[chosen.name] = Offered(Chosen(chosen.query, holding, paths), claims)
    return tuple(found.values())


def _ended(sending: Sharing, answered: Answered, question: _Question, services: SharingServices) -> Sharing:
    """Step 6."""
    *before, last = sending.updates
    state: SentState = "sent" if answered.state == "sent" else "refused" if answered.state == "refused" else "unsure"
    client_id, asked = question.verified.receiver.client_id, request_hash(question.asked.text)
    receipt = _receipt(answered.members, sending, client_id, asked, _standing_consent(sending), services) if state == "sent" else None
    text = str(answered.members["bk_receipt"]) if receipt is not None else ""
    return replace(sending, updates=(*before, replace(last, state=state, receipt=text)))


def _receipt(members: Members, sharing: Sharing, client_id: str, asked: str, agreed: Consent, services: SharingServices) -> Receipt | None:
    """What the receiver signed for it, when it is about this sharing; what breaks a rule is none."""
    text, trusted = members.get("bk_receipt"), services.trust(services.now()).trust_list
    if not isinstance(text, str) or trusted is None:
        return None
    try:
        receipt = verify_receipt(text, client_id=client_id, asked=asked, consent=agreed, trust_list=trusted, at=services.now())
    except SharingProblem as problem:
        _LOG.warning("receipt_refused", reason=problem.code)
        return None
    return receipt if receipt.receipt_id == sharing.receipt_id else None


def _standing_consent(sharing: Sharing) -> Consent:
    """What was agreed to, with the end of updates that counts now."""
    return replace(_own_consent(sharing), updates_until=sharing.updates_until)


def _own_consent(sharing: Sharing) -> Consent:
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


def _day(one: News) -> str:
    return one.holding.reference.isoformat() if one.holding.reference is not None else ""
