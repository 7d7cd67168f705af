import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from blauweknop.adapters.login_settings import DIGID_LEVELS, LoginSettings
from blauweknop.adapters.login_tokens import LoginRefused, LogoutNotice, open_token
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.issuer.login import LoginCompleted, LoginProblem
from blauweknop.issuer.login import LoginProblemCode as Code
from tests.unit.adapters.login_stand_in import (
    BSN,
    CLIENT,
    ISSUER,
    KEYS,
    NOON,
    PROVIDER_EC,
    PROVIDER_RSA,
    SETTINGS,
    StandInProvider,
    log_in,
    relying_party,
)

NOW = int(NOON.timestamp())
UNENCRYPTED = replace(SETTINGS, require_encrypted_id_token=False)


def outcome(folder: Path, provider: StandInProvider, settings: LoginSettings = SETTINGS) -> LoginCompleted | Code:
    logged_in = log_in(relying_party(folder, provider, settings), provider)
    return logged_in.code if isinstance(logged_in, LoginProblem) else logged_in


def with_claims(**claims: object) -> StandInProvider:
    return StandInProvider(change_claims=lambda all_claims: all_claims.update(claims))


def without_claim(name: str) -> StandInProvider:
    return StandInProvider(change_claims=lambda claims: claims.pop(name))


def token_parts(header: object, claims: object, signature: bytes = b"x" * 64) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


# encryption


@pytest.mark.parametrize("algorithm", ["ECDH-ES", "RSA-OAEP-256", "RSA-OAEP"])
def test_the_agreed_encryptions_are_read(tmp_path: Path, algorithm: str) -> None:
    assert isinstance(outcome(tmp_path, StandInProvider(encrypt=(algorithm, "A256GCM"))), LoginCompleted)


def test_an_answer_that_is_only_signed_is_refused(tmp_path: Path) -> None:
    assert outcome(tmp_path, StandInProvider(encrypt=None)) is Code.ANSWER_NOT_ENCRYPTED


def test_an_answer_that_is_only_signed_is_read_when_that_is_agreed(tmp_path: Path) -> None:
    assert isinstance(outcome(tmp_path, StandInProvider(encrypt=None), UNENCRYPTED), LoginCompleted)


@pytest.mark.parametrize("encrypt", [("ECDH-ES+A128KW", "A256GCM"), ("ECDH-ES", "A128CBC-HS256"), ("ECDH-ES", "A128GCM")])
def test_other_encryptions_are_refused(tmp_path: Path, encrypt: tuple[str, str]) -> None:
    assert outcome(tmp_path, StandInProvider(encrypt=encrypt)) is Code.ANSWER_ENCRYPTION


def test_an_encryption_with_a_shared_secret_is_refused(tmp_path: Path) -> None:
    provider = StandInProvider(encrypt=("A256KW", "A256GCM"), encrypt_to=OctKey.import_key(bytes(32)))

    assert outcome(tmp_path, provider) is Code.ANSWER_ENCRYPTION


def test_a_compressed_answer_is_refused(tmp_path: Path) -> None:
    assert outcome(tmp_path, StandInProvider(encryption_header={"zip": "DEF"})) is Code.ANSWER_ENCRYPTION


def test_an_answer_encrypted_to_another_is_refused(tmp_path: Path) -> None:
    someone_else = ECKey.generate_key("P-256", {"kid": KEYS.decryption[0].kid or ""})

    assert outcome(tmp_path, StandInProvider(encrypt_to=someone_else)) is Code.ANSWER_ENCRYPTION


def test_an_encrypted_answer_without_a_key_id_is_tried_with_our_keys(tmp_path: Path) -> None:
    assert isinstance(outcome(tmp_path, StandInProvider(encryption_header={"kid": None})), LoginCompleted)


@pytest.mark.parametrize("inside", ["", "no token", "a.b.c.d.e", "\u00e9.a.b"])
def test_something_else_inside_the_encryption_is_refused(tmp_path: Path, inside: str) -> None:
    provider = StandInProvider()
    provider.token = provider.encrypted(inside)

    assert outcome(tmp_path, provider) in (Code.ANSWER_MALFORMED, Code.ANSWER_ENCRYPTION)


# signature


