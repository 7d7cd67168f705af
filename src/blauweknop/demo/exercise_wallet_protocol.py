"""How the exercise wallet talks to a source: OpenID4VCI 1.0 over HTTP, with the standards of this package (PROTOCOL 2.2, 2.3, 2.7 to 2.9).

It is a stand-in for the app of a person: all it knows of a source comes from the offer and the metadata, as with any other wallet.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.adapters.http_client import FetchProblem, Response
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from blauweknop.standards.dpop import DpopProof, sign_dpop
from blauweknop.standards.json_members import (
    ANY_TEXT,
    MalformedMember,
    Members,
    as_members,
    member_object,
    member_objects,
    member_text,
    member_texts,
)
from blauweknop.standards.openid4vci.client_attestation import (
    ATTESTATION_HEADER,
    POP_HEADER,
    AttestationPop,
    sign_client_attestation,
    sign_client_attestation_pop,
)
from blauweknop.standards.openid4vci.key_proofs import KeyProof, sign_key_proof
from blauweknop.standards.openid4vci.token_request import PRE_AUTHORIZED_CODE
from blauweknop.standards.pkce import code_challenge
from blauweknop.standards.signing import Signer, key_signer
from blauweknop.standards.strict_json import MalformedJson, parse_json

__all__ = ["COPIES", "Asked", "Http", "Later", "ReceivedOffer", "Sources", "Talk", "WalletProblem", "offer_address"]

COPIES = 3
_FORM = "application/x-www-form-urlencoded"
_AN_HOUR = timedelta(hours=1)
_MOST_BYTES = 1_000_000


class WalletProblem(BlauweKnopError):
    """It did not work; `code` is a word of ours, or the error word of the source, and has its sentence in the catalogue if it is common."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ReceivedOffer:
    """What a source offers; with `code` it needs the digits that the person reads there."""

    issuer: str
    configuration_ids: tuple[str, ...]
    code: str | None = field(default=None, repr=False)
    digits: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that the person was sent off with, until they come back."""

    state: str
    offer: ReceivedOffer
    verifier: str = field(repr=False)
    talk: "Talk" = field(repr=False)


@dataclass(frozen=True, slots=True)
class Later:
    """The source has to look it up first; come back with this."""

    transaction: str = field(repr=False)


class Http(Protocol):
    """As `GuardedClient` has it, which visits no other site than that of the exercise."""

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Response: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of the exercise, as far as a wallet can know them."""

    http: Http = field(repr=False)
    provider: Signer = field(repr=False)
    redirect_uri: str
    now: Callable[[], datetime] = field(repr=False)

    def offer(self, address: str) -> ReceivedOffer:
        """What is offered at an address.

        Raises:
            WalletProblem: `offer`, there is no offer.
        """
        try:
            members = self._get(address)
            grants = member_object(members, "grants")
            found = ReceivedOffer(
                member_text(members, "credential_issuer"), member_texts(members, "credential_configuration_ids", ANY_TEXT, least=1)
            )
            if PRE_AUTHORIZED_CODE not in grants:
                return found
            grant = member_object(grants, PRE_AUTHORIZED_CODE)
            return ReceivedOffer(
                found.issuer, found.configuration_ids, code=member_text(grant, "pre-authorized_code"), digits="tx_code" in grant
            )
        except (MalformedMember, WalletProblem) as error:
            raise WalletProblem("offer", "expected an offer of a source of the exercise") from error

    def metadata(self, issuer: str) -> Members:
        """What a source says of itself (OpenID4VCI section 12.2).

        Raises:
            WalletProblem: `source`, it says nothing that can be used.
        """
        try:
            parts = urlsplit(issuer)
            members = self._get(f"{parts.scheme}://{parts.netloc}/.well-known/openid-credential-issuer{parts.path}")
        except (ValueError, WalletProblem) as error:
            raise WalletProblem("source", "expected the metadata of a source of the exercise") from error
        if members.get("credential_issuer") != issuer:
            raise WalletProblem("source", "expected the metadata of this very source")
        return members

    def _get(self, address: str) -> Members:
        try:
            return _members(self.http.send("GET", address, headers={"Accept": "application/json"}))
        except FetchProblem as error:
            raise WalletProblem("source", "the source does not answer") from error


