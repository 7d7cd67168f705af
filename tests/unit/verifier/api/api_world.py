"""An API with two clients, to ask it things: documents of the exercise, a clock that tests set, a memory or the database of a test."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.api_settings import ApiSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.assembly.verifier_api import StatusOf, api_parts
from blauweknop.checking.check_received import check_received
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.standards import base64url
from blauweknop.standards.client_assertion import ASSERTION_TYPE
from blauweknop.standards.jose import Purpose, sign_jws
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.verifier.api.asking import Receivers
from blauweknop.verifier.api.clients import DATA, SCOPES, VERIFY, ApiClient, Credential, Receiver, secret_digest
from blauweknop.verifier.api.openapi import Contact
from blauweknop.verifier.api.routes import set_api_headers
from blauweknop.verifier.ports import CheckFile, MakeReport
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import credentials, report_documents
from tests.unit.checking import exercise_documents as x

Client = TestClient[Litestar]

ADDRESS = "https://controle.example/v1"
KEY, OTHER_KEY, SMALL_KEY, OLD_KEY = "bk_one", "bk_two", "bk_small", "bk_old"
SECRET = "a secret: with + and % é"
WEBHOOK_SECRET = b"w" * 32
PDF = "application/pdf"
BUSY = b"%PDF-busy"
LOST = b"%PDF-lost"


class Busy(BlauweKnopError):
    pass


@dataclass(slots=True)
class Clock:
    """The moment that the API takes for now."""

    now: datetime = x.NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


def check(pdf: bytes, at: datetime) -> Verdict:
    if pdf == BUSY:
        raise Busy("too much at once")
    if pdf == LOST:
        raise RuntimeError("a fault of ours")
    return check_received(pdf, trust=trust_for(pdf), at=at, catalogue=x.catalogue())


def trust_for(file: bytes) -> Trust:
    """Who made the file, for the files of tests that are no document of DUO."""
    if file == report_documents.good().pdf:
        return report_documents.trust(issued=x.NOW)
    return credentials.trust() if file.startswith(b"ey") else x.trust()


def checked_by(check: Callable[[bytes, datetime], Verdict]) -> CheckFile:
    return lambda pdf, at: CheckedFile.of(pdf, check(pdf, at), report_documents.judging())


def scheme() -> SchemeSettings:
    return SchemeSettings("exercise", "https://controle.example", "https://controle.example/controle", "list", x.__file__)  # type: ignore[arg-type] # not read


_signing_key = ec.generate_private_key(ec.SECP256R1())


def signer() -> KeySigner:
    return key_signer(_signing_key, b"")


def clients(*, requests_per_hour: int = 600, webhook: str | None = None) -> dict[str, ApiClient]:
    everything, ended = frozenset(SCOPES), x.NOW - timedelta(seconds=1)
    one = ApiClient(
        "one",
        (
            Credential("key", "api-key", everything, secret_digest(KEY)),
            Credential("small", "api-key", frozenset({VERIFY}), secret_digest(SMALL_KEY)),
            Credential("old", "api-key", everything, secret_digest(OLD_KEY), ends_at=ended),
            Credential("secret", "client-secret", frozenset({VERIFY, DATA}), secret_digest(SECRET)),
            Credential("signing", "public-key", everything, key=_signing_key.public_key()),
        ),
        requests_per_hour,
        Receiver(webhook, (WEBHOOK_SECRET,)) if webhook else None,
        frozenset({"huur"}),
    )
    asks_for = frozenset({"huur"})
    two = ApiClient("two", (Credential("key", "api-key", everything, secret_digest(OTHER_KEY)),), requests_per_hour, asks_for=asks_for)
    return {"one": one, "two": two}


@dataclass(slots=True)
class World:
    client: Client
    clock: Clock = field(default_factory=Clock)


def application(
    clock: Clock,
    *,
    requests_per_hour: int = 600,
    known: Mapping[str, ApiClient] | None = None,
    database: tuple[Engine, RowKey] | None = None,
    check: Callable[[bytes, datetime], Verdict] = check,
    status_of: StatusOf = lambda _watch, _now: None,
    report: MakeReport | None = None,
    asking: Receivers | None = None,
) -> Litestar:
    """The API and nothing else."""
    settings = ApiSettings(
        Contact("Beheer", "api@controle.example", "https://controle.example"),
        clients(requests_per_hour=requests_per_hour) if known is None else known,
        timedelta(hours=24),
        timedelta(minutes=10),
    )
    api = api_parts(
        settings, scheme(), check=checked_by(check), status_of=status_of, database=database, report=report, asking=asking, now=clock
    )
    web = WebSettings(csrf_secret="s" * 32, secure=True, exercise=True)
    return web_application([api.router], web, before_send=[set_api_headers], on_startup=api.on_startup, on_shutdown=api.on_shutdown)


@contextmanager
def world(
    *,
    requests_per_hour: int = 600,
    known: Mapping[str, ApiClient] | None = None,
    database: tuple[Engine, RowKey] | None = None,
    check: Callable[[bytes, datetime], Verdict] = check,
    report: MakeReport | None = None,
    asking: Receivers | None = None,
) -> Iterator[World]:
    """A client of the API, in this process and without a network."""
    clock = Clock()
    asked = application(
        clock, requests_per_hour=requests_per_hour, known=known, database=database, check=check, report=report, asking=asking
    )
    with TestClient(asked, base_url="https://controle.example", raise_server_exceptions=False) as client:
        yield World(client, clock)


def headers(key: str = KEY, **more: str) -> dict[str, str]:
    return {"X-API-Key": key, "Content-Type": PDF, **{name.replace("_", "-"): value for name, value in more.items()}}


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def assertion(at: datetime, **changed: JsonValue) -> str:
    """A right one, but for what is changed; None leaves a claim out."""
    seconds = int(at.timestamp())
    claims: dict[str, JsonValue] = {
        "iss": "one",
        "sub": "one",
        "aud": ADDRESS,
        "iat": seconds,
        "exp": seconds + 60,
        "jti": base64url.encode(str(time.perf_counter_ns()).encode()),
    }
    claims |= changed
    return sign_jws({name: value for name, value in claims.items() if value is not None}, signer(), Purpose(None, "given"))


def assertion_form(signed: str, **more: str) -> dict[str, str]:
    return {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed, **more}


def problem_of(answer: object) -> dict[str, object]:
    """The problem of an answer, which must be one."""
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    problem: dict[str, object] = json.loads(answer.content)  # type: ignore[attr-defined]
    assert {"type", "title", "status", "detail", "instance"} <= problem.keys()
    assert problem["status"] == answer.status_code  # type: ignore[attr-defined]
    return problem
