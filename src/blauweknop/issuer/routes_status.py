"""Give a status list to whoever asks: the same for everybody, without a cookie, for any cache to keep (PROTOCOL 5.1, T-26)."""

import gzip
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from blauweknop.issuer.status_lists import STATUS_LISTS_PATH, TTL, ListToken
from blauweknop.issuer.visit import Services
from blauweknop.web.preferences import weights

__all__ = ["give_status_list"]

_NO_COOKIE = {"exclude_from_csrf": True}  # a cache must not keep the cookie of one person for the next
_JWT, _CWT = "application/statuslist+jwt", "application/statuslist+cwt"
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class _Form:
    """A token as it goes over the line, and its name for caches."""

    body: bytes = field(repr=False)
    media_type: str
    tag: str
    encoding: str = ""


@get(f"/{STATUS_LISTS_PATH}/{{list_id:str}}", sync_to_thread=True, opt=_NO_COOKIE)
def give_status_list(list_id: FromPath[str], request: Request[Any, Any, Any], services: Services) -> Response[bytes]:
    """The whole list: nobody can be asked about one document."""
    found = services.status_list(list_id)
    if found is None:
        raise NotFoundException("no such list")
    forms = _forms(found)
    if _wants_cbor(request.headers.get("accept", "")):
        form = forms.cwt
    elif weights(request.headers.get("accept-encoding", "")).get("gzip"):
        form = forms.packed
    else:
        form = forms.jwt
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": f"public, max-age={_seconds_left(found.made_at, services.now())}",
        "ETag": form.tag,
        "Vary": "Accept, Accept-Encoding",
    }
    if form.tag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(b"", status_code=_NOT_MODIFIED, headers=headers)
    if form.encoding:
        headers["Content-Encoding"] = form.encoding
    return Response(form.body, media_type=form.media_type, headers=headers)


@dataclass(frozen=True, slots=True)
class _Forms:
    """Text is also there for who takes gzip: the list is as base64url in it, which packs to three quarters. CBOR holds it as it is."""

    jwt: _Form
    packed: _Form
    cwt: _Form


@lru_cache(maxsize=64)
def _forms(token: ListToken) -> _Forms:
    name = hashlib.sha256(token.jwt).hexdigest()[:32]
    return _Forms(
        _Form(token.jwt, _JWT, f'"{name}"'),
        _Form(gzip.compress(token.jwt, mtime=0), _JWT, f'"{name}-gzip"', "gzip"),
        _Form(token.cwt, _CWT, f'"{name}-cwt"'),
    )


def _wants_cbor(accept: str) -> bool:
    """Whether it is named, and text is not named as well or better."""
    named = weights(accept)
    return named.get(_CWT, 0.0) > named.get(_JWT, 0.0)


def _seconds_left(made_at: datetime, now: datetime) -> int:
    """Every copy, wherever it is kept, is asked for anew at the same moment: when the list itself says so."""
    return max(0, min(int(TTL.total_seconds()), int((made_at + TTL - now).total_seconds())))
