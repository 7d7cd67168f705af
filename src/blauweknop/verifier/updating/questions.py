"""The question of an update: what came before, of what the person agreed may follow; nothing of it is required."""

from dataclasses import replace
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.document.type_metadata import vct_of
from blauweknop.standards.dcql import CredentialSet, DcqlQuery
from blauweknop.standards.registration import Registration
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.verifier.asking.answers import Answer
from blauweknop.verifier.asking.questions import Question, require_askable
from blauweknop.verifier.updating.receipts import consent_record

__all__ = ["question_for_update"]


def question_for_update(answer: Answer, registration: Registration, catalogue: Catalogue, *, at: datetime) -> Question:
    """What may come again.

    Raises:
        SharingProblem: update_over, nothing of what came may be updated any more.
        QuestionRefused: the receiver may not ask it any more.
    """
    record = consent_record(answer)
    agreed = {pii.type for purpose in record.purposes[1:] for pii in purpose.pii}
    registered = {*registration.updates.types} if registration.updates is not None else set()
    came = {item.credential: set[str]() for item in answer.items}
    for item in answer.items:
        dataset = catalogue.datasets.get(item.dataset)
        came[item.credential] |= {vct_of(dataset), dataset.type_uri} if dataset is not None else set()
    queries = []
    for query in answer.question.query.credentials:
        types = tuple(kind for kind in query.types if kind in agreed & registered & came.get(query.id, set()))
        if types:
            queries.append(replace(query, types=types))
    if not queries:
        raise SharingProblem("update_over", "expected something that may be updated")
    ids = {query.id for query in queries}
    items = [item for item in answer.question.items if any(answer.question.item_of(name) == item for name in ids)]
    question = Question(
        answer.question.package,
        tuple(replace(item, required=False, one_of=None) for item in items),
        DcqlQuery(tuple(queries), tuple(CredentialSet(_options(item.id, answer, ids), required=False) for item in items)),
    )
    require_askable(question, registration, at=at)
    return question


def _options(item: str, answer: Answer, ids: set[str]) -> tuple[tuple[str, ...], ...]:
    """All of an item that came before, or its proof alone: what belongs to a key goes along each time."""
    names = tuple(query.id for query in answer.question.query.credentials if query.id in ids and _is_of(query.id, item, answer))
    bound = tuple(query.id for query in answer.question.query.credentials if query.id in names and query.holder_binding)
    return tuple(dict.fromkeys(option for option in (names, bound) if option))


def _is_of(name: str, item: str, answer: Answer) -> bool:
    found = answer.question.item_of(name)
    return found is not None and found.id == item