@pytest.mark.parametrize(("algorithm", "key"), [("ES256", PROVIDER_EC), ("PS256", PROVIDER_RSA), ("RS256", PROVIDER_RSA)])
def test_the_agreed_signatures_are_read(tmp_path: Path, algorithm: str, key: Key) -> None:
    assert isinstance(outcome(tmp_path, StandInProvider(signing=key, algorithm=algorithm)), LoginCompleted)


def test_a_signature_of_an_algorithm_that_was_not_agreed_is_refused(tmp_path: Path) -> None:
    provider = StandInProvider(signing=PROVIDER_RSA, algorithm="RS256")

    assert outcome(tmp_path, provider, replace(SETTINGS, id_token_algorithms=frozenset({"ES256"}))) is Code.ANSWER_ALGORITHM


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384", "EdDSA", "", None, 7, ["ES256"]])
def test_an_answer_that_names_another_algorithm_is_refused(tmp_path: Path, algorithm: object) -> None:
    provider = StandInProvider(encrypt=("ECDH-ES", "A256GCM"))
    provider.token = provider.encrypted(token_parts({"alg": algorithm}, provider.claims()))

    assert outcome(tmp_path, provider) is Code.ANSWER_ALGORITHM


def test_the_public_key_is_no_secret_to_sign_with(tmp_path: Path) -> None:
    provider = StandInProvider()
    unsigned = token_parts({"alg": "HS256", "kid": "rsa-1"}, provider.claims()).rpartition(".")[0]
    signature = hmac.digest(PROVIDER_RSA.as_pem(private=False), unsigned.encode(), "sha256")
    provider.token = provider.encrypted(f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")

    assert outcome(tmp_path, provider) is Code.ANSWER_ALGORITHM


def test_a_signature_of_another_key_under_a_known_name_is_refused(tmp_path: Path) -> None:
    impostor = ECKey.generate_key("P-256", {"kid": "ec-1"})

    assert outcome(tmp_path, StandInProvider(signing=impostor)) is Code.ANSWER_SIGNATURE


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u"])
def test_a_key_or_address_in_the_answer_itself_is_never_used(tmp_path: Path, member: str) -> None:
    impostor = ECKey.generate_key("P-256", {"kid": "ec-1"})
    value: object = impostor.as_dict(private=False) if member == "jwk" else "https://evil.example/keys"

    assert outcome(tmp_path, StandInProvider(signing=impostor, header={member: value})) is Code.ANSWER_SIGNATURE


@pytest.mark.parametrize("kid", ["../ec-1", "ec-1' OR 1=1", "", "ec-2"])
def test_a_key_the_provider_has_not_is_refused(tmp_path: Path, kid: str) -> None:
    assert outcome(tmp_path, StandInProvider(header={"kid": kid})) is Code.ANSWER_KEY


def test_without_a_key_id_the_only_fitting_key_is_used(tmp_path: Path) -> None:
    assert isinstance(outcome(tmp_path, StandInProvider(header={"kid": None})), LoginCompleted)


def test_without_a_key_id_two_fitting_keys_are_one_too_many(tmp_path: Path) -> None:
    provider = StandInProvider(header={"kid": None})
    provider.published.append(ECKey.generate_key("P-256", {"use": "sig", "kid": "ec-2"}))

    assert outcome(tmp_path, provider) is Code.ANSWER_KEY


def test_a_key_for_encryption_does_not_sign(tmp_path: Path) -> None:
    wrong_use = ECKey.generate_key("P-256", {"use": "enc", "kid": "ec-9"})
    provider = StandInProvider(signing=ECKey.import_key(wrong_use.as_dict(private=True) | {"use": "sig"}))
    provider.published = [wrong_use]

    assert outcome(tmp_path, provider) is Code.ANSWER_KEY


def test_a_weak_key_is_refused(tmp_path: Path) -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505  # weak on purpose
    weak = RSAKey(small, small, {"use": "sig", "kid": "weak"})
    provider = StandInProvider(signing=weak, algorithm="PS256")
    provider.published.append(weak)

    assert outcome(tmp_path, provider) is Code.ANSWER_KEY


def test_a_renewed_key_is_found_after_a_minute(tmp_path: Path) -> None:
    provider = StandInProvider()
    party = relying_party(tmp_path, provider)
    log_in(party, provider)
    renewed = ECKey.generate_key("P-256", {"use": "sig", "kid": "ec-2"})
    provider.signing, provider.published = renewed, [renewed]

    assert log_in(party, provider) == LoginProblem(Code.ANSWER_KEY)
    provider.now = NOON + timedelta(minutes=1)
    assert isinstance(log_in(party, provider), LoginCompleted)


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": NOW}, {"b64": False}])
def test_an_unknown_demand_in_the_header_is_refused(tmp_path: Path, header: dict[str, object]) -> None:
    provider = StandInProvider()
    provider.token = provider.encrypted(token_parts({"alg": "ES256", "kid": "ec-1", **header}, provider.claims()))

    assert outcome(tmp_path, provider) is Code.ANSWER_MALFORMED


def test_a_changed_claim_breaks_the_signature(tmp_path: Path) -> None:
    provider = StandInProvider()
    head, _, signature = jwt.encode({"alg": "ES256", "kid": "ec-1"}, provider.claims(), PROVIDER_EC).split(".")
    changed = token_parts({}, {**provider.claims(), "bsn": "999992016"}).split(".")[1]
    provider.token = provider.encrypted(f"{head}.{changed}.{signature}")

    assert outcome(tmp_path, provider) is Code.ANSWER_SIGNATURE


# form


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e.f", "=.=.=", "é.a.b", "a b.c.d", "A.B.C", "e30.e30.e30", "." * 4, "A" * 200_000 + ".A.A"],
)
def test_a_token_of_another_form_is_refused(tmp_path: Path, token: str) -> None:
    provider = StandInProvider(token=token)

    assert outcome(tmp_path, provider, UNENCRYPTED) in (Code.ANSWER_MALFORMED, Code.ANSWER_ALGORITHM, Code.ANSWER_ENCRYPTION)