class Talk:
    """One conversation with a source: a key for the token, a key of the wallet itself, and the last nonce that the source gave."""

    def __init__(self, sources: Sources, issuer: str) -> None:
        self._sources = sources
        self.issuer = issuer
        self._token_key, self._own_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self._dpop_nonce: str | None = None
        self._token = ""

    def ask(self, offer: ReceivedOffer) -> tuple[str, Asked]:
        """Push a request; where to send the person, and what to remember.

        Raises:
            WalletProblem
        """
        asked = Asked(secrets.token_urlsafe(16), offer, secrets.token_urlsafe(32), self)
        form = {
            "response_type": "code",
            "client_id": WALLET_CLIENT_ID,
            "redirect_uri": self._sources.redirect_uri,
            "scope": " ".join(offer.configuration_ids),
            "state": asked.state,
            "code_challenge": code_challenge(asked.verifier),
            "code_challenge_method": "S256",
        }
        answer = self._post_form("par", form)
        query = urlencode({"client_id": WALLET_CLIENT_ID, "request_uri": str(answer.get("request_uri"))})
        return f"{self.issuer}/oid4vci/authorize?{query}", asked

    def take_code(self, code: str, asked: Asked) -> tuple[str, ...]:
        """A token for the code that the person came back with; the names of what it is for. Raises: WalletProblem."""
        return self._take_token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._sources.redirect_uri,
                "code_verifier": asked.verifier,
            },
            asked.offer,
        )

    def take_offer(self, offer: ReceivedOffer, digits: str) -> tuple[str, ...]:
        """A token for an offer with digits. Raises: WalletProblem."""
        return self._take_token({"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": offer.code or "", "tx_code": digits}, offer)

    def fetch(self, configuration_id: str) -> tuple[str, ...] | Later:
        """Copies for keys of this moment.

        Raises:
            WalletProblem
        """
        nonce = member_text(self._post("nonce", {}, b""), "c_nonce")
        proofs: list[JsonValue] = []
        for _ in range(COPIES):
            key = ec.generate_private_key(ec.SECP256R1())
            proof = KeyProof(self.issuer, WALLET_CLIENT_ID, nonce)
            proofs.append(sign_key_proof(proof, key_signer(key, b""), key.public_key(), self._sources.now()))
        return self._delivered("credential", {"credential_configuration_id": configuration_id, "proofs": {"jwt": proofs}})

    def fetch_later(self, later: Later) -> tuple[str, ...] | Later:
        """What was to come. Raises: WalletProblem."""
        return self._delivered("deferred-credential", {"transaction_id": later.transaction})

    def _delivered(self, endpoint: str, asked: Mapping[str, JsonValue]) -> tuple[str, ...] | Later:
        answer = self._post_with_token(endpoint, asked)
        if "transaction_id" in answer:
            return Later(member_text(answer, "transaction_id"))
        copies = tuple(member_text(item, "credential") for item in member_objects(answer, "credentials", least=1))
        if "notification_id" in answer:
            self._post_with_token("notification", {"notification_id": answer["notification_id"], "event": "credential_accepted"})
        return copies

    def _take_token(self, form: Mapping[str, str], offer: ReceivedOffer) -> tuple[str, ...]:
        if self._dpop_nonce is None:
            self._post("nonce", {}, b"")
        answer = self._post_form("token", form, DPoP=self._proof("token"))
        self._token = member_text(answer, "access_token")
        return offer.configuration_ids

    def _post_form(self, endpoint: str, form: Mapping[str, str], **headers: str) -> Members:
        return self._post(endpoint, {"Content-Type": _FORM, **self._vouched(), **headers}, urlencode(form).encode())

    def _post_with_token(self, endpoint: str, message: Mapping[str, JsonValue]) -> Members:
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"DPoP {self._token}",
            "DPoP": self._proof(endpoint, token=self._token),
        }
        return self._post(endpoint, headers, json.dumps(message).encode())

    def _post(self, endpoint: str, headers: Mapping[str, str], body: bytes) -> Members:
        try:
            answer = self._sources.http.send("POST", f"{self.issuer}/oid4vci/{endpoint}", headers=headers, content=body)
        except FetchProblem as error:
            raise WalletProblem("source", "the source does not answer") from error
        self._dpop_nonce = answer.headers.get("dpop-nonce", self._dpop_nonce)
        return _members(answer)

    def _proof(self, endpoint: str, *, token: str | None = None) -> str:
        proof = DpopProof("POST", f"{self.issuer}/oid4vci/{endpoint}", secrets.token_urlsafe(16), self._dpop_nonce, token)
        return sign_dpop(proof, key_signer(self._token_key, b""), self._token_key.public_key(), self._sources.now())

    def _vouched(self) -> dict[str, str]:
        """The maker of the wallet vouches for it, and it proves that it is the one (PROTOCOL 2.5)."""
        now = self._sources.now()
        challenge = member_text(self._post("challenge", {}, b""), "attestation_challenge")
        pop = AttestationPop(self.issuer, secrets.token_urlsafe(16), challenge)
        own = key_signer(self._own_key, b"")
        return {
            ATTESTATION_HEADER: sign_client_attestation(
                WALLET_CLIENT_ID, self._own_key.public_key(), self._sources.provider, at=now, life=_AN_HOUR
            ),
            POP_HEADER: sign_client_attestation_pop(pop, own, now),
        }


def offer_address(link: str) -> str:
    """Where the offer of a link is.

    Raises:
        WalletProblem: `link`, this is no link with an offer.
    """
    _, _, query = link.strip().partition("?")
    found = [value for name, value in parse_qsl(query) if name == "credential_offer_uri"]
    if len(found) != 1:
        raise WalletProblem("link", "expected a link with one credential_offer_uri")
    return found[0]


def _members(answer: Response) -> Members:
    """The answer; an error in the words of OAuth is a problem of that name."""
    if answer.status == 204:
        return {}
    try:
        members = as_members(parse_json(answer.body, max_bytes=_MOST_BYTES), "answer")
        if answer.status < 400:
            return members
        code = member_text(members, "error")
    except (MalformedJson, MalformedMember) as error:
        raise WalletProblem("source", "expected an answer as the protocol has it") from error
    raise WalletProblem(code, "the source refused")
