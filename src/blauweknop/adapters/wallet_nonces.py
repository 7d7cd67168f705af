"""Nonces that prove by themselves that we gave them, and when: nothing is kept of them until they are used (PROTOCOL 2.6)."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64

__all__ = ["TimedNonces"]

_TIME_BYTES, _RANDOM_BYTES, _TAG_BYTES = 6, 16, 16
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(seconds=60)  # between our own processes


@dataclass(frozen=True, slots=True)
class TimedNonces:
    """Time, 128 random bits and a keyed tag; fits `issuer.wallet.ports.Nonces`. `purpose` keeps those of one use out of another."""

    key: RowKey = field(repr=False)
    purpose: str
    life: timedelta
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def give(self, now: datetime) -> str:
        body = ((now - _EPOCH) // _MILLISECOND).to_bytes(_TIME_BYTES, "big") + self.random(_RANDOM_BYTES)
        return base64url.encode(body + self._tag(body))

    def counts(self, nonce: str, now: datetime) -> bool:
        try:
            given = base64url.decode(nonce)
        except MalformedBase64:
            return False
        body, tag = given[: _TIME_BYTES + _RANDOM_BYTES], given[_TIME_BYTES + _RANDOM_BYTES :]
        if len(given) != _TIME_BYTES + _RANDOM_BYTES + _TAG_BYTES or not hmac.compare_digest(tag, self._tag(body)):
            return False
        age = now - (_EPOCH + int.from_bytes(body[:_TIME_BYTES], "big") * _MILLISECOND)
        return -_CLOCK_SKEW <= age <= self.life

    def _tag(self, body: bytes) -> bytes:
        return self.key.tag(f"nonce|{self.purpose}", body.hex())[:_TAG_BYTES]