def test_a_signature_with_loose_bits_at_its_end_is_refused(tmp_path: Path) -> None:
    provider = StandInProvider(encrypt=None)
    signed = provider.id_token()
    provider.token = signed[:-1] + chr(ord(signed[-1]) + 1)

    assert outcome(tmp_path, provider, UNENCRYPTED) is Code.ANSWER_MALFORMED


@pytest.mark.parametrize(
    "payload", [b"[]", b"x", b'{"iss":1,"iss":2}', b'{"exp":NaN}', b'{"exp":1.5}', b'{"n":99999999999999999999}', b"\xff", b'{"a":' * 99]
)
def test_claims_that_are_not_one_strict_object_are_refused(tmp_path: Path, payload: bytes) -> None:
    provider = StandInProvider()
    provider.token = provider.encrypted(jws.serialize_compact({"alg": "ES256", "kid": "ec-1"}, payload, PROVIDER_EC))

    assert outcome(tmp_path, provider) is Code.ANSWER_MALFORMED


@given(st.one_of(st.text(max_size=200), st.from_regex(r"\A[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){2,4}\Z")))
def test_no_text_makes_the_reader_fall_over(text: str) -> None:
    def no_key(_kid: str | None, _kind: type[Key]) -> Key:
        raise LoginRefused(Code.ANSWER_KEY)

    with pytest.raises(LoginRefused):
        open_token(text, settings=UNENCRYPTED, keys=KEYS, find_key=no_key)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_changed_byte_of_an_encrypted_token_gets_through(place: int, value: int) -> None:
    token = ENCRYPTED.encode()
    index = place % len(token)
    changed = token[:index] + bytes([value]) + token[index + 1 :]
    if changed == token:
        return

    with pytest.raises(LoginRefused):
        open_token(changed.decode("latin-1"), settings=SETTINGS, keys=KEYS, find_key=lambda _kid, _kind: PROVIDER_EC)


ENCRYPTED = StandInProvider(encrypt=("RSA-OAEP-256", "A256GCM")).id_token()


