"""Take an answer of a holder (OpenID4VP 1.0 section 8; HAIP; PROTOCOL 6.4), in steps:

1. It answers an attempt that is open, of which the question was fetched (response_unknown). From here on nonce, key and state are gone,
   whatever the answer is worth: there is no second try.
2. It is one encrypted message, or one error in words with the state (response_form).
3. It is encrypted in a way that we take (response_encryption), to the key of this question by its name (response_key), and opens with it
   (response_encryption).
4. Inside is a JSON object with the state of this question (response_form, response_state).
5. It is an error in a word of the standard, which ends it kindly; or what was shown, which `judging` checks.
6. What the person sent along, a consent and papers of their own, is as it must be (response_consent, response_papers).
7. Of two people who apply together this is not the one who answered the other part (response_same_person).

What is good waits, encrypted, until the browser that asked comes back with the response code: only then is it kept (`returning`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, JweProblem, decrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.mdoc.transcripts import openid4vp_transcript
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.verifier.afterwards.noting import note_receipt
from blauweknop.verifier.asking.agreeing import agreed, erase_moment, signed_receipt
from blauweknop.verifier.asking.answers import Answer
from blauweknop.verifier.asking.inviting import require_somebody_else
from blauweknop.verifier.asking.judging import ResponseProblem, ShownTo, judge_presentations
from blauweknop.verifier.asking.papers import own_papers
from blauweknop.verifier.asking.ports import AskingServices, Transaction
from blauweknop.verifier.asking.transactions import UPDATE_OF, Secrets, asked_hash, number_of

__all__ = ["DECLINED", "MOST_RESPONSE", "Outcome", "declined", "open_response", "take_response"]

MOST_RESPONSE = PRESENTATION_RESPONSE.most + 4096
"""The largest form in bytes: a message, and the names around it."""

DECLINED = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_request",
        "invalid_request_uri_method",
        "invalid_transaction_data",
        "vp_formats_not_supported",
        "wallet_unavailable",
    }
)
"""The errors of OpenID4VP 1.0 section 8.5; any other is taken as `invalid_request`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an answer. `code` leads who asked to it; None when the attempt ended meanwhile. Without `problem` all is well.

    `receipt` is for who sent a consent.
    """

    code: str | None = field(repr=False)
    problem: ResponseProblem | None = None
    receipt: str | None = field(default=None, repr=False)


def take_response(state: str, form: Mapping[str, str], services: AskingServices) -> Outcome:
    """Judge an answer and let it wait for who asked.

    Raises:
        ResponseProblem: `response_unknown`, there is nothing to answer here.
    """
    now = services.now
    # Step 1.
    transaction = services.transactions.take(state, now=now)
    if transaction is None or UPDATE_OF in transaction.content:
        raise ResponseProblem("response_unknown", "expected an answer to a question that is open, and the first")
    try:
        given = _judged(state, form, transaction, services)
        if isinstance(given, str):
            return Outcome(_wait({"declined": given}, transaction, services))
        with services.together():  # there is no receipt of what does not wait, and nothing waits without a receipt
            # Step 7.
            require_somebody_else(transaction.request_id, given.items, services)
            code = _wait(_waiting(given, transaction, services), transaction, services)
    except ResponseProblem as refused:
        return Outcome(_wait({"refused": refused.code, "reasons": [*refused.reasons]}, transaction, services), refused)
    return Outcome(code, receipt=given.receipt if given.consent is not None else None)


def _wait(content: dict[str, JsonValue], transaction: Transaction, services: AskingServices) -> str | None:
    """Let what came of it wait; gives the response code."""
    return services.transactions.judge(transaction.id, {**content, "number": number_of(transaction)}, now=services.now)


def _judged(state: str, form: Mapping[str, str], transaction: Transaction, services: AskingServices) -> Answer | str:
    """Steps 2 to 6: the answer, or why there is none."""
    # Step 2.
    if ("response" in form) == ("error" in form):
        raise ResponseProblem("response_form", "expected a response or an error")
    if "error" in form:
        # Who cannot encrypt may say so in clear (section 8.3): it says nothing of the person.
        if form.get("state") != state:
            raise ResponseProblem("response_state", "expected the state of the question")
        return declined(form["error"])
    # Steps 3 and 4.
    secrets = Secrets.of(transaction)
    members = open_response(form["response"], secrets)
    if members.get("state") != state:
        raise ResponseProblem("response_state", "expected the state of the question")
    # Step 5.
    if "error" in members:
        return declined(members["error"])
    client_id = services.receiver.client_id
    transcript = partial(
        openid4vp_transcript,
        client_id=client_id,
        nonce=secrets.nonce,
        response_uri=services.response_uri(state),
        jwk_thumbprint=base64url.decode(secrets.key_id),
    )
    items = judge_presentations(
        members.get("vp_token"),
        secrets.question,
        ShownTo(client_id, secrets.nonce, transcript),
        judge=services.judge,
        catalogue=services.catalogue,
        at=services.now,
    )
    answer = Answer(transaction.request_id, secrets.question, items, services.now, transaction.elsewhere)
    # Step 6.
    consent = agreed(members, asked_hash(transaction), answer, services)
    papers = own_papers(members)
    receipt_id, receipt = signed_receipt(answer, asked_hash(transaction), consent.consent if consent else None, services)
    return replace(
        answer,
        consent=consent.text if consent else None,
        own_papers=papers,
        receipt_id=receipt_id,
        receipt=receipt,
        erase_at=consent.consent.ends_at if consent else None,
        updates_until=consent.consent.updates_until if consent else None,
    )


def _waiting(answer: Answer, transaction: Transaction, services: AskingServices) -> dict[str, JsonValue]:
    """The answer, and the secret of the link that takes it back: from now on there is a receipt of it."""
    link = note_receipt(
        answer,
        services.sharings,
        audience=services.receiver.client_id,
        attempt=transaction.id,
        erase_at=erase_moment(answer, services),
        random=services.random,
    )
    return {"answer": answer.as_json(), "withdraw": link}


def open_response(text: str, secrets: Secrets) -> Mapping[str, JsonValue]:
    """Steps 3 and 4, without the state. Raises: ResponseProblem."""
    try:
        received = parse_jwe(text, PRESENTATION_RESPONSE)
    except JweProblem as problem:
        raise ResponseProblem("response_encryption", str(problem)) from problem
    if received.key_id != secrets.key_id:
        raise ResponseProblem("response_key", "expected a message to the key of the question, by its name")
    try:
        content = decrypt_jwe(received, key_agreement(secrets.key))
    except JweProblem as problem:
        raise ResponseProblem("response_encryption", str(problem)) from problem
    try:
        return parse_json_object(content, max_bytes=PRESENTATION_RESPONSE.most)
    except MalformedJson as problem:
        raise ResponseProblem("response_form", str(problem)) from problem


def declined(error: JsonValue) -> str:
    """An error of a holder, in a word of the standard."""
    return error if isinstance(error, str) and error in DECLINED else "invalid_request"
