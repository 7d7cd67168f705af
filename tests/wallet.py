"""A wallet of our own for tests: it does what a wallet must, and every part of what it sends can be changed to what it must not."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response

from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from blauweknop.standards.dpop import DpopProof, sign_dpop
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.openid4vci.client_attestation import AttestationPop, sign_client_attestation, sign_client_attestation_pop
from blauweknop.standards.openid4vci.key_proofs import KeyProof, sign_key_proof
from blauweknop.standards.openid4vci.token_request import PRE_AUTHORIZED_CODE
from blauweknop.standards.pkce import code_challenge
from blauweknop.standards.signing import Signer, key_signer

__all__ = ["SoftwareKey", "TestWallet"]


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

    def dpop(self, endpoint: str, *, token: str | None = None, key: SoftwareKey | None = None, **changes: Any) -> str:
        signing = key or self.key
        proof = DpopProof("POST", f"{self.address}/{endpoint}", secrets.token_urlsafe(16), self.dpop_nonce, token)
        values = {name: getattr(proof, name) for name in proof.__slots__} | changes
        return sign_dpop(DpopProof(**values), signing.signer, signing.public, self.now())

    def attestation_headers(self, *, challenge: str | None = None, **changes: Any) -> dict[str, str]:
        if self.provider is None:
            return {}
        given = challenge or self.client.post(f"{self.address}/challenge").json()["attestation_challenge"]
        attestation = sign_client_attestation(
            changes.get("client_id", self.client_id), self.instance.public, self.provider, at=self.now(), life=timedelta(hours=1)
        )
        pop = AttestationPop(changes.get("audience", self.identifier), secrets.token_urlsafe(16), given)
        return {
            "OAuth-Client-Attestation": attestation,
            "OAuth-Client-Attestation-PoP": sign_client_attestation_pop(pop, self.instance.signer, self.now()),
        }

    def post_form(self, endpoint: str, form: Mapping[str, str], **headers: str) -> Response:
        return self._seen(self.client.post(f"{self.address}/{endpoint}", data=dict(form), headers=headers))

    def fetch_nonce(self) -> None:
        self._seen(self.client.post(f"{self.address}/nonce"))

    def push(self, scope: str, *, verifier: str, **changes: str | None) -> Response:
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
        return self.post_form("par", sent, **self.attestation_headers())

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

    def take_token(self, form: Mapping[str, str]) -> Response:
        if self.dpop_nonce is None:
            self.fetch_nonce()
        answer = self.post_form("token", form, DPoP=self.dpop("token"), **self.attestation_headers())
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

    def ask(self, body: Mapping[str, Any], endpoint: str = "credential", **changes: Any) -> Response:
        """Ask at an endpoint of the issuer, with the token and a proof."""
        token = changes.get("token", self.token)
        headers = {"Authorization": f"DPoP {token}", "DPoP": changes.get("dpop") or self.dpop(endpoint, token=token)}
        content = changes.get("content") or json.dumps(body)
        kind = changes.get("content_type", "application/json")
        return self._seen(self.client.post(f"{self.address}/{endpoint}", content=content, headers={**headers, "Content-Type": kind}))

    def fetch(self, configuration_id: str, keys: Sequence[SoftwareKey]) -> Response:
        return self.ask({"credential_configuration_id": configuration_id, "proofs": self.proofs(keys)})

    def _seen(self, answer: Response) -> Response:
        self.dpop_nonce = answer.headers.get("DPoP-Nonce", self.dpop_nonce)
        return answer
