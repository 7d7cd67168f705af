import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.webhook_signature import WebhookRefused, secret_text, signed_headers, verify_webhook

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET, OLD = b"s" * 32, b"o" * 32
BODY = b'{"type":"verification.completed"}'


def test_the_example_of_the_standard_has_its_signature() -> None:
    # https://www.standardwebhooks.com, the test vector of its libraries
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [secret], at=at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.text("abcdefghij_", min_size=1, max_size=40))
def test_a_receiver_that_follows_the_standard_comes_to_the_same(body: bytes, message_id: str) -> None:
    headers = signed_headers(message_id, body, [SECRET], at=NOW)
    signed = f"{message_id}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert verify_webhook(headers, body, SECRET, now=NOW) == message_id


def test_while_a_secret_is_changed_both_fit() -> None:
    headers = signed_headers("e", BODY, [SECRET, OLD], at=NOW)
    assert [verify_webhook(headers, BODY, secret, now=NOW) for secret in (SECRET, OLD)] == ["e", "e"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "f"),
        ("webhook-id", ""),
        ("webhook-timestamp", "1795435201"),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", "9" * 13),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,????"),
        ("webhook-signature", "v1," + base64.b64encode(bytes(32)).decode()),
    ],
)
def test_a_message_with_another_head_is_refused(name: str, value: str) -> None:
    headers = signed_headers("e", BODY, [SECRET], at=NOW)
    assert headers[name] != value
    with pytest.raises(WebhookRefused):
        verify_webhook({**headers, name: value}, BODY, SECRET, now=NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_message_without_a_header_is_refused(name: str) -> None:
    headers = signed_headers("e", BODY, [SECRET], at=NOW)
    del headers[name]
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, BODY, SECRET, now=NOW)


@pytest.mark.parametrize(
    ("message_id", "seconds"),
    [("", "1795435200"), ("e", ""), ("e", "soon"), ("e", "-1"), ("e", "\u0661"), ("e", "9" * 11), ("e", "9" * 12), ("e", "9" * 5000)],
    ids=["no id", "no time", "a word", "negative", "other digits", "far", "beyond the calendar", "very long"],
)
def test_a_message_with_another_id_or_time_is_refused_also_when_its_signature_is_right(message_id: str, seconds: str) -> None:
    signature = base64.b64encode(hmac.new(SECRET, f"{message_id}.{seconds}.".encode() + BODY, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, BODY, SECRET, now=NOW)


def test_a_signature_with_something_between_its_letters_does_not_count() -> None:
    headers = signed_headers("e", BODY, [SECRET], at=NOW)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1,!")
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, BODY, SECRET, now=NOW)


def test_a_signature_of_another_version_does_not_count() -> None:
    headers = signed_headers("e", BODY, [SECRET], at=NOW)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, BODY, SECRET, now=NOW)


def test_another_body_or_another_secret_is_refused() -> None:
    headers = signed_headers("e", BODY, [SECRET], at=NOW)
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, BODY + b" ", SECRET, now=NOW)
    with pytest.raises(WebhookRefused):
        verify_webhook(headers, BODY, OLD, now=NOW)


@pytest.mark.parametrize(("seconds", "taken"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_message_counts_for_five_minutes(seconds: int, taken: bool) -> None:
    headers = signed_headers("e", BODY, [SECRET], at=NOW)
    now = NOW + timedelta(seconds=seconds)
    if taken:
        assert verify_webhook(headers, BODY, SECRET, now=now) == "e"
    else:
        with pytest.raises(WebhookRefused):
            verify_webhook(headers, BODY, SECRET, now=now)


def test_a_secret_is_written_as_receivers_expect_it() -> None:
    assert secret_text(SECRET) == "whsec_" + base64.b64encode(SECRET).decode()
