import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from litestar.testing import TestClient

from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.login_settings import ClientKeys, LoginSettings
from blauweknop.adapters.representation_settings import RepresentationSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.demo.digid import digid_router
from blauweknop.demo.digid_provider import ExerciseClient, ExercisePerson, ExerciseProvider, ProtocolError
from blauweknop.demo.mandates import exercise_mandates
from blauweknop.demo.people import make_people
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.texts import Text
from blauweknop.issuer.login import LoginCompleted, LoginProblem, LoginProblemCode, LoginStarted
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.databases import with_tables

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SITE = "http://exercise.local"
ISSUER = f"{SITE}/digid"
KEYS = ClientKeys.of(ec.generate_private_key(ec.SECP256R1()), [ec.generate_private_key(ec.SECP256R1())])
SETTINGS = LoginSettings(
    issuer=ISSUER,
    client_id="duo",
    redirect_uri=f"{SITE}/duo/inloggen/terug",
    post_logout_redirect_uri=f"{SITE}/duo/uitgelogd",
    name="oefen-DigiD",
)
PEOPLE = [
    ExercisePerson("anna", Bsn.parse("999990019"), "Anna de Vries", Text(nl="Heeft een studieschuld.", en="Has a study debt.")),
    ExercisePerson("bert", Bsn.parse("999992016"), "Bert <Bos>", Text(nl="Krijgt WW.", en="Gets unemployment benefit.")),
] + [ExercisePerson(f"p{number}", Bsn.parse("999990019"), f"Persoon {number}", Text(nl="Meer.", en="More.")) for number in range(20)]


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def client_of(keys: ClientKeys, client_id: str = "duo") -> ExerciseClient:
    return ExerciseClient.of(
        client_id,
        "DUO",
        signing_key=keys.signing,
        encryption_key=keys.decryption[0],
        redirect_uris=[SETTINGS.redirect_uri],
        post_logout_redirect_uris=[SETTINGS.post_logout_redirect_uri],
    )


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes


