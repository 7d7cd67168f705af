"""Make a request: one question to one person, refused here when it may not be asked."""

from datetime import timedelta

from blauweknop.verifier.asking.ports import AskingServices, KeptRequest
from blauweknop.verifier.asking.questions import Question, require_askable

__all__ = ["REQUEST_LIFE", "make_request"]

REQUEST_LIFE = timedelta(days=30)
"""How long a person may take to answer."""


def make_request(
    question: Question,
    services: AskingServices,
    *,
    reference: str | None = None,
    life: timedelta = REQUEST_LIFE,
    client: str | None = None,
    expected: str | None = None,
) -> tuple[str, KeptRequest]:
    """The address of the page for the person, and the request.

    Raises:
        QuestionRefused: the receiver may not ask this; nothing is kept.
    """
    now = services.now
    require_askable(question, services.receiver.use_of(question).registration, at=now)
    token, request = services.requests.open(question, now=now, life=life, reference=reference, client=client, expected=expected)
    return f"{services.receiver.address}/verzoek/{token}", request
