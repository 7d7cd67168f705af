import re
from dataclasses import replace

import pytest
from httpx import Response
from litestar.testing import TestClient

from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import Incomplete, NoData, Outcome, Refused, Unavailable
from blauweknop.domain.texts import Text
from blauweknop.issuer.login import LoginProblemCode
from blauweknop.issuer.routes import issuer_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.issuer.source_world import ANNA, DEBT, GRANT, JOBS, LOW_ANNA, Browser, World, found, words

_XSS = '"><script>alert(1)</script>&lt;'
_PERSONAL = ("/kiezen", "/bekijken", "/klaar")
_PLACES = ("", *_PERSONAL, "/uitgelogd", "/klopt-niet")


def logged_in(world: World) -> Browser:
    browser = world.browser()
    assert browser.log_in().headers["location"] == "/duo/kiezen"
    return browser


def refused(answer: Response, status: int, sentence: str) -> None:
    assert answer.status_code == status
    assert sentence in words(answer.text)


def test_the_offer_says_what_there_is_and_at_which_level_before_anybody_logs_in(world: World) -> None:
    shown = words(world.browser().open("").text)
    for dataset in world.datasets:
        assert dataset.title.nl in shown
        assert dataset.about.nl in shown
    assert "Inloggen: niveau Midden" in shown
    assert "Inloggen: niveau Substantieel" in shown
    assert "Log in met oefen-DigiD" in shown


def test_the_login_asks_the_level_that_opens_everything(world: World) -> None:
    world.browser().open("/inloggen")
    assert world.login.asked == [(AssuranceLevel.SUBSTANTIAL, "/duo/kiezen", False)]


@pytest.mark.parametrize(
    ("query", "level"),
    [("niveau=low", AssuranceLevel.LOW), ("niveau=none", AssuranceLevel.LOW), ("bsn", AssuranceLevel.SUBSTANTIAL)],
)
def test_who_has_only_a_low_level_may_ask_for_that_and_the_bsn_asks_more(world: World, query: str, level: AssuranceLevel) -> None:
    world.datasets = (DEBT,)
    world.browser().open(f"/inloggen?{query}")
    assert world.login.asked[0][0] is level


def test_the_browser_gets_a_session_only_with_the_cookie_of_its_own_login(world: World) -> None:
    world.browser().open("/inloggen")
    stranger = world.browser().open("/terug?code=x&state=y")
    refused(stranger, 403, "U begon met inloggen in een andere browser")
    assert "bk-duo=" not in stranger.headers.get("set-cookie", "")


def test_the_cookie_of_the_session_is_hidden_from_scripts(world: World) -> None:
    browser = world.browser()
    answer = browser.log_in()
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("bk-duo="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_a_new_login_gives_a_new_reference_and_ends_the_old_session(world: World) -> None:
    browser = logged_in(world)
    old = browser.client.cookies["bk-duo"]
    browser.log_in()
    assert browser.client.cookies["bk-duo"] != old
    thief = world.browser()
    thief.client.cookies.set("bk-duo", old)
    refused(thief.open("/kiezen"), 401, "U bent uitgelogd")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (LoginProblemCode.CANCELLED, 403),
        (LoginProblemCode.LEVEL_TOO_LOW, 403),
        (LoginProblemCode.REPRESENTATION, 403),
        (LoginProblemCode.ATTEMPT_EXPIRED, 403),
        (LoginProblemCode.PROVIDER_UNREACHABLE, 503),
    ],
)
def test_a_login_that_fails_says_why(world: World, code: LoginProblemCode, status: int) -> None:
    world.login.problem = code
    answer = world.browser().log_in()
    sentence = {
        LoginProblemCode.CANCELLED: "U hebt het inloggen gestopt",
        LoginProblemCode.LEVEL_TOO_LOW: "U logde in op een te laag niveau",
        LoginProblemCode.REPRESENTATION: "U logde in voor iemand anders",
        LoginProblemCode.ATTEMPT_EXPIRED: "Het inloggen duurde langer dan 15 minuten",
        LoginProblemCode.PROVIDER_UNREACHABLE: "is nu niet bereikbaar",
    }[code]
    refused(answer, status, sentence)


def test_who_cancelled_gets_no_error_number_and_others_do(world: World) -> None:
    world.login.problem = LoginProblemCode.CANCELLED
    assert "Noem dan dit nummer" not in world.browser().log_in().text
    world.login.problem = LoginProblemCode.ANSWER_SIGNATURE
    assert re.search(r"Noem dan dit nummer: [B-Z2-9]{4}-[B-Z2-9]{4}", world.browser().log_in().text)


def test_a_level_that_is_too_low_still_leads_to_what_it_opens(world: World) -> None:
    world.login.problem = LoginProblemCode.LEVEL_TOO_LOW
    answer = world.browser().log_in()
    assert "/duo/inloggen?niveau=low" in answer.text
    assert DEBT.title.nl in answer.text
    assert GRANT.title.nl not in answer.text


