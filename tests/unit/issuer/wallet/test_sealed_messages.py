"""Requests and answers that only the other side can read (PROTOCOL 2.10; conformance: issuer-fail-unsupported-encryption-algorithm)."""

import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response

from blauweknop.domain.document import Found, Unavailable
from blauweknop.standards import base64url
from blauweknop.standards.jwe import CREDENTIAL_MESSAGE, MAX_JWE, Encoding, decrypt_jwe, encrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import EncryptionKey, public_jwk
from tests.unit.issuer.source_world import DEBT, found
from tests.unit.issuer.wallet.wallet_flows import MDOC, PLAIN, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_OWN = ec.generate_private_key(ec.SECP256R1())
_JWK: dict[str, Any] = {**public_jwk(_OWN.public_key()), "alg": "ECDH-ES", "kid": "mijn sleutel", "use": "enc"}
_ASKED: dict[str, Any] = {"jwk": _JWK, "enc": "A256GCM"}


@pytest.fixture
def wallet(wallets: WalletWorld) -> TestWallet:
    return with_token(wallets, DEBT)


def key_of(wallet: TestWallet) -> EncryptionKey:
    (key,) = wallet.client.get("/.well-known/openid-credential-issuer/duo").json()["credential_request_encryption"]["jwks"]["keys"]
    x, y = (int.from_bytes(base64url.decode(key[name]), "big") for name in "xy")
    return EncryptionKey(ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key(), key["kid"])


def sealed(wallet: TestWallet, members: dict[str, Any], *, encoding: Encoding = "A256GCM", key: EncryptionKey | None = None) -> str:
    content = json.dumps(members).encode()
    return encrypt_jwe(content, key or key_of(wallet), CREDENTIAL_MESSAGE, random_bytes=secrets.token_bytes, encoding=encoding)


def request(wallet: TestWallet, copies: int = 1, **members: Any) -> dict[str, Any]:
    nonce = wallet.c_nonce()
    proofs = {"jwt": [wallet.proof(SoftwareKey(), nonce=nonce) for _ in range(copies)]}
    return {"credential_configuration_id": PLAIN, "proofs": proofs, **members}


def send(wallet: TestWallet, message: str, endpoint: str = "credential") -> Response:
    return wallet.ask({}, endpoint, content=message, content_type="application/jwt")


