"""Signatures of messages to a webhook: Standard Webhooks 1.0, the symmetric form (HMAC-SHA-256 over id, time and body).

The receiver has the secret too, so that it needs no key from us at the moment that matters, and no choice of algorithm (ADR 0018).
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["WebhookRefused", "secret_text", "signed_headers", "verify_webhook"]

_WINDOW = timedelta(minutes=5)
_VERSION = "v1"
_PREFIX = "whsec_"


class WebhookRefused(BlauweKnopError):
    """A message that is not of who shares the secret, or not of now."""


def signed_headers(message_id: str, body: bytes, secrets: Sequence[bytes], *, at: datetime) -> dict[str, str]:
    """The three headers of a message; a signature by each secret, so that a receiver can change from one to the other."""
    seconds = str(int(at.timestamp()))
    signatures = [f"{_VERSION},{_signature(message_id, seconds, body, secret)}" for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def verify_webhook(headers: Mapping[str, str], body: bytes, secret: bytes, *, now: datetime) -> str:
    """The id of a message, after its signature and its time were found right; `headers` have names in lower case.

    Raises:
        WebhookRefused: otherwise.
    """
    message_id, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise WebhookRefused("expected an id and a time")
    wanted = _signature(message_id, seconds, body, secret)
    given = [signature.partition(",") for signature in headers.get("webhook-signature", "").split(" ")]
    if not any(version == _VERSION and _same(text, wanted) for version, _, text in given):
        raise WebhookRefused("expected a signature by the shared secret")
    if abs(now - datetime.fromtimestamp(int(seconds), UTC)) > _WINDOW:
        raise WebhookRefused("expected a message of now")
    return message_id


def secret_text(secret: bytes) -> str:
    """The secret as it is given to a receiver."""
    return _PREFIX + base64.b64encode(secret).decode("ascii")


def _signature(message_id: str, seconds: str, body: bytes, secret: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, f"{message_id}.{seconds}.".encode() + body, "sha256")).decode("ascii")


def _same(text: str, wanted: str) -> bool:
    try:
        return hmac.compare_digest(base64.b64decode(text, validate=True), base64.b64decode(wanted))
    except (binascii.Error, ValueError):
        return False
