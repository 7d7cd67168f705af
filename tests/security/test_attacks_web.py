import asyncio
import re
from typing import Any

import pytest

from blauweknop.web.language import switch_address
from tests.unit.web.practice_site import browser


def answer_to(path: str, query: bytes = b"") -> tuple[int, bytes]:
    """The answer of the site to a request that no ordinary client would send."""
    parts: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        parts.append(message)

    scope: Any = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path}
    scope |= {"raw_path": path.encode(), "root_path": "", "query_string": query, "headers": [(b"host", b"bron.example")], "state": {}}
    scope |= {"client": ("192.0.2.1", 4711), "server": ("bron.example", 80)}
    asyncio.run(browser().app(scope, receive, send))
    return parts[0]["status"], b"".join(part.get("body", b"") for part in parts)


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example", "/\t/evil.example", "/\\/evil.example"])
def test_the_page_about_a_strange_address_links_only_to_this_site(path: str) -> None:
    status, body = answer_to(path)
    links = re.findall(rb'(?:href|action|src)="([^"]*)"', body)
    assert status == 404
    assert links
    assert not [link for link in links if re.match(rb"[/\\\s]*[/\\][\s]*[/\\]", link) or b":" in link.split(b"/")[0]]


@pytest.mark.parametrize("path", ["/bron/formulier", "/nergens"])
@pytest.mark.parametrize("query", [b"\xff\xfe", b"taal=\xff", b"taal=nl&x=\xe9"])
def test_bytes_that_no_address_may_hold_break_nothing(path: str, query: bytes) -> None:
    status, body = answer_to(path, query)
    assert status == (404 if path == "/nergens" else 200)
    assert b"<h1>" in body


def test_the_switch_keeps_a_path_that_needs_escapes() -> None:
    assert switch_address("/bron/ü?", (), "nl") == "/bron/%C3%BC%3F?taal=en"