@dataclass
class Exercise:
    """The provider in a web application, a browser, and a source that talks to both."""

    browser: TestClient  # type: ignore[type-arg]  # of any application
    provider: ExerciseProvider
    party: RelyingParty
    clock: Clock
    last_post: dict[str, str] = field(default_factory=dict)

    def begin(self, level: AssuranceLevel = AssuranceLevel.SUBSTANTIAL) -> LoginStarted:
        started = self.party.begin(level, return_to="/duo/kiezen", now=self.clock.now)
        assert isinstance(started, LoginStarted), started
        return started

    def open_page(self, started: LoginStarted) -> str:
        answer = self.browser.get(started.address)
        assert answer.status_code == 200
        return str(answer.text)

    def answer(self, html: str, **chosen: str) -> str:
        """Send the form of the page; the address the browser is sent to, or the page that comes back."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
        data = {name: unescape(value) for name, value in hidden.items()} | {"answer": "go", **chosen}
        answer = self.browser.post("/digid/inloggen", data=data, follow_redirects=False)
        return str(answer.headers.get("location") or answer.text)

    def log_in(self, level: str = "substantial", asked: AssuranceLevel = AssuranceLevel.SUBSTANTIAL) -> LoginCompleted | LoginProblem:
        started = self.begin(asked)
        return self.complete(started, self.answer(self.open_page(started), person="anna", level=level))

    def complete(self, started: LoginStarted, address: str) -> LoginCompleted | LoginProblem:
        return self.party.complete(query(address), browser_reference=started.browser_reference, now=self.clock.now)


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture(params=["P-256", "RSA"])
def keys(request: pytest.FixtureRequest) -> ClientKeys:
    if request.param == "P-256":
        return KEYS
    return ClientKeys.of(rsa.generate_private_key(65537, 2048), [rsa.generate_private_key(65537, 2048)])


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    yield from running(tmp_path, KEYS)


def running(folder: Path, keys: ClientKeys, mandates: Sequence[ExercisePerson] = ()) -> Iterator[Exercise]:
    clock = Clock()
    provider = ExerciseProvider(ISSUER, [*PEOPLE, *mandates], [client_of(keys), client_of(keys, "uwv")], clock=clock)
    app = web_application([digid_router(provider)], WebSettings(csrf_secret="0" * 32, secure=False, exercise=True))
    engine = with_tables(f"sqlite:///{folder / 'x.sqlite'}")
    attempts = LoginAttempts(engine, RowKey.from_secret(bytes(32)), "duo", Random(7).randbytes)
    with TestClient(app, base_url=SITE) as browser:

        class ThroughTheApplication:
            def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Answered:
                answer = browser.request(method, url, headers=dict(headers or {}), content=content)
                return Answered(answer.status_code, answer.content)

        party = RelyingParty.open(SETTINGS, keys, http=ThroughTheApplication(), attempts=attempts)
        yield Exercise(browser, provider, party, clock)
    engine.dispose()


def test_a_person_and_a_level_are_chosen_and_the_source_knows_them(tmp_path: Path, keys: ClientKeys) -> None:
    for exercise in running(tmp_path, keys):
        outcome = exercise.log_in()

        assert isinstance(outcome, LoginCompleted), outcome
        assert outcome.person.bsn.digits == "999990019"
        assert outcome.person.level is AssuranceLevel.SUBSTANTIAL


def test_the_page_says_that_it_is_an_exercise_and_for_whom(exercise: Exercise) -> None:
    html = exercise.open_page(exercise.begin())

    assert "Dit is niet DigiD" in html
    assert "DUO wil weten wie u bent" in html
    assert "Bert &lt;Bos&gt;" in html


def test_who_acts_for_another_is_known_to_the_source_as_that_person_with_a_mandate(tmp_path: Path) -> None:
    agreed = replace(SETTINGS, representation=RepresentationSettings(frozenset({"oefen-blauwe-knop-duo"}), ISSUER))
    for exercise in running(tmp_path, KEYS, exercise_mandates(make_people(18), ISSUER, NOON.date())):
        started = exercise.begin()
        html = exercise.open_page(started)
        outcomes = {}
        for who in ("dochter", "bewind", "andere-dienst", "verlopen"):
            begun = exercise.begin()
            address = exercise.answer(exercise.open_page(begun), person=f"namens-{who}", level="substantial")
            party = replace(exercise.party, settings=agreed)
            outcomes[who] = party.complete(query(address), browser_reference=begun.browser_reference, now=NOON)

        assert "Ik doe dit voor iemand anders" in html
        assert [outcome.code for outcome in outcomes.values() if isinstance(outcome, LoginProblem)] == [
            LoginProblemCode.MANDATE_SERVICE,
            LoginProblemCode.MANDATE_ENDED,
        ]
        daughter, office = (outcomes[who] for who in ("dochter", "bewind"))
        assert isinstance(daughter, LoginCompleted)
        assert isinstance(office, LoginCompleted)
        assert daughter.person.mandate is not None
        assert daughter.person.mandate.represented == "Fatma Ağca"
        assert daughter.person.mandate.identifier != daughter.person.bsn.digits
        assert office.person.mandate is not None
        assert office.person.mandate.representative.name == "Bewindvoering Laakhof"


def test_the_page_speaks_english_too(exercise: Exercise) -> None:
    html = exercise.browser.get(exercise.begin().address + "&taal=en").text

    assert "This is not DigiD" in html
    assert "Has a study debt." in html


def test_no_bsn_is_on_the_page_or_in_an_address(exercise: Exercise) -> None:
    started = exercise.begin()
    html = exercise.open_page(started)
    address = exercise.answer(html, person="anna", level="substantial")

    assert "999990019" not in html + started.address + address


def test_a_level_that_is_too_low_is_seen_by_the_source(exercise: Exercise) -> None:
    assert exercise.log_in("low") == LoginProblem(LoginProblemCode.LEVEL_TOO_LOW)


def test_cancelling_is_told_to_the_source(exercise: Exercise) -> None:
    started = exercise.begin()
    address = exercise.answer(exercise.open_page(started), answer="cancel")

    assert exercise.complete(started, address) == LoginProblem(LoginProblemCode.CANCELLED)


@pytest.mark.parametrize("person", ["", "nobody"])
def test_without_a_person_the_page_asks_again_and_keeps_the_level(exercise: Exercise, person: str) -> None:
    html = exercise.answer(exercise.open_page(exercise.begin()), person=person, level="low")

    assert "Kies een persoon uit de lijst." in html
    assert re.search(r'value="low" checked', html)


@pytest.mark.parametrize("level", ["", "high", "basis"])
def test_without_a_level_the_page_asks_again_and_keeps_the_person(exercise: Exercise, level: str) -> None:
    html = exercise.answer(exercise.open_page(exercise.begin()), person="bert", level=level)

    assert "Kies Midden of Substantieel." in html
    assert re.search(r'value="bert" checked', html)


def test_a_request_is_answered_once(exercise: Exercise) -> None:
    html = exercise.open_page(exercise.begin())
    exercise.answer(html, person="anna", level="substantial")

    assert "niet meer geldig" in exercise.answer(html, person="anna", level="substantial")


def test_a_request_ends_after_a_quarter_of_an_hour(exercise: Exercise) -> None:
    started = exercise.begin()
    exercise.clock.now += timedelta(minutes=15)

    assert exercise.browser.get(started.address).status_code == 400


@pytest.mark.parametrize("address", ["/digid/inloggen", "/digid/inloggen?client_id=duo&request_uri=x"])
def test_without_a_pushed_request_there_is_no_login(exercise: Exercise, address: str) -> None:
    assert exercise.browser.get(address).status_code == 400


def test_a_request_of_one_source_is_not_for_another(exercise: Exercise) -> None:
    address = exercise.begin().address.replace("client_id=duo", "client_id=uwv")

    assert exercise.browser.get(address).status_code == 400


def test_the_form_needs_its_token(exercise: Exercise) -> None:
    reference = query(exercise.begin().address)["request_uri"]

    answer = exercise.browser.post("/digid/inloggen", data={"request_uri": reference, "person": "anna", "level": "low"})

    assert answer.status_code == 403


def test_the_start_page_explains_itself(exercise: Exercise) -> None:
    assert "verzonnen persoon" in exercise.browser.get("/digid").text


# what the source may do


def proof(exercise: Exercise, **changes: object) -> dict[str, str]:
    issued = int(exercise.clock.now.timestamp())
    claims = {"iss": "duo", "sub": "duo", "aud": ISSUER, "jti": "one", "iat": issued, "exp": issued + 60, **changes}
    return {
        "client_id": "duo",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256"}, {k: v for k, v in claims.items() if v is not None}, KEYS.signing),
    }


REQUEST = {
    "response_type": "code",
    "redirect_uri": SETTINGS.redirect_uri,
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}


def test_a_right_request_is_taken(exercise: Exercise) -> None:
    assert exercise.provider.push(REQUEST | proof(exercise))["expires_in"] == 900


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "uwv"},
        {"sub": "uwv"},
        {"aud": "https://other.example"},
        {"exp": int(NOON.timestamp()) - 61},
        {"exp": int(NOON.timestamp()) + 3600},
        {"exp": None},
        {"jti": None},
    ],
)
def test_an_assertion_that_is_wrong_is_refused(exercise: Exercise, changes: dict[str, object]) -> None:
    with pytest.raises(ProtocolError, match="invalid_client"):
        exercise.provider.push(REQUEST | proof(exercise, **changes))


def test_an_assertion_is_good_once(exercise: Exercise) -> None:
    said = proof(exercise)
    exercise.provider.push(REQUEST | said)

    with pytest.raises(ProtocolError, match="invalid_client"):
        exercise.provider.push(REQUEST | said)


@pytest.mark.parametrize(
    "changes", [{"client_id": "nobody"}, {"client_assertion": ""}, {"client_assertion": "a.b.c"}, {"client_assertion_type": "x"}]
)
def test_an_unknown_source_is_refused(exercise: Exercise, changes: dict[str, str]) -> None:
    with pytest.raises(ProtocolError, match="invalid_client"):
        exercise.provider.push(REQUEST | proof(exercise) | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "token"},
        {"redirect_uri": "https://evil.example"},
        {"scope": "profile"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"state": ""},
        {"nonce": ""},
    ],
)
def test_a_request_that_was_not_agreed_is_refused(exercise: Exercise, changes: dict[str, str]) -> None:
    with pytest.raises(ProtocolError, match="invalid_request"):
        exercise.provider.push(REQUEST | proof(exercise) | changes)


def test_a_code_is_good_for_a_minute(exercise: Exercise) -> None:
    started = exercise.begin()
    address = exercise.answer(exercise.open_page(started), person="anna", level="substantial")
    exercise.clock.now += timedelta(seconds=61)

    assert exercise.complete(started, address) == LoginProblem(LoginProblemCode.CODE_REFUSED)


def test_a_code_of_one_attempt_does_not_fit_another(exercise: Exercise) -> None:
    first, second = exercise.begin(), exercise.begin()
    stolen = query(exercise.answer(exercise.open_page(first), person="anna", level="substantial"))["code"]
    own = query(exercise.answer(exercise.open_page(second), person="bert", level="substantial"))

    outcome = exercise.party.complete(own | {"code": stolen}, browser_reference=second.browser_reference, now=NOON)

    assert outcome == LoginProblem(LoginProblemCode.CODE_REFUSED)


def test_a_code_is_good_once(exercise: Exercise) -> None:
    started = exercise.begin()
    code = query(exercise.answer(exercise.open_page(started), person="anna", level="substantial"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "v", "redirect_uri": SETTINGS.redirect_uri}
    for number in (1, 2):
        with pytest.raises(ProtocolError, match="invalid_grant"):
            exercise.provider.redeem(form | proof(exercise, jti=str(number)))


def test_each_source_knows_a_person_by_another_subject(tmp_path: Path) -> None:
    subjects = set()
    for exercise in running(tmp_path, KEYS):
        for client_id in ("duo", "uwv"):
            exercise.party = replace(exercise.party, settings=replace(SETTINGS, client_id=client_id))
            outcome = exercise.log_in()
            assert isinstance(outcome, LoginCompleted), outcome
            subjects.add(outcome.person.subject)

    assert len(subjects) == 2


# logging out


def test_logging_out_leads_back_to_the_source(exercise: Exercise) -> None:
    outcome = exercise.log_in()
    assert isinstance(outcome, LoginCompleted)
    address = exercise.party.logout_address(outcome.person, now=NOON)
    assert address is not None

    answer = exercise.browser.get(address, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(SETTINGS.post_logout_redirect_uri + "?state=")


@pytest.mark.parametrize(
    "asked",
    [
        {"client_id": "duo", "post_logout_redirect_uri": "https://evil.example"},
        {"client_id": "nobody", "post_logout_redirect_uri": SETTINGS.post_logout_redirect_uri},
        {"id_token_hint": "a.b.c.d.e", "post_logout_redirect_uri": SETTINGS.post_logout_redirect_uri},
        {"post_logout_redirect_uri": SETTINGS.post_logout_redirect_uri},
    ],
)
def test_logging_out_never_leads_to_an_address_that_was_not_agreed(exercise: Exercise, asked: dict[str, str]) -> None:
    answer = exercise.browser.get("/digid/uitloggen", params=asked, follow_redirects=False)

    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_logging_out_without_an_address_stays_here(exercise: Exercise) -> None:
    assert "U bent uitgelogd" in exercise.browser.get("/digid/uitloggen").text
    assert "U bent uitgelogd" in exercise.browser.post("/digid/uitloggen").text
