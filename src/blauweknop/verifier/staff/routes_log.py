"""The log of the staff, for who may read it: nothing of a person is in it.

/logboek            the newest lines first; `?verzoek=` the beginning of the id of a request, `?voor=` a number: older ones
/logboek.ndjson     all of it with its signed checkpoints, a line of JSON each, for other programs and to keep elsewhere
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get
from litestar.response import Stream

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.texts import Language
from blauweknop.verifier.staff.access import may_read_log
from blauweknop.verifier.staff.logbook import Deed, Line, line_json
from blauweknop.verifier.staff.ports import StaffServices
from blauweknop.verifier.staff.visit import PageRequest, Services, enter, refused, staff_page
from blauweknop.web.language import language_of

__all__ = ["show_log", "take_log"]

_ON_A_PAGE = 50
_ABOUT = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class _Listed:
    number: int
    at: datetime
    who: str
    said: str
    about: str


@get("/logboek", sync_to_thread=True)
def show_log(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if not may_read_log(visit.staff):
        return refused(request, visit)
    typed = request.query_params.get("verzoek", "").strip().lower()
    about = typed if _ABOUT.fullmatch(typed) else ""
    before = request.query_params.get("voor", "")
    services.write_down(Deed.LOG_SEEN, visit.staff)
    found = () if typed and not about else services.log.newest(about=about, before=_number(before), most=_ON_A_PAGE + 1)
    language = language_of(request)
    names = {each.id: each.name for each in services.colleagues.known()} | _titles(language)
    return staff_page(
        request,
        services,
        visit.staff,
        "verifier/staff-log.html",
        listed=[_listed(line, names, language) for line in found[:_ON_A_PAGE]],
        older=found[_ON_A_PAGE - 1].number if len(found) > _ON_A_PAGE else None,
        typed=typed,
        wrong=bool(typed and not about),
    )


@get("/logboek.ndjson", sync_to_thread=True)
def take_log(request: PageRequest, services: Services) -> Response[Any] | Stream:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if not may_read_log(visit.staff):
        return refused(request, visit)
    services.write_down(Deed.LOG_TAKEN, visit.staff)
    services.log.sign(now=services.now)
    headers = {"Content-Disposition": 'attachment; filename="logboek.ndjson"', "Cache-Control": "no-store"}
    return Stream(_written(services), media_type="application/x-ndjson", headers=headers)


def _written(services: StaffServices) -> Iterator[bytes]:
    checkpoints = services.log.checkpoints()  # before the lines: none is of a line that was not read
    for line in services.log.lines():
        yield msgspec.json.encode(line_json(services.asking.receiver.id, line)) + b"\n"
    for checkpoint in checkpoints:
        yield msgspec.json.encode({"checkpoint": checkpoint.number, "signed": checkpoint.signed}) + b"\n"


def _titles(language: Language) -> dict[str, str]:
    return {package.id: package.title.in_language(language) for package in load_life_events().packages}


def _listed(line: Line, names: dict[str, str], language: Language) -> _Listed:
    """By the names of colleagues and of what can be asked. Who is not remembered any more is the beginning of an id."""
    key = f"staff.deed.{line.deed}"
    said = sentence(key, language) if key in all_texts() else line.deed
    known = (f"{kind}.{line.detail}" for kind in ("staff.detail", "staff.export") if f"{kind}.{line.detail}" in all_texts())
    detail = next(known, None)
    more = names.get(line.detail) or (sentence(detail, language) if detail is not None else line.detail)
    who = sentence("staff.log.system", language) if line.staff is None else names.get(line.staff, line.staff[:8])
    return _Listed(line.number, line.at, who, f"{said}: {more}" if more else said, line.about or "")


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
