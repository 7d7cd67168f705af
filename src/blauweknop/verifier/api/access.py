"""Who asks, and how often: before anything else of a request is read.

1. One proof, in a header (RFC 6750 section 2): `X-API-Key` or `Authorization: Bearer`; two are refused with 400.
2. It is known, else 401; an address from which many unknown ones come gets 429. A right one passes from any address: with 256 random
   bits there is nothing to guess, and a stranger must not lock out who shares an address with them.
3. It is meant for this, else 403.
4. The client has a turn left, else 429; every answer says how many are left (draft-ietf-httpapi-ratelimit-headers).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from blauweknop.verifier.api.access_tokens import AccessTokens
from blauweknop.verifier.api.clients import ApiClient, Caller, Clients, key_holder
from blauweknop.verifier.api.requests import ApiRequest, Refused
from blauweknop.web.problems import InputFault
from blauweknop.web.rate_limit import MemoryCounter, Turn, client_address

__all__ = ["READS_PER_VERIFICATION", "Access", "Limits", "limit_headers", "require_scope"]

_AN_HOUR = 3600.0
_A_MINUTE = 60.0
READS_PER_VERIFICATION = 10
"""How many times as often a client may look at its verifications as make new ones."""

_STATE = "blauweknop_limit_headers"


@dataclass(frozen=True, slots=True)
class Limits:
    """PROTOCOL 11, beside the limit of each client."""

    tokens_per_minute: int = 30
    failures_per_quarter: int = 30


class Access:
    """Knows callers and counts what they do."""

    def __init__(
        self,
        clients: Clients,
        tokens: AccessTokens,
        now: Callable[[], datetime],
        *,
        limits: Limits | None = None,
        counter: MemoryCounter | None = None,
    ) -> None:
        self._clients, self._tokens, self._now = clients, tokens, now
        self._limits = limits or Limits()
        self._counter = counter or MemoryCounter()

    def require(self, request: ApiRequest, scope: str, *, reads: bool = False) -> Caller:
        """The caller, after steps 1 to 4.

        Raises:
            Refused: 400, 401, 403 or 429.
        """
        caller = self._known(request)
        require_scope(caller, scope)
        name, limit = "verifications", caller.client.requests_per_hour
        if reads:
            name, limit = "reads", limit * READS_PER_VERIFICATION
        turn = self._counter.turn(f"{name}|{caller.client.id}", limit=limit, window=_AN_HOUR)
        request.scope["state"][_STATE] = _told(name, limit, turn)
        _refuse_without_turn(turn)
        return caller

    def allow_token(self, client: ApiClient) -> None:
        """Raises: Refused (429)."""
        _refuse_without_turn(self._counter.turn(f"tokens|{client.id}", limit=self._limits.tokens_per_minute, window=_A_MINUTE))

    def note_failure(self, request: ApiRequest) -> None:
        """Count a wrong proof of this address.

        Raises:
            Refused: 429, when there were too many.
        """
        address = client_address(request)
        _refuse_without_turn(self._counter.turn(f"failures|{address}", limit=self._limits.failures_per_quarter, window=_AN_HOUR / 4))

    def _known(self, request: ApiRequest) -> Caller:
        # Step 1.
        key, authorization = request.headers.get("x-api-key"), request.headers.get("authorization")
        if key is not None and authorization is not None:
            raise Refused(400, InputFault("header", "X-API-Key", "two_ways"))
        if key is None and authorization is None:
            raise Refused(401, headers={"WWW-Authenticate": 'Bearer realm="verifications"'})
        # Step 2.
        caller = key_holder(key, self._clients, self._now()) if key is not None else self._bearer(authorization or "")
        if caller is None:
            self.note_failure(request)
            raise Refused(401, headers={"WWW-Authenticate": 'Bearer realm="verifications", error="invalid_token"'})
        return caller

    def _bearer(self, authorization: str) -> Caller | None:
        scheme, _, token = authorization.partition(" ")
        return self._tokens.caller_of(token.strip(), self._clients, self._now()) if scheme.lower() == "bearer" else None


def require_scope(caller: Caller, scope: str) -> None:
    """Step 3. Raises: Refused (403)."""
    if scope not in caller.scopes:
        told = f'Bearer realm="verifications", error="insufficient_scope", scope="{scope}"'
        raise Refused(403, headers={"WWW-Authenticate": told})


def limit_headers(request_state: Mapping[str, object]) -> Mapping[str, str]:
    """What an answer tells of turns; empty when nobody was known."""
    told = request_state.get(_STATE)
    return told if isinstance(told, dict) else {}


def _told(name: str, limit: int, turn: Turn) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"{name}";q={limit};w={int(_AN_HOUR)}',
        "RateLimit": f'"{name}";r={turn.left};t={math.ceil(turn.resets)}',
    }


def _refuse_without_turn(turn: Turn) -> None:
    if turn.wait > 0:
        raise Refused(429, headers={"Retry-After": str(math.ceil(turn.wait))})
