"""A receiver that asks, with real keys and storage; and the holder and the browser of a person, in which a test can change any part."""

import html
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import one_transaction
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.session_cookies import session_cookie
from blauweknop.adapters.verifier_answers import VerifierAnswers
from blauweknop.adapters.verifier_households import HouseholdStore
from blauweknop.adapters.verifier_requests import RequestStore, TransactionStore
from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text
from blauweknop.standards import base64url
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, CredentialSet, DcqlQuery
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, encrypt_jwe
from blauweknop.standards.jwk import EncryptionKey, thumbprint
from blauweknop.standards.mdoc.transcripts import openid4vp_transcript
from blauweknop.standards.registration import RegisteredCredential, Registration
from blauweknop.standards.request_object import VerifiedRequest, verify_request
from blauweknop.standards.signing import KeySigner
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.routes import afterwards_routes
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer, Receiver, Use
from blauweknop.verifier.asking.questions import AskedItem, Question
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.verifier.asking.routes import asking_routes
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.databases import with_tables
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import mdocs as m
from tests.unit.standards import receivers as r

SITE = "https://proef.example"
PATH = "/schuldhulp"
HOLDER = "https://mijn.example/mijn/delen"
NONCE = "n" * 22
SUMMARY = ("given_name", "family_name", "schuldsaldo_inclusief_rente")
WHOLE = (("subject", "given_name"), ("subject", "family_name"), ("data", "schuldsaldo_inclusief_rente"))

SHORT = CredentialQuery("schuld-kort", "dc+sd-jwt", (c.WALLET_TYPE,), tuple(ClaimQuery((name,)) for name in SUMMARY))
DOCUMENT = CredentialQuery("schuld", "dc+sd-jwt", (x.dataset().type_uri,), tuple(ClaimQuery(path) for path in WHOLE), holder_binding=False)
MDOC = CredentialQuery(
    "schuld-mdoc", "mso_mdoc", (x.dataset().doctype,), tuple(ClaimQuery((x.dataset().doctype, name)) for name in ("given_name",))
)
ITEM = AskedItem("schuld", Text("Studieschuld", "Study debt"), Text("Om een plan te maken.", "To make a plan."), ("duo.studieschuld",))
QUESTION = Question("schuldhulp-1", (ITEM,), DcqlQuery((SHORT,)))
IN_A_WAY = Question("schuldhulp-1", (ITEM,), DcqlQuery((SHORT,), (CredentialSet((("schuld-kort",),)),)))
BOTH = Question("schuldhulp-1", (ITEM,), DcqlQuery((DOCUMENT, SHORT), (CredentialSet((("schuld", "schuld-kort"), ("schuld-kort",))),)))
REGISTRATION = replace(
    r.REGISTRATION,
    credentials=(
        RegisteredCredential("dc+sd-jwt", (c.WALLET_TYPE,), tuple((name,) for name in SUMMARY)),
        RegisteredCredential("dc+sd-jwt", (x.dataset().type_uri,), WHOLE),
        RegisteredCredential("mso_mdoc", (x.dataset().doctype,), tuple((x.dataset().doctype, name) for name in SUMMARY)),
    ),
)
MDOC_QUESTION = Question("schuldhulp-1", (ITEM,), DcqlQuery((MDOC,)))
ROW_KEY = RowKey.from_secret(bytes(range(32)))


def opened(folder: Path) -> Engine:
    return with_tables(f"sqlite:///{folder / 'ontvanger.db'}")


@dataclass
class AskingWorld:
    """What a test may change before it opens a browser."""

    engine: Engine
    registration: Registration = REGISTRATION
    now: datetime = x.NOW
    trust: Callable[[], Trust] = c.trust
    changes: dict[str, Any] = field(default_factory=dict)
    receiver: str = "schuldhulp"

    def services(self) -> AskingServices:
        certificate = r.registered(credentials=self.registration.credentials, updates=self.registration.updates)
        made = AskingServices(
            receiver=Receiver(
                self.receiver,
                "Schuldhulp Proef",
                PATH,
                f"{SITE}{PATH}",
                r.RECEIVER.signer(),
                {self.registration.intended_use: Use(self.registration, certificate)},
            ),
            catalogue=x.catalogue(),
            requests=RequestStore(self.engine, ROW_KEY, self.receiver),
            transactions=TransactionStore(self.engine, ROW_KEY, self.receiver),
            answers=VerifierAnswers(self.engine, ROW_KEY, self.receiver),
            sharings=VerifierSharings(self.engine, ROW_KEY, self.receiver),
            households=HouseholdStore(self.engine, ROW_KEY, self.receiver),
            together=lambda: one_transaction(self.engine),
            judge=lambda look, _at: look(self.trust()),
            clock=lambda: self.now,
            random=secrets.token_bytes,
            session_cookie=session_cookie("verzoek-schuldhulp"),
            holder_address=HOLDER,
            calls_a_minute=100_000,
            begins_a_minute=100_000,
            all_begins_a_minute=100_000,
        )
        return replace(made, **self.changes)

    def later(self, **stretch: float) -> None:
        self.now += timedelta(**stretch)

    def request(self, question: Question = QUESTION) -> str:
        """The path of the page for a person."""
        address, _ = make_request(question, self.services())
        return address.removeprefix(SITE)

    @contextmanager
    def browser(self) -> Iterator["Browser"]:
        with TestClient(self.application(), base_url=SITE) as client:
            yield Browser(client, self)

    def application(self, *, secure: bool = True) -> Litestar:
        """Not `secure` for a real browser, to which it is served without TLS."""
        services = replace(self.services(), session_cookie=session_cookie("verzoek-schuldhulp", secure=secure))
        settings = WebSettings(csrf_secret="s" * 32, secure=secure, exercise=True, login_origins=("https://mijn.example",))
        afterwards = AfterwardsServices(services.receiver.signer, services.sharings, services.clock, calls_a_minute=100_000)
        routes = [*asking_routes(services), *afterwards_routes(services, afterwards)]
        return web_application(routes, settings, portals=(asking_portal(services),))

    def kept(self, path: str) -> KeptAnswer | None:
        services = self.services()
        request = services.requests.by_token(path.rpartition("/")[2], now=self.now)
        assert request is not None
        return services.answers.of_request(request.id)


