"""A wallet of our own for tests: it does what a wallet must, and every part of what it sends can be changed to what it must not."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from blauweknop.standards import jose
from blauweknop.standards.client_assertion import ASSERTION_TYPE
from blauweknop.standards.dpop import token_digest
from blauweknop.standards.jose import Purpose
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.openid4vci.key_proofs import KeyProof, sign_key_proof
from blauweknop.standards.openid4vci.token_request import PRE_AUTHORIZED_CODE
from blauweknop.standards.pkce import code_challenge
from blauweknop.standards.signing import Signer, key_signer

__all__ = ["SoftwareKey", "TestWallet", "said"]


@dataclass(frozen=True)
class SoftwareKey:
    """A P-256 key in memory."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        return self.private.public_key()

    @property
    def signer(self) -> Signer:
        return key_signer(self.private, b"no certificate")

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.public)


@dataclass
class TestWallet:
    """One instance of the exercise wallet. `client` is an httpx client (or one of litestar) for the site of the source."""

    __test__ = False

    client: Any
    identifier: str
    provider: Signer | None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    client_id: str = WALLET_CLIENT_ID
    redirect_uri: str = "https://wallet.blauweknop.example/terug"
    key: SoftwareKey = field(default_factory=SoftwareKey)
    instance: SoftwareKey = field(default_factory=SoftwareKey)
    dpop_nonce: str | None = None
    token: str | None = None

    @property
    def address(self) -> str:
        return f"{self.identifier}/oid4vci"

    @property
    def seconds(self) -> int:
        return int(self.now().timestamp())

    def dpop(
        self,
        endpoint: str,
        *,
        token: str | None = None,
        key: SoftwareKey | None = None,
        header: Mapping[str, JsonValue] | None = None,
        **claims: JsonValue,
    ) -> str:
        """A proof for one request; None in `claims` leaves one out."""
        signing = key or self.key
        usual: dict[str, JsonValue] = {
            "htm": "POST",
            "htu": f"{self.address}/{endpoint}",
            "iat": self.seconds,
            "jti": secrets.token_urlsafe(16),
            "nonce": self.dpop_nonce,
            "ath": token_digest(token) if token is not None else None,
        }
        members: dict[str, JsonValue] = {"jwk": {**public_jwk(signing.public)}, **(header or {})}
        return jose.sign_jws(said(usual | claims), signing.signer, jose.DPOP, header=members)

    def attestation(self, *, provider: Signer | None = None, header: Mapping[str, JsonValue] | None = None, **claims: JsonValue) -> str:
        """What the maker of this wallet says of it; None in `claims` leaves one out."""
        signing = provider or self.provider
        assert signing is not None
        usual: dict[str, JsonValue] = {
            "sub": self.client_id,
            "iat": self.seconds,
            "exp": self.seconds + 3600,
            "cnf": {"jwk": {**public_jwk(self.instance.public)}},
        }
        return jose.sign_jws(said(usual | claims), signing, jose.CLIENT_ATTESTATION, header=header)

    def attestation_pop(self, *, key: SoftwareKey | None = None, header: Mapping[str, JsonValue] | None = None, **claims: JsonValue) -> str:
        """The proof that this instance has the key that its maker vouches for; None in `claims` leaves one out."""
        given = claims["challenge"] if "challenge" in claims else self.challenge()
        usual: dict[str, JsonValue] = {
            "aud": self.identifier,
            "iat": self.seconds,
            "jti": secrets.token_urlsafe(16),
            "challenge": given,
        }
        signer = (key or self.instance).signer
        return jose.sign_jws(said(usual | claims), signer, jose.CLIENT_ATTESTATION_POP, header=header)

    def challenge(self) -> str:
        return str(self.client.post(f"{self.address}/challenge").json()["attestation_challenge"])

    def attestation_headers(self, *, attestation: str | None = None, pop: str | None = None) -> dict[str, str]:
        if self.provider is None:
            return {}
        return {
            "OAuth-Client-Attestation": attestation or self.attestation(),
            "OAuth-Client-Attestation-PoP": pop or self.attestation_pop(),
        }

    def assertion(self, key: SoftwareKey, **claims: JsonValue) -> dict[str, Any]:
        """The members of a form with which a server says which client it is; None in `claims` leaves one out."""
        usual: dict[str, JsonValue] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.identifier,
            "jti": secrets.token_urlsafe(16),
            "iat": self.seconds,
            "exp": self.seconds + 60,
        }
        signed = jose.sign_jws(said(usual | claims), key.signer, Purpose("JWT", "given"))
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    def post_form(self, endpoint: str, form: Mapping[str, str], **headers: str) -> Response:
        return self._seen(self.client.post(f"{self.address}/{endpoint}", data=dict(form), headers=headers))

    def fetch_nonce(self) -> None:
        self._seen(self.client.post(f"{self.address}/nonce"))

    def push(self, scope: str | None, /, *, verifier: str, headers: Mapping[str, str] | None = None, **changes: str | None) -> Response:
        form: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": "the state",
            "code_challenge": code_challenge(verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        return self.post_form("par", sent, **(self.attestation_headers() if headers is None else headers))

    def exchange_code(self, code: str, verifier: str, **changes: str) -> Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
            **changes,
        }
        return self.take_token(form)

    def exchange_offer(self, offer: Mapping[str, Any], tx_code: str | None, **changes: str) -> Response:
        form = {
            "grant_type": PRE_AUTHORIZED_CODE,
            "pre-authorized_code": offer["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"],
            **({"tx_code": tx_code} if tx_code is not None else {}),
            **changes,
        }
        return self.take_token(form)

    def take_token(self, form: Mapping[str, str], *, dpop: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
        """Ask for a token; `headers` instead of those of the attestation."""
        if self.dpop_nonce is None:
            self.fetch_nonce()
        who = self.attestation_headers() if headers is None else headers
        answer = self.post_form("token", form, **{"DPoP": self.dpop("token") if dpop is None else dpop, **who})
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def c_nonce(self) -> str:
        return str(self._seen(self.client.post(f"{self.address}/nonce")).json()["c_nonce"])

    def proofs(self, keys: Sequence[SoftwareKey], nonce: str | None = None, **changes: Any) -> dict[str, Any]:
        given = nonce if nonce is not None else self.c_nonce()
        proof = {"issuer": self.identifier, "nonce": given, "client_id": self.client_id if self.provider else None, "attestation": None}
        made = KeyProof(**(proof | changes))
        return {"jwt": [sign_key_proof(made, key.signer, key.public, self.now()) for key in keys]}

    def proof(self, key: SoftwareKey, *, header: Mapping[str, JsonValue] | None = None, **claims: JsonValue) -> str:
        """One proof of a key, of which every part may be another; None in `claims` leaves one out."""
        usual: dict[str, JsonValue] = {"aud": self.identifier, "iss": self.client_id, "iat": self.seconds}
        nonce: dict[str, JsonValue] = {} if "nonce" in claims else {"nonce": self.c_nonce()}
        members: dict[str, JsonValue] = {"jwk": {**public_jwk(key.public)}, **(header or {})}
        return jose.sign_jws(said(usual | nonce | claims), key.signer, jose.KEY_PROOF, header=members)

    def ask(self, body: Mapping[str, Any], endpoint: str = "credential", **changes: Any) -> Response:
        """Ask at an endpoint of the issuer, with the token and a proof; `changes` are other tokens, headers or contents."""
        token = changes.get("token", self.token)
        proof = changes.get("dpop") or self.dpop(endpoint, token=token)
        headers = {"Authorization": changes.get("authorization", f"DPoP {token}"), "DPoP": proof}
        content = changes["content"] if "content" in changes else json.dumps(body)
        headers["Content-Type"] = changes.get("content_type", "application/json")
        address = f"{self.address}/{endpoint}{changes.get('query', '')}"
        sent = {name: value for name, value in headers.items() if value is not None and name not in changes.get("without", ())}
        return self._seen(self.client.post(address, content=content, headers=sent))

    def fetch(self, configuration_id: str, keys: Sequence[SoftwareKey]) -> Response:
        return self.ask({"credential_configuration_id": configuration_id, "proofs": self.proofs(keys)})

    def _seen(self, answer: Response) -> Response:
        self.dpop_nonce = answer.headers.get("DPoP-Nonce", self.dpop_nonce)
        return answer


def said(claims: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Claims without those that are None."""
    return {name: value for name, value in claims.items() if value is not None}
