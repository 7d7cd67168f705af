import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc import jwe
from sqlalchemy.engine import Engine

from blauweknop.adapters.login_provider import Provider
from blauweknop.adapters.login_tokens import LoginRefused
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.sessions import SessionStore
from blauweknop.demo.digid_provider import ExerciseProvider, ProtocolError
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import JsonValue, Selection
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.login import LoggedIn, LoginProblem, LoginProblemCode, StartedSession
from blauweknop.standards import der, jose
from blauweknop.standards.timestamp import TimeStampProblem, token_of_response
from tests.databases import with_tables
from tests.unit.adapters.login_stand_in import KEYS, NOON, SETTINGS, StandInProvider, as_answer, relying_party
from tests.unit.adapters.test_login_tokens import logout_token

ANNA = LoggedIn(Bsn.parse("999990019"), AssuranceLevel.SUBSTANTIAL, NOON, "anna", "provider-session-1", None)
CHOICE = (Selection("duo.studieschuld", frozenset({"bedrag"}), months=None, with_bsn=False),)
ANSWERS: dict[str, JsonValue] = {"outcomes": {"duo.studieschuld": "income"}}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = with_tables(f"sqlite:///{tmp_path / 'x.sqlite'}")
    yield opened
    opened.dispose()


def logged_in_again(engine: Engine, first: AssuranceLevel, second: AssuranceLevel) -> StartedSession:
    sessions = SessionStore(engine, RowKey.from_secret(bytes(32)), source="duo")
    before = sessions.start(replace(ANNA, level=first), language="nl", now=NOON)
    assert isinstance(before, StartedSession)
    assert sessions.save(before.session, now=NOON, selections=CHOICE, notes=ANSWERS)
    after = sessions.start(replace(ANNA, level=second), language="nl", now=NOON, replaces=before.reference)
    assert isinstance(after, StartedSession)
    return after


def test_what_was_shown_at_a_higher_level_does_not_move_to_a_lower_one(engine: Engine) -> None:
    session = logged_in_again(engine, AssuranceLevel.SUBSTANTIAL, AssuranceLevel.LOW).session
    assert (session.selections, session.notes) == ((), {})


def test_what_was_chosen_at_a_lower_level_moves_to_a_higher_one(engine: Engine) -> None:
    assert logged_in_again(engine, AssuranceLevel.LOW, AssuranceLevel.SUBSTANTIAL).session.selections == CHOICE


@pytest.mark.parametrize("algorithm", [{}, [], {"a": 1}, 5, None, True])
def test_anybody_may_post_a_logout_message_and_break_nothing(tmp_path: Path, algorithm: object) -> None:
    key = KEYS.decryption[0]
    parts = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, logout_token(), key, ["ECDH-ES", "A256GCM"]).split(".")
    parts[0] = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "enc": "A256GCM"}).encode()).decode().rstrip("=")
    told = relying_party(tmp_path, StandInProvider()).logout_notice({"logout_token": ".".join(parts)}, now=NOON)
    assert told == LoginProblem(LoginProblemCode.ANSWER_ENCRYPTION)


@pytest.mark.parametrize("kind", [{}, [], 5, None])
def test_a_published_key_without_a_kind_is_passed_over(kind: object) -> None:
    provider = StandInProvider(answers={"/keys": as_answer(200, {"keys": [{"kty": kind}]})})
    assert Provider(SETTINGS, provider).encryption_key(NOON) is None


@pytest.mark.parametrize("address", ["https://[", "https://", "https://login.example/a b", "https://login.example/\r\nSet-Cookie:x", "//x"])
def test_an_endpoint_that_is_no_address_is_refused(address: str) -> None:
    provider = StandInProvider(change_metadata=lambda metadata: metadata.update(end_session_endpoint=address))
    with pytest.raises(LoginRefused) as refused:
        Provider(SETTINGS, provider).metadata(NOON)
    assert refused.value.code is LoginProblemCode.PROVIDER_METADATA


def test_a_time_stamp_status_of_endless_digits_is_refused() -> None:
    status = der.encode_sequence(der.encode_integer(1 << 40_000))
    with pytest.raises(TimeStampProblem) as refused:
        token_of_response(der.encode_sequence(status))
    assert refused.value.code == "time_stamp_refused"


def test_a_message_of_points_only_is_refused_before_it_is_taken_apart() -> None:
    with pytest.raises(jose.JwsProblem, match="three parts"):
        jose.parse_jws("." * 500_000, jose.SD_JWT_VC)


@pytest.mark.parametrize(
    "header", [{"alg": [], "enc": "A256GCM"}, {"alg": "ECDH-ES", "enc": {}}, {"alg": "ECDH-ES", "enc": "A256GCM", "crit": None}]
)
def test_anybody_may_send_a_hint_to_the_exercise_login_and_break_nothing(header: dict[str, object]) -> None:
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    with pytest.raises(ProtocolError):
        ExerciseProvider("https://login.example", (), ()).after_logout({"id_token_hint": f"{first}.AA.AA.AA.AA"})


def test_a_silent_provider_does_not_keep_everybody_waiting_in_line() -> None:
    answering = StandInProvider(answers={"/.well-known/openid-configuration": None})
    provider = Provider(SETTINGS, answering)
    for _ in range(20):
        with pytest.raises(LoginRefused):
            provider.metadata(NOON)
    assert len(answering.asked) == 1


def test_a_provider_that_answers_again_is_asked_again() -> None:
    answering = StandInProvider(answers={"/.well-known/openid-configuration": None})
    provider = Provider(SETTINGS, answering)
    with pytest.raises(LoginRefused):
        provider.metadata(NOON)
    answering.answers.clear()
    assert provider.metadata(NOON + timedelta(seconds=5)).issuer == SETTINGS.issuer
