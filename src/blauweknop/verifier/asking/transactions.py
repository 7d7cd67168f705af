"""An attempt to answer a request: from the button on the page to the question that a holder fetches (PROTOCOL 6.1 steps 1 to 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import base64url
from blauweknop.standards.jwe import fresh_key
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.request_signing import RequestToSign, sign_request
from blauweknop.standards.sharing_messages import request_hash
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest, Transaction, Use
from blauweknop.verifier.asking.questions import Question, QuestionRefused, require_within
from blauweknop.verifier.asking.wallets import Wallet, fitted

__all__ = ["LIFE", "QR_LIFE", "UPDATE_ID", "UPDATE_OF", "Secrets", "asked_hash", "begin", "fetch_request", "number_of", "wallet_link"]

LIFE = timedelta(minutes=5)
QR_LIFE = timedelta(minutes=2)
UPDATE_OF = "update_of"
"""What the content of an attempt has that is no answer but an update: the id of the receipt. No browser comes back for it."""
UPDATE_ID = "update_id"
"""The name that the person gave to that update."""
_NONCE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an answer must fit: fresh for each attempt, gone after its first answer."""

    nonce: str = field(repr=False)
    public_key: Mapping[str, JsonValue]
    """What an answer is encrypted to, as JSON; its `kid` is its thumbprint."""
    question: Question
    _private: str = field(repr=False)

    @classmethod
    def fresh(cls, question: Question, random: Callable[[int], bytes]) -> "Secrets":
        key = fresh_key(random)
        number = base64url.encode(key.private_numbers().private_value.to_bytes(32))
        return cls(base64url.encode(random(_NONCE_BYTES)), _public_half(key), question, number)

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        """What opens the answer. It is made when it is wanted, for that costs as much as a signature."""
        return ec.derive_private_key(int.from_bytes(base64url.decode(self._private)), ec.SECP256R1())

    @property
    def key_id(self) -> str:
        return str(self.public_key["kid"])

    def as_json(self) -> dict[str, JsonValue]:
        return {"nonce": self.nonce, "key": self._private, "public": {**self.public_key}, "question": self.question.as_text()}

    @classmethod
    def of(cls, transaction: Transaction) -> "Secrets":
        """Raises: MalformedValue."""
        nonce, key, public, question = (transaction.content.get(name) for name in ("nonce", "key", "public", "question"))
        if not isinstance(nonce, str) or not isinstance(key, str) or not isinstance(public, dict):
            raise MalformedValue("expected an attempt that was not answered")
        return cls(nonce, public, Question.from_text(question), key)


def begin(request: KeptRequest, session: str, services: AskingServices, *, elsewhere: bool) -> tuple[str, Transaction]:
    """A new attempt for the browser with this session, and its state. On another device it lives shorter, and has a number to compare."""
    content = Secrets.fresh(request.question, services.random).as_json()
    if elsewhere:
        content["number"] = f"{10 + int.from_bytes(services.random(8)) % 90}"
    life = QR_LIFE if elsewhere else LIFE
    return services.transactions.begin(request.id, session, content, elsewhere=elsewhere, now=services.now, life=life)


def number_of(transaction: Transaction) -> str:
    """The two digits that the person compares."""
    return str(transaction.content.get("number", ""))


def wallet_link(state: str, services: AskingServices, opener: str) -> str:
    """What leads a holder to the question; `opener` is a scheme with `//`, or an address."""
    members = {"client_id": services.receiver.client_id, "request_uri": services.request_uri(state), "request_uri_method": "post"}
    return f"{opener}?{urlencode(members, quote_via=quote)}"


def fetch_request(state: str, wallet: Wallet, services: AskingServices) -> str | None:
    """The signed question, for who is first to fetch it; None for anybody later.

    Raises:
        QuestionRefused: the receiver may not ask it any more.
    """
    now = services.now
    transaction = services.transactions.find_open(state, now=now)
    if transaction is None:
        return None
    secrets = Secrets.of(transaction)
    use = services.receiver.use_of(secrets.question)
    if not use.registration.counts_at(now):
        raise QuestionRefused("question_registration", "expected a registration that counts now")
    _require_within(secrets.question.as_text(), use)
    question = fitted(secrets.question, wallet, use.registration, services.catalogue)
    request = RequestToSign(
        query=question.query,
        response_uri=services.response_uri(state),
        nonce=secrets.nonce,
        state=state,
        key=secrets.public_key,
        registration=use.certificate,
        issued_at=now,
        expires_at=now + LIFE,
        wallet_nonce=wallet.nonce,
        updates=use.registration.updates.longest if use.registration.updates is not None else None,
    )
    signed = sign_request(request, services.receiver.signer)
    content = {**transaction.content, "question": question.as_text(), "asked": request_hash(signed)}
    return signed if services.transactions.ask(transaction.id, content, now=now, life=LIFE) else None


@lru_cache(maxsize=256)
def _require_within(question: str, use: Use) -> None:
    """Looked at again, for the registration may be another than when the request was made; the same two are looked at once."""
    require_within(Question.from_text(question), use.registration)


def _public_half(key: ec.EllipticCurvePrivateKey) -> Mapping[str, JsonValue]:
    public = key.public_key()
    return {**public_jwk(public), "kid": thumbprint(public)}


def asked_hash(transaction: Transaction) -> str:
    """The hash of the question as it was given out, by which a consent names it."""
    return str(transaction.content.get("asked", ""))
