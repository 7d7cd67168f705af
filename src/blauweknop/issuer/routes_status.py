"""Give a status list to whoever asks: the same for everybody, without a cookie, for any cache to keep (PROTOCOL 5.1, T-26)."""

import gzip
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from blauweknop.issuer.status_lists import STATUS_LISTS_PATH, TTL
from blauweknop.issuer.visit import Services

__all__ = ["give_status_list"]

_NO_COOKIE = {"exclude_from_csrf": True}  # a cache must not keep the cookie of one person for the next
_MEDIA_TYPE = "application/statuslist+jwt"
_NOT_MODIFIED = 304
_NOUGHT = re.compile(r"q\s*=\s*0(\.0*)?")


@dataclass(frozen=True, slots=True)
class _Form:
    """A token as it goes over the line, and its name for caches."""

    body: bytes = field(repr=False)
    tag: str
    encoding: str = ""


@get(f"/{STATUS_LISTS_PATH}/{{list_id:str}}", sync_to_thread=True, opt=_NO_COOKIE)
def give_status_list(list_id: FromPath[str], request: Request[Any, Any, Any], services: Services) -> Response[bytes]:
    """The whole list: nobody can be asked about one document."""
    found = services.status_list(list_id)
    if found is None:
        raise NotFoundException("no such list")
    plain, packed = _forms(found.token)
    form = packed if _takes_gzip(request.headers.get("accept-encoding", "")) else plain
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": f"public, max-age={_seconds_left(found.made_at, services.now())}",
        "ETag": form.tag,
        "Vary": "Accept-Encoding",
    }
    if form.tag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(b"", status_code=_NOT_MODIFIED, headers=headers)
    if form.encoding:
        headers["Content-Encoding"] = form.encoding
    return Response(form.body, media_type=_MEDIA_TYPE, headers=headers)


@lru_cache(maxsize=64)
def _forms(token: bytes) -> tuple[_Form, _Form]:
    """Plain, and for who takes gzip: the lists are as base64url in the token, which packs to three quarters."""
    name = hashlib.sha256(token).hexdigest()[:32]
    return _Form(token, f'"{name}"'), _Form(gzip.compress(token, mtime=0), f'"{name}-gzip"', "gzip")


def _takes_gzip(accepted: str) -> bool:
    """By the header Accept-Encoding (RFC 9110 section 12.5.3); a weight of nought says no."""
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() == "gzip":
            return _NOUGHT.fullmatch(weight.strip()) is None
    return False


def _seconds_left(made_at: datetime, now: datetime) -> int:
    """Every copy, wherever it is kept, is asked for anew at the same moment: when the list itself says so."""
    return max(0, min(int(TTL.total_seconds()), int((made_at + TTL - now).total_seconds())))
