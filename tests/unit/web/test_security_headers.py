import pytest

from blauweknop.web.assets import asset_address
from blauweknop.web.security_headers import security_headers
from tests.unit.web.practice_site import browser

_EVERY_KIND_OF_ANSWER = ["/bron/formulier", "/bron/fout", "/bron/nergens", "/bron/api/fout", "/stijl", "/static/mark.svg"]


@pytest.mark.parametrize("path", _EVERY_KIND_OF_ANSWER)
def test_every_answer_carries_the_headers(path: str) -> None:
    with browser() as client:
        headers = client.get(path).headers
    assert {name.lower() for name in security_headers(secure=False)} <= set(headers)


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = security_headers(secure=True)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_forms_may_lead_to_the_login_origins_only() -> None:
    with browser() as client:
        policy = client.get("/stijl").headers["content-security-policy"]
    assert "form-action 'self' https://login.example;" in policy


def test_https_is_remembered_for_a_year() -> None:
    with browser(secure=True) as client:
        assert client.get("/stijl").headers["strict-transport-security"].startswith("max-age=31536000")


def test_http_does_not_promise_https() -> None:
    assert "Strict-Transport-Security" not in security_headers(secure=False)


def test_pages_are_not_kept() -> None:
    with browser() as client:
        assert client.get("/stijl").headers["cache-control"] == "no-store"


def test_versioned_files_are_kept_for_ever() -> None:
    with browser() as client:
        assert "immutable" in client.get(asset_address("look/page.css")).headers["cache-control"]


def test_cookies_are_host_bound_and_closed_to_scripts_over_https() -> None:
    with browser(secure=True) as client:
        cookies = client.get("/stijl?taal=en").headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert any(cookie.startswith("__Host-bk-form=") for cookie in cookies)
    assert all("Secure" in cookie and "HttpOnly" in cookie and "Path=/" in cookie for cookie in cookies)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_from_another_site_is_refused(site: str) -> None:
    with browser() as client:
        token = client.get("/bron/formulier").text.split('name="_csrf_token" value="')[1].split('"')[0]
        answer = client.post("/bron/formulier", data={"_csrf_token": token, "naam": "goed"}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


def test_a_form_without_its_token_is_refused() -> None:
    with browser() as client:
        client.get("/bron/formulier")
        assert client.post("/bron/formulier", data={"naam": "goed"}).status_code == 403


def test_a_form_with_its_token_is_taken() -> None:
    with browser() as client:
        token = client.get("/bron/formulier").text.split('name="_csrf_token" value="')[1].split('"')[0]
        answer = client.post("/bron/formulier", data={"_csrf_token": token, "naam": "goed"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/bron/formulier")
