"""Send an answer, or a no (OpenID4VP 1.0 section 8; PROTOCOL 6.4 and 6.8).

In steps:
1. The request goes from `open` to `sending`, which succeeds once.
2. Of each credential that belongs to a key a copy is taken for this receiver; it is used from then on, whatever becomes of the answer.
3. The answer is encrypted to the key in the question, and sent to the address in it.
4. What the receiver says becomes `sent` or `refused`; silence becomes `unsure`, for the answer may have arrived.

A no is the same for whoever does not want to and whoever has nothing: `access_denied`, sent when the person says so and never before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

import structlog

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Language
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.credential_forms import MDOC
from blauweknop.holder.credentials import NoCopy, TakenCopy, take_copy
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.presenting import disclosed, present, present_mdoc
from blauweknop.holder.sharing.asking import judge
from blauweknop.holder.sharing.consent import Offered
from blauweknop.holder.sharing.matching import Chosen
from blauweknop.holder.sharing.papers import OwnPaper
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.reasons import reasons_of
from blauweknop.holder.sharing.records import Sharing, consent_of, new_sharing
from blauweknop.holder.sharing.requests import KeptRequest, RequestItem, RequestState, change
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url
from blauweknop.standards.json_members import MalformedMember, Members, member_address
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, JweProblem, encrypt_jwe
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.mdoc import openid4vp_transcript
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_messages import Consent, SharingProblem, sign_consent
from blauweknop.standards.sharing_receipts import verify_receipt
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["Answered", "Choice", "NotAnswered", "presentations", "sealed_answer", "send_answer", "send_message", "send_no"]

_MOST_ANSWER = 384 * 1024  # a receipt holds the record and certificates
_LOG = structlog.get_logger("blauweknop.holder")


class NotAnswered(BlauweKnopError):
    """Nothing was sent: it was being answered already (`again`), a credential has no copy left (`used_up`), or it is too much (`size`)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"not answered: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person agreed to send, and until when: `required` is the part of it that was asked of everybody."""

    taken: tuple[Offered, ...]
    required: tuple[Offered, ...]
    ends_at: datetime
    papers: tuple[OwnPaper, ...] = ()
    with_updates: bool = False
    """Whether the receiver is kept up to date with it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How it ended, and where the receiver wants the browser to go; `site` is where that is, when it is not where the answer went."""

    state: RequestState
    address: str | None = field(repr=False)
    members: Members = field(repr=False)
    site: str = ""


def send_answer(
    kept: KeptRequest,
    verified: VerifiedRequest,
    choice: Choice,
    vault: Vault,
    services: SharingServices,
    *,
    language: Language,
) -> Answered:
    """Steps 1 to 4.

    Raises:
        NotAnswered: nothing was sent, and the request is as it was.
    """
    now, key = services.now(), HolderKey.new(services.random)
    consent = consent_of(
        kept.asked,
        verified,
        choice.taken,
        choice.required,
        key,
        record_id=services.random(16),
        language=language,
        at=now,
        ends_at=choice.ends_at,
        with_updates=choice.with_updates,
    )
    signed = sign_consent(consent, key.signer, key.public)
    titles = [paper.title for paper in choice.papers]
    recipients = reasons_of(verified.registration, services.catalogue).recipients_of(verified.registration)
    sharing = new_sharing(consent, signed, verified, choice.taken, key, papers=titles, recipients=recipients)
    # Step 1.
    item = RequestItem("sending", kept.item.receiver, now, consent.ends_at)
    sending = change(kept, vault, item, sharing)
    if sending is None:
        raise NotAnswered("again")
    # Steps 2 and 3.
    try:
        content: dict[str, JsonValue] = {"vp_token": presentations(choice.taken, verified, vault, now), "bk_consent": signed}
        if choice.papers:
            content["bk_own_papers"] = [paper.as_json() for paper in choice.papers]
        message = sealed_answer(content, verified, services)
    except (NoCopy, JweProblem) as problem:
        vault.replace(sending.head, kept.item.as_head(), canonical_json({**kept.body}))
        raise NotAnswered("size" if isinstance(problem, JweProblem) else "used_up") from problem
    answered = send_message(message, verified, services)
    # Step 4.
    ended = _with_receipt(sharing, answered, consent, services) if answered.state == "sent" else sharing
    now_stands = replace(item, state=answered.state, at=services.now(), expires_at=ended.ends_at, updates_until=ended.updates_until)
    change(sending, vault, now_stands, ended)
    write_log(vault, LogLine(now, Happening.SHARED, sharing.receiver))
    return answered


