"""What two other libraries encrypt we open, and what we encrypt they open."""

import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding as KeyEncoding
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat
from joserfc import jwe as rfc
from joserfc.jwk import ECKey
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from blauweknop.standards import base64url
from blauweknop.standards.jwe import (
    CREDENTIAL_MESSAGE,
    Encoding,
    EncryptionPurpose,
    JweProblem,
    decrypt_jwe,
    encrypt_jwe,
    key_agreement,
    parse_jwe,
)
from blauweknop.standards.jwk import EncryptionKey

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(KeyEncoding.PEM, PrivateFormat.PKCS8, NoEncryption())
CONTENT = '{"naam":"Çağla"}'.encode()
ENCODINGS: list[Encoding] = ["A128GCM", "A256GCM"]
PARTIES = [(b"", b""), (b"afzender", b"ontvanger")]


def ours(encoding: Encoding, parties: tuple[bytes, bytes]) -> str:
    key = EncryptionKey(KEY.public_key(), "1")
    return encrypt_jwe(CONTENT, key, CREDENTIAL_MESSAGE, random_bytes=secrets.token_bytes, encoding=encoding, parties=parties)


def header_of(encoding: Encoding, parties: tuple[bytes, bytes]) -> dict[str, Any]:
    named = {name: base64url.encode(party) for name, party in zip(("apu", "apv"), parties, strict=True) if party}
    return {"alg": "ECDH-ES", "enc": encoding, "kid": "1"} | named


def by_joserfc(header: dict[str, Any]) -> str:
    return rfc.encrypt_compact(header, CONTENT, ECKey.import_key(PEM), algorithms=["ECDH-ES", header["enc"], "DEF"])


def by_jwcrypto(header: dict[str, Any]) -> str:
    message = JWE(CONTENT, protected=header, recipient=JWK.from_pem(PEM))
    return str(message.serialize(compact=True))


def opened(text: str, purpose: EncryptionPurpose = CREDENTIAL_MESSAGE) -> bytes:
    return decrypt_jwe(parse_jwe(text, purpose), key_agreement(KEY))


@pytest.mark.parametrize("parties", PARTIES, ids=["no parties", "parties"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_joserfc_opens_our_message(encoding: Encoding, parties: tuple[bytes, bytes]) -> None:
    answer = rfc.decrypt_compact(ours(encoding, parties), ECKey.import_key(PEM), algorithms=["ECDH-ES", encoding])
    assert answer.plaintext == CONTENT


@pytest.mark.parametrize("parties", PARTIES, ids=["no parties", "parties"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_jwcrypto_opens_our_message(encoding: Encoding, parties: tuple[bytes, bytes]) -> None:
    message = JWE()
    message.deserialize(ours(encoding, parties), JWK.from_pem(PEM))
    assert message.payload == CONTENT


@pytest.mark.parametrize("parties", PARTIES, ids=["no parties", "parties"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("encrypt", [by_joserfc, by_jwcrypto])
def test_we_open_the_message_of_another_library(encrypt: Any, encoding: Encoding, parties: tuple[bytes, bytes]) -> None:
    assert opened(encrypt(header_of(encoding, parties))) == CONTENT


@pytest.mark.parametrize("encrypt", [by_joserfc, by_jwcrypto])
def test_what_another_library_compressed_opens_only_where_that_is_allowed(encrypt: Any) -> None:
    text = encrypt(header_of("A256GCM", (b"", b"")) | {"zip": "DEF"})
    assert opened(text, EncryptionPurpose(compression=True)) == CONTENT
    with pytest.raises(JweProblem, match="not compressed"):
        opened(text)
