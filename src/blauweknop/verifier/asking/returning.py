"""Who asked comes back for the answer (PROTOCOL 6.1 step 5, threat T-04): only then is anything kept, else it is forgotten.

1. The response code is of an attempt that was judged, and was not used before.
2. On the same device: the browser is the one that began the attempt, by its session. Another browser gets nothing, and the data are gone.
   From another device: the person first types the two digits that the page shows which began it. Nothing of the data is kept or shown
   until they fit; after one wrong try the data are gone.
3. The answer is kept until the retention of the registration ends, and its request is answered; once. Of two people who apply together
   it is looked at again whether they are two: both parts may have waited at the same time. One part at a time is kept, so that the
   later of two that come at the very same moment sees the earlier.
"""

import hmac
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.agreeing import erase_moment
from blauweknop.verifier.asking.answers import Answer
from blauweknop.verifier.asking.inviting import require_somebody_else
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices, Transaction

__all__ = ["SHOWN_FOR", "Return", "come_back", "confirm_number"]

SHOWN_FOR = timedelta(minutes=15)
"""How long the page that began can still see how it ended."""


class Return(StrEnum):
    """How coming back ended."""

    DONE = "done"
    ELSEWHERE = "elsewhere"  # the number is still to be compared
    OTHER_BROWSER = "other_browser"
    ALREADY = "already"  # somebody answered the request before, or it was withdrawn
    UNKNOWN = "unknown"


def come_back(code: str, session: str | None, services: AskingServices) -> Return:
    """The browser that the holder led back."""
    # Step 1.
    transaction = services.transactions.by_code(code, now=services.now)
    if transaction is None:
        return Return.UNKNOWN
    # Step 2.
    if transaction.elsewhere:
        return Return.ELSEWHERE
    if not services.transactions.is_of_session(transaction, session):
        services.transactions.forget(transaction.id)
        return Return.OTHER_BROWSER
    return _finished(transaction, services)


def confirm_number(code: str, digits: str, services: AskingServices) -> Return:
    """The person on the other device says which number the page shows that began the attempt."""
    transaction = services.transactions.by_code(code, now=services.now)
    if transaction is None or not transaction.elsewhere:
        return Return.UNKNOWN
    number = str(transaction.content.get("number", ""))
    if not number or not hmac.compare_digest(digits.encode(), number.encode()):
        services.transactions.finish(transaction.id, {"refused": "number"}, now=services.now, life=SHOWN_FOR)
        return Return.OTHER_BROWSER
    return _finished(transaction, services)


def _finished(transaction: Transaction, services: AskingServices) -> Return:
    """Step 3. What stays for the page says nothing of the data."""
    outcome = {name: value for name, value in transaction.content.items() if name in ("refused", "reasons", "declined")}
    given = transaction.content.get("answer")
    shown = outcome or _received(given, transaction.content.get("withdraw"))
    try:
        with services.together():
            if isinstance(given, dict):
                services.households.hold(transaction.request_id)
            if not services.transactions.finish(transaction.id, shown, now=services.now, life=SHOWN_FOR):
                return Return.UNKNOWN
            if isinstance(given, dict):
                _keep(Answer.from_json(given), services)
    except ResponseProblem as problem:
        services.transactions.finish(transaction.id, {"refused": problem.code}, now=services.now, life=SHOWN_FOR)
    except _NotKept:
        services.transactions.forget(transaction.id)
        return Return.ALREADY
    return Return.DONE


class _NotKept(Exception):
    """The request was answered before or withdrawn, or the answer was taken back: nothing of it is kept."""


def _keep(answer: Answer, services: AskingServices) -> None:
    """Raises: _NotKept; ResponseProblem, when the same person answered the other part while this answer waited."""
    require_somebody_else(answer.request_id, answer.items, services)
    dossier = services.answers.keep(answer, erase_at=erase_moment(answer, services))
    if dossier is None or not services.sharings.bind(str(answer.receipt_id), dossier):
        raise _NotKept
    services.tell_answered(answer.request_id)


def _received(answer: JsonValue, link: JsonValue) -> Mapping[str, JsonValue]:
    items = answer.get("items") if isinstance(answer, dict) else None
    named: list[JsonValue] = [item["item"] for item in items or [] if isinstance(item, dict)] if isinstance(items, list) else []
    said = answer if isinstance(answer, dict) else {}
    received: dict[str, JsonValue] = {"received": named, "received_at": said.get("received_at")}
    # Who sent a consent has its receipt already, and a key to take it back.
    return received if said.get("consent") is not None else received | {"receipt": said.get("receipt"), "withdraw": link}
