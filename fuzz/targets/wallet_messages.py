"""What wallets send to who issues credentials: forms, JSON, and messages by which they prove who they are."""

import functools
import json
from collections.abc import Callable
from random import Random
from urllib.parse import unquote_to_bytes, urlencode

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.client_assertion import verify_client_assertion
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.jose import Purpose
from blauweknop.standards.jwe import CREDENTIAL_MESSAGE, decrypt_jwe, encrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import EncryptionKey, public_jwk
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.standards.openid4vci.authorization_request import read_authorization_request
from blauweknop.standards.openid4vci.client_attestation import verify_client_attestation
from blauweknop.standards.openid4vci.credential_request import (
    ResponseEncryption,
    read_credential_message,
    read_credential_request,
    read_deferred_request,
    read_notification,
)
from blauweknop.standards.openid4vci.token_request import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE, read_token_request
from blauweknop.standards.signing import KeySigner, key_signer
from fuzz.mutators.forms import change_form
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from fuzz.targets.parties import holder_key, issuer, root
from tests.unit.standards.pki import NOW

__all__ = ["WALLET_MESSAGE_TARGETS"]

_SERVER, _WALLET, _CHALLENGE = "https://bron.example/duo", "portemonnee", "uitdaging"
_SECONDS, _SKEW = int(NOW.timestamp()), 60
_DIGEST = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
_FORM = "application/x-www-form-urlencoded"


def _holder() -> KeySigner:
    return key_signer(holder_key(), b"")


def _word(read: Callable[[], object]) -> str:
    try:
        read()
    except OAuthProblem as problem:
        return problem.code
    return "accepted"


# Forms.


def _check_form(data: bytes) -> str:
    """What we read is what a reader by the book reads (URL Standard, section 5.1); then for both endpoints that take forms."""
    try:
        form = read_form(data, _FORM, b"")
    except OAuthProblem as problem:
        return problem.code
    assert form == _by_the_book(data)
    pushed = _word(lambda: read_authorization_request(form, issuer=_SERVER))
    return f"accepted {pushed} {_word(lambda: read_token_request(form, issuer=_SERVER))}"


