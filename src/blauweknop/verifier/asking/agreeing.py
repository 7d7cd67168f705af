"""What a person agrees to beside credentials, and the receipt that they get for it (PROTOCOL 9.2). Other wallets do not know it.

`bk_consent` is their record of what they agreed to, signed with a key for this one sharing; one that is not of this request spoils the
answer. So does a record in other words than those of the registration, of more than was asked, or with another representative than what
was shared certifies, for the receipt signs it again.
The receipt has the record of the consent; for who sent none it is made from the registration.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.standards import base64url
from blauweknop.standards.dcql import CredentialQuery
from blauweknop.standards.json_members import MalformedMember, Members, member_text
from blauweknop.standards.registration import Registration
from blauweknop.standards.sharing_acting import ActedFor, acted_for, acting_in, full_names
from blauweknop.standards.sharing_composing import attribute_name, compose_record, is_record_of, retention_end
from blauweknop.standards.sharing_messages import Consent, SharingProblem, verify_consent
from blauweknop.standards.sharing_receipts import Receipt, sign_receipt
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices

__all__ = ["Agreed", "agreed", "erase_moment", "is_certified", "signed_receipt"]

_RECEIPT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that was verified, and as it came."""

    consent: Consent
    text: str = field(repr=False)


def agreed(members: Members, asked: str, answer: Answer, services: AskingServices) -> Agreed | None:
    """The consent in an answer to the request with hash `asked`; None when there is none.

    Raises:
        ResponseProblem: `response_consent`, it is no consent to this.
    """
    if "bk_consent" not in members:
        return None
    receiver = services.receiver
    registration = receiver.use_of(answer.question).registration
    try:
        text = member_text(members, "bk_consent")
        found = verify_consent(text, client_id=receiver.client_id, receiver=registration.identifier, asked=asked, at=answer.received_at)
    except (MalformedMember, SharingProblem) as problem:
        raise ResponseProblem("response_consent", str(problem)) from problem
    record = found.consent.record
    if not is_record_of(record, registration) or not all(_was_asked(pii, answer) for pii in record.purposes[0].pii):
        raise ResponseProblem("response_consent", "expected a record of what was asked, in the words of the registration")
    if not is_certified(acting_in(record.parties), answer.items):
        raise ResponseProblem("response_consent", "expected only who acts for the person by what a source certifies")
    if found.consent.updates_until is not None and not _may_follow(found.consent, registration):
        raise ResponseProblem("response_consent", "expected updates as they are registered, of what was shared")
    return Agreed(found.consent, text)


def is_certified(acting: ActedFor | None, items: Sequence[CheckedItem]) -> bool:
    """Whether sources say the same of who acted for whom; who does not say that they did is named by the pieces all the same."""
    claims = [item.claims for item in items]
    known = acted_for(claims)
    if acting is None:
        return True
    named = not acting.person or acting.person in full_names(claims)
    return known is not None and {*acting.representatives} <= {*known.representatives} and named


def signed_receipt(answer: Answer, asked: str, consent: Consent | None, services: AskingServices) -> tuple[str, str]:
    """The id of the receipt, and the receipt. What the person agreed to may end before the retention does."""
    receiver, registration = services.receiver, services.receiver.use_of(answer.question).registration
    receipt_id = base64url.encode(services.random(_RECEIPT_BYTES))
    erase_at = retention_end(registration.retention, answer.received_at)
    record = consent.record if consent is not None else None
    if record is None:
        record = compose_record(
            registration,
            _shared(answer),
            record_id=receipt_id,
            principal=receipt_id,
            language="nl",
            at=answer.received_at,
            acting=acted_for(item.claims for item in answer.items),
        )
    receipt = Receipt(
        issuer=receiver.client_id,
        receipt_id=receipt_id,
        request_hash=asked,
        issued_at=answer.received_at,
        erase_at=min(erase_at, consent.ends_at) if consent is not None else erase_at,
        withdrawal_uri=f"{receiver.address}/intrekken",
        record=record,
        update_uri=f"{receiver.address}/bijwerken" if consent is not None and consent.updates_until is not None else None,
        updates_until=consent.updates_until if consent is not None else None,
    )
    return receipt_id, sign_receipt(receipt, receiver.signer)


def erase_moment(answer: Answer, services: AskingServices) -> datetime:
    """When the data of an answer go at the latest: at the end of the retention, or sooner when the person agreed to less."""
    end = retention_end(services.receiver.use_of(answer.question).registration.retention, answer.received_at)
    return end if answer.erase_at is None else min(end, answer.erase_at)


def _may_follow(consent: Consent, registration: Registration) -> bool:
    """Whether the updates that were agreed to are registered, for so long and of these types, and are of what was shared."""
    allowed, (shared, later) = registration.updates, (purpose.pii for purpose in consent.record.purposes)
    if allowed is None or consent.updates_until is None or consent.updates_until > retention_end(allowed.longest, consent.issued_at):
        return False
    return {*later} <= {*shared} and {pii.type for pii in later} <= {*allowed.types}


def _was_asked(pii: PiiInformation, answer: Answer) -> bool:
    names = {attribute_name(claim.path) for query in answer.question.query.credentials if pii.type in query.types for claim in query.claims}
    types = {kind for query in answer.question.query.credentials for kind in query.types}
    return pii.type in types and (pii.attribute is None or pii.attribute in names)


def _shared(answer: Answer) -> Sequence[PiiInformation]:
    by_id: dict[str, CredentialQuery] = {query.id: query for query in answer.question.query.credentials}
    required = {item.id: item.required for item in answer.question.items}
    return [
        PiiInformation(by_id[item.credential].types[0], attribute_name(claim.path), optional=not required.get(item.item, False))
        for item in answer.items
        for claim in by_id[item.credential].claims
    ]
