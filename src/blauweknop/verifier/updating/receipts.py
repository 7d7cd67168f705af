"""The receipt of an update: the same sharing, record and end, and what was answered now."""

from datetime import datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import jose
from blauweknop.standards.json_members import member_object, member_text
from blauweknop.standards.sharing_messages import MAX_CONSENT
from blauweknop.standards.sharing_receipts import Receipt, sign_receipt
from blauweknop.standards.sharing_record_json import read_record
from blauweknop.standards.sharing_records import ConsentRecord
from blauweknop.standards.strict_json import parse_json_object
from blauweknop.verifier.asking.answers import Answer
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer

__all__ = ["consent_record", "receipt_of_now"]


def consent_record(answer: Answer) -> ConsentRecord:
    """What the person agreed to; it was verified when it came."""
    return read_record(member_object(_consent(answer), "record"))


def receipt_of_now(answer: KeptAnswer, asked: str | None, updates_until: datetime, services: AskingServices) -> str:
    """The receipt of an update to the question with hash `asked`; of what only goes on for longer, None, that of the first question."""
    receiver = services.receiver
    receipt = Receipt(
        issuer=receiver.client_id,
        receipt_id=str(answer.answer.receipt_id),
        request_hash=asked or member_text(_consent(answer.answer), "request_hash"),
        issued_at=services.now,
        erase_at=answer.erase_at,
        withdrawal_uri=f"{receiver.address}/intrekken",
        record=consent_record(answer.answer),
        update_uri=f"{receiver.address}/bijwerken",
        updates_until=updates_until,
    )
    return sign_receipt(receipt, receiver.signer)


def _consent(answer: Answer) -> dict[str, JsonValue]:
    if answer.consent is None:
        raise BlauweKnopError("expected an answer with a consent")
    return parse_json_object(jose.parse_jws(answer.consent, jose.SHARING_CONSENT, max_bytes=MAX_CONSENT).payload, max_bytes=MAX_CONSENT)