# claims


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://other.example"}, Code.ANSWER_ISSUER),
        ({"iss": f"{ISSUER}/"}, Code.ANSWER_ISSUER),
        ({"iss": None}, Code.ANSWER_ISSUER),
        ({"aud": "uwv"}, Code.ANSWER_AUDIENCE),
        ({"aud": [CLIENT, "uwv"]}, Code.ANSWER_AUDIENCE),
        ({"aud": []}, Code.ANSWER_AUDIENCE),
        ({"azp": "uwv"}, Code.ANSWER_PARTY),
        ({"iat": NOW - 300, "exp": NOW - 61}, Code.ANSWER_EXPIRED),
        ({"exp": NOW + 301}, Code.ANSWER_LIFETIME),
        ({"exp": NOW + 3600}, Code.ANSWER_LIFETIME),
        ({"iat": NOW + 20, "exp": NOW + 10}, Code.ANSWER_LIFETIME),
        ({"iat": NOW + 61, "exp": NOW + 200}, Code.ANSWER_TIME),
        ({"nbf": NOW + 61}, Code.ANSWER_TIME),
        ({"exp": "soon"}, Code.ANSWER_TIME),
        ({"exp": None}, Code.ANSWER_TIME),
        ({"iat": True}, Code.ANSWER_TIME),
        ({"iat": -1}, Code.ANSWER_TIME),
        ({"exp": 1 << 62}, Code.ANSWER_TIME),
        ({"auth_time": "today"}, Code.ANSWER_TIME),
        ({"nonce": "another"}, Code.ANSWER_NONCE),
        ({"nonce": None}, Code.ANSWER_NONCE),
        ({"acr": "http://eidas.europa.eu/LoA/low"}, Code.LEVEL_TOO_LOW),
        ({"acr": "http://eidas.europa.eu/LoA/highest"}, Code.LEVEL_UNKNOWN),
        ({"acr": "z"}, Code.LEVEL_UNKNOWN),
        ({"acr": ""}, Code.LEVEL_UNKNOWN),
        ({"acr": ["http://eidas.europa.eu/LoA/high"]}, Code.ANSWER_MALFORMED),
        ({"represents": {"sub": "999992016"}}, Code.REPRESENTATION),
        ({"act": {"sub": "999992016"}}, Code.REPRESENTATION),
        ({"bsn": None}, Code.IDENTIFIER_MISSING),
        ({"bsn": "123456789"}, Code.IDENTIFIER_MALFORMED),
        ({"bsn": 999990019}, Code.IDENTIFIER_MALFORMED),
        ({"bsn": f" {BSN}"}, Code.IDENTIFIER_MALFORMED),
        ({"bsn": "\u0669" * 9}, Code.IDENTIFIER_MALFORMED),
    ],
)
def test_a_wrong_claim_is_refused_with_its_own_code(tmp_path: Path, claims: dict[str, object], code: Code) -> None:
    assert outcome(tmp_path, with_claims(**claims)) is code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("iss", Code.ANSWER_ISSUER),
        ("aud", Code.ANSWER_AUDIENCE),
        ("exp", Code.ANSWER_TIME),
        ("iat", Code.ANSWER_TIME),
        ("nonce", Code.ANSWER_NONCE),
        ("acr", Code.LEVEL_UNKNOWN),
        ("bsn", Code.IDENTIFIER_MISSING),
    ],
)
def test_a_missing_claim_is_refused(tmp_path: Path, name: str, code: Code) -> None:
    assert outcome(tmp_path, without_claim(name)) is code


@pytest.mark.parametrize(
    "claims", [{"aud": [CLIENT]}, {"azp": CLIENT}, {"iat": NOW + 60}, {"iat": NOW - 300, "exp": NOW - 59}, {"represents": None}]
)
def test_what_the_standard_allows_is_taken(tmp_path: Path, claims: dict[str, object]) -> None:
    assert isinstance(outcome(tmp_path, with_claims(**claims)), LoginCompleted)


def test_a_longer_life_is_taken_when_that_is_agreed(tmp_path: Path) -> None:
    settings = replace(SETTINGS, longest_id_token_life=timedelta(hours=1))

    assert isinstance(outcome(tmp_path, with_claims(exp=NOW + 3600), settings), LoginCompleted)


def test_the_time_of_login_counts_and_not_that_of_the_token(tmp_path: Path) -> None:
    logged_in = outcome(tmp_path, with_claims(auth_time=NOW - 1000))

    assert isinstance(logged_in, LoginCompleted)
    assert logged_in.person.authenticated_at == NOON - timedelta(seconds=1000)


@pytest.mark.parametrize(
    ("acr", "expected"),
    [
        ("urn:digid:25", AssuranceLevel.SUBSTANTIAL),
        ("urn:digid:30", AssuranceLevel.HIGH),
        ("urn:digid:20", Code.LEVEL_TOO_LOW),
        ("urn:digid:10", Code.LEVEL_UNKNOWN),
        ("http://eidas.europa.eu/LoA/high", Code.LEVEL_UNKNOWN),
    ],
)
def test_levels_have_the_names_that_were_agreed(tmp_path: Path, acr: str, expected: object) -> None:
    logged_in = outcome(tmp_path, with_claims(acr=acr), replace(SETTINGS, levels=DIGID_LEVELS))

    assert (logged_in.person.level if isinstance(logged_in, LoginCompleted) else logged_in) is expected


