"""Send a receiver something newer, when the person presses the button for it (ADR 0040).

Sending, in steps:
1. There is news, and it is what the person saw, or an own paper that the person picked (`nothing`, `changed`, `papers`); nobody is
   sending (`again`).
2. Of an update of before nobody may know whether it arrived: silence, or who sent it is gone. It has a name. The receiver is asked by that
   name first, and whoever has it gives the receipt again; then it is sent, and nothing goes twice. A receipt for a question that was never
   answered proves nothing: the same is not sent again (`refused`); other news goes, and the one before stays in doubt.
3. The receiver is told that there is something, with the key of the consent, and gives a question (`silent`; `often` and `over` when it
   says so; `refused`). What did not arrive keeps its name when it is sent again, so that it counts once even when it did.
4. That question is verified as every question is (`question_asked`), is of the same organisation and use, and asks no type that the
   person does not keep it up to date with (`scope`).
5. Of what answers it only what is news goes along, and what belongs to a key and proves whose it is; and no claim that was not shared.
   With a paper alone goes one such proof that says what the receiver has already (`used_up`).
6. The update stands as `sending`; copies are taken, and the answer is sent (`used_up`, `size`).
7. What the receiver says becomes `sent` or `refused`, and silence `unsure`. Its receipt must be of this sharing, and of any question that
   was answered under this name: an answer that seemed lost may have come first. Until when updates follow does not change by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import structlog

from blauweknop.domain.document import JsonValue
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.credentials import NoCopy
from blauweknop.holder.presenting import disclosed
from blauweknop.holder.sharing.answering import Answered, presentations, sealed_answer, send_message
from blauweknop.holder.sharing.asking import Asked, AskingProblem, Link, judge
from blauweknop.holder.sharing.consent import Offered
from blauweknop.holder.sharing.holdings import holdings_for
from blauweknop.holder.sharing.matching import Chosen, match
from blauweknop.holder.sharing.newer_papers import picked_papers
from blauweknop.holder.sharing.news import News, fingerprint_of, is_followed, news_of, series_of, types_of
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import KeptRequest, change, kept_request
from blauweknop.holder.sharing.telling import NotUpdated, new_update_id, own_consent, receipt_in, tell
from blauweknop.holder.sharing.things import SentState, SentUpdate, SharedThing, said_at
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url
from blauweknop.standards.jwe import JweProblem
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_composing import attribute_name
from blauweknop.standards.sharing_messages import request_hash
from blauweknop.standards.sharing_updates import Wish
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["doubtful_update", "send_update", "set_aside"]

_NONCE_BYTES = 32
_TRIES = 5
_MOST_ASKED = 8
_NOTHING: Mapping[int, str] = MappingProxyType({})
_LOG = structlog.get_logger("blauweknop.holder")


@dataclass(frozen=True, slots=True)
class _Question:
    """What the receiver asks for an update, verified."""

    asked: Asked
    verified: VerifiedRequest


def send_update(
    kept: KeptRequest, seen: str, vault: Vault, services: SharingServices, *, picked: Mapping[int, str] = _NOTHING
) -> SentState:
    """Steps 1 to 7; how it ended. `picked` are keys of own papers, each by the number of the one that it replaces.

    Raises:
        NotUpdated: nothing was sent.
    """
    sharing, now = kept.sharing, services.now()
    # Step 1.
    papers = picked_papers(picked, sharing, vault)
    news = _seen_news(kept, seen, vault, services, with_papers=bool(papers))
    things = tuple(replace(one.thing, item=one.holding.item.hex(), reference=_day(one), said=one.said) for one in news)
    # Steps 2 and 3.
    update = SentUpdate(now, "sending", things, papers=tuple(each.sent for each in papers))
    opened = _opened(kept, update, vault, services)
    if opened is None:
        return "sent"
    update_id, question = opened
    # Step 4.
    _require_scope(question.verified, sharing, services)
    # Step 5.
    taken = _taken(question.verified, sharing, news, vault, services, with_papers=bool(papers))
    if not taken:
        raise NotUpdated("scope")
    # Step 6.
    others = tuple(one for one in sharing.updates if one.update_id != update_id)
    before = [hashed for one in sharing.updates if one.update_id == update_id for hashed in one.asked]
    asked = (*before, request_hash(question.asked.text))[-_MOST_ASKED:]
    update = replace(update, update_id=update_id, asked=asked)
    begun = change(kept, vault, kept.item, replace(sharing, updates=(*others, update)))
    if begun is None:
        raise NotUpdated("again")
    try:
        content: dict[str, JsonValue] = {"vp_token": presentations(taken, question.verified, vault, now)}
        if papers:
            content["bk_own_papers"] = [each.as_json() for each in papers]
        message = sealed_answer(content, question.verified, services)
    except (NoCopy, JweProblem) as problem:
        change(begun, vault, kept.item, sharing)
        raise NotUpdated("size" if isinstance(problem, JweProblem) else "used_up") from problem
    answered = send_message(message, question.verified, services)
    # Step 7.
    ended = _ended(update, answered, question, sharing, services)
    _keep(kept.key, ended, vault)
    write_log(vault, LogLine(services.now(), Happening.SHARING_UPDATED, sharing.receiver))
    return ended.state


def doubtful_update(sharing: Sharing, now: datetime) -> SentUpdate | None:
    """The last update, when nobody knows whether it arrived."""
    last = sharing.updates[-1] if sharing.updates else None
    return last if last is not None and last.state_at(now) == "unsure" and last.update_id else None


def set_aside(kept: KeptRequest, seen: str, vault: Vault) -> None:
    """Do not send this news, and do not tell of it again."""
    change(kept, vault, kept.item, replace(kept.sharing, set_aside=seen[:64]))


def _seen_news(kept: KeptRequest, seen: str, vault: Vault, services: SharingServices, *, with_papers: bool) -> tuple[News, ...]:
    """Step 1."""
    now = services.now()
    if not is_followed(kept, now):
        raise NotUpdated("over")
    news = news_of(kept.sharing, vault, services.catalogue, now)
    if not news and not with_papers:
        raise NotUpdated("nothing")
    if fingerprint_of(news) != seen:
        raise NotUpdated("changed")
    if any(update.state_at(now) == "sending" for update in kept.sharing.updates):
        raise NotUpdated("again")
    return news


def _opened(kept: KeptRequest, update: SentUpdate, vault: Vault, services: SharingServices) -> tuple[str, _Question] | None:
    """Steps 2 and 3: the name of the update and its question; None when the receiver has it already."""
    sharing = kept.sharing
    doubtful = doubtful_update(sharing, services.now())
    is_same = doubtful is not None and doubtful.brings == update.brings
    if doubtful is not None:
        found = _asked(sharing, doubtful.update_id, services)
        if isinstance(found, str):
            known = _known_again(doubtful, found, sharing, services)
            if known is not None:
                _keep(kept.key, known, vault)
                if not is_same:
                    raise NotUpdated("changed")
                return None
            if is_same:
                raise NotUpdated("refused")
        elif is_same:
            return doubtful.update_id, found
    update_id = new_update_id(services)
    found = _asked(sharing, update_id, services)
    if isinstance(found, str):
        raise NotUpdated("refused")
    return update_id, found


def _asked(sharing: Sharing, update_id: str, services: SharingServices) -> _Question | str:
    """Steps 2 to 4: the question for an update; or the receipt, when the receiver has an update of this name."""
    nonce = base64url.encode(services.random(_NONCE_BYTES))
    members = tell(sharing, Wish.SEND, services, update_id=update_id, wallet_nonce=nonce)
    receipt, client_id, text = members.get("bk_receipt"), members.get("client_id"), members.get("request")
    if isinstance(receipt, str):
        return receipt
    if not isinstance(client_id, str) or not isinstance(text, str) or not text.isascii():
        raise NotUpdated("refused")
    asked = Asked(Link(client_id, sharing.update_uri), nonce, text)
    try:
        return _Question(asked, judge(asked, services, services.now()))
    except AskingProblem as problem:
        _LOG.warning("update_question_refused", reason=problem.code)
        raise NotUpdated("question_asked") from problem


def _known_again(doubtful: SentUpdate, receipt: str, sharing: Sharing, services: SharingServices) -> SentUpdate | None:
    """Step 2: it had arrived, as a receipt for a question of then proves; None when this one does not."""
    # By its identifier: its access certificate may be another by now.
    proved = receipt_in({"bk_receipt": receipt}, sharing, services, client_id=sharing.identifier, asked=doubtful.asked)
    return replace(doubtful, state="sent", receipt=receipt) if proved is not None else None


def _require_scope(verified: VerifiedRequest, sharing: Sharing, services: SharingServices) -> None:
    """Step 4."""
    use = own_consent(sharing).record.purposes[0].purpose_type
    if (verified.registration.identifier, verified.registration.intended_use) != (sharing.identifier, use):
        raise NotUpdated("scope")
    allowed = types_of([thing for thing in sharing.things if thing.follows], services.catalogue)
    if not {kind for query in verified.query.credentials for kind in query.types} <= allowed:
        raise NotUpdated("scope")


def _taken(
    verified: VerifiedRequest, sharing: Sharing, news: Sequence[News], vault: Vault, services: SharingServices, *, with_papers: bool
) -> tuple[Offered, ...]:
    """Step 5."""
    newer, about = {one.holding.item for one in news}, {one.thing.series[:2] for one in news}
    found = _followed(verified, sharing, vault, services)
    goes = [
        (thing, chosen)
        for thing, chosen in found
        if chosen.holding.item in newer or (chosen.holding.is_bound and series_of(chosen.holding)[:2] in about)
    ]
    if with_papers and not any(chosen.holding.is_bound for _, chosen in goes):
        proof = next(
            (each for each in found if each[1].holding.is_bound and said_at(each[1].holding, each[0].claims) == each[0].said), None
        )
        if proof is None:
            raise NotUpdated("used_up")
        goes.append(proof)
    return tuple({chosen.name: _offered(chosen, thing) for thing, chosen in goes}.values())


def _followed(verified: VerifiedRequest, sharing: Sharing, vault: Vault, services: SharingServices) -> list[tuple[SharedThing, Chosen]]:
    """What is here of what is asked, each with the thing of which it is a newer one, or the same."""
    latest = sharing.latest
    types = {kind for query in verified.query.credentials for kind in query.types}
    matched = match(verified.query, holdings_for(types, vault, services.catalogue, services.now()))
    chosen = (chosen for each in matched for chosen in each.chosen)
    return [(latest[series_of(each.holding)], each) for each in chosen if series_of(each.holding) in latest]


def _offered(chosen: Chosen, thing: SharedThing) -> Offered:
    """No claim but those that were shared."""
    paths = tuple(path for path in chosen.paths if attribute_name(path) in thing.claims)
    return Offered(replace(chosen, paths=paths), take_inventory(disclosed(chosen.holding.text, paths)).claims)


def _ended(update: SentUpdate, answered: Answered, question: _Question, sharing: Sharing, services: SharingServices) -> SentUpdate:
    """Step 7."""
    state: SentState = "sent" if answered.state == "sent" else "refused" if answered.state == "refused" else "unsure"
    receipt = None
    if state == "sent":
        client_id = question.verified.receiver.client_id
        receipt = receipt_in(answered.members, sharing, services, client_id=client_id, asked=update.asked)
    return replace(update, state=state, receipt=str(answered.members["bk_receipt"]) if receipt is not None else "")


def _keep(key: str, update: SentUpdate, vault: Vault) -> None:
    """How an update ended, whatever else became of its sharing meanwhile."""
    for _ in range(_TRIES):
        fresh = kept_request(vault, key)
        if fresh is None:
            return
        updates = tuple(update if one.update_id == update.update_id else one for one in fresh.sharing.updates)
        if change(fresh, vault, fresh.item, replace(fresh.sharing, updates=updates)) is not None:
            return


def _day(one: News) -> str:
    return one.holding.reference.isoformat() if one.holding.reference is not None else ""
