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
from urllib.parse import urlencode

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.credentials import NoCopy, take_copy
from blauweknop.holder.presenting import present
from blauweknop.holder.sharing.asking import judge
from blauweknop.holder.sharing.consent import Offered
from blauweknop.holder.sharing.matching import disclosed
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.requests import KeptRequest, RequestState
from blauweknop.holder.vault import Vault
from blauweknop.standards.json_members import MalformedMember, Members, member_address
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, JweProblem, encrypt_jwe
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["Answered", "NotAnswered", "send_answer", "send_no"]

_MOST_ANSWER = 256 * 1024


class NotAnswered(BlauweKnopError):
    """Nothing was sent: it was being answered already (`again`), a credential has no copy left (`used_up`), or it is too much (`size`)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"not answered: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Answered:
    """How it ended, and where the receiver wants the browser to go."""

    state: RequestState
    address: str | None = field(repr=False)
    members: Members = field(repr=False)


def send_answer(
    kept: KeptRequest, verified: VerifiedRequest, taken: Sequence[Offered], vault: Vault, services: SharingServices
) -> Answered:
    """Steps 1 to 4.

    Raises:
        NotAnswered: nothing was sent, and the request is as it was.
    """
    now = services.now()
    # Step 1.
    sending = vault.replace(kept.head, replace(kept.item, state="sending", at=now).as_head(), canonical_json({**kept.body}))
    if sending is None:
        raise NotAnswered("again")
    # Steps 2 and 3.
    try:
        message = _message({"vp_token": _presentations(taken, verified, vault, now)}, verified, services)
    except (NoCopy, JweProblem) as problem:
        vault.replace(sending, kept.item.as_head(), canonical_json({**kept.body}))
        raise NotAnswered("size" if isinstance(problem, JweProblem) else "used_up") from problem
    answered = _sent(message, verified, services)
    # Step 4.
    vault.replace(sending, replace(kept.item, state=answered.state, at=services.now()).as_head(), canonical_json({**kept.body}))
    return answered


def send_no(kept: KeptRequest, vault: Vault, services: SharingServices) -> Answered:
    """Say no, and keep nothing of the request.

    Raises:
        NotAnswered: somebody was answering it already.
        AskingProblem: the question may not be answered any more.
    """
    verified = judge(kept.asked, services, services.now())
    if not vault.replace(kept.head, replace(kept.item, state="sending").as_head(), b""):
        raise NotAnswered("again")
    vault.remove(kept.head.id)
    return _sent(_message({"error": "access_denied"}, verified, services), verified, services)


def _presentations(taken: Sequence[Offered], verified: VerifiedRequest, vault: Vault, at: datetime) -> dict[str, JsonValue]:
    """By credential of the query what is presented."""
    shown: dict[str, list[JsonValue]] = {}
    for offered in taken:
        chosen, holding = offered.chosen, offered.chosen.holding
        if holding.is_bound:
            copy = take_copy(holding.item, vault, receiver=verified.registration.identifier, at=at)
            text = present(copy, chosen.paths, audience=verified.receiver.client_id, nonce=verified.nonce, at=at)
        else:
            text = disclosed(holding.text, chosen.paths)
        shown.setdefault(chosen.query.id, []).append(text)
    return {**shown}


def _message(content: dict[str, JsonValue], verified: VerifiedRequest, services: SharingServices) -> str:
    """Raises: JweProblem, when it is too large."""
    plain = {**content, "state": verified.state}
    return encrypt_jwe(plain, verified.key, PRESENTATION_RESPONSE, random_bytes=services.random, encoding=verified.encodings[0])


def _sent(message: str, verified: VerifiedRequest, services: SharingServices) -> Answered:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    form = urlencode({"response": message}).encode("ascii")
    try:
        answer = services.send("POST", verified.response_uri, headers=headers, content=form)
    except SourceProblem as problem:
        # At an address that may not be asked nothing arrives; of all else nobody knows.
        return Answered("refused" if problem.code == "unreachable" else "unsure", None, {})
    if answer.status >= 500:
        return Answered("unsure", None, {})
    if answer.status != 200:
        return Answered("refused", None, {})
    members = _members(answer)
    return Answered("sent", _address(members, services), members)


def _members(answer: Answer) -> Members:
    """What the receiver says beside that it has it; nothing when it cannot be read."""
    try:
        return parse_json_object(answer.body, max_bytes=_MOST_ANSWER)
    except MalformedJson:
        return {}


def _address(members: Members, services: SharingServices) -> str | None:
    """Where to go: an https address; a code behind it may be in a fragment too (HAIP section 5.1)."""
    trusted = services.trust(services.now()).trust_list
    address, mark, fragment = str(members.get("redirect_uri", "")).partition("#")
    try:
        checked = member_address({"redirect_uri": address}, "redirect_uri", exercise=trusted is not None and trusted.exercise)
    except MalformedMember:
        return None
    return f"{checked}{mark}{fragment}" if fragment.isascii() and fragment.isprintable() and " " not in fragment else checked
