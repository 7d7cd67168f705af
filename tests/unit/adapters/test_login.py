import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jwt

from blauweknop.adapters.login import RelyingParty, local_path
from blauweknop.adapters.login_settings import LoginSettingsError
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.errors import MalformedValue
from blauweknop.issuer.login import LoggedIn, Login, LoginCompleted, LoginProblem, LoginStarted
from blauweknop.issuer.login import LoginProblemCode as Code
from tests.unit.adapters.login_stand_in import (
    BSN,
    CLIENT,
    ISSUER,
    KEYS,
    NOON,
    PROVIDER_ENCRYPTION,
    SETTINGS,
    Answered,
    StandInProvider,
    as_answer,
    begin,
    log_in,
    query,
    relying_party,
)

LATER = timedelta(minutes=16)


def completed(outcome: LoginCompleted | LoginProblem) -> LoginCompleted:
    assert isinstance(outcome, LoginCompleted), outcome
    return outcome


def finish(party: RelyingParty, started: LoginStarted, callback: Mapping[str, str]) -> LoginCompleted | LoginProblem:
    return party.complete(callback, browser_reference=started.browser_reference, now=NOON)


def test_a_good_login_gives_the_person_the_level_and_the_way_back(tmp_path: Path) -> None:
    provider = StandInProvider()

    outcome = completed(log_in(relying_party(tmp_path, provider), provider))

    assert outcome.return_to == "/kiezen"
    assert outcome.person.bsn.digits == BSN
    assert (outcome.person.level, outcome.person.authenticated_at) == (AssuranceLevel.SUBSTANTIAL, NOON)
    assert outcome.person.provider_session == "provider-session-1"


def test_a_relying_party_is_what_a_source_asks_for(tmp_path: Path) -> None:
    login: Login = relying_party(tmp_path, StandInProvider())

    assert login.name == "DigiD"


def test_with_par_the_browser_carries_only_a_reference(tmp_path: Path) -> None:
    started = begin(relying_party(tmp_path, StandInProvider()))

    assert started.address.startswith(f"{ISSUER}/authorize?")
    assert query(started.address) == {"client_id": CLIENT, "request_uri": "urn:request:1"}


def test_the_request_asks_for_what_nl_gov_demands(tmp_path: Path) -> None:
    provider = StandInProvider()
    begin(relying_party(tmp_path, provider), AssuranceLevel.LOW)

    asked = provider.pushed

    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT, SETTINGS.redirect_uri)
    assert (asked["acr_values"], asked["code_challenge_method"]) == ("http://eidas.europa.eu/LoA/low", "S256")
    assert json.loads(asked["claims"]) == {"id_token": {"bsn": {"essential": True}}}
    assert min(len(asked["state"]), len(asked["nonce"]), len(asked["code_challenge"])) == 43
    assert "prompt" not in asked


def test_the_code_verifier_fits_the_challenge(tmp_path: Path) -> None:
    provider = StandInProvider()
    log_in(relying_party(tmp_path, provider), provider)

    digest = hashlib.sha256(provider.exchanged["code_verifier"].encode()).digest()

    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == provider.pushed["code_challenge"]


def test_the_source_proves_itself_with_a_signed_assertion_of_a_minute(tmp_path: Path) -> None:
    provider = StandInProvider()
    log_in(relying_party(tmp_path, provider), provider)

    first = jwt.decode(provider.pushed["client_assertion"], KEYS.signing, ["ES256"]).claims
    second = jwt.decode(provider.exchanged["client_assertion"], KEYS.signing, ["ES256"]).claims

    assert (first["iss"], first["sub"], first["aud"]) == (CLIENT, CLIENT, ISSUER)
    assert first["exp"] - first["iat"] == 60
    assert first["jti"] != second["jti"]


def test_without_par_the_request_travels_in_the_address(tmp_path: Path) -> None:
    provider = StandInProvider(change_metadata=lambda metadata: metadata.pop("pushed_authorization_request_endpoint"))

    outcome = log_in(relying_party(tmp_path, provider), provider)

    assert isinstance(outcome, LoginCompleted)
    assert "/par" not in provider.asked


