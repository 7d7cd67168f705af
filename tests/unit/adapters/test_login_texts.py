import pytest

from blauweknop.domain.texts import Language
from blauweknop.issuer.login import LoginProblem, LoginProblemCode


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", list(LoginProblemCode))
def test_every_problem_says_what_happened_and_what_to_do(code: LoginProblemCode, language: Language) -> None:
    said = LoginProblem(code).sentence(language, login_name="DigiD")

    assert said.count(".") + said.count("?") >= 2
    assert "{" not in said


def test_cancelling_is_said_as_cancelling() -> None:
    assert LoginProblem(LoginProblemCode.CANCELLED).sentence("nl", login_name="DigiD").startswith("U heeft het inloggen geannuleerd")


def test_a_person_can_retry_what_a_person_caused_but_not_what_the_source_must_mend() -> None:
    assert LoginProblem(LoginProblemCode.CANCELLED).worth_retrying
    assert not LoginProblem(LoginProblemCode.ANSWER_NOT_ENCRYPTED).worth_retrying