def test_a_bsn_in_the_subject_is_taken_when_the_provider_says_that_it_is_one(tmp_path: Path) -> None:
    settings = replace(SETTINGS, bsn_claim="sub")

    logged_in = outcome(tmp_path, with_claims(sub=BSN, sub_id_type="urn:nl-eid-gdi:1.0:id:BSN"), settings)

    assert isinstance(logged_in, LoginCompleted)


@pytest.mark.parametrize("kind", [None, "urn:nl-eid-gdi:1.0:id:pseudonym"])
def test_a_subject_that_is_not_said_to_be_a_bsn_is_none(tmp_path: Path, kind: str | None) -> None:
    settings = replace(SETTINGS, bsn_claim="sub")

    assert outcome(tmp_path, with_claims(sub=BSN, sub_id_type=kind), settings) is Code.IDENTIFIER_TYPE


def test_nothing_that_is_shown_holds_the_bsn(tmp_path: Path) -> None:
    logged_in = outcome(tmp_path, StandInProvider())

    assert BSN not in repr(logged_in)
    assert "eyJ" not in repr(logged_in)


# the provider's message that a session ended


def logout_token(change: Callable[[dict[str, Any]], object] = lambda claims: None, key: Key = PROVIDER_EC) -> str:
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": CLIENT,
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "1",
        "sid": "provider-session-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    change(claims)
    return jwt.encode({"alg": "ES256", "kid": "ec-1", "typ": "logout+jwt"}, claims, key)


def notice(folder: Path, token: str) -> LogoutNotice | LoginProblem:
    return relying_party(folder, StandInProvider()).logout_notice({"logout_token": token}, now=NOON)


def test_the_provider_says_which_session_ended(tmp_path: Path) -> None:
    assert notice(tmp_path, logout_token()) == LogoutNotice("provider-session-1", None)


def test_the_provider_says_whose_sessions_ended(tmp_path: Path) -> None:
    assert notice(tmp_path, logout_token(lambda claims: claims.update(sub="p", sid=None))) == LogoutNotice(None, "p")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda claims: claims.pop("sid"), Code.LOGOUT_NOTICE),
        (lambda claims: claims.pop("events"), Code.LOGOUT_NOTICE),
        (lambda claims: claims.pop("jti"), Code.LOGOUT_NOTICE),
        (lambda claims: claims.update(events={"other": {}}), Code.LOGOUT_NOTICE),
        (lambda claims: claims.update(nonce="an id_token in disguise"), Code.LOGOUT_NOTICE),
        (lambda claims: claims.update(aud="uwv"), Code.ANSWER_AUDIENCE),
        (lambda claims: claims.update(iss="https://other.example"), Code.ANSWER_ISSUER),
        (lambda claims: claims.update(iat=NOW - 300, exp=NOW - 200), Code.ANSWER_EXPIRED),
        (lambda claims: claims.update(exp=NOW + 3600), Code.ANSWER_LIFETIME),
    ],
)
def test_a_wrong_logout_message_changes_nothing(tmp_path: Path, change: Callable[[dict[str, Any]], object], code: Code) -> None:
    assert notice(tmp_path, logout_token(change)) == LoginProblem(code)


def test_a_forged_logout_message_changes_nothing(tmp_path: Path) -> None:
    impostor = ECKey.generate_key("P-256", {"kid": "ec-1"})

    assert notice(tmp_path, logout_token(key=impostor)) == LoginProblem(Code.ANSWER_SIGNATURE)


def test_an_empty_logout_message_changes_nothing(tmp_path: Path) -> None:
    assert relying_party(tmp_path, StandInProvider()).logout_notice({}, now=NOON) == LoginProblem(Code.ANSWER_MALFORMED)


def test_an_id_token_is_no_logout_message(tmp_path: Path) -> None:
    provider = StandInProvider(encrypt=None, change_claims=lambda claims: claims.update(exp=NOW + 100))

    assert notice(tmp_path, provider.id_token()) == LoginProblem(Code.LOGOUT_NOTICE)
