import pytest

from blauweknop.domain.texts import Language
from blauweknop.issuer.login import LoginProblem, LoginProblemCode


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", list(LoginProblemCode))
def test_every_problem_says_what_happened_and_what_to_do(code: LoginProblemCode, language: Language) -> None:
    said = LoginProblem(code).sentence(language, login_name="DigiD")

    assert said.count(".") + said.count("?") >= 2
    assert "{" not in said


_TO_DO = {
    "nl": ("Probeer", "Log ", "Begin", "Neem", "Ga terug", "Wacht", "log dan opnieuw"),
    "en": ("Try again", "Log in", "log in again", "Start", "contact us", "Go back", "Wait"),
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", [code for code in LoginProblemCode if code is not LoginProblemCode.LOGOUT_NOTICE])
def test_every_problem_that_a_person_sees_has_a_next_step(code: LoginProblemCode, language: Language) -> None:
    said = LoginProblem(code).sentence(language, login_name="DigiD")

    assert any(words in said for words in _TO_DO[language])


def test_cancelling_is_said_as_cancelling() -> None:
    assert LoginProblem(LoginProblemCode.CANCELLED).sentence("nl", login_name="DigiD").startswith("U hebt het inloggen gestopt")


def test_a_person_can_retry_what_a_person_caused_but_not_what_the_source_must_mend() -> None:
    assert LoginProblem(LoginProblemCode.CANCELLED).worth_retrying
    assert not LoginProblem(LoginProblemCode.ANSWER_NOT_ENCRYPTED).worth_retrying
