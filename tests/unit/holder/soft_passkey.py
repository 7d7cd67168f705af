"""A device with one passkey, in software: what a browser would send, and each way in which it can be wrong."""

import hashlib
import json
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.standards import base64url
from tests.unit.holder.holder_world import BASE_URL

__all__ = ["SoftPasskey"]

_PRESENT, _VERIFIED, _NEW = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    """`origin`, `host` and `flags` are what an honest device says; a test says otherwise."""

    number: int = 7
    uses: int = 0
    origin: str = BASE_URL
    host: str = BASE_URL.removeprefix("http://")
    flags: int = _PRESENT | _VERIFIED
    secret: bytes = b"s" * 32
    kind: str = ""  # of the ceremony, when it is not the right one
    signs_with: int = field(default=0)

    @property
    def credential_id(self) -> bytes:
        return hashlib.sha256(b"id %d" % self.number).digest()

    def made(self, challenge: str) -> dict[str, str]:
        """The fields of the form after a passkey was made."""
        public = ec.derive_private_key(self.number, ec.SECP256R1()).public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._data(self.flags | _NEW) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._fields({"clientDataJSON": self._client("webauthn.create", challenge), "attestationObject": attestation})

    def used(self, challenge: str) -> dict[str, str]:
        """The fields of the form after it was used."""
        self.uses += 1
        data, client = self._data(self.flags), self._client("webauthn.get", challenge)
        key = ec.derive_private_key(self.signs_with or self.number, ec.SECP256R1())
        signature = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._fields({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": self.kind or kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _fields(self, response: dict[str, bytes]) -> dict[str, str]:
        name = base64url.encode(self.credential_id)
        said = {name: base64url.encode(value) for name, value in response.items()}
        answer = {"id": name, "rawId": name, "type": "public-key", "response": said}
        return {"answer": json.dumps(answer), "secret": base64url.encode(self.secret)}