def _by_the_book(data: bytes) -> dict[str, str]:
    pairs = [part.partition(b"=")[::2] for part in data.split(b"&")]
    texts = [[unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8") for text in pair] for pair in pairs]
    assert len({name for name, _ in texts}) == len(texts)
    return {name: value for name, value in texts if value}


def _forms() -> list[bytes]:
    details = [{"type": "openid_credential", "credential_configuration_id": "duo.studieschuld.sd-jwt", "locations": [_SERVER]}]
    pushed = {
        "response_type": "code",
        "client_id": _WALLET,
        "redirect_uri": "https://portemonnee.example/terug?a=b",
        "scope": "duo.studieschuld.sd-jwt duo.studieschuld.mdoc",
        "authorization_details": json.dumps(details),
        "code_challenge": _DIGEST,
        "code_challenge_method": "S256",
        "state": "toestand",
        "issuer_state": "aanbod",
        "dpop_jkt": _DIGEST,
    }
    code = {"grant_type": AUTHORIZATION_CODE, "code": "c", "redirect_uri": "https://portemonnee.example/terug", "code_verifier": _DIGEST}
    offered = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": "c", "tx_code": "012345", "authorization_details": "[]"}
    return [urlencode(form).encode() for form in (pushed, code, offered)]


# Requests for credentials.


def _check_request(data: bytes) -> str:
    """As it is, and encrypted to us: both ways say the same; an answer that we may encrypt can be read."""
    plain = _word(lambda: read_credential_message(data, "application/json", lambda _: None))
    recipient = EncryptionKey(holder_key().public_key(), "ons")
    sealed = encrypt_jwe(data, recipient, CREDENTIAL_MESSAGE, random_bytes=Random(7).randbytes).encode() if len(data) < 1 << 17 else None
    if sealed is not None:
        derive = key_agreement(holder_key())
        assert plain == _word(lambda: read_credential_message(sealed, "application/jwt", lambda _: derive))
    if plain != "accepted":
        return plain
    members = read_credential_message(data, "application/json", lambda _: None).members
    answers = [plain, _word(lambda: read_notification(members))]
    for reader in (read_credential_request, read_deferred_request):
        try:
            _assert_readable(reader(members, encrypted=True).encryption)
            answers.append("accepted")
        except OAuthProblem as problem:
            answers.append(problem.code)
    return " ".join(answers)


def _assert_readable(encryption: ResponseEncryption | None) -> None:
    if encryption is not None and encryption.recipient.public == holder_key().public_key():
        received = parse_jwe(encryption.encrypt(b"{}", random_bytes=Random(7).randbytes), CREDENTIAL_MESSAGE)
        assert decrypt_jwe(received, key_agreement(holder_key())) == b"{}"
        assert received.key_id == encryption.recipient.key_id


def _requests() -> list[bytes]:
    jwk: JsonValue = {**public_jwk(holder_key().public_key()), "alg": "ECDH-ES", "use": "enc", "kid": "w"}
    wanted: JsonValue = {"jwk": jwk, "enc": "A256GCM"}
    proofs: JsonValue = {"jwt": ["a.b.c", "d.e.f"]}
    said: list[JsonValue] = [
        {"credential_configuration_id": "duo.studieschuld.sd-jwt", "proofs": proofs, "credential_response_encryption": wanted},
        {"credential_identifier": "een", "proofs": {"attestation": ["a.b.c"]}},
        {"transaction_id": "later", "credential_response_encryption": wanted},
        {"notification_id": "bericht", "event": "credential_failure", "event_description": "Storage was full."},
    ]
    return [json.dumps(one).encode() for one in said]


# Who asks.


def _trust(client_id: str) -> IssuerTrust | None:
    return IssuerTrust((root().certificate,), lambda _, use: use == "oauth-client-attestation+jwt") if client_id == _WALLET else None


def _attested(attestation: str, pop: str) -> str:
    def verify() -> None:
        found = verify_client_attestation(
            attestation, pop, wallet_providers=_trust, audience=_SERVER, at=NOW, challenge_counts=lambda text: text == _CHALLENGE
        )
        assert found.client_id == _WALLET

    return _word(verify)


def _check_attestation(data: bytes) -> str:
    """An attestation and its proof, with a tilde between them; nothing but the untouched ones counts."""
    attestation, _, pop = data.decode("latin-1").partition("~")
    answer = _attested(attestation, pop)
    assert answer != "accepted" or data in _attestations()
    return answer


def _check_claims(data: bytes) -> str:
    """`data` is a JSON list of what an attestation, its proof and an assertion say, under right signatures."""
    try:
        vouched, shown, asserted = json.loads(data)
        attestation = jose.sign_jws(json.dumps(vouched).encode(), issuer().signer(root()), jose.CLIENT_ATTESTATION)
        pop = jose.sign_jws(json.dumps(shown).encode(), _holder(), jose.CLIENT_ATTESTATION_POP)
        assertion = jose.sign_jws(json.dumps(asserted).encode(), _holder(), Purpose(None, "given"))
    except (ValueError, TypeError, RecursionError):
        return "not for this target"
    attested = _attested(attestation, pop)
    if attested == "accepted":
        assert vouched["sub"] == _WALLET
        assert vouched["exp"] >= _SECONDS - _SKEW
        assert abs(shown["iat"] - _SECONDS) <= _SKEW
        assert _SERVER in (shown["aud"] if isinstance(shown["aud"], list) else [shown["aud"]])
        assert shown["challenge"] == _CHALLENGE
    return f"{attested} {_asserted(assertion, asserted)}"


def _asserted(assertion: str, claims: dict[str, object]) -> str:
    keys = [holder_key().public_key()]
    answer = _word(
        lambda: verify_client_assertion(assertion, keys_of=lambda name: keys if name == _WALLET else [], audiences=[_SERVER], at=NOW)
    )
    if answer == "accepted":
        assert claims["sub"] == claims["iss"] == _WALLET
        assert claims["aud"] in (_SERVER, [_SERVER])
    return answer


def _said() -> tuple[dict[str, JsonValue], dict[str, JsonValue], dict[str, JsonValue]]:
    vouched: dict[str, JsonValue] = {
        "sub": _WALLET,
        "iat": _SECONDS,
        "exp": _SECONDS + 600,
        "cnf": {"jwk": public_jwk(holder_key().public_key())},
    }
    shown: dict[str, JsonValue] = {"aud": _SERVER, "iat": _SECONDS, "jti": "een", "challenge": _CHALLENGE}
    asserted: dict[str, JsonValue] = {"iss": _WALLET, "sub": _WALLET, "aud": _SERVER, "exp": _SECONDS + 60, "jti": "een"}
    return vouched, shown, asserted


@functools.cache
def _attestations() -> list[bytes]:
    vouched, shown, _ = _said()
    pop = jose.sign_jws(shown, _holder(), jose.CLIENT_ATTESTATION_POP)
    return [f"{jose.sign_jws(vouched, issuer().signer(root()), jose.CLIENT_ATTESTATION)}~{pop}".encode()]


def _claims() -> list[bytes]:
    return [json.dumps(_said()).encode()]


WALLET_MESSAGE_TARGETS = (
    Target("wallet-form", "forms to the endpoints of OAuth", _forms, _check_form, change_form),
    Target("wallet-request", "requests for credentials, plain and encrypted", _requests, _check_request, change_json),
    Target("client-attestation", "attestations of wallets and their proofs", _attestations, _check_attestation, change_message),
    Target("client-claims", "changed claims of who asks under a right signature", _claims, _check_claims, change_json),
)
