"""Take what a person gave by a link: fetch it, check all of it, keep what is good as the answer to a request of our own, and sign for it.

In steps:
1. The link is whole, and leads to a Mijn Blauwe Knop of our settings (link_form, link_place); the PIN has six digits (pin_form).
2. It is fetched with an order that our access key signs (link_silent, link_answer; link_gone, link_receiver, link_pin, link_closed when
   that is what came back). From here on nothing is behind the link any more: who is refused below needs a new one.
3. It opens with the key of the link (link_key) and with ours (link_encryption), and is a package for us (the codes of `delivery`).
4. It is about a registration of ours, in the words of today (link_registration), and the record of the consent is one of that, by a link,
   of nothing else, and without updates, which no link can bring (link_consent).
5. Papers of the person's own are what they say, within limits (link_papers).
6. Each document is checked again (`judging`); one of them at least is good (link_documents). Who acted for the person by the record is
   who did by the documents (link_consent).
7. It is kept as an answer, with its receipt, and is the task of who took it; all of that or nothing.
8. The receipt goes back to Mijn Blauwe Knop.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import structlog

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import Need, Package
from blauweknop.standards import base64url
from blauweknop.standards.delivery import DELIVERY_PACKAGE, DeliveryProblem, VerifiedDelivery, verify_package
from blauweknop.standards.jwe import JweProblem, ReceivedJwe, decrypt_jwe, parse_jwe
from blauweknop.standards.registration import Registration, RegistrationProblem, read_own_registration
from blauweknop.standards.share_link import FetchOrder, LinkProblem, ShareLink, is_pin, open_package, read_share_link, sign_fetch
from blauweknop.standards.sharing_acting import acting_in
from blauweknop.standards.sharing_composing import BY_LINK, is_record_of
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.verifier.afterwards.noting import note_receipt
from blauweknop.verifier.asking.agreeing import erase_moment, is_certified, signed_receipt
from blauweknop.verifier.asking.answers import Answer
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.papers import PAPER_TYPES
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.verifier.links.judging import Agreed, ReceivedDocument, judge_documents
from blauweknop.verifier.links.ports import CallFailed, LinkDesk
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff

__all__ = ["LinkRefusal", "LinkRefused", "take_link"]

LinkRefusal = Literal[
    "link_form",
    "link_place",
    "pin_form",
    "link_silent",
    "link_answer",
    "link_gone",
    "link_receiver",
    "link_pin",
    "link_closed",
    "link_key",
    "link_encryption",
    "link_package",
    "link_registration",
    "link_consent",
    "link_papers",
    "link_documents",
]

_TOLD: Mapping[str, LinkRefusal] = {
    "link_gone": "link_gone",
    "link_receiver": "link_receiver",
    "link_pin": "link_pin",
    "link_closed": "link_closed",
    "link_no_trust": "link_silent",
    "server_error": "link_silent",
}
_MOST_REPLY = 8 * 1024
_ATTEMPT_BYTES = 32
_LOG = structlog.get_logger("blauweknop.verifier")


class LinkRefused(BlauweKnopError):
    """Nothing was kept; `code` names the rule, `left` how many tries of the PIN are left, where that matters."""

    def __init__(self, code: LinkRefusal, message: str, *, left: int | None = None) -> None:
        super().__init__(message)
        self.code: LinkRefusal = code
        self.left = left


@dataclass(frozen=True, slots=True)
class _Taken:
    """What came, and for which use of ours."""

    found: VerifiedDelivery
    package: Package
    agreed: Agreed
    papers: tuple[Mapping[str, JsonValue], ...] = field(repr=False)


def take_link(text: str, pin: str, staff: Staff, desk: LinkDesk, *, reference: str | None = None) -> str:
    """The id of the request whose dossier holds what came.

    Raises:
        LinkRefused: by the first rule that is broken.
        BlauweKnopError: too busy to check, or the storage does not answer; what was behind the link is lost.
    """
    # Step 1.
    try:
        link = read_share_link(text, places=desk.places)
    except LinkProblem as problem:
        raise LinkRefused("link_place" if problem.code == "link_place" else "link_form", str(problem)) from problem
    digits = "".join(pin.split())
    if not is_pin(digits):
        raise LinkRefused("pin_form", "expected six digits")
    # Steps 2 to 5.
    taken = _opened(_fetched(link, digits, desk), link, desk)
    # Steps 6 and 7.
    answer = _kept(taken, staff, desk, reference)
    # Step 8.
    _bring_receipt(link, str(answer.receipt), desk)
    _LOG.info("link_taken", receiver=desk.asking.receiver.id)
    return answer.request_id


def _fetched(link: ShareLink, pin: str, desk: LinkDesk) -> bytes:
    """Step 2."""
    order = FetchOrder(link.address, pin, desk.asking.now.replace(microsecond=0))
    try:
        reply = desk.post(f"{link.address}/ophalen", {"order": sign_fetch(order, desk.asking.receiver.signer)})
    except CallFailed as problem:
        raise LinkRefused("link_silent", str(problem)) from problem
    if reply.status == 200:
        return reply.body
    try:
        said = parse_json_object(reply.body, max_bytes=_MOST_REPLY)
    except MalformedJson:
        said = {}
    left = said.get("tries_left")
    code = _TOLD.get(str(said.get("error")), "link_silent" if reply.status in (429, 500, 502, 503, 504) else "link_answer")
    raise LinkRefused(code, "Mijn Blauwe Knop gave nothing", left=left if isinstance(left, int) else None)


def _opened(sealed: bytes, link: ShareLink, desk: LinkDesk) -> _Taken:
    """Steps 3 to 5."""
    asking = desk.asking
    # Step 3.
    try:
        message = parse_jwe(open_package(sealed, link), DELIVERY_PACKAGE)
    except LinkProblem as problem:
        raise LinkRefused("link_key", str(problem)) from problem
    except JweProblem as problem:
        raise LinkRefused("link_encryption", str(problem)) from problem
    content = _decrypted(message, desk)
    own = next(iter(asking.receiver.uses.values())).registration
    try:
        found = verify_package(content, receiver=own.identifier, at=asking.now)
    except (DeliveryProblem, SharingProblem) as problem:
        _LOG.warning("package_refused", reason=problem.code)
        raise LinkRefused("link_package", str(problem)) from problem
    # Step 4.
    package, registration = _use(found.package.registration, desk)
    record = found.consent.consent.record
    agreed = Agreed(record.purposes[0].pii, registration)
    is_ours = is_record_of(record, registration, method=BY_LINK) and found.consent.consent.updates_until is None
    if not is_ours or not agreed.is_within:
        raise LinkRefused("link_consent", "expected a record of this use, in the words of its registration")
    # Step 5.
    return _Taken(found, package, agreed, _papers(found))


def _decrypted(message: ReceivedJwe, desk: LinkDesk) -> bytes:
    for key in desk.keys:
        try:
            return decrypt_jwe(message, key)
        except JweProblem:
            continue
    raise LinkRefused("link_encryption", "expected a package that was encrypted to a key of ours")


def _use(text: str, desk: LinkDesk) -> tuple[Package, Registration]:
    """The use of ours that a registration is of, as it is now. It may have been signed anew, with other dates and another key."""
    try:
        given = read_own_registration(text)
    except RegistrationProblem as problem:
        raise LinkRefused("link_registration", str(problem)) from problem
    use = desk.asking.receiver.uses.get(given.intended_use)
    package = next((one for one in load_life_events().packages if one.id == given.intended_use), None)
    ours = use.registration if use is not None else None
    if ours is None or package is None or not ours.counts_at(desk.asking.now):
        raise LinkRefused("link_registration", "expected a registration of a use that we have")
    same = replace(
        given,
        issued_at=ours.issued_at,
        begins_at=ours.begins_at,
        expires_at=ours.expires_at,
        status=ours.status,
        link_key=ours.link_key,
    )
    if same != ours:
        raise LinkRefused("link_registration", "expected a registration in the words of today")
    return package, ours


def _papers(found: VerifiedDelivery) -> tuple[Mapping[str, JsonValue], ...]:
    """As other answers have them."""
    papers = []
    for given, content in zip(found.delivery.papers, found.package.papers, strict=True):
        if given.media_type not in PAPER_TYPES or not content.startswith(PAPER_TYPES[given.media_type]):
            raise LinkRefused("link_papers", "expected papers that are what they say")
        papers.append(
            {
                "title": given.title,
                "media_type": given.media_type,
                "sha256": hashlib.sha256(content).hexdigest(),
                "content": base64url.encode_standard(content),
            }
        )
    return tuple(papers)


def _kept(taken: _Taken, staff: Staff, desk: LinkDesk, reference: str | None) -> Answer:
    """Steps 6 and 7."""
    asking, now, found = desk.asking, desk.asking.now, taken.found
    received = [
        ReceivedDocument(given, desk.check(content, now))
        for given, content in zip(found.delivery.documents, found.package.documents, strict=True)
    ]
    package = taken.package
    types = {given.type for given in found.delivery.documents}
    came = {dataset.id for dataset in asking.catalogue.datasets.values() if dataset.type_uri in types}
    optional = [item.id for item in package.items if item.need is Need.OPTIONAL and came & {*item.datasets}]
    least = {parameter.name: parameter.least for parameter in package.parameters}
    question = question_of(package, asking.catalogue, optional=optional, parameters=least)
    items = judge_documents(received, question, taken.agreed, asking.catalogue, at=now)
    if not any(item.claims for item in items):
        raise LinkRefused("link_documents", "expected a document that is real")
    if not is_certified(acting_in(found.consent.consent.record.parties), items):
        raise LinkRefused("link_consent", "expected only who acts for the person by what a source certifies")
    with asking.together():
        _, request = make_request(question, asking, reference=reference)
        desk.staff.tasks.give(request.id, staff.id, now=now)
        desk.staff.write_down(Deed.LINK_TAKEN, staff, about=request.id, detail=question.package)
        answer = Answer(
            request.id,
            question,
            items,
            now,
            consent=found.package.consent,
            own_papers=taken.papers,
            erase_at=found.consent.consent.ends_at,
            by_link=True,
        )
        receipt_id, receipt = signed_receipt(answer, found.delivery.request_hash, found.consent.consent, asking)
        answer = replace(answer, receipt_id=receipt_id, receipt=receipt)
        erase_at = erase_moment(answer, asking)
        note_receipt(
            answer,
            asking.sharings,
            audience=found.delivery.audience,
            attempt=asking.random(_ATTEMPT_BYTES).hex(),
            erase_at=erase_at,
            random=asking.random,
        )
        dossier = asking.answers.keep(answer, erase_at=erase_at)
        if dossier is None or not asking.sharings.bind(receipt_id, dossier):
            raise BlauweKnopError("expected a new request to be open", remedy="try again with a new link")
    return answer


def _bring_receipt(link: ShareLink, receipt: str, desk: LinkDesk) -> None:
    """Step 8. When it does not arrive the person sees that nothing was confirmed, and asks; the dossier stands."""
    try:
        reply = desk.post(f"{link.address}/ontvangst", {"receipt": receipt})
    except CallFailed:
        _LOG.warning("receipt_not_brought", reason="silent")
        return
    if reply.status != 200:
        _LOG.warning("receipt_not_brought", reason="refused")