def send_no(kept: KeptRequest, vault: Vault, services: SharingServices) -> Answered:
    """Say no, and keep nothing of the request.

    Raises:
        NotAnswered: somebody was answering it already.
        AskingProblem: the question may not be answered any more.
    """
    verified = judge(kept.asked, services, services.now())
    # Without its question nobody can answer it; and who is killed here leaves something that is over, which goes with the next question.
    over = replace(kept.item, state="open", expires_at=kept.item.at)
    if vault.replace(kept.head, over.as_head(), b"") is None:
        raise NotAnswered("again")
    vault.remove(kept.head.id)
    return send_message(sealed_answer({"error": "access_denied"}, verified, services), verified, services)


def _with_receipt(sharing: Sharing, answered: Answered, consent: Consent, services: SharingServices) -> Sharing:
    """With the receipt, when it is one for this; another wallet's receiver gives none, and what breaks a rule is none."""
    text, trusted = answered.members.get("bk_receipt"), services.trust(services.now()).trust_list
    if not isinstance(text, str) or trusted is None:
        return sharing
    try:
        receipt = verify_receipt(
            text,
            client_id=sharing.client_id,
            asked=sharing.request_hash,
            consent=consent,
            trust_list=trusted,
            at=services.now(),
        )
    except SharingProblem as problem:
        _LOG.warning("receipt_refused", reason=problem.code)
        return sharing
    return replace(
        sharing,
        receipt=text,
        receipt_id=receipt.receipt_id,
        withdrawal_uri=receipt.withdrawal_uri,
        ends_at=receipt.erase_at,
        update_uri=receipt.update_uri or "",
        updates_until=receipt.updates_until,
    )


def presentations(taken: Sequence[Offered], verified: VerifiedRequest, vault: Vault, at: datetime) -> dict[str, JsonValue]:
    """By credential of the query what is presented; copies are used up. Raises: NoCopy."""
    shown: dict[str, list[JsonValue]] = {}
    for offered in taken:
        chosen, holding = offered.chosen, offered.chosen.holding
        if holding.is_bound:
            copy = take_copy(holding.item, vault, receiver=verified.registration.identifier, at=at)
            text = _bound(copy, chosen, verified, at)
        else:
            text = disclosed(holding.text, chosen.paths)
        shown.setdefault(chosen.query.id, []).append(text)
    return {**shown}


def _bound(copy: TakenCopy, chosen: Chosen, verified: VerifiedRequest, at: datetime) -> str:
    """Signed by the key of the copy, for this receiver and this question."""
    client_id, nonce = verified.receiver.client_id, verified.nonce
    if chosen.holding.format != MDOC:
        return present(copy, chosen.paths, audience=client_id, nonce=nonce, at=at)
    encrypted_to = base64url.decode(thumbprint(verified.key.public))
    session = openid4vp_transcript(client_id=client_id, nonce=nonce, response_uri=verified.response_uri, jwk_thumbprint=encrypted_to)
    return present_mdoc(copy, chosen.paths, transcript=session)


def sealed_answer(content: dict[str, JsonValue], verified: VerifiedRequest, services: SharingServices) -> str:
    """The answer, encrypted to the key in the question. Raises: JweProblem, when it is too large."""
    plain = {**content, "state": verified.state}
    return encrypt_jwe(plain, verified.key, PRESENTATION_RESPONSE, random_bytes=services.random, encoding=verified.encodings[0])


def send_message(message: str, verified: VerifiedRequest, services: SharingServices) -> Answered:
    """To the address in the question, and what comes of it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    form = urlencode({"response": message}).encode("ascii")
    try:
        answer = services.send("POST", verified.response_uri, headers=headers, content=form)
    except SourceProblem as problem:
        # At an address that may not be asked nothing arrives; of all else nobody knows.
        return Answered("refused" if problem.code == "unreachable" else "unsure", None, {})
    if answer.status >= 500:
        return Answered("unsure", None, {})
    members = _members(answer)
    address = _address(members, services)
    site = urlsplit(address or verified.response_uri).netloc
    other = site if site != urlsplit(verified.response_uri).netloc else ""
    return Answered("sent" if answer.status == 200 else "refused", address, members, other)


def _members(answer: Answer) -> Members:
    """What the receiver says beside that it has it; nothing when it cannot be read."""
    try:
        return parse_json_object(answer.body, max_bytes=_MOST_ANSWER)
    except MalformedJson:
        return {}


def _address(members: Members, services: SharingServices) -> str | None:
    """Where to go: an https address; a code behind it may be in a fragment too (HAIP section 5.1)."""
    is_exercise = services.trust(services.now()).is_exercise
    address, mark, fragment = str(members.get("redirect_uri", "")).partition("#")
    try:
        checked = member_address({"redirect_uri": address}, "redirect_uri", exercise=is_exercise)
    except MalformedMember:
        return None
    return f"{checked}{mark}{fragment}" if fragment.isascii() and fragment.isprintable() and " " not in fragment else checked
