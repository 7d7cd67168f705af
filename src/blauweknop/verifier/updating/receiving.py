"""Take an update (ADR 0040), in steps:

1. It answers an attempt that is open, and that is one of an update (response_unknown). Nonce, key and state are gone from here on.
2. It is one encrypted message to the key of this question, and opens with it (the codes of `asking.receiving`).
3. It brings no consent (response_consent), and own papers only as an answer may, each in the place of one (response_papers).
4. What was shown is checked as an answer is (`asking.judging`). What seems to be of somebody else than the dossier is orange.
5. The sharing may still be updated (response_over): it may have been taken back meanwhile.
6. The same update may have come to another question: then it is known by its name, has its receipt, and is kept once. Another update of
   this day ends this one (response_unknown). An own paper takes the place of one that came with the answer: what the person never gave is
   not added (response_papers). A dossier holds so many pieces (response_count).

It is kept at once, for no browser waits for it: that it is of the same person is what the key of the consent said when it asked for the
question. The earlier piece stays as what was replaced, and the one before that goes. Of an own paper the earlier one goes at once: nobody
certified it, and no figure rests on it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.mdoc.transcripts import openid4vp_transcript
from blauweknop.verifier.asking.answers import PERSON_DIFFERS, CheckedItem, asked_of
from blauweknop.verifier.asking.judging import ResponseProblem, ShownTo, judge_presentations
from blauweknop.verifier.asking.papers import Paper, newer_papers
from blauweknop.verifier.asking.persons import person_in
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer
from blauweknop.verifier.asking.receiving import declined, open_response
from blauweknop.verifier.asking.transactions import UPDATE_ID, UPDATE_OF, Secrets, asked_hash
from blauweknop.verifier.updating.receipts import receipt_of_now
from blauweknop.verifier.updating.wishes import too_soon

__all__ = ["take_update"]


def take_update(state: str, form: Mapping[str, str], services: AskingServices) -> dict[str, JsonValue]:
    """What the holder gets: a receipt; nothing when it says that there is nothing.

    Raises:
        ResponseProblem: by the first rule that is broken; nothing was kept.
    """
    # Step 1.
    attempt = services.transactions.take(state, now=services.now)
    if attempt is None:
        raise ResponseProblem("response_unknown", "expected an answer to a question that is open, and the first")
    services.transactions.forget(attempt.id)
    if UPDATE_OF not in attempt.content:
        raise ResponseProblem("response_unknown", "expected an update")
    # Step 2.
    if "response" not in form:
        raise ResponseProblem("response_form", "expected a response")
    secrets = Secrets.of(attempt)
    members = open_response(form["response"], secrets)
    if members.get("state") != state:
        raise ResponseProblem("response_state", "expected the state of the question")
    if "error" in members:
        return {"status": declined(members["error"])}
    # Step 3.
    if "bk_consent" in members:
        raise ResponseProblem("response_consent", "expected an update under the consent that was given")
    papers = newer_papers(members)
    # Step 4.
    items = _judged(members.get("vp_token"), secrets, state, services)
    # Step 5.
    receipt_id = str(attempt.content[UPDATE_OF])
    with services.together():
        sharing = services.sharings.of_receipt(receipt_id)
        answer = services.answers.of_request(attempt.request_id)
        if sharing is None or answer is None or sharing.updates_until is None or sharing.updates_until <= services.now:
            raise ResponseProblem("response_over", "expected a sharing that may still be updated")
        # Step 6.
        name, asked = str(attempt.content.get(UPDATE_ID, "")), asked_hash(attempt)
        known = asked_of(answer.answer.items, name)
        if known is not None:
            return {"bk_receipt": receipt_of_now(answer, known, sharing.updates_until, services)}
        if too_soon(answer.answer.items, services.now):
            raise ResponseProblem("response_unknown", "expected the only update of a day")
        if papers and not services.answers.replace_papers(attempt.request_id, _dated(papers, services.now)):
            raise ResponseProblem("response_papers", "expected own papers in the place of those that came with the answer")
        came = tuple(replace(_compared(item, answer), came_at=services.now, came_as=(name, asked)) for item in items)
        if not services.answers.update(attempt.request_id, came):
            raise ResponseProblem("response_count", "expected no more pieces than one dossier holds: ask for all of it anew")
        receipt = receipt_of_now(answer, asked, sharing.updates_until, services)
    services.tell_answered(attempt.request_id)
    return {"bk_receipt": receipt}


def _judged(vp_token: JsonValue, secrets: Secrets, state: str, services: AskingServices) -> tuple[CheckedItem, ...]:
    client_id = services.receiver.client_id
    transcript = partial(
        openid4vp_transcript,
        client_id=client_id,
        nonce=secrets.nonce,
        response_uri=f"{services.receiver.address}/bijwerken/{state}",
        jwk_thumbprint=base64url.decode(secrets.key_id),
    )
    return judge_presentations(
        vp_token,
        secrets.question,
        ShownTo(client_id, secrets.nonce, transcript),
        judge=services.judge,
        catalogue=services.catalogue,
        at=services.now,
    )


def _dated(papers: Mapping[int, Paper], now: datetime) -> Mapping[int, Paper]:
    return {number: {**paper, "came_at": now.isoformat()} for number, paper in papers.items()}


def _compared(item: CheckedItem, answer: KeptAnswer) -> CheckedItem:
    """Orange when name or day of birth are others than in the dossier."""
    person = person_in(item.claims)
    others = [person_in(other.claims) for other in answer.answer.items]
    differs = any(person[name] != other[name] for other in others for name in person.keys() & other.keys())
    return item.remarked(PERSON_DIFFERS) if differs and PERSON_DIFFERS not in item.reasons else item
