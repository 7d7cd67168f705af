"""Our relying party at a certified OpenID provider that is not ours (npm oidc-provider), over real HTTP on this machine."""

import http.server
import json
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from random import Random
from typing import IO
from urllib.error import HTTPError
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.http_client import GuardedClient, Reach, Response
from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.login_provider import LoginHttp
from blauweknop.adapters.login_settings import ClientKeys, LoginSettings
from blauweknop.adapters.login_tokens import LogoutNotice
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.issuer.login import LoginCompleted, LoginProblem, LoginProblemCode, LoginStarted
from tests.suites import node_modules

pytestmark = pytest.mark.suite("oidc-provider")

BSN = "999990019"
BACK = "http://127.0.0.1:9/terug"  # nothing listens there: the browser stops before it
GONE = "http://127.0.0.1:9/uitgelogd"
KEYS = ClientKeys.of(ec.generate_private_key(ec.SECP256R1()), [ec.generate_private_key(ec.SECP256R1())])
SCRIPT = Path(__file__).with_name("oidc_provider.mjs")


@contextmanager
def provider_process(
    *, person: str | None = "citizen", acr: str | None = None, encrypt: bool = True, logout_address: str = "http://127.0.0.1:9/x"
) -> Iterator[str]:
    client = {
        "client_id": "duo",
        "redirect_uris": [BACK],
        "post_logout_redirect_uris": [GONE],
        "jwks": KEYS.public_keys(),
        "token_endpoint_auth_signing_alg": "ES256",
        "backchannel_logout_uri": logout_address,
        "backchannel_logout_session_required": True,
    }
    settings = {
        "modules": str(node_modules()),
        "client": client,
        "person": person,
        "bsn": BSN,
        "acr": acr,
        "encrypt": encrypt,
    }
    with subprocess.Popen(["node", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(settings) + "\n")
            process.stdin.flush()
            said = process.stdout.readline()
            while not said.strip().isdigit():
                assert said, "the provider did not start"
                said = process.stdout.readline()
            yield f"http://127.0.0.1:{said.strip()}"
        finally:
            process.kill()


@dataclass
class Bench:
    """A source, the provider, and the browser of a person."""

    party: RelyingParty
    browser: OpenerDirector

    def begin(self, level: AssuranceLevel = AssuranceLevel.SUBSTANTIAL) -> LoginStarted:
        started = self.party.begin(level, return_to="/duo", now=datetime.now(UTC))
        assert isinstance(started, LoginStarted), started
        return started

    def log_in(self, level: AssuranceLevel = AssuranceLevel.SUBSTANTIAL) -> LoginCompleted | LoginProblem:
        started = self.begin(level)
        callback = walk(self.browser, started.address)
        return self.party.complete(callback, browser_reference=started.browser_reference, now=datetime.now(UTC))


class StopAtHome(HTTPRedirectHandler):
    """Follows redirects as a browser does, but gives the one to the source to the test."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str) -> Request | None:
        if newurl.startswith((BACK, GONE)):
            fp.close()  # the connection goes with the answer that nobody reads
            raise HTTPError(newurl, 303, "home", None, None)  # type: ignore[arg-type]  # the address is all that is wanted
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def walk(browser: OpenerDirector, address: str, form: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where the browser comes home: the query of that address."""
    with pytest.raises(HTTPError) as home:
        browser.open(address, urlencode(form).encode() if form is not None else None, timeout=10)
    assert home.value.code == 303, home.value
    return {name: values[0] for name, values in parse_qs(urlsplit(str(home.value.url)).query).items()}


class AnotherNonce:
    """The way to the provider of someone in between, who makes it sign for another attempt."""

    def __init__(self, inner: LoginHttp) -> None:
        self._inner = inner

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Response:
        form = dict(parse_qsl((content or b"").decode()))
        if "nonce" in form:
            content = urlencode({**form, "nonce": "of-another-attempt"}).encode()
        answer = self._inner.send(method, url, headers=headers, content=content)
        assert isinstance(answer, Response)
        return answer


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Opens a bench at the address of a provider; what it keeps open is closed at the end."""
    with ExitStack() as until_the_end:

        def opened(issuer: str, *, spoil_nonce: bool = False) -> Bench:
            engine = open_database(f"sqlite:///{tmp_path / 'x.sqlite'}")
            until_the_end.callback(engine.dispose)
            upgrade(engine)
            reach = Reach(hosts=frozenset({urlsplit(issuer).netloc}), allow_loopback=True, timeout_seconds=10)
            guarded = until_the_end.enter_context(closing(GuardedClient(reach)))
            settings = LoginSettings(
                issuer=issuer,
                client_id="duo",
                redirect_uri=BACK,
                post_logout_redirect_uri=GONE,
            )
            attempts = LoginAttempts(engine, RowKey.from_secret(bytes(32)), "duo", Random(7).randbytes)
            party = RelyingParty.open(settings, KEYS, http=AnotherNonce(guarded) if spoil_nonce else guarded, attempts=attempts)
            return Bench(party, build_opener(HTTPCookieProcessor(CookieJar()), StopAtHome()))

        yield opened


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_process() as address:
        yield address


def test_a_whole_login_with_pushed_request_signed_client_and_encrypted_id_token(issuer: str, bench: Callable[..., Bench]) -> None:
    outcome = bench(issuer).log_in()

    assert isinstance(outcome, LoginCompleted), outcome
    assert outcome.person.bsn.digits == BSN
    assert outcome.person.level is AssuranceLevel.SUBSTANTIAL
    assert outcome.return_to == "/duo"


def test_the_browser_carries_nothing_but_a_reference(issuer: str, bench: Callable[..., Bench]) -> None:
    address = bench(issuer).begin().address

    assert set(parse_qs(urlsplit(address).query)) == {"client_id", "request_uri"}


def test_a_code_is_good_once(issuer: str, bench: Callable[..., Bench]) -> None:
    first = bench(issuer)
    started = first.begin()
    callback = walk(first.browser, started.address)
    now = datetime.now(UTC)

    assert isinstance(first.party.complete(callback, browser_reference=started.browser_reference, now=now), LoginCompleted)
    again = first.begin()
    replayed = walk(first.browser, again.address) | {"code": callback["code"]}
    assert first.party.complete(replayed, browser_reference=again.browser_reference, now=now) == LoginProblem(LoginProblemCode.CODE_REFUSED)


def test_a_source_with_another_key_is_not_let_in(issuer: str, bench: Callable[..., Bench]) -> None:
    party = bench(issuer).party
    stranger = replace(party, keys=replace(KEYS, signing=ClientKeys.of(ec.generate_private_key(ec.SECP256R1())).signing))

    outcome = stranger.begin(AssuranceLevel.LOW, return_to="/", now=datetime.now(UTC))

    assert outcome == LoginProblem(LoginProblemCode.REQUEST_REFUSED)


def test_an_answer_with_the_nonce_of_another_attempt_is_refused(issuer: str, bench: Callable[..., Bench]) -> None:
    assert bench(issuer, spoil_nonce=True).log_in() == LoginProblem(LoginProblemCode.ANSWER_NONCE)


@pytest.mark.parametrize(
    ("acr", "code"),
    [
        ("http://eidas.europa.eu/LoA/low", LoginProblemCode.LEVEL_TOO_LOW),
        ("urn:some:other:level", LoginProblemCode.LEVEL_UNKNOWN),
    ],
)
def test_a_level_that_is_not_enough_or_not_known_is_refused(bench: Callable[..., Bench], acr: str, code: LoginProblemCode) -> None:
    with provider_process(acr=acr) as issuer:
        assert bench(issuer).log_in() == LoginProblem(code)


def test_a_provider_that_only_signs_is_refused_unless_that_was_agreed(bench: Callable[..., Bench]) -> None:
    with provider_process(encrypt=False) as issuer:
        here = bench(issuer)
        assert here.log_in() == LoginProblem(LoginProblemCode.ANSWER_NOT_ENCRYPTED)
        here.party = replace(here.party, settings=replace(here.party.settings, require_encrypted_id_token=False))
        assert isinstance(here.log_in(), LoginCompleted)


def test_a_person_who_cancels_comes_home_without_a_login(bench: Callable[..., Bench]) -> None:
    with provider_process(person=None) as issuer:
        assert bench(issuer).log_in() == LoginProblem(LoginProblemCode.CANCELLED)


def test_logging_out_ends_the_session_of_the_provider_which_tells_the_source(bench: Callable[..., Bench]) -> None:
    told: queue.Queue[dict[str, str]] = queue.Queue()

    class Source(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the base class
            """Tests print nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with provider_process(logout_address=f"http://127.0.0.1:{server.server_port}/uitloggen") as issuer:
        here = bench(issuer)
        outcome = here.log_in()
        assert isinstance(outcome, LoginCompleted), outcome
        now = datetime.now(UTC)
        address = here.party.logout_address(outcome.person, now=now)
        assert address is not None

        with here.browser.open(address, timeout=10) as answer:
            page = answer.read().decode()
        action = re.search(r'action="([^"]+)"', page)
        secret = re.search(r'name="xsrf" value="([^"]+)"', page)
        assert action is not None
        assert secret is not None
        home = walk(here.browser, action[1], {"xsrf": secret[1], "logout": "yes"})
        notice = here.party.logout_notice(told.get(timeout=10), now=now)
    server.shutdown()
    server.server_close()

    assert home["state"] == parse_qs(urlsplit(address).query)["state"][0]
    assert isinstance(notice, LogoutNotice), notice
    assert notice.provider_session == outcome.person.provider_session