def test_a_login_that_cannot_start_says_so(world: World) -> None:
    world.login.refuses_to_start = LoginProblemCode.BUSY
    refused(world.browser().open("/inloggen"), 503, "Het is nu erg druk")


def test_so_many_logins_a_minute_start_from_one_address(world: World) -> None:
    served = replace(world.services(), login_starts=2)
    application = web_application([issuer_router(served)], WebSettings(csrf_secret="s" * 40, secure=False))
    browser = Browser(TestClient(application, base_url="http://duo.example"))
    assert [browser.open("/inloggen").status_code for _ in range(3)] == [303, 303, 429]
    assert browser.open("").status_code == 200


def test_the_language_switch_of_a_failed_login_does_not_repeat_the_answer_of_the_provider(world: World) -> None:
    world.login.problem = LoginProblemCode.CANCELLED
    assert "code=x" not in world.browser().log_in().text


@pytest.mark.parametrize("place", _PERSONAL)
def test_a_personal_page_without_login_leads_to_the_login(world: World, place: str) -> None:
    answer = world.browser().open(place)
    refused(answer, 401, "U bent nog niet ingelogd")
    assert 'href="/duo/inloggen"' in answer.text


@pytest.mark.parametrize("place", ["/kiezen", "/opnieuw", "/download"])
def test_a_form_without_login_leads_to_the_login(world: World, place: str) -> None:
    refused(world.browser().send(place, page=""), 403, "Deze pagina stond te lang open")
    browser = logged_in(world)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', browser.open("/kiezen").text)
    assert token
    browser.client.cookies.delete("bk-duo")
    answer = browser.client.post(f"/duo{place}", data={"_csrf_token": token[1], "dataset": DEBT.id}, follow_redirects=False)
    refused(answer, 401, "U bent nog niet ingelogd")


@pytest.mark.parametrize("place", ["/kiezen", "/opnieuw", "/download", "/uitloggen"])
def test_a_form_without_its_token_does_nothing(world: World, place: str) -> None:
    browser = logged_in(world)
    answer = browser.client.post(f"/duo{place}", data={"dataset": DEBT.id}, follow_redirects=False)
    refused(answer, 403, "Deze pagina stond te lang open")
    assert browser.open("/kiezen").status_code == 200


def test_after_fifteen_minutes_the_session_is_over_and_the_page_says_that_nothing_was_kept(world: World) -> None:
    browser = logged_in(world)
    world.later(minutes=15)
    refused(browser.open("/kiezen"), 401, "Wat u koos, is niet bewaard")
    refused(browser.open("/kiezen"), 401, "U bent nog niet ingelogd")


def test_who_does_something_stays_logged_in(world: World) -> None:
    browser = logged_in(world)
    for _ in range(3):
        world.later(minutes=14)
        assert browser.open("/kiezen").status_code == 200


def test_every_page_says_that_it_may_not_be_kept(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT)
    assert {browser.open(place).headers["cache-control"] for place in _PLACES} == {"no-store"}


def test_nothing_is_ticked_until_the_person_ticks_it(world: World) -> None:
    page = logged_in(world).open("/kiezen").text
    assert not re.search(r'name="dataset"[^>]* checked', page)
    assert re.search(r'name="bsn" value="without" checked', page)


def test_everything_is_one_click_away(world: World) -> None:
    page = logged_in(world).open("/kiezen?alles").text
    assert len(re.findall(r'name="dataset"[^>]* checked', page)) == len(world.datasets)
    assert re.search(rf'name="months.{JOBS.id}" value="all" checked', page)
    assert len(re.findall(r'name="part\.[^>]* checked', page)) == len(re.findall(r'name="part\.', page))


def test_what_the_level_does_not_open_is_shown_and_cannot_be_ticked(world: World) -> None:
    world.login.person = LOW_ANNA
    page = logged_in(world).open("/kiezen").text
    assert re.search(rf'value="{GRANT.id}" disabled', page)
    assert not re.search(rf'value="{DEBT.id}" disabled', page)
    assert re.search(r'name="bsn" value="with" disabled', page)
    assert "Log opnieuw in met niveau Substantieel" in page


def test_a_login_that_opens_nothing_says_so_first(world: World) -> None:
    world.datasets, world.login.person = (GRANT, JOBS), LOW_ANNA
    page = logged_in(world).open("/kiezen").text
    assert "Voor deze gegevens is niveau Substantieel nodig" in page
    assert 'action="/duo/kiezen"' not in page


