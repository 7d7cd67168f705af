"""The holders of the benchmark that present to a receiver: lean, in processes of their own, so that it is the receiver that is measured.

Each flow is what a holder and the browser of its person do: fetch the signed question by POST with a nonce, present a credential that is
bound to it in an encrypted answer, and come back with the response code and the session: three requests on one connection.
"""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from typing import Any
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.cli.bench_clients import Fetched, Turn, serve_jobs
from blauweknop.cli.bench_wallet_client import Line
from blauweknop.standards import base64url, sd_jwt_vc
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, encrypt_jwe
from blauweknop.standards.jwk import read_encryption_keys
from blauweknop.standards.signing import key_signer

__all__ = ["HeldCredential", "Invitation", "PresentJob", "serve_presenters"]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where a question is fetched, and the cookie of the browser that began."""

    request_uri: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """What a holder has: the credential with what will be shown of it, and the private key as a number."""

    text: str = field(repr=False)
    key: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class PresentJob:
    """Answer these questions, so many at the same time; `client_id` is of the receiver, `credential` the id in its question."""

    address: str
    client_id: str
    credential: str
    invitations: tuple[Invitation, ...] = field(repr=False)
    held: tuple[HeldCredential, ...] = field(repr=False)
    at_once: int


def serve_presenters(pipe: Pipe) -> None:
    """What each process does."""
    serve_jobs(pipe, _turns)


def _turns(job: PresentJob) -> list[Turn]:
    return [_presenting(job, one, job.held[place % len(job.held)]) for place, one in enumerate(job.invitations)]


def _presenting(job: PresentJob, invitation: Invitation, held: HeldCredential) -> Turn:
    signer = key_signer(ec.derive_private_key(held.key, ec.SECP256R1()), b"")

    def turn() -> Fetched:
        began = time.perf_counter()
        with Line.to(job.address) as line:
            asked = _asked(line, invitation)
            text = sd_jwt_vc.bind(held.text, signer, audience=job.client_id, nonce=str(asked["nonce"]), at=datetime.now(UTC))
            members = {"vp_token": {job.credential: [text]}, "state": asked["state"]}
            (key,) = read_encryption_keys(asked["client_metadata"]["jwks"])
            sealed = encrypt_jwe(msgspec.json.encode(members), key, PRESENTATION_RESPONSE, random_bytes=secrets.token_bytes)
            answer = line.ask("POST", str(asked["response_uri"]), _FORM, f"response={sealed}".encode("ascii"))
            back = str(msgspec.json.decode(answer.body)["redirect_uri"])
            line.ask("GET", back, {"Cookie": invitation.cookie}, expected=(303,))
        return Fetched(time.perf_counter() - began, None)

    return turn


def _asked(line: Line, invitation: Invitation) -> dict[str, Any]:
    """The question; that it is of a receiver that may ask it is for a holder to see, and costs the receiver nothing."""
    form = urlencode({"wallet_nonce": secrets.token_urlsafe(16)}).encode("ascii")
    text = line.ask("POST", invitation.request_uri, _FORM, form).body.decode("ascii")
    return msgspec.json.decode(base64url.decode(text.split(".")[1]), type=dict[str, Any])
