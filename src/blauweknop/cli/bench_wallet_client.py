"""The wallets of the benchmark: lean, in a process of their own, so that it is the issuer that is measured.

Each flow is what a wallet does that was never here before. It fetches the offer and a challenge, asks for a token without a DPoP nonce as
it has none, is told one, asks again, fetches a nonce, and fetches its credential: six requests and six signatures on one connection. It had
its keys, and the attestation of its maker, before.
"""

import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.cli.bench_clients import Fetched, Turn, serve_jobs
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID, ExerciseWallets
from blauweknop.standards.dpop import DpopProof, sign_dpop
from blauweknop.standards.openid4vci.client_attestation import (
    ATTESTATION_HEADER,
    POP_HEADER,
    AttestationPop,
    sign_client_attestation,
    sign_client_attestation_pop,
)
from blauweknop.standards.openid4vci.key_proofs import KeyProof, sign_key_proof
from blauweknop.standards.openid4vci.token_request import PRE_AUTHORIZED_CODE
from blauweknop.standards.signing import Signer, key_signer

__all__ = ["Answer", "Line", "WalletFailed", "WalletJob", "WalletOffer", "serve_wallets"]

_PATIENCE_SECONDS = 60.0
_CHUNK = 64 * 1024
_HEAD_END = b"\r\n\r\n"
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


class WalletFailed(BlauweKnopError):
    """The issuer did not do what a wallet may expect of it, so the figures mean nothing."""


@dataclass(frozen=True, slots=True)
class WalletOffer:
    """Where an offer is fetched, and the digits that its person was shown."""

    address: str = field(repr=False)
    tx_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WalletJob:
    """Fetch what these offers promise, so many wallets at the same time; or come back for what was still to come."""

    identifier: str
    keys: Path
    configuration_id: str
    offers: tuple[WalletOffer, ...] = field(repr=False)
    at_once: int
    come_back: bool = False


def serve_wallets(pipe: Pipe) -> None:
    """What each process does; wallets with a promise stay until a job says that they come back."""
    waiting: list[_Waiting] = []

    def prepare(job: WalletJob) -> list[Turn]:
        nonlocal waiting
        if job.come_back:
            promised, waiting = waiting, []
            return [_coming_back(job, each) for each in promised]
        attest = _attesting(job)
        return [_fetching(job, offer, _Wallet(job.identifier, attest), waiting) for offer in job.offers]

    serve_jobs(pipe, prepare)


class _Key:
    """A P-256 key of a wallet."""

    def __init__(self) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        self.public = private.public_key()
        self.signer: Signer = key_signer(private, b"")


def _attesting(job: WalletJob) -> Callable[[_Key], str]:
    provider = ExerciseWallets(job.keys / "wallets").provider()
    now = datetime.now(UTC)
    return lambda key: sign_client_attestation(WALLET_CLIENT_ID, key.public, provider, at=now, life=timedelta(hours=1))


