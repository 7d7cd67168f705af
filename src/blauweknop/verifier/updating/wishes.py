"""Hear what a holder wants with a sharing that it keeps up to date (ADR 0040), in steps:

1. The message can be read, and names a receipt (update_malformed).
2. There is such a sharing (update_receipt), it is not over, and newer data may still follow (update_over).
3. The key of its consent signed the message (update_signature, and the codes of `standards.sharing_updates`).
4. Who stops is heard at once: nothing newer may follow.
5. Who goes on says until when: later than now, within what is registered from now on, and no longer than the data are kept
   (update_until).
6. Who sends an update that came already, by the name that it has, gets the receipt for it again: its answer was lost.
7. Who sends another gets a fresh question, for what was shared and may be updated and nothing else, once a day (update_often).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.request_signing import RequestToSign, sign_request
from blauweknop.standards.sharing_composing import retention_end
from blauweknop.standards.sharing_messages import LEAST_SHARING, SharingProblem, request_hash
from blauweknop.standards.sharing_updates import Update, Wish, read_update, verify_update
from blauweknop.verifier.asking.answers import CheckedItem, asked_of, last_came
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer
from blauweknop.verifier.asking.transactions import LIFE, UPDATE_ID, UPDATE_OF, Secrets
from blauweknop.verifier.updating.questions import question_for_update
from blauweknop.verifier.updating.receipts import receipt_of_now

__all__ = ["BETWEEN", "take_wish", "too_soon"]

BETWEEN = timedelta(days=1)
"""At least so long from one update to the next."""
_SESSION_BYTES = 32


def take_wish(text: str, services: AskingServices) -> dict[str, JsonValue]:
    """What the holder gets for it.

    Raises:
        SharingProblem: by the first rule that is broken; nothing changed.
        QuestionRefused: the receiver may not ask it any more.
    """
    now = services.now
    # Step 1.
    received = read_update(text)
    # Step 2.
    receipt_id = received.receipt_id
    sharing = services.sharings.of_receipt(receipt_id)
    if sharing is None:
        raise SharingProblem("update_receipt", "expected a receipt of this receiver")
    request = services.sharings.request_of(receipt_id) if sharing.proof is None else None
    answer = services.answers.of_request(request) if request is not None else None
    if answer is None or sharing.updates_until is None or sharing.updates_until <= now:
        raise SharingProblem("update_over", "expected a sharing that may still be updated")
    # Step 3.
    if sharing.key is None:
        raise SharingProblem("update_signature", "expected a sharing with a key of the person")
    update = verify_update(received, sharing.key, client_id=sharing.audience, receipt_id=receipt_id, at=now)
    match update.wish:
        case Wish.STOP:
            # Step 4.
            services.sharings.follow(receipt_id, None)
            return {"status": "stopped"}
        case Wish.RENEW:
            until = _renewed(update, answer, services)
            if not services.sharings.follow(receipt_id, until):
                raise SharingProblem("update_over", "expected a sharing that nobody stopped meanwhile")
            return {"bk_receipt": receipt_of_now(answer, None, until, services)}
        case Wish.SEND:
            # Step 6.
            asked = asked_of(answer.answer.items, update.update_id)
            if asked is not None:
                return {"bk_receipt": receipt_of_now(answer, asked, sharing.updates_until, services)}
            return _question(update, answer, receipt_id, services)


def too_soon(items: Sequence[CheckedItem], now: datetime) -> bool:
    """Whether an update came less than a day ago."""
    last = last_came(items)
    return last is not None and now < last + BETWEEN


def _renewed(update: Update, answer: KeptAnswer, services: AskingServices) -> datetime:
    """Step 5."""
    now, allowed = services.now, services.receiver.use_of(answer.answer.question).registration.updates
    until = update.until
    if allowed is None or until is None:
        raise SharingProblem("update_until", "expected a receiver that may be kept up to date")
    if not now + LEAST_SHARING <= until <= min(retention_end(allowed.longest, now), answer.erase_at):
        raise SharingProblem("update_until", "expected an end within what is registered, and before the data are erased")
    return until


def _question(update: Update, answer: KeptAnswer, receipt_id: str, services: AskingServices) -> dict[str, JsonValue]:
    """Step 7."""
    now, use = services.now, services.receiver.use_of(answer.answer.question)
    if too_soon(answer.answer.items, now):
        raise SharingProblem("update_often", "expected no more than one update a day")
    question = question_for_update(answer.answer, use.registration, services.catalogue, at=now)
    secrets = Secrets.fresh(question, services.random)
    content = {**secrets.as_json(), UPDATE_OF: receipt_id, UPDATE_ID: update.update_id}
    # No browser waits for this: a session that nobody has.
    session = base64url.encode(services.random(_SESSION_BYTES))
    state, attempt = services.transactions.begin(answer.answer.request_id, session, content, elsewhere=False, now=now, life=LIFE)
    request = RequestToSign(
        query=question.query,
        response_uri=f"{services.receiver.address}/bijwerken/{state}",
        nonce=secrets.nonce,
        state=state,
        key=secrets.public_key,
        registration=use.certificate,
        issued_at=now,
        expires_at=now + LIFE,
        wallet_nonce=update.wallet_nonce,
    )
    signed = sign_request(request, services.receiver.signer)
    services.transactions.ask(attempt.id, {**attempt.content, "asked": request_hash(signed)}, now=now, life=LIFE)
    return {"client_id": services.receiver.client_id, "request": signed}