def opened(answer: Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/jwt"
    assert answer.headers["cache-control"] == "no-store"
    received = parse_jwe(answer.text, CREDENTIAL_MESSAGE)
    assert received.key_id == "mijn sleutel"
    return dict(json.loads(decrypt_jwe(received, key_agreement(_OWN))))


@pytest.mark.parametrize("encoding", ["A128GCM", "A256GCM"])
def test_a_sealed_request_is_answered_plainly_when_no_more_is_asked(encoding: Encoding, wallet: TestWallet) -> None:
    answer = send(wallet, sealed(wallet, request(wallet), encoding=encoding))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("encoding", ["A128GCM", "A256GCM"])
def test_an_answer_is_sealed_when_that_is_asked(encoding: Encoding, wallet: TestWallet) -> None:
    answer = send(wallet, sealed(wallet, request(wallet, credential_response_encryption={"jwk": _JWK, "enc": encoding})))

    assert answer.status_code == 200
    assert parse_jwe(answer.text, CREDENTIAL_MESSAGE).encoding == encoding
    assert len(opened(answer)["credentials"]) == 1


def test_the_largest_batch_fits_in_a_sealed_answer(wallets: WalletWorld) -> None:
    """Of the longest credential, with as much again for longer certificates and names; a larger batch is refused in the settings."""
    wallets.changes["batch_size"] = 20
    wallet = with_token(wallets, DEBT, form="mso_mdoc")
    members = request(wallet, 20, credential_response_encryption=_ASKED) | {"credential_configuration_id": MDOC}
    answer = send(wallet, sealed(wallet, members))

    assert len(opened(answer)["credentials"]) == 20
    assert len(answer.content) < MAX_JWE * 2 / 3


def test_a_refusal_is_never_sealed(wallet: TestWallet) -> None:
    members = request(wallet, credential_response_encryption=_ASKED) | {"credential_configuration_id": "duo.onbekend"}
    assert refusal(send(wallet, sealed(wallet, members))) == (400, "unknown_credential_configuration")


def test_an_answer_is_not_sealed_to_who_asks_so_in_the_open(wallet: TestWallet) -> None:
    assert refusal(wallet.ask(request(wallet, credential_response_encryption=_ASKED))) == (400, "invalid_encryption_parameters")


@pytest.mark.parametrize(
    "asked",
    [
        {"jwk": _JWK},
        {"enc": "A256GCM"},
        {"jwk": _JWK, "enc": "A192GCM"},
        {"jwk": _JWK, "enc": "A256CBC-HS512"},
        {"jwk": _JWK, "enc": "UNSUPPORTED"},
        {"jwk": _JWK, "enc": None},
        {"jwk": _JWK, "enc": "A256GCM", "zip": "DEF"},
        {"jwk": {**_JWK, "alg": "RSA-OAEP-256"}, "enc": "A256GCM"},
        {"jwk": {**_JWK, "alg": "ECDH-ES+A256KW"}, "enc": "A256GCM"},
        {"jwk": {name: value for name, value in _JWK.items() if name != "alg"}, "enc": "A256GCM"},
        {"jwk": {**_JWK, "use": "sig"}, "enc": "A256GCM"},
        {"jwk": {**_JWK, "d": "AAAA"}, "enc": "A256GCM"},
        {"jwk": {**_JWK, "y": _JWK["x"]}, "enc": "A256GCM"},
        {"jwk": {**_JWK, "crv": "P-384"}, "enc": "A256GCM"},
        {"jwk": {"kty": "oct", "k": "AAAA", "alg": "dir"}, "enc": "A256GCM"},
        {"jwk": "x", "enc": "A256GCM"},
        {},
        "A256GCM",
        None,
    ],
)
def test_an_encryption_that_is_not_offered_is_refused(asked: Any, wallet: TestWallet) -> None:
    answer = send(wallet, sealed(wallet, request(wallet, credential_response_encryption=asked)))
    assert refusal(answer) == (400, "invalid_encryption_parameters")


def with_header(message: str, **changes: Any) -> str:
    header, _, rest = message.partition(".")
    members = json.loads(base64url.decode(header)) | changes
    return f"{base64url.encode(json.dumps(members).encode())}.{rest}"


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": "een andere sleutel"},
        {"kid": 7},
        {"kid": "../../sleutel"},
        {"zip": "DEF"},
        {"zip": "none"},
        {"alg": "dir"},
        {"alg": "ECDH-ES+A128KW"},
        {"alg": "RSA1_5"},
        {"enc": "A192GCM"},
        {"enc": "A128GCM"},
        {"crit": ["exp"]},
        {"epk": None},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
        {"apu": "geen base64url!"},
    ],
)
def test_a_sealed_request_of_another_kind_is_refused(changes: dict[str, Any], wallet: TestWallet) -> None:
    message = with_header(sealed(wallet, request(wallet)), **changes)
    assert refusal(send(wallet, message)) == (400, "invalid_encryption_parameters")


@pytest.mark.parametrize("part", [0, 1, 2, 3, 4])
def test_a_sealed_request_that_was_changed_is_refused(part: int, wallet: TestWallet) -> None:
    parts = sealed(wallet, request(wallet)).split(".")
    parts[part] = parts[part][:-4] + ("AAAA" if parts[part][-4:] != "AAAA" else "BBBB")
    assert refusal(send(wallet, ".".join(parts))) == (400, "invalid_encryption_parameters")


