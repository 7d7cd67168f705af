"""A login provider without a network for tests of the relying party: right by default, wrong in one thing when a test says so."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, Key, RSAKey

from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.login_settings import ClientKeys, LoginSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.issuer.login import LoginCompleted, LoginProblem, LoginStarted
from tests.databases import with_tables

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ISSUER = "https://login.example"
CLIENT = "duo"
BSN = "999990019"
CLIENT_SIGNING = ec.generate_private_key(ec.SECP256R1())
CLIENT_EC = ec.generate_private_key(ec.SECP256R1())
CLIENT_RSA = rsa.generate_private_key(65537, 2048)
KEYS = ClientKeys.of(CLIENT_SIGNING, [CLIENT_EC, CLIENT_RSA])
PROVIDER_EC = ECKey.generate_key("P-256", {"use": "sig", "kid": "ec-1"}, private=True)
PROVIDER_RSA = RSAKey.generate_key(2048, {"use": "sig", "kid": "rsa-1"}, private=True)
PROVIDER_ENCRYPTION = ECKey.generate_key("P-256", {"use": "enc", "kid": "enc-1"}, private=True)
SETTINGS = LoginSettings(
    issuer=ISSUER,
    client_id=CLIENT,
    redirect_uri="https://duo.example/inloggen/terug",
    post_logout_redirect_uri="https://duo.example/uitgelogd",
)

Change = Callable[[dict[str, object]], object]


class Unreachable(BlauweKnopError):
    """No answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: bytes


def as_answer(status: int, value: object) -> Answered:
    return Answered(status, json.dumps(value).encode())


def nothing_changed(_: dict[str, object]) -> None:
    return None


@dataclass
class StandInProvider:
    """Answers as a provider; the fields say in what it is wrong."""

    change_claims: Change = nothing_changed
    change_metadata: Change = nothing_changed
    signing: Key = field(default_factory=lambda: PROVIDER_EC)
    algorithm: str = "ES256"
    header: dict[str, object] = field(default_factory=dict)
    encrypt: tuple[str, str] | None = ("ECDH-ES", "A256GCM")
    encryption_header: dict[str, object] = field(default_factory=dict)
    encrypt_to: Key | None = None
    published: list[Key] = field(default_factory=lambda: [PROVIDER_EC, PROVIDER_RSA, PROVIDER_ENCRYPTION])
    token: str | None = None
    answers: dict[str, Answered | None] = field(default_factory=dict)  # path -> answer instead of the right one; None: unreachable
    asked: list[str] = field(default_factory=list)
    pushed: dict[str, str] = field(default_factory=dict)
    exchanged: dict[str, str] = field(default_factory=dict)
    now: datetime = NOON

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Answered:
        path, form = urlsplit(url).path, dict(parse_qsl((content or b"").decode("ascii"), keep_blank_values=True))
        self.asked.append(path)
        if path in self.answers:
            answer = self.answers[path]
            if answer is None:
                raise Unreachable("no answer")
            return answer
        return self._right_answer(path, form)

    def claims(self) -> dict[str, object]:
        """What it says of the person, after the change of the test."""
        issued = int(self.now.timestamp())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "pairwise-1",
            "sid": "provider-session-1",
            "iat": issued,
            "exp": issued + 300,
            "auth_time": issued,
            "nonce": self.pushed.get("nonce"),
            "acr": AssuranceLevel.SUBSTANTIAL.acr,
            "bsn": BSN,
        }
        self.change_claims(claims)
        return claims

    def id_token(self) -> str:
        if self.token is not None:
            return self.token
        header = {"alg": self.algorithm, "kid": self.signing.kid, **self.header}
        signed = jwt.encode({k: v for k, v in header.items() if v is not None}, self.claims(), self.signing, [self.algorithm])
        return signed if self.encrypt is None else self.encrypted(signed)

    def encrypted(self, content: str) -> str:
        assert self.encrypt is not None
        algorithm, encryption = self.encrypt
        key = self.encrypt_to or KEYS.decryption[0 if algorithm.startswith("ECDH") else 1]
        header = {"alg": algorithm, "enc": encryption, "cty": "JWT", "kid": key.kid, **self.encryption_header}
        allowed = [algorithm, encryption, "DEF"]
        return jwe.encrypt_compact({k: v for k, v in header.items() if v is not None}, content, key, allowed)

    def _right_answer(self, path: str, form: dict[str, str]) -> Answered:
        match path:
            case "/.well-known/openid-configuration":
                return as_answer(200, self._metadata())
            case "/keys":
                return as_answer(200, {"keys": [key.as_dict(private=False) for key in self.published]})
            case "/par":
                self.pushed = form
                return as_answer(201, {"request_uri": "urn:request:1", "expires_in": 60})
            case "/token":
                self.exchanged = form
                return as_answer(200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token()})
            case _:
                return as_answer(404, {})

    def _metadata(self) -> dict[str, object]:
        metadata: dict[str, object] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "pushed_authorization_request_endpoint": f"{ISSUER}/par",
            "end_session_endpoint": f"{ISSUER}/logout",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "claims_parameter_supported": True,
            "something_unknown": {"is": "ignored"},
        }
        self.change_metadata(metadata)
        return {name: value for name, value in metadata.items() if value is not None}


def relying_party(folder: Path, provider: StandInProvider, settings: LoginSettings = SETTINGS, *, source: str = "duo") -> RelyingParty:
    engine = with_tables(f"sqlite:///{folder / 'x.sqlite'}")
    attempts = LoginAttempts(engine, RowKey.from_secret(bytes(32)), source, Random(7).randbytes)
    return RelyingParty.open(settings, KEYS, http=provider, attempts=attempts)


def begin(party: RelyingParty, level: AssuranceLevel = AssuranceLevel.SUBSTANTIAL, *, afresh: bool = False) -> LoginStarted:
    started = party.begin(level, return_to="/kiezen", now=NOON, afresh=afresh)
    assert isinstance(started, LoginStarted), started
    return started


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def log_in(
    party: RelyingParty, provider: StandInProvider, *, level: AssuranceLevel = AssuranceLevel.SUBSTANTIAL, afresh: bool = False
) -> LoginCompleted | LoginProblem:
    started = begin(party, level, afresh=afresh)
    if not provider.pushed:  # without PAR the request travels in the address
        provider.pushed = query(started.address)
    callback = {"code": "code-1", "state": provider.pushed["state"], "iss": ISSUER}
    return party.complete(callback, browser_reference=started.browser_reference, now=provider.now)
