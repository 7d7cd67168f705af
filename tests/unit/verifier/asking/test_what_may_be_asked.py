from dataclasses import replace
from typing import Any

import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.texts import Text
from blauweknop.register.exercise_receivers import exercise_registration, exercise_uses
from blauweknop.standards.dcql import ClaimQuery, DcqlQuery
from blauweknop.standards.registration import LegalBasis
from blauweknop.standards.request_scope import beyond_registration
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.questions import Question, QuestionRefused, require_askable
from blauweknop.verifier.asking.requesting import make_request
from tests.unit.standards.pki import NOW
from tests.unit.verifier.asking.asking_world import BOTH, DOCUMENT, ITEM, MDOC_QUESTION, QUESTION, REGISTRATION, SHORT, AskingWorld


def refusal(question: Question, **changes: Any) -> str:
    with pytest.raises(QuestionRefused) as caught:
        require_askable(question, replace(REGISTRATION, **changes), at=NOW)
    return caught.value.code


def of(*credentials: Any) -> Question:
    return Question("schuldhulp-1", (ITEM,), DcqlQuery(credentials))


@pytest.mark.parametrize("question", [QUESTION, BOTH, MDOC_QUESTION])
def test_what_is_registered_may_be_asked_and_is_kept_as_it_was_asked(question: Question) -> None:
    require_askable(question, REGISTRATION, at=NOW)
    assert Question.from_json(question.as_json()) == question


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (of(replace(SHORT, types=("https://register.blauweknop.example/vct/uwv-loon/1",))), "request_data_set"),
        (of(replace(SHORT, claims=(*SHORT.claims, ClaimQuery(("birth_date",))))), "request_claim"),
        (of(replace(SHORT, claims=(*SHORT.claims, ClaimQuery(("bsn",))))), "request_claim"),
        (of(DOCUMENT), "question_unbound"),
        (of(replace(SHORT, id="zonder-kort")), "question_empty"),
        (Question("schuldhulp-1", (), DcqlQuery((SHORT,))), "question_empty"),
    ],
    ids=["another data set", "another claim", "the BSN", "nothing that is bound", "of no item", "no items"],
)
def test_a_question_beyond_the_registration_is_refused(question: Question, code: str) -> None:
    assert refusal(question) == code


def test_the_bsn_is_asked_only_with_a_law() -> None:
    credentials = tuple(
        replace(credential, claims=(*credential.claims, ("bsn",))) if credential.types == SHORT.types else credential
        for credential in REGISTRATION.credentials
    )
    asked = of(replace(SHORT, claims=(*SHORT.claims, ClaimQuery(("bsn",)))))
    assert refusal(asked, credentials=credentials) == "request_bsn"
    require_askable(asked, replace(REGISTRATION, credentials=credentials, bsn_law="Wabb artikel 10"), at=NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": Text(" ", "x")}, "question_purpose"),
        ({"legal_basis": LegalBasis("e", " ")}, "question_legal_basis"),
        ({"retention": ""}, "question_retention"),
        ({"retention": "P0D"}, "question_retention"),
        ({"expires_at": NOW.replace(year=2025)}, "question_registration"),
        ({"issued_at": NOW.replace(year=2027)}, "question_registration"),
        ({"begins_at": NOW.replace(year=2027)}, "question_registration"),
    ],
    ids=str,
)
def test_a_question_without_why_law_or_end_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(QUESTION, **changes) == code


def test_what_is_kept_for_hours_may_be_asked_too() -> None:
    require_askable(QUESTION, replace(REGISTRATION, retention="PT1H"), at=NOW)


def test_nothing_is_kept_of_a_question_that_may_not_be_asked(world: AskingWorld) -> None:
    before = world.services().requests.newest(most=1)
    with pytest.raises(QuestionRefused):
        make_request(of(DOCUMENT), world.services())
    with pytest.raises(QuestionRefused):
        make_request(replace(QUESTION, package="huur-1"), world.services())
    assert world.services().requests.newest(most=1) == before


@pytest.mark.parametrize(("receiver", "package"), exercise_uses(), ids=lambda given: given.id)
def test_each_package_may_be_asked_by_its_receiver(receiver: Any, package: Any) -> None:
    catalogue = load_catalogue()
    registration = exercise_registration(receiver, package, catalogue, status_uri="https://register.example/status", now=NOW)
    optional = [item.id for item in package.items if item.need.value == "optional"]
    question = question_of(
        load_life_events().package(package.id),
        catalogue,
        optional=optional,
        parameters={parameter.name: parameter.least for parameter in package.parameters},
    )
    require_askable(question, registration, at=NOW)
    assert beyond_registration(question.query, registration) == ()
    assert Question.from_json(question.as_json()) == question