class _Wallet:
    """One instance, with a key to be known by, one for its tokens and one for its credential."""

    def __init__(self, identifier: str, attest: Callable[[_Key], str]) -> None:
        self._identifier = identifier
        self._address = f"{identifier}/oid4vci"
        self._instance, self._bound, self._holder = _Key(), _Key(), _Key()
        self._attestation = attest(self._instance)
        self._dpop_nonce: str | None = None
        self.token: str | None = None

    def take_token(self, line: "Line", offer: WalletOffer) -> None:
        """With the attestation of its maker; the first time it has no nonce for its proof, and is told one."""
        promised = msgspec.json.decode(line.ask("GET", offer.address).body)
        code = promised["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
        form = urlencode({"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code, "tx_code": offer.tx_code}).encode()
        given = msgspec.json.decode(line.ask("POST", f"{self._address}/challenge").body)["attestation_challenge"]
        self._ask_token(line, form, given, expected=400)
        self.token = msgspec.json.decode(self._ask_token(line, form, given, expected=200).body)["access_token"]

    def _ask_token(self, line: "Line", form: bytes, challenge: str, *, expected: int) -> "Answer":
        pop = AttestationPop(self._identifier, secrets.token_urlsafe(16), challenge)
        headers = {
            "DPoP": self._proof("token"),
            ATTESTATION_HEADER: self._attestation,
            POP_HEADER: sign_client_attestation_pop(pop, self._instance.signer, datetime.now(UTC)),
            "Content-Type": _FORM,
        }
        return self._seen(line.ask("POST", f"{self._address}/token", headers, form, expected=(expected,)))

    def key_proof(self, line: "Line") -> str:
        """On a fresh nonce."""
        answer = self._seen(line.ask("POST", f"{self._address}/nonce"))
        proof = KeyProof(self._identifier, WALLET_CLIENT_ID, msgspec.json.decode(answer.body)["c_nonce"])
        return sign_key_proof(proof, self._holder.signer, self._holder.public, datetime.now(UTC))

    def ask(self, line: "Line", endpoint: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """With the token and a proof of its key."""
        headers = {"Authorization": f"DPoP {self.token}", "DPoP": self._proof(endpoint, self.token), "Content-Type": _JSON}
        answer = line.ask("POST", f"{self._address}/{endpoint}", headers, msgspec.json.encode(body), expected=(200, 202))
        return msgspec.json.decode(self._seen(answer).body, type=dict[str, object])

    def _proof(self, endpoint: str, token: str | None = None) -> str:
        proof = DpopProof("POST", f"{self._address}/{endpoint}", secrets.token_urlsafe(16), self._dpop_nonce, token)
        return sign_dpop(proof, self._bound.signer, self._bound.public, datetime.now(UTC))

    def _seen(self, answer: "Answer") -> "Answer":
        self._dpop_nonce = answer.headers.get("dpop-nonce", self._dpop_nonce)
        return answer


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A wallet with a promise."""

    wallet: _Wallet = field(repr=False)
    transaction_id: str = field(repr=False)


def _fetching(job: WalletJob, offer: WalletOffer, wallet: _Wallet, waiting: list[_Waiting]) -> Turn:
    def turn() -> Fetched:
        began = time.perf_counter()
        with Line.to(job.identifier) as line:
            wallet.take_token(line, offer)
            proofs = {"jwt": [wallet.key_proof(line)]}
            answer = wallet.ask(line, "credential", {"credential_configuration_id": job.configuration_id, "proofs": proofs})
        seconds = time.perf_counter() - began
        if "transaction_id" in answer:
            waiting.append(_Waiting(wallet, str(answer["transaction_id"])))
        return Fetched(seconds, _credential_in(answer))

    return turn


def _coming_back(job: WalletJob, promised: _Waiting) -> Turn:
    """A wallet whose promise is forgotten has nothing, and that is counted."""

    def turn() -> Fetched:
        began = time.perf_counter()
        try:
            with Line.to(job.identifier) as line:
                answer = promised.wallet.ask(line, "deferred-credential", {"transaction_id": promised.transaction_id})
        except WalletFailed:
            return Fetched(time.perf_counter() - began, None)
        return Fetched(time.perf_counter() - began, _credential_in(answer))

    return turn


def _credential_in(answer: Mapping[str, object]) -> str | None:
    match answer:
        case {"credentials": [{"credential": str(credential)}]}:
            return credential
    return None


@dataclass(frozen=True, slots=True)
class Answer:
    """Names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Line:
    """The connection of one wallet, kept for all it asks. It knows as much of HTTP as our answers use, so that wallets cost little."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._connection = connection
        self._host = host

    @classmethod
    def to(cls, identifier: str) -> "Line":
        parts = urlsplit(identifier)
        connection = socket.create_connection((parts.hostname, parts.port), timeout=_PATIENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connection, parts.netloc)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        expected: tuple[int, ...] = (200,),
    ) -> Answer:
        """
        Raises:
            WalletFailed: another status than was expected, or no answer of HTTP/1.1 with a length.
            OSError: the connection broke.
        """
        parts = urlsplit(address)
        path = parts.path
        lines = [
            f"{method} {path}{'?' if parts.query else ''}{parts.query} HTTP/1.1",
            f"Host: {self._host}",
            f"Content-Length: {len(body)}",
        ]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._connection.sendall("\r\n".join((*lines, "", "")).encode("ascii") + body)
        answer = self._answer()
        if answer.status not in expected:
            said = answer.body.decode("utf-8", "replace")[:200]
            raise WalletFailed(f"{path.rpartition('/')[2]} answered {answer.status}: {said}")
        return answer

    def _answer(self) -> Answer:
        received = b""
        while _HEAD_END not in received:
            received += self._more()
        head, _, body = received.partition(_HEAD_END)
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        length = int(headers["content-length"])
        while len(body) < length:
            body += self._more()
        return Answer(int(first.split(" ")[1]), headers, body)

    def _more(self) -> bytes:
        chunk = self._connection.recv(_CHUNK)
        if not chunk:
            raise WalletFailed("the issuer hung up")
        return chunk