def test_a_ticked_data_set_above_the_level_is_an_error_at_its_place(world: World) -> None:
    world.login.person = LOW_ANNA
    answer = logged_in(world).choose(GRANT)
    refused(answer, 422, "Hiervoor moet u inloggen op een hoger niveau")
    assert f'href="#dataset-{GRANT.id.replace(".", "-")}"' in answer.text


def test_after_an_error_what_was_typed_is_still_there(world: World) -> None:
    fields: dict[str, str | list[str]] = {f"months.{JOBS.id}": "12", f"part.{DEBT.id}": "onderdelen", "bsn": "with"}
    answer = logged_in(world).send("/kiezen", fields)
    refused(answer, 422, "Kies minstens één soort gegevens")
    assert re.search(rf'name="months.{JOBS.id}" value="12" checked', answer.text)
    assert re.search(rf'name="part.{DEBT.id}" value="onderdelen" checked', answer.text)
    assert not re.search(rf'name="part.{DEBT.id}" value="terugbetalen" checked', answer.text)
    assert re.search(r'name="bsn" value="with" checked', answer.text)


def test_the_title_of_a_page_with_an_error_starts_with_the_error(world: World) -> None:
    assert "<title>Fout: " in logged_in(world).send("/kiezen", {}).text


@pytest.mark.parametrize("tampered", ["part", "months", "dataset"])
def test_a_form_that_was_tampered_with_chooses_nothing(world: World, tampered: str) -> None:
    browser = logged_in(world)
    forms: dict[str, dict[str, str | list[str]]] = {
        "part": {f"part.{DEBT.id}": _XSS},
        "months": {f"months.{JOBS.id}": _XSS},
        "dataset": {"dataset": [DEBT.id, _XSS]},
    }
    answer = browser.choose(DEBT, JOBS, **forms[tampered])
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert browser.open("/bekijken").headers["location"] == "/duo/kiezen"


def test_a_file_in_the_form_is_no_choice(world: World) -> None:
    browser = logged_in(world)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', browser.open("/kiezen").text)
    assert token
    files = {"dataset": ("x.txt", DEBT.id.encode())}
    answer = browser.client.post("/duo/kiezen", files=files, headers={"x-csrftoken": token[1]}, follow_redirects=False)
    refused(answer, 422, "Kies minstens één soort gegevens")


def test_the_choice_is_still_there_when_the_person_goes_back(world: World) -> None:
    browser = logged_in(world)
    browser.choose(JOBS, **{f"months.{JOBS.id}": "12"})
    page = browser.open("/kiezen").text
    assert re.search(rf'value="{JOBS.id}" checked', page)
    assert re.search(rf'name="months.{JOBS.id}" value="12" checked', page)


def test_the_preview_shows_the_letter_before_anything_is_sealed(world: World) -> None:
    browser = logged_in(world)
    assert browser.choose(DEBT).headers["location"] == "/duo/bekijken"
    shown = words(browser.look())
    for expected in (DEBT.title.nl, "Zoë van der Berg", "12 augustus 1985", "€ 1.234,56", "Uw burgerservicenummer (BSN) staat er niet in."):
        assert expected in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert world.records.issued == []


def test_a_part_that_was_left_out_is_not_in_the_preview(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, **{f"part.{DEBT.id}": "schuld"})
    shown = words(browser.look())
    assert "Weggelaten, omdat u dit niet hebt gekozen: Terugbetalen." in shown
    assert "Nog te betalen maanden" not in shown


def test_the_bsn_is_in_the_preview_only_when_it_was_chosen_and_then_with_a_warning(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT)
    assert ANNA.bsn.digits not in browser.look()
    browser.choose(DEBT, bsn="with")
    page = browser.look()
    assert ANNA.bsn.digits in page
    assert "Uw BSN komt in het document" in page


@pytest.mark.parametrize(
    ("outcome", "state", "sentence"),
    [
        (NoData(), "Niets over u", "DUO heeft hierover niets van u"),
        (Refused("deceased", Text("Deze persoon is overleden.", "This person died.")), "Geen document", "Deze persoon is overleden."),
        (Incomplete(("rentepercentage",)), "Niet compleet", "Een half document maken wij niet"),
        (Unavailable("connection"), "Nu niet te krijgen", "Deze gegevens zijn nu niet op te halen"),
        (Unavailable("timeout"), "Nu niet te krijgen", "Het systeem van DUO is traag"),
        (RuntimeError("with a value"), "Nu niet te krijgen", "Deze gegevens zijn nu niet op te halen"),
    ],
)
def test_what_did_not_come_says_why_and_the_rest_is_there(world: World, outcome: Outcome | Exception, state: str, sentence: str) -> None:
    world.answers[DEBT.id] = outcome
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    page = browser.look()
    shown = words(page)
    assert state in shown
    assert sentence in shown
    assert "with a value" not in page
    assert "Niet alles is er: 1 van 2." in shown
    assert f"Dit staat erin: {GRANT.title.nl}" in shown
    assert f"Dit staat erin: {DEBT.title.nl}" not in shown


