import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from litestar import Request
from litestar.types import HTTPReceiveMessage

from blauweknop.verifier.api.requests import Refused, UploadRoom, read_file

CHUNK = bytes(1000)


def request(chunks: Sequence[bytes], *, pause: float = 0.0, gone: bool = False) -> Request[Any, Any, Any]:
    """A request that sends these chunks with pauses between them, and then says that it was all, or goes away."""
    left = list(chunks)

    async def receive() -> HTTPReceiveMessage:
        await asyncio.sleep(pause)
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or gone}
        return {"type": "http.disconnect"}

    scope: Any = {"type": "http", "headers": [(b"content-type", b"application/pdf")], "method": "POST", "path": "/", "query_string": b""}
    return Request(scope, receive=receive)


def refused(asked: Request[Any, Any, Any], room: UploadRoom, *, seconds: float = 5.0) -> Refused:
    with pytest.raises(Refused) as refusal, room.holding() as take_room:
        asyncio.run(read_file(asked, take_room, seconds=seconds))
    return refusal.value


def taken(asked: Request[Any, Any, Any], room: UploadRoom) -> bytes:
    with room.holding() as take_room:
        return asyncio.run(read_file(asked, take_room))


def test_a_file_comes_in_whole() -> None:
    assert taken(request([b"%PDF", b"-1.7", b"\n"]), UploadRoom()) == b"%PDF-1.7\n"


def test_a_file_that_does_not_come_in_time_is_refused() -> None:
    refusal = refused(request([b"x"] * 100, pause=0.02), UploadRoom(), seconds=0.2)
    assert (refusal.status, refusal.headers["Connection"]) == (408, "close")


def test_half_a_file_is_refused() -> None:
    refusal = refused(request([b"%PDF"], gone=True), UploadRoom())
    assert refusal.status == 400


def test_what_does_not_fit_in_the_room_is_asked_to_come_back() -> None:
    room = UploadRoom(3 * len(CHUNK))
    refusal = refused(request([CHUNK] * 4), room)
    assert (refusal.status, refusal.headers["Retry-After"]) == (503, "10")


def test_the_room_of_a_file_is_given_back_whatever_happened() -> None:
    room = UploadRoom(3 * len(CHUNK))
    for asked in (request([CHUNK] * 3), request([CHUNK] * 3, gone=True), request([CHUNK] * 4)):
        try:
            taken(asked, room)
        except Refused:
            continue
    assert len(taken(request([CHUNK] * 3), room)) == 3 * len(CHUNK)


def test_two_at_once_share_the_room() -> None:
    room = UploadRoom(3 * len(CHUNK))
    with room.holding() as take_room:
        take_room(2 * len(CHUNK))
        assert refused(request([CHUNK] * 2), room).status == 503
    assert len(taken(request([CHUNK] * 2), room)) == 2 * len(CHUNK)