def test_the_metadata_and_keys_are_fetched_once_for_many_logins(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    log_in(party, provider)
    log_in(party, provider)

    assert (provider.asked.count("/.well-known/openid-configuration"), provider.asked.count("/keys")) == (1, 1)


def test_a_login_afresh_says_so_and_takes_no_older_one(tmp_path: Path) -> None:
    provider = StandInProvider(change_claims=lambda claims: claims.update(auth_time=int((NOON - timedelta(hours=1)).timestamp())))
    party = relying_party(tmp_path, provider)

    assert log_in(party, provider, afresh=True) == LoginProblem(Code.LOGIN_OLD)
    assert (provider.pushed["prompt"], provider.pushed["max_age"]) == ("login", "0")


def test_a_login_afresh_needs_the_time_of_login(tmp_path: Path) -> None:
    provider = StandInProvider(change_claims=lambda claims: claims.pop("auth_time"))

    assert log_in(relying_party(tmp_path, provider), provider, afresh=True) == LoginProblem(Code.LOGIN_OLD)


def test_a_higher_level_than_asked_is_fine(tmp_path: Path) -> None:
    provider = StandInProvider()

    assert (
        completed(log_in(relying_party(tmp_path, provider), provider, level=AssuranceLevel.LOW)).person.level is AssuranceLevel.SUBSTANTIAL
    )


def test_a_level_the_provider_does_not_have_is_a_fault_in_the_settings(tmp_path: Path) -> None:
    settings = replace(SETTINGS, levels={"urn:digid:20": AssuranceLevel.LOW})

    with pytest.raises(LoginSettingsError):
        relying_party(tmp_path, StandInProvider(), settings).begin(AssuranceLevel.HIGH, return_to="/", now=NOON)


# the callback


def test_cancelling_is_no_error(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    started = begin(party)

    callback = {"error": "access_denied", "state": provider.pushed["state"], "iss": ISSUER}

    assert finish(party, started, callback) == LoginProblem(Code.CANCELLED)


def test_another_error_of_the_provider_is_a_fault(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    started = begin(party)

    callback = {"error": "server_error", "state": provider.pushed["state"], "iss": ISSUER}

    assert finish(party, started, callback) == LoginProblem(Code.PROVIDER_ERROR)


def test_a_forged_state_is_refused(tmp_path: Path) -> None:
    party = relying_party(tmp_path, StandInProvider())
    started = begin(party)

    assert finish(party, started, {"code": "c", "state": "A" * 43, "iss": ISSUER}) == LoginProblem(Code.ATTEMPT_UNKNOWN)


@pytest.mark.parametrize("state", ["", "short", "é" * 43, "A" * 4000, "' OR 1=1"])
def test_a_state_that_cannot_be_ours_is_refused(tmp_path: Path, state: str) -> None:
    party = relying_party(tmp_path, StandInProvider())
    started = begin(party)

    assert finish(party, started, {"code": "c", "state": state, "iss": ISSUER}) == LoginProblem(Code.ATTEMPT_UNKNOWN)


@pytest.mark.parametrize("callback", [{}, {"code": "c"}, {"code": "c" * 5000, "state": "A" * 43, "iss": ISSUER}])
def test_a_callback_without_its_parts_is_refused(tmp_path: Path, callback: dict[str, str]) -> None:
    party = relying_party(tmp_path, StandInProvider())

    assert finish(party, begin(party), callback) == LoginProblem(Code.CALLBACK_MALFORMED)


def test_a_callback_without_a_code_is_refused(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    started = begin(party)

    assert finish(party, started, {"state": provider.pushed["state"], "iss": ISSUER}) == LoginProblem(Code.CALLBACK_MALFORMED)


def test_a_callback_is_good_once(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    started = begin(party)
    callback = {"code": "c", "state": provider.pushed["state"], "iss": ISSUER}
    completed(finish(party, started, callback))

    assert finish(party, started, callback) == LoginProblem(Code.ATTEMPT_USED)


@pytest.mark.parametrize("cookie", [None, "", "A" * 43])
def test_a_callback_in_another_browser_is_refused_and_does_not_spoil_the_attempt(tmp_path: Path, cookie: str | None) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    started = begin(party)
    callback = {"code": "c", "state": provider.pushed["state"], "iss": ISSUER}

    assert party.complete(callback, browser_reference=cookie, now=NOON) == LoginProblem(Code.OTHER_BROWSER)
    completed(finish(party, started, callback))


def test_a_callback_after_a_quarter_of_an_hour_is_refused(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    provider.now = NOON + LATER

    assert log_in(party, provider) == LoginProblem(Code.ATTEMPT_EXPIRED)


def test_an_attempt_at_one_source_is_nothing_at_another(tmp_path: Path) -> None:
    provider = StandInProvider()
    started = begin(relying_party(tmp_path, provider))
    other = relying_party(tmp_path, provider, source="uwv")

    callback = {"code": "c", "state": provider.pushed["state"], "iss": ISSUER}

    assert finish(other, started, callback) == LoginProblem(Code.ATTEMPT_UNKNOWN)


@pytest.mark.parametrize("said", [None, "https://other.example", f"{ISSUER}/", ""])
def test_an_answer_of_another_provider_is_refused_before_the_code_is_used(tmp_path: Path, said: str | None) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    started = begin(party)
    callback = {"code": "c", "state": provider.pushed["state"]} | ({} if said is None else {"iss": said})

    assert finish(party, started, callback) == LoginProblem(Code.CALLBACK_ISSUER)
    assert "/token" not in provider.asked


def test_a_provider_that_cannot_say_who_it_is_may_be_excused_but_never_contradict(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider, replace(SETTINGS, require_callback_issuer=False))
    started = begin(party)
    silent = {"code": "c", "state": provider.pushed["state"]}
    completed(finish(party, started, silent))

    started = begin(party)
    contradicting = {"code": "c", "state": provider.pushed["state"], "iss": "https://other.example"}
    assert finish(party, started, contradicting) == LoginProblem(Code.CALLBACK_ISSUER)


def test_too_many_attempts_at_once_are_refused(tmp_path: Path) -> None:
    party = relying_party(tmp_path, StandInProvider())
    small = replace(party, attempts=replace(party.attempts, rows=2))
    begin(small)
    begin(small)

    assert small.begin(AssuranceLevel.LOW, return_to="/", now=NOON) == LoginProblem(Code.BUSY)


def test_ended_attempts_make_room(tmp_path: Path) -> None:
    party = relying_party(tmp_path, StandInProvider())
    small = replace(party, attempts=replace(party.attempts, rows=1))
    begin(small)

    assert isinstance(small.begin(AssuranceLevel.LOW, return_to="/", now=NOON + 2 * LATER), LoginStarted)


# the provider


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/par"])
@pytest.mark.parametrize("answer", [None, as_answer(503, {})])
def test_a_provider_that_does_not_answer_is_said_so_at_the_start(tmp_path: Path, path: str, answer: Answered | None) -> None:
    provider = StandInProvider(answers={path: answer})

    outcome = relying_party(tmp_path, provider).begin(AssuranceLevel.LOW, return_to="/", now=NOON)

    assert outcome == LoginProblem(Code.PROVIDER_UNREACHABLE)


@pytest.mark.parametrize("path", ["/token", "/keys"])
@pytest.mark.parametrize("answer", [None, as_answer(503, {})])
def test_a_provider_that_does_not_answer_is_said_so_at_the_end(tmp_path: Path, path: str, answer: Answered | None) -> None:
    provider = StandInProvider(answers={path: answer})

    assert log_in(relying_party(tmp_path, provider), provider) == LoginProblem(Code.PROVIDER_UNREACHABLE)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example"},
        {"issuer": f"{ISSUER}/"},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"authorization_endpoint": "http://login.example/authorize"},
        {"token_endpoint": "http://login.example/token"},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
)
def test_metadata_that_is_not_as_agreed_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    provider = StandInProvider(change_metadata=lambda metadata: metadata.update(change))

    outcome = relying_party(tmp_path, provider).begin(AssuranceLevel.LOW, return_to="/", now=NOON)

    assert outcome == LoginProblem(Code.PROVIDER_METADATA)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b"\xff", b'{"a":NaN}', b'{"a":1,"a":2}', b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40]
)
def test_metadata_that_is_not_strict_json_is_refused(tmp_path: Path, body: bytes) -> None:
    provider = StandInProvider(answers={"/.well-known/openid-configuration": Answered(200, body)})

    outcome = relying_party(tmp_path, provider).begin(AssuranceLevel.LOW, return_to="/", now=NOON)

    assert outcome == LoginProblem(Code.PROVIDER_METADATA)


@pytest.mark.parametrize("answer", [as_answer(400, {"error": "invalid_client"}), as_answer(201, {}), Answered(201, b"x")])
def test_a_request_that_the_provider_does_not_take_is_said_so(tmp_path: Path, answer: Answered) -> None:
    provider = StandInProvider(answers={"/par": answer})

    outcome = relying_party(tmp_path, provider).begin(AssuranceLevel.LOW, return_to="/", now=NOON)

    assert outcome == LoginProblem(Code.REQUEST_REFUSED)


def test_a_code_that_the_provider_does_not_take_is_said_so(tmp_path: Path) -> None:
    provider = StandInProvider(answers={"/token": as_answer(400, {"error": "invalid_grant"})})

    assert log_in(relying_party(tmp_path, provider), provider) == LoginProblem(Code.CODE_REFUSED)


@pytest.mark.parametrize("answer", [as_answer(200, {"access_token": "x"}), as_answer(200, {"id_token": 7}), Answered(200, b"\x00")])
def test_an_answer_without_an_id_token_is_no_login(tmp_path: Path, answer: Answered) -> None:
    provider = StandInProvider(answers={"/token": answer})

    assert log_in(relying_party(tmp_path, provider), provider) == LoginProblem(Code.CODE_ANSWER)


# logging out


def person(tmp_path: Path, provider: StandInProvider) -> LoggedIn:
    return completed(log_in(relying_party(tmp_path, provider), provider)).person


def test_logging_out_takes_the_id_token_along_encrypted(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    someone = person(tmp_path, provider)

    address = party.logout_address(someone, now=NOON)

    assert address is not None
    said = query(address)
    assert said["post_logout_redirect_uri"] == SETTINGS.post_logout_redirect_uri
    assert jwe.decrypt_compact(said["id_token_hint"], PROVIDER_ENCRYPTION).plaintext == (someone.id_token or "").encode()
    assert (someone.id_token or "") not in address


def test_without_a_key_to_encrypt_to_only_the_session_of_the_provider_is_named(tmp_path: Path) -> None:
    provider = StandInProvider()
    provider.published = [key for key in provider.published if key is not PROVIDER_ENCRYPTION]

    address = relying_party(tmp_path, provider).logout_address(person(tmp_path, provider), now=NOON)

    assert address is not None
    assert set(query(address)) == {"client_id", "post_logout_redirect_uri", "state", "logout_hint"}


def test_a_provider_without_logout_or_without_answer_gives_no_address(tmp_path: Path) -> None:
    without = StandInProvider(change_metadata=lambda metadata: metadata.pop("end_session_endpoint"))
    silent = StandInProvider(answers={"/.well-known/openid-configuration": None})
    someone = person(tmp_path, StandInProvider())

    assert relying_party(tmp_path, without).logout_address(someone, now=NOON) is None
    assert relying_party(tmp_path, silent).logout_address(someone, now=NOON) is None


# the way back


@pytest.mark.parametrize("path", ["/", "/kiezen", "/kiezen?stap=2", "/a/b#c"])
def test_a_path_on_this_site_is_a_way_back(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "kiezen", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/a\r\nX: y", "/é", "/" * 2, "/" + "a" * 200, '/"'],
)
def test_a_way_back_to_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(MalformedValue):
        local_path(path)


@given(st.text(max_size=300))
def test_a_way_back_is_refused_or_stays_on_this_site(text: str) -> None:
    try:
        path = local_path(text)
    except MalformedValue:
        return
    assert path[:1] == "/"
    assert path[1:2] not in ("/", "\\")