@pytest.mark.parametrize(("outcome", "offered"), [(Unavailable("timeout"), True), (NoData(), False), (Incomplete(("x",)), False)])
def test_trying_again_is_offered_where_it_can_help(world: World, outcome: Outcome, offered: bool) -> None:
    world.answers[DEBT.id] = outcome
    browser = logged_in(world)
    browser.choose(DEBT)
    assert ('action="/duo/opnieuw"' in browser.look()) is offered


def test_trying_again_asks_only_what_failed(world: World) -> None:
    world.answers[DEBT.id] = Unavailable("connection")
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    browser.look()
    world.answers[DEBT.id] = found(DEBT)
    world.asked.clear()
    assert browser.send("/opnieuw").headers["location"] == "/duo/bekijken"
    assert f"Dit staat erin: {DEBT.title.nl}" in words(browser.look())
    assert world.asked == [DEBT.id]


def test_with_nothing_found_there_is_no_button_to_download(world: World) -> None:
    world.answers[DEBT.id] = NoData()
    browser = logged_in(world)
    browser.choose(DEBT)
    page = browser.look()
    assert "Er is nu geen document te maken" in page
    assert "/duo/download" not in page


def test_looking_twice_asks_the_source_once(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT)
    assert "Zoë" in browser.look()
    assert "Zoë" in browser.look()
    assert world.asked == [DEBT.id]


def test_a_value_that_looks_like_html_is_shown_as_text(world: World) -> None:
    world.answers[DEBT.id] = found(DEBT, given_name=_XSS, family_name="<img src=x onerror=alert(1)>")
    browser = logged_in(world)
    browser.choose(DEBT)
    page = browser.look()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_a_data_set_that_the_source_stopped_offering_is_chosen_anew(world: World) -> None:
    browser = logged_in(world)
    browser.choose(GRANT)
    world.datasets = (DEBT,)
    successor = world.browser()
    successor.client.cookies.set("bk-duo", browser.client.cookies["bk-duo"])
    assert successor.open("/bekijken").headers["location"] == "/duo/kiezen"


def test_a_part_that_the_source_stopped_offering_is_chosen_anew(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, **{f"part.{DEBT.id}": "onderdelen"})
    world.datasets = (replace(DEBT, parts=DEBT.parts[:-1], fields=tuple(field for field in DEBT.fields if field.part != "onderdelen")),)
    successor = world.browser()
    successor.client.cookies.set("bk-duo", browser.client.cookies["bk-duo"])
    assert successor.open("/bekijken").headers["location"] == "/duo/kiezen"


def test_log_out_ends_the_session_here_and_at_the_provider(world: World) -> None:
    browser = logged_in(world)
    reference = browser.client.cookies["bk-duo"]
    answer = browser.send("/uitloggen")
    assert answer.headers["location"] == "https://login.example/end"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert "bk-duo" not in browser.client.cookies
    browser.client.cookies.set("bk-duo", reference)
    assert browser.open("/kiezen").status_code == 401


def test_the_provider_ends_a_session_without_the_browser(world: World) -> None:
    browser = logged_in(world)
    other_side = world.browser().client
    answer = other_side.post("/duo/uitloggen-bij-inlogdienst", data={"logout_token": "good"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert browser.open("/kiezen").status_code == 401


def test_a_notice_that_is_not_of_the_provider_ends_nothing(world: World) -> None:
    browser = logged_in(world)
    answer = world.browser().client.post("/duo/uitloggen-bij-inlogdienst", data={"logout_token": "forged"})
    assert answer.status_code == 400
    assert browser.open("/kiezen").status_code == 200


def test_the_page_after_logging_out_says_what_became_of_the_data(world: World) -> None:
    assert "weggegooid" in words(world.browser().open("/uitgelogd").text)


@pytest.mark.parametrize("place", _PLACES)
def test_every_page_speaks_english(world: World, place: str) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    page = browser.open(f"{place}?taal=en").text
    assert '<html lang="en">' in page
    shown = re.sub(r"https?://\S+", "", words(page.partition("</head>")[2]))
    assert re.findall(r"\b(het|een|niet|uw|kiezen)\b", shown.lower()) == []


def test_the_page_for_wrong_data_says_where_to_report_each(world: World) -> None:
    page = world.browser().open("/klopt-niet").text
    for dataset in world.datasets:
        assert dataset.correction.nl in words(page)
        assert f'href="{dataset.objection.url}"' in page


def test_two_people_see_only_their_own_choice(world: World) -> None:
    anna, other = logged_in(world), logged_in(world)
    anna.choose(DEBT)
    assert other.open("/bekijken").headers["location"] == "/duo/kiezen"
