import ast
import io
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import structlog

from blauweknop.web.request_log import LISTED_FIELDS, configure_logging, only_listed_fields
from tests.unit.web.practice_site import browser


def test_a_field_that_is_not_listed_is_dropped_and_counted() -> None:
    event = only_listed_fields({"event", "status"})(None, "info", {"event": "x", "status": 1, "bsn": "y", "name": "z"})
    assert event == {"event": "x", "status": 1, "dropped_fields": 2}


def test_a_request_is_logged_by_its_route_without_address_query_or_cookie() -> None:
    events = _events("/bron/formulier?code=geheim")
    assert [(event["event"], event["method"], event["route"], event["status"]) for event in events] == [
        ("request", "GET", "/bron/formulier", 200)
    ]
    assert "geheim" not in json.dumps(events)


def test_an_address_we_do_not_have_is_not_written_down() -> None:
    assert _events("/bron/jansen-900000001")[0]["route"] == "(none)"


def test_every_logged_field_is_listed() -> None:
    assert set(_events("/bron/formulier")[0]) <= LISTED_FIELDS


def test_every_field_that_the_program_gives_to_the_log_is_listed() -> None:
    given = set(_given_fields())
    assert {"error_id", "reason", "trace_id"} < given
    assert given <= LISTED_FIELDS


def _given_fields() -> Iterator[str]:
    for path in Path(str(files("blauweknop"))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="_log" | "_LOG"), attr="info" | "warning" | "error"), keywords=keywords):
                    yield from (keyword.arg for keyword in keywords if keyword.arg)


def _events(path: str) -> list[dict[str, Any]]:
    stream = io.StringIO()
    configure_logging(stream)
    try:
        with browser() as client:
            client.get(path)
    finally:
        structlog.reset_defaults()
    return [json.loads(line) for line in stream.getvalue().splitlines()]
