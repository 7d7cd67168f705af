import asyncio
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from blauweknop.web.upload import MOST_UPLOAD, UploadRefused, file_of_form, read_body
from tests.unit.web.practice_site import browser

TYPE = "multipart/form-data; boundary=grens"


def form(content: bytes, *, name: str = "bestand", filename: str = "a.pdf", boundary: bytes = b"grens") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: application/pdf\r\n\r\n'.encode()
    return b"--" + boundary + b"\r\n" + head + content + b"\r\n--" + boundary + b"--\r\n"


def refusal(body: bytes, content_type: str = TYPE) -> str:
    with pytest.raises(UploadRefused) as raised:
        file_of_form(body, content_type, "bestand")
    return raised.value.code


@given(st.binary(max_size=2000).filter(lambda content: b"--grens" not in content))
def test_a_file_comes_out_byte_for_byte(content: bytes) -> None:
    assert file_of_form(form(content), TYPE, "bestand") == content


def test_other_fields_of_the_form_are_passed_over() -> None:
    other = b'--grens\r\nContent-Disposition: form-data; name="taal"\r\n\r\nnl\r\n'
    assert file_of_form(other + form(b"%PDF"), TYPE, "bestand") == b"%PDF"


def test_nothing_chosen() -> None:
    assert refusal(form(b"", filename="")) == "no_file"


def test_an_empty_file_is_a_file() -> None:
    assert file_of_form(form(b""), TYPE, "bestand") == b""


def test_a_form_without_the_field() -> None:
    assert refusal(form(b"%PDF", name="iets")) == "no_file"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TYPE),
        (b"%PDF-1.7", TYPE),
        (form(b"%PDF")[:-6], TYPE),
        (form(b"%PDF"), "multipart/form-data"),
        (form(b"%PDF"), "application/pdf"),
        (form(b"%PDF"), "multipart/form-data; boundary=anders"),
        (b"--grens\r\nno end of the head\r\n--grens--\r\n", TYPE),
        (b"--grens\r\n\r\n\r\n" * 20 + b"--grens--", TYPE),
    ],
)
def test_a_form_that_is_not_one(body: bytes, content_type: str) -> None:
    assert refusal(body, content_type) == "not_understood"


@pytest.mark.parametrize(
    "parameters",
    [
        "; boundary*=utf-8''grens",
        "; boundary*0=gr; boundary*1=ens",
        f"; boundary*{'9' * 5000}*=grens",
        "; boundary=grens; boundary=grens",
        '; boundary="grens',
        '; boundary="gr\\ens"',
        "; boundary=grens; charset",
        "; boundary=grens\x85",
        "; boundary=grens" + "; a=b" * 200,
    ],
)
def test_a_boundary_that_two_readers_could_take_in_two_ways(parameters: str) -> None:
    assert refusal(form(b"%PDF"), "multipart/form-data" + parameters) == "not_understood"


@pytest.mark.parametrize("parameters", ['; boundary="grens"', ";boundary=grens", " ;  charset=utf-8 ; BOUNDARY=grens "])
def test_the_ways_in_which_programs_write_one_boundary(parameters: str) -> None:
    assert file_of_form(form(b"%PDF"), "multipart/Form-Data" + parameters, "bestand") == b"%PDF"


def test_a_content_type_of_nothing_but_semicolons_is_refused_at_little_cost() -> None:
    started = time.process_time()
    assert refusal(form(b"%PDF"), 'multipart/form-data; x="' + ";" * 60_000) == "not_understood"
    assert time.process_time() - started < 0.1, "by a reader that looks back, two seconds in which the page answers nobody"


def test_the_headers_of_a_part_have_a_size() -> None:
    head = b'--grens\r\nX-Fill: %b\r\nContent-Disposition: form-data; name="bestand"; filename="a.pdf"\r\n\r\n%%PDF\r\n--grens--'
    assert file_of_form(head % (b"a" * 8000), TYPE, "bestand") == b"%PDF"
    assert refusal(head % (b"a" * 8200)) == "not_understood"


@given(st.binary(max_size=300), st.text(max_size=80))
def test_no_bytes_do_more_than_be_refused(body: bytes, content_type: str) -> None:
    assert refusal(body, content_type) in ("not_understood", "no_file")


def test_a_file_over_the_limit() -> None:
    assert refusal(form(bytes(MOST_UPLOAD + 1))) == "too_large"


def test_a_body_over_the_limit_is_taken_in_and_forgotten() -> None:
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(30):
            taken += 1
            yield bytes(1 << 20)

    async def read() -> bytes:
        return await read_body(chunks())

    with pytest.raises(UploadRefused) as raised:
        asyncio.run(read())
    assert (raised.value.code, taken) == ("too_large", 30)


def test_a_body_of_nothing_but_boundaries_is_refused_at_little_cost() -> None:
    body = b"--b" + b"xy\r\n--b" * (MOST_UPLOAD // 7)
    tracemalloc.start()
    try:
        assert refusal(body, "multipart/form-data; boundary=b") == "not_understood"
        assert tracemalloc.get_traced_memory()[1] < 3 * MOST_UPLOAD
    finally:
        tracemalloc.stop()


def test_an_upload_of_a_person_who_is_in_needs_the_token_of_the_form_and_our_own_site() -> None:
    with browser() as client:
        token = client.get("/bron/formulier").cookies["bk-form"]
        here = {"Sec-Fetch-Site": "same-origin"}
        assert _upload(client, here, {"_csrf_token": token}).text == "5"
        assert _upload(client, {"Sec-Fetch-Site": "cross-site"}, {"_csrf_token": token}).status_code == 403
        assert _upload(client, here, {"_csrf_token": token[:-1] + "x"}).status_code == 403
        assert _upload(client, here, {}).status_code == 403


def _upload(client: TestClient[Any], headers: dict[str, str], fields: dict[str, str]) -> Response:
    return client.post("/bron/eigen-upload", headers=headers, data=fields, files={"bestand": ("x", b"12345")})
