import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from litestar import Litestar
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.report_document import MadeReport
from blauweknop.verifier.api.requests import FILE_TYPES
from tests.unit.checking import credentials, foreign_documents, report_documents
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.api.api_world import (
    ADDRESS,
    BUSY,
    LOST,
    SMALL_KEY,
    World,
    assertion,
    assertion_form,
    headers,
    world,
)


def made(checked: CheckedFile, at: datetime, language: str) -> MadeReport:
    return report_documents.made(checked, language=language, at=at)


_METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def api() -> Iterator[World]:
    with world(requests_per_hour=100_000, report=made) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(api: World) -> dict[str, Any]:
    found: dict[str, Any] = api.client.get("/v1/openapi.json").json()
    return found


def operations(document: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method.upper(), path): item[method] for path, item in document["paths"].items() for method in item if method in _METHODS}


def resolved(document: Mapping[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def test_the_description_is_for_everyone(api: World) -> None:
    answer = api.client.get("/v1/openapi.json", headers={"Origin": "https://elders.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"].startswith("public")


def test_what_is_described_is_what_is_served(api: World, document: Mapping[str, Any]) -> None:
    assert isinstance(api.client.app, Litestar)
    served = {
        (method, re.sub(r"\{\w+:\w+\}", "{}", route.path.removeprefix("/v1")))
        for route in api.client.app.routes
        for method in getattr(route, "methods", ())
        if route.path.startswith("/v1/") and method not in ("OPTIONS", "HEAD")
    }
    assert {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in operations(document)} == served


def test_each_operation_can_be_told_apart(document: Mapping[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)


def test_the_kinds_of_files_are_those_that_are_taken(document: Mapping[str, Any]) -> None:
    assert set(operations(document)["POST", "/verifications"]["requestBody"]["content"]) == set(FILE_TYPES)


def test_each_described_option_is_taken_and_no_other(api: World, document: Mapping[str, Any]) -> None:
    values = {"language": "en", "explain": "true", "withData": "true", "withReport": "json", "watch": "false", "watchUntil": "2027-01-01"}
    for (method, path), operation in operations(document).items():
        described = [resolved(document, parameter) for parameter in operation.get("parameters", ())]
        names = {parameter["name"] for parameter in described if parameter["in"] == "query"}
        for name, value in values.items():
            if "verifications" not in path or method == "DELETE":
                continue
            query = f"watch=true&{name}={value}" if name == "watchUntil" and name in names else f"{name}={value}"
            asked = api.client.request(method, f"/v1{path.replace('{verificationId}', 'x')}?{query}", content=b"%PDF", headers=headers())
            codes = [fault["code"] for fault in asked.json().get("errors", ())]
            assert ("unknown-parameter" in codes) == (name not in names)


def answers(api: World) -> Iterator[tuple[str, str, Any]]:
    """One of each kind of answer that can be had without waiting: method, path of the description, answer."""
    post, path = api.client.post, "/verifications"
    pdf = x.good_document()
    yield "POST", path, post("/v1/verifications?withData=true&explain=true&language=nl,en", content=pdf, headers=headers())
    yield "POST", path, post("/v1/verifications", content=b"x", headers=headers())
    foreign = foreign_documents.sealed(foreign_documents.letter(), foreign_documents.stranger())
    for file in (foreign, report_documents.good().pdf, credentials.of_document().encode()):
        asked = post("/v1/verifications?explain=true&withReport=pdf", content=file, headers=headers())
        yield "POST", path, asked
        yield "GET", "/verifications/{verificationId}", api.client.get(asked.headers["location"], headers=headers())
    yield "POST", path, post("/v1/verifications", content=pdf, headers=headers(Prefer="respond-async"))
    yield "POST", path, post("/v1/verifications?a=b", content=pdf, headers=headers())
    yield "POST", path, post("/v1/verifications", content=pdf)
    yield "POST", path, post("/v1/verifications?withData=true", content=pdf, headers=headers(SMALL_KEY))
    yield "POST", path, post("/v1/verifications", content=bytes(21 << 20), headers=headers())
    yield "POST", path, post("/v1/verifications", content=pdf, headers={**headers(), "Content-Type": "image/png"})
    yield "POST", path, post("/v1/verifications", content=LOST, headers=headers())
    yield "POST", path, post("/v1/verifications", content=BUSY, headers=headers())
    place = post("/v1/verifications", content=pdf, headers=headers()).headers["location"]
    one = "/verifications/{verificationId}"
    yield "GET", one, api.client.get(f"{place}?explain=true", headers=headers())
    yield "GET", one, api.client.get(f"{place}?explain=x", headers=headers())
    yield "GET", one, api.client.get(place)
    yield "DELETE", one, api.client.delete(place, headers=headers())
    yield "DELETE", one, api.client.delete(place, headers=headers())
    yield "GET", one, api.client.get(place, headers=headers())
    yield "POST", "/access-tokens", post("/v1/access-tokens", data=assertion_form(assertion(api.clock.now)))
    yield "POST", "/access-tokens", post("/v1/access-tokens")
    yield "POST", "/access-tokens", post("/v1/access-tokens", data=assertion_form("a.b.c"))
    yield "GET", "/openapi.json", api.client.get("/v1/openapi.json")


def closed(schema: Any) -> Any:
    """The schema with no room for members that are not described."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    return {"additionalProperties": False, **inner} if isinstance(schema.get("properties"), dict) and "type" in schema else inner


def test_each_answer_is_of_the_described_form(api: World, document: Mapping[str, Any]) -> None:
    registry = Registry().with_resource("urn:api", DRAFT202012.create_resource(closed(document)))
    seen = set()
    for method, path, answer in answers(api):
        described = resolved(document, operations(document)[method, path]["responses"][str(answer.status_code)])
        for name in described.get("headers", {}):
            if name not in ("Retry-After", "WWW-Authenticate", "Accept-Post"):
                assert name in answer.headers, (method, path, answer.status_code)
        if "content" in described:
            schema = described["content"][answer.headers["content-type"]]["schema"]
            absolute = json.loads(json.dumps(closed(schema)).replace('"#/', '"urn:api#/'))
            faults = [fault.message for fault in Draft202012Validator(absolute, registry=registry).iter_errors(answer.json())]
            assert faults == [], (method, path, answer.status_code)
        seen.add((method, path, answer.status_code))
    assert len(seen) == 19


def test_addresses_in_the_description_are_ours(document: Mapping[str, Any]) -> None:
    assert document["servers"] == [{"url": ADDRESS}]
    assert document["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["tokenUrl"] == f"{ADDRESS}/access-tokens"
