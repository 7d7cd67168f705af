"""A source behind a web service: JSON over HTTP. The BSN goes in the body or in a header, never in the address."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from urllib.parse import urlsplit

from blauweknop.adapters.http_client import FetchProblem, GuardedClient, Reach, client_tls
from blauweknop.adapters.sources.mapping import ListMapping, Record, SourceFailure, object_value
from blauweknop.adapters.sources.objects import object_record
from blauweknop.adapters.sources.settings import RestAdapter
from blauweknop.domain.identifiers import Bsn

__all__ = ["read_rest"]

_CAUSES = {"timeout": "timeout", "connection": "connection", "too_large": "answer", "redirect": "answer", "encoding": "answer"}
_NOTHING_FOUND = 404


def read_rest(bsn: Bsn, *, service: RestAdapter, lists: Mapping[str, ListMapping]) -> Record | None:
    """The object of a person, or None when the service knows nobody by this BSN.

    Raises:
        SourceFailure: no answer, not in time, an error, or an answer that is not one person.
    """
    answer = _ask(bsn, service)
    if answer is None:
        return None
    found = object_value(answer, service.records) if service.records else [answer]
    if not isinstance(found, list) or not all(isinstance(person, dict) for person in found):
        raise SourceFailure("answer", f"expected a list of persons at {service.records}", place=service.records)
    if len(found) > 1:
        raise SourceFailure("answer", "the source has more than one row for one person")
    return object_record(found[0], lists) if found else None


def _ask(bsn: Bsn, service: RestAdapter) -> dict[str, object] | None:
    body = None if service.body is None else json.dumps(_filled(service.body, bsn), ensure_ascii=False).encode()
    headers = {"Accept": "application/json"} | {name: value.replace("{bsn}", bsn.digits) for name, value in service.headers.items()}
    if body is not None:
        headers["Content-Type"] = "application/json; charset=utf-8"
    try:
        headers |= {name: path.read_text("utf-8").strip() for name, path in service.secret_headers.items()}
        response = _client(_reach(service), service).send("GET" if body is None else "POST", service.url, headers=headers, content=body)
    except FetchProblem as problem:
        cause = _CAUSES.get(problem.code, "configuration")
        raise SourceFailure(cause, str(problem), retry_worthwhile=cause != "configuration") from None
    except OSError as error:
        raise SourceFailure("configuration", "the file of a secret header cannot be read", retry_worthwhile=False) from error
    if response.status == _NOTHING_FOUND and body is None:
        return None
    _refuse_status(response.status)
    try:
        answer = json.loads(response.body.decode("utf-8"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SourceFailure("answer", "the answer of the source is not JSON") from error
    if not isinstance(answer, dict):
        raise SourceFailure("answer", "expected a JSON object from the source")
    return answer


def _refuse_status(status: int) -> None:
    match status:
        case 200:
            return
        case 429 | 503:
            raise SourceFailure("overloaded", f"the source answered with status {status}")
        case 408 | 504:
            raise SourceFailure("timeout", f"the source answered with status {status}")
        case 400 | 401 | 403 | 404 | 405 | 415:
            raise SourceFailure("configuration", f"the source answered with status {status}", retry_worthwhile=False)
        case _:
            raise SourceFailure("answer", f"the source answered with status {status}")


def _filled(template: object, bsn: Bsn) -> object:
    match template:
        case str():
            return template.replace("{bsn}", bsn.digits)
        case Mapping():
            return {key: _filled(value, bsn) for key, value in template.items()}
        case list() | tuple():
            return [_filled(value, bsn) for value in template]
    return template


def _reach(service: RestAdapter) -> Reach:
    parts = urlsplit(service.url)
    return Reach(
        hosts=frozenset({parts.netloc.rpartition("@")[2].lower()}),
        allow_loopback=service.allow_loopback,
        allow_private=service.allow_private,
        timeout_seconds=service.timeout_seconds,
        max_bytes=service.max_bytes,
    )


def _client(reach: Reach, service: RestAdapter) -> GuardedClient:
    return _shared_client(
        reach, service.ca_file and str(service.ca_file), service.client_certificate and tuple(map(str, service.client_certificate))
    )


@cache
def _shared_client(reach: Reach, ca_file: str | None, certificate: tuple[str, ...] | None) -> GuardedClient:
    """One client, and so one pool of connections, per service in a process."""
    return GuardedClient(reach, tls=client_tls(ca_file=ca_file, certificate=certificate))
