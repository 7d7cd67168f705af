"""Style sheet, fonts, mark and scripts, served from memory under an address that changes with their content."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

__all__ = ["asset_address", "serve_asset", "serve_theme", "theme_address"]

STATIC_PATH = "/static"
_FOREVER = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"
_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "woff2": "font/woff2",
}
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class _Assets:
    version: str
    contents: dict[str, bytes]


def asset_address(name: str) -> str:
    """The address of a file in `web/static`, with the version of the whole folder in it, so that it may be kept for ever.

    Raises:
        KeyError: there is no such file.
    """
    assets = _assets()
    if name not in assets.contents:
        raise KeyError(name)
    return f"{STATIC_PATH}/{assets.version}/{name}"


def theme_address(colour: str) -> str:
    """The address of the style sheet that gives a page the colour of its organisation, `#rrggbb`; empty without one."""
    match = _COLOUR.fullmatch(colour)
    return f"{STATIC_PATH}/theme/{match[1].lower()}.css" if match else ""


@get(f"{STATIC_PATH}/{{name:path}}", name="asset", opt={"exclude_from_csrf": True})
async def serve_asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Answer a versioned address for ever, and an address without version for an hour (others link to `blauwe-knop.js`)."""
    assets = _assets()
    plain = name.lstrip("/")
    versioned = plain.startswith(f"{assets.version}/")
    plain = plain.removeprefix(f"{assets.version}/")
    if plain not in assets.contents:
        raise NotFoundException("no such file")
    etag = f'"{assets.version}"'
    headers = {"Cache-Control": _FOREVER if versioned else _AN_HOUR, "Cross-Origin-Resource-Policy": "cross-origin", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    return Response(assets.contents[plain], headers=headers, media_type=_TYPES[plain.rpartition(".")[2]])


@get(f"{STATIC_PATH}/theme/{{colour:str}}", name="theme", opt={"exclude_from_csrf": True})
async def serve_theme(colour: FromPath[str]) -> Response[str]:
    """The one token an organisation's colour sets. It is used beside text, never behind it, so any colour is readable."""
    match = _COLOUR.fullmatch(colour.removesuffix(".css"))
    if not match or not colour.endswith(".css"):
        raise NotFoundException("no such file")
    return Response(f":root{{--bk-organisation:#{match[1].lower()}}}\n", media_type=_TYPES["css"], headers={"Cache-Control": _FOREVER})


@cache
def _assets() -> _Assets:
    contents = dict(_walk(files(__package__) / "static", ""))
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(contents[name]).digest())
    return _Assets(digest.hexdigest()[:12], contents)


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found.extend(_walk(entry, f"{prefix}{entry.name}/"))
        elif entry.name.rpartition(".")[2] in _TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found