@dataclass
class Browser:
    """The browser of a person, and who carries its question to a holder."""

    client: TestClient[Litestar]
    world: AskingWorld

    def get(self, path: str) -> Response:
        return self.client.get(path, follow_redirects=False)

    def post(self, path: str, **form: str) -> Response:
        """A form of a page: with the token of this browser."""
        token = re.search(r'name="_csrf_token" value="([^"]+)"', self.client.get(f"{PATH}/klaar").text)
        name = "__Host-bk-form"
        value = token.group(1) if token else self.client.cookies.get(name)
        return self.client.post(path, data={**form, "_csrf_token": str(value)}, follow_redirects=False)

    def begin(self, path: str) -> "TestHolder":
        """To a holder on this device."""
        answer = self.post(f"{path}/mijn")
        assert answer.status_code == 303, answer.text
        return TestHolder.at(answer.headers["location"], self)

    def begin_elsewhere(self, path: str) -> "TestHolder":
        answer = self.post(f"{path}/ander-toestel")
        assert answer.status_code == 303, answer.text
        return TestHolder.at(self.link_on(f"{path}/ander-toestel"), self)

    def link_on(self, path: str) -> str:
        found = re.search(r"haip-vp://[^\"<]+", self.get(path).text)
        assert found is not None
        return html.unescape(found.group())

    def come_back(self, redirect_uri: str) -> Response:
        return self.get(redirect_uri.removeprefix(SITE))

    def end(self) -> Response:
        return self.get(f"{PATH}/klaar")


@dataclass
class TestHolder:
    """A holder that does all right, unless a test says otherwise."""

    __test__ = False

    client_id: str
    request_uri: str
    browser: Browser
    asked: VerifiedRequest | None = None

    @classmethod
    def at(cls, link: str, browser: Browser) -> "TestHolder":
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        assert query["request_uri_method"] == "post"
        return cls(query["client_id"], query["request_uri"], browser)

    def call(self, address: str, form: Mapping[str, str]) -> Response:
        return self.browser.client.post(address.removeprefix(SITE), data=dict(form))

    def fetch(self, **form: str) -> Response:
        return self.call(self.request_uri, {"wallet_nonce": NONCE, **form})

    def hear(self) -> VerifiedRequest:
        """The question, as Mijn Blauwe Knop checks it before it shows anything."""
        answer = self.fetch()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/oauth-authz-req+jwt"
        return self.read(answer.text)

    def read(self, text: str) -> VerifiedRequest:
        self.asked = verify_request(
            text,
            client_id=self.client_id,
            wallet_nonce=NONCE,
            trust_list=r.trust_list(),
            status_lists=r.status_lists(),
            at=self.browser.world.now,
        )
        return self.asked

    def known(self) -> VerifiedRequest:
        return self.asked or self.hear()

    def shown(self, sd_jwt: str | None = None, names: tuple[str, ...] = SUMMARY, **changes: Any) -> str:
        """The credential of a wallet, with these names, bound to this question."""
        asked = self.known()
        usual: dict[str, Any] = {"audience": self.client_id, "nonce": asked.nonce, "at": self.browser.world.now}
        return c.presented(c.keep(sd_jwt or c.of_wallet(), names), **(usual | changes))

    def device_response(self, issued: bytes | None = None, *, device: KeySigner | None = None, **changes: Any) -> bytes:
        """A mobile document, bound to this question."""
        asked = self.known()
        session: dict[str, Any] = {
            "client_id": self.client_id,
            "nonce": asked.nonce,
            "response_uri": asked.response_uri,
            "jwk_thumbprint": base64url.decode(thumbprint(asked.key.public)),
        }
        transcript = openid4vp_transcript(**(session | changes))
        return m.presented(None if issued is None else [issued], transcript=transcript, device=device)

    def sealed(self, members: Mapping[str, JsonValue], key: EncryptionKey | None = None) -> str:
        return encrypt_jwe(dict(members), key or self.known().key, PRESENTATION_RESPONSE, random_bytes=secrets.token_bytes)

    def answer(self, vp_token: JsonValue = None, **changes: JsonValue) -> Response:
        """Post what is shown; by default what was asked."""
        asked = self.known()
        usual: JsonValue = {"schuld-kort": [self.shown()]}
        token = usual if vp_token is None else vp_token
        members: dict[str, JsonValue] = {"vp_token": token, "state": asked.state, **changes}
        return self.post({"response": self.sealed({name: value for name, value in members.items() if value is not None})})

    def post(self, form: Mapping[str, str]) -> Response:
        return self.call(self.known().response_uri, form)


def led_back(answer: Response) -> str:
    """Where a good answer leads the person."""
    assert answer.status_code == 200, answer.text
    return str(answer.json()["redirect_uri"])


def refused(answer: Response) -> str:
    """The code of a refusal."""
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "invalid_request"
    return str(answer.json()["error_description"]).partition(":")[0]