def test_a_request_that_is_sealed_for_another_is_refused(wallet: TestWallet) -> None:
    stranger = EncryptionKey(ec.generate_private_key(ec.SECP256R1()).public_key(), key_of(wallet).key_id)
    assert refusal(send(wallet, sealed(wallet, request(wallet), key=stranger))) == (400, "invalid_encryption_parameters")


def test_what_opens_nothing_and_what_was_never_sealed_are_refused_alike(wallet: TestWallet) -> None:
    """Nobody learns about our key from our answers."""
    good = sealed(wallet, request(wallet))
    bad = [good[:-4] + "AAAA", with_header(good, kid="x"), with_header(good, enc="A128GCM"), "a.b.c.d.e", "geen bericht", good[:-20]]
    answers = [send(wallet, message) for message in bad]

    assert {answer.text for answer in answers} == {answers[0].text}


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"', b"{}{}", b'{"a":1,"a":2}', b"\xff", b""])
def test_what_is_inside_is_an_object(content: bytes, wallet: TestWallet) -> None:
    message = encrypt_jwe(content, key_of(wallet), CREDENTIAL_MESSAGE, random_bytes=secrets.token_bytes)
    assert refusal(send(wallet, message)) == (400, "invalid_credential_request")


def test_who_has_no_token_costs_no_decryption(wallet: TestWallet) -> None:
    assert refusal(wallet.ask({}, content="a.b.c.d.e", content_type="application/jwt", token="A" * 43)) == (401, "invalid_token")


def test_where_all_is_sealed_an_open_request_is_refused(wallets: WalletWorld) -> None:
    wallets.changes["encrypted_only"] = True
    wallet = with_token(wallets, DEBT)

    assert refusal(wallet.ask(request(wallet))) == (400, "invalid_encryption_parameters")
    assert refusal(send(wallet, sealed(wallet, request(wallet)))) == (400, "invalid_encryption_parameters")
    assert send(wallet, sealed(wallet, request(wallet, credential_response_encryption=_ASKED))).status_code == 200


def test_where_all_is_sealed_the_metadata_say_so(wallets: WalletWorld) -> None:
    wallets.changes["encrypted_only"] = True
    document = wallets.wallet(wallets.services()).client.get("/.well-known/openid-credential-issuer/duo").json()

    assert document["credential_request_encryption"]["encryption_required"] is True
    assert document["credential_response_encryption"]["encryption_required"] is True
    assert "zip_values_supported" not in document["credential_request_encryption"]


@pytest.mark.parametrize("only", [True, False])
def test_what_comes_later_is_sealed_as_is_asked_then(only: bool, wallets: WalletWorld) -> None:
    wallets.changes["encrypted_only"] = only
    wallets.world.answers[DEBT.id] = Unavailable("timeout")
    wallet = with_token(wallets, duo__studieschuld=Unavailable("timeout"))
    first = send(wallet, sealed(wallet, request(wallet, credential_response_encryption=_ASKED)))
    assert first.status_code == 202
    wait = {"transaction_id": opened(first)["transaction_id"]}
    wallets.world.answers[DEBT.id] = Found(found(DEBT).snapshot)

    if only:
        assert refusal(wallet.ask(wait, "deferred-credential")) == (400, "invalid_encryption_parameters")
    last = send(wallet, sealed(wallet, {**wait, "credential_response_encryption": _ASKED}), "deferred-credential")
    assert last.status_code == 200
    assert opened(last)["credentials"]


def test_a_bad_wish_for_later_leaves_it_to_be_asked_again(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = Unavailable("timeout")
    wallet = with_token(wallets, duo__studieschuld=Unavailable("timeout"))
    wait = {"transaction_id": wallet.fetch(PLAIN, [SoftwareKey()]).json()["transaction_id"]}
    wallets.world.answers[DEBT.id] = found(DEBT)

    answer = wallet.ask({**wait, "credential_response_encryption": _ASKED}, "deferred-credential")
    assert refusal(answer) == (400, "invalid_encryption_parameters")
    assert wallet.ask(wait, "deferred-credential").status_code == 200
