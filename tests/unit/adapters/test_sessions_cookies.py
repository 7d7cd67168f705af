import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Response

from blauweknop.adapters.row_encryption import RowKey, SecretKeyError, Unreadable, new_secret_key, read_secret_key
from blauweknop.adapters.session_cookies import CookieName, clear_site_data, login_cookie, session_cookie
from blauweknop.web.cookies import give_cookie

KEY = RowKey.from_secret(bytes(32))


def test_the_cookie_of_a_session_is_bound_to_this_host_and_hidden_from_scripts() -> None:
    assert _sent(session_cookie("duo")) == {"__Host-bk-duo=x", "Path=/", "HttpOnly", "SameSite=lax", "Secure"}


def test_the_exercise_over_http_has_a_plain_cookie() -> None:
    assert _sent(session_cookie("duo", secure=False)) == {"bk-duo=x", "Path=/", "HttpOnly", "SameSite=lax"}


def test_the_cookie_of_a_login_attempt_ends_with_the_attempt() -> None:
    attributes = {"Path=/", "Max-Age=900", "HttpOnly", "SameSite=lax", "Secure"}
    assert _sent(login_cookie("duo")) == {"__Host-bk-login-duo=x", *attributes}


def test_logout_makes_the_browser_forget_but_spares_other_sources_on_a_shared_origin() -> None:
    assert clear_site_data() == {"Clear-Site-Data": '"cache", "cookies", "storage"'}
    assert "cookies" not in clear_site_data(shared_origin=True)["Clear-Site-Data"]


@given(st.binary(max_size=200))
def test_what_is_encrypted_comes_back_for_the_same_row_only(payload: bytes) -> None:
    stored = KEY.encrypt(payload, table="sessions", row=b"1")

    assert KEY.decrypt(stored, table="sessions", row=b"1") == payload
    for table, row in (("sessions", b"2"), ("login_attempts", b"1")):
        with pytest.raises(Unreadable):
            KEY.decrypt(stored, table=table, row=row)


@given(st.binary(max_size=100))
def test_anything_else_is_unreadable(stored: bytes) -> None:
    with pytest.raises(Unreadable):
        KEY.decrypt(stored, table="sessions", row=b"1")


def test_the_same_payload_is_never_stored_the_same_way_twice() -> None:
    assert KEY.encrypt(b"x", table="sessions", row=b"1") != KEY.encrypt(b"x", table="sessions", row=b"1")


def test_a_new_secret_key_is_read_back_and_is_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    new_secret_key(file)

    assert len(read_secret_key(file)) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_key_is_never_overwritten(tmp_path: Path) -> None:
    new_secret_key(tmp_path / "secret.key")

    with pytest.raises(SecretKeyError):
        new_secret_key(tmp_path / "secret.key")


@pytest.mark.parametrize("content", ["", "short", "QUJD", "é", "A" * 2000])
def test_a_broken_secret_key_is_refused_without_being_shown(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secret.key"
    file.write_text(content)
    file.chmod(0o600)

    with pytest.raises(SecretKeyError) as caught:
        read_secret_key(file)

    assert not content or content not in str(caught.value)


def test_a_secret_key_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    new_secret_key(file)
    file.chmod(0o644)

    with pytest.raises(SecretKeyError, match="everyone"):
        read_secret_key(file)


def test_a_missing_secret_key_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyError) as caught:
        read_secret_key(tmp_path / "secret.key")

    assert caught.value.remedy


def _sent(cookie: CookieName) -> set[str]:
    answer = Response("")
    give_cookie(answer, cookie, "x")
    return set(answer.cookies[0].to_header(header="").split("; "))
